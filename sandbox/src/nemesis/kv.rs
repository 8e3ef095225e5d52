//! The `KV_` commands.
use super::json::{Object, Value, to_text};
use super::params::{Outcome, Refusal, Type, reply, require, take_object, take_string, take_strings};
use super::saves::{self, Store};
use super::settings::Settings;
use statuswire::codes::nemesis::ErrorCode;

#[derive(Debug, Default)]
pub(super) struct Keys {
    store: Store,
}

impl Keys {
    /// Carries a command out; `None` if there is no command of this name (without its `KV_`).
    pub(super) fn command(&mut self, command: &str, mut body: Object, settings: &Settings) -> Option<Outcome> {
        Some(match command {
            "SET" => require(&body, &[("keys", Type::Object)]).map(|()| self.set(take_object(&mut body, "keys"))),
            "ADD" => require(&body, &[("keys", Type::Object)]).map(|()| self.add(take_object(&mut body, "keys"))),
            "GET" => require(&body, &[("keys", Type::Array)]).map(|()| self.get(take_strings(&mut body, "keys"))),
            "CONTAINS" => {
                require(&body, &[("keys", Type::Array)]).map(|()| self.contains(take_strings(&mut body, "keys")))
            }
            "RMV" => self.remove(body),
            "KEYS" => Ok(reply([("keys", self.store.keys().map(|key| key.as_str().into()).collect())])),
            "COUNT" => Ok(reply([("cnt", self.store.len().into())])),
            "CLEAR" => Ok(reply([("cnt", self.clear().into())])),
            "CLEAR_SET" => require(&body, &[("keys", Type::Object)]).map(|()| {
                let count = self.clear();
                self.set(take_object(&mut body, "keys"));
                reply([("cnt", count.into())])
            }),
            "SAVE" if !settings.persist => Err(Refusal::Named(ErrorCode::CommandDisabled)),
            "SAVE" => require(&body, &[("name", Type::String)])
                .and_then(|()| saves::save(&settings.root, take_string(&mut body, "name"), &self.store)),
            "LOAD" => require(&body, &[("name", Type::String)])
                .and_then(|()| saves::load(&settings.root, take_string(&mut body, "name"), &mut self.store)),
            _ => return None,
        })
    }

    fn set(&mut self, keys: Object) -> Value {
        self.store.extend(keys.into_iter().map(|(key, value)| (key, to_text(&value).into())));
        reply([])
    }

    fn add(&mut self, keys: Object) -> Value {
        for (key, value) in keys {
            self.store.entry(key).or_insert_with(|| to_text(&value).into());
        }
        reply([])
    }

    fn get(&self, keys: Vec<String>) -> Value {
        let found = |key: String| self.store.get(&key).map(|value| (key, Value::Written(value.clone())));
        reply([("keys", Value::Object(keys.into_iter().filter_map(found).collect()))])
    }

    fn contains(&self, keys: Vec<String>) -> Value {
        let there = keys.into_iter().filter(|key| self.store.contains_key(key));
        reply([("contains", there.map(Value::String).collect())])
    }

    fn remove(&mut self, mut body: Object) -> Outcome {
        require(&body, &[("keys", Type::Array)])?;
        if matches!(body.get("keys"), Some(Value::Array(keys)) if keys.is_empty()) {
            return Err(Refusal::Named(ErrorCode::ValueSize));
        }
        for key in take_strings(&mut body, "keys") {
            self.store.swap_remove(&key);
        }
        Ok(reply([]))
    }

    fn clear(&mut self) -> usize {
        // A new map gives the memory back.
        std::mem::take(&mut self.store).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_key_leaves_its_place_to_the_last() {
        let mut keys = Keys::default();
        for key in ["d", "a", "c", "b"] {
            keys.set(Object::from([(key.to_owned(), Value::Null)]));
        }
        let remove = Object::from([("keys".to_owned(), Value::Array(vec!["a".into(), "nope".into()]))]);
        keys.remove(remove).unwrap();
        assert_eq!(keys.store.keys().collect::<Vec<_>>(), ["d", "b", "c"]);
    }
}
