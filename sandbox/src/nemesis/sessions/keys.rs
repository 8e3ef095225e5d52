//! The `KV_` commands.
use super::super::json::{Object, Value, object};
use super::answers::{Outcome, Refusal, as_string, late, named, token};
use super::path::JsonPath;
use super::session::{Keys, Sessions};
use crate::service::Response;
use statuswire::codes::nemesis_sessions::ErrorCode;

impl Sessions {
    /// Carries a command out; `None` if there is no command of this name (without its `KV_`).
    pub(super) fn keys(&mut self, command: &str, name: &str, body: Object) -> Option<Outcome> {
        Some(match command {
            "SET" | "SETQ" | "ADD" | "ADDQ" => self.store(command, name, body),
            "GET" => self.get_keys(name, body),
            "RMV" => self.remove_keys(name, body),
            "CONTAINS" => self.contains(name, body),
            "CLEAR" => self.count(name, &body, |keys| std::mem::take(keys).len()),
            "COUNT" => self.count(name, &body, |keys| keys.len()),
            "KEYS" => self.list(name, &body),
            "FIND" => self.find(name, body),
            "UPDATE" => self.update(name, body),
            _ => return None,
        })
    }

    /// Returns the keys of the session that a command names.
    fn of(&mut self, token: Option<u64>, missing: Refusal) -> Result<(u64, &mut Keys), Refusal> {
        let token = token.ok_or(missing)?;
        match self.used(token) {
            Some(session) => Ok((token, &mut session.keys)),
            None => Err(Refusal::NoSession(token)),
        }
    }

    fn store(&mut self, command: &str, name: &str, mut body: Object) -> Outcome {
        let (token, entries) = (token(&body), take_object(&mut body)?);
        let (token, keys) = self.of(token, NO_TOKEN)?;
        let was_empty = entries.is_empty();
        let mut statuses = Object::new();
        for (key, value) in entries {
            let is_new = !keys.contains_key(&key);
            let status = match (command.starts_with("SET"), is_new) {
                (_, true) => ErrorCode::KeySet,
                (true, false) => ErrorCode::KeyUpdated,
                (false, false) => ErrorCode::KeyExists,
            };
            if status != ErrorCode::KeyExists {
                keys.insert(key.clone(), value);
            }
            if command != "ADDQ" || status == ErrorCode::KeyExists {
                statuses.insert(key, status.into());
            }
        }
        let (token, count) = (("tkn", token.into()), statuses.len());
        let statuses = ("keys", Value::Object(statuses));
        Ok(match command {
            "SETQ" => Response::executed(),
            "ADDQ" if count == 0 => Response::executed(),
            "ADDQ" => late(name, object([statuses, token])),
            "SET" if was_empty => late(name, object([token])),
            _ => late(name, object([token, statuses])),
        })
    }

    fn get_keys(&mut self, name: &str, mut body: Object) -> Outcome {
        let (token, asked) = (token(&body), take_strings(&mut body, "keys")?);
        let (token, keys) = self.of(token, NO_TOKEN)?;
        let value = |key: String| {
            let value = keys.get(&key).cloned().unwrap_or(Value::Null);
            (key, value)
        };
        let found: Object = asked.into_iter().map(value).collect();
        Ok(late(name, with_keys([("tkn", token.into())], found)))
    }

    fn remove_keys(&mut self, name: &str, mut body: Object) -> Outcome {
        let (token, asked) = (token(&body), take_strings(&mut body, "keys")?);
        let (token, keys) = self.of(token, NO_TOKEN)?;
        // A key with this name replaces the token (observed).
        let mut reply = Object::from([("tkn".to_owned(), token.into())]);
        for key in asked {
            let removed = keys.swap_remove(&key).is_some();
            let status = if removed { ErrorCode::KeyRemoved } else { ErrorCode::KeyNotExist };
            reply.insert(key, status.into());
        }
        Ok(late(name, Value::Object(reply)))
    }

    fn contains(&mut self, name: &str, mut body: Object) -> Outcome {
        let token = token(&body);
        if !body.contains_key("keys") {
            return Err(Refusal::Form(ErrorCode::ParamMissing, ""));
        }
        let asked = take_strings(&mut body, "keys")?;
        let (token, keys) = self.of(token, MISNAMED_NO_TOKEN)?;
        let there = |key: String| {
            let there = keys.contains_key(&key);
            (key, there.into())
        };
        let found: Object = asked.into_iter().map(there).collect();
        Ok(late(name, with_keys([("st", ErrorCode::Ok.into()), ("tkn", token.into())], found)))
    }

    fn count(&mut self, name: &str, body: &Object, count: impl Fn(&mut Keys) -> usize) -> Outcome {
        let (token, keys) = self.of(token(body), MISNAMED_NO_TOKEN)?;
        let members = [("st", ErrorCode::Ok.into()), ("cnt", count(keys).into()), ("tkn", token.into())];
        Ok(late(name, object(members)))
    }

    fn list(&mut self, name: &str, body: &Object) -> Outcome {
        let token = token(body).ok_or(NO_TOKEN)?;
        if body.len() != 1 {
            return Err(Refusal::Form(ErrorCode::CommandSyntax, ""));
        }
        let (token, keys) = self.of(Some(token), NO_TOKEN)?;
        let all = keys.keys().map(|key| key.as_str().into()).collect();
        Ok(late(name, object([("tkn", token.into()), ("st", ErrorCode::Ok.into()), ("keys", all)])))
    }

    fn find(&mut self, name: &str, mut body: Object) -> Outcome {
        let token = token(&body).ok_or(NO_TOKEN)?;
        if !matches!(body.len(), 3 | 4) {
            return Err(Refusal::Form(ErrorCode::CommandSyntax, ""));
        }
        let path = take_string(&mut body, "path", Refusal::Form(ErrorCode::NoPath, ""))?;
        if path.is_empty() {
            return Err(Refusal::Form(ErrorCode::ValueSize, "path"));
        }
        let form = take_string(&mut body, "rsp", Refusal::Form(ErrorCode::ValueMissing, "rsp"))?;
        if !matches!(form.as_str(), "keys" | "paths" | "kv") {
            return Err(Refusal::Form(ErrorCode::CommandSyntax, "rsp"));
        }
        let within: Vec<String> = match body.remove("keys") {
            None => Vec::new(),
            Some(Value::Array(keys)) => keys.iter().map(as_string).collect(),
            Some(_) => return Err(Refusal::Form(ErrorCode::ValueTypeInvalid, "keys")),
        };
        let (token, keys) = self.of(Some(token), NO_TOKEN)?;
        let head = |status: ErrorCode| [("tkn", token.into()), ("st", status.into())];
        // An empty array is as good as none.
        let searched: Vec<(&String, &Value)> = match within.is_empty() {
            true => keys.iter().collect(),
            false => within.iter().filter_map(|key| keys.get_key_value(key)).collect(),
        };
        // The path is read for each value: without one nothing is wrong with it.
        let path = JsonPath::parse(&path);
        if path.is_none() && !searched.is_empty() {
            let invalid = object(head(ErrorCode::PathInvalid));
            return Ok(Response::refused().late_reply(named(name, invalid)));
        }
        let find = |value| path.as_ref().map_or_else(Vec::new, |path| path.find(value));
        let matches = searched.into_iter().map(|(key, value)| (key, value, find(value)));
        let matches = matches.filter(|(_, _, found)| !found.is_empty());
        let found = match form.as_str() {
            "keys" => ("keys", matches.map(|(key, ..)| key.as_str().into()).collect()),
            "paths" => {
                ("paths", matches.flat_map(|(.., found)| found).map(|at| at.to_string().as_str().into()).collect())
            }
            _ => ("keys", Value::Object(matches.map(|(key, value, _)| (key.clone(), value.clone())).collect())),
        };
        let [token, status] = head(ErrorCode::Ok);
        Ok(late(name, object([token, status, found])))
    }

    fn update(&mut self, name: &str, mut body: Object) -> Outcome {
        let token = token(&body).ok_or(NO_TOKEN)?;
        if body.len() != 4 {
            return Err(Refusal::Form(ErrorCode::CommandSyntax, ""));
        }
        let key = take_string(&mut body, "key", Refusal::Form(ErrorCode::ParamMissing, "key"))?;
        let path = take_string(&mut body, "path", Refusal::Form(ErrorCode::ParamMissing, "path"))?;
        let value = body.remove("value").ok_or(Refusal::Form(ErrorCode::ParamMissing, "value"))?;
        let (token, keys) = self.of(Some(token), NO_TOKEN)?;
        let reply = |status: ErrorCode, count: usize| {
            named(name, object([("tkn", token.into()), ("st", status.into()), ("cnt", count.into())]))
        };
        let Some(target) = keys.get_mut(&key) else {
            return Ok(Response::refused().late_reply(reply(ErrorCode::KeyNotExist, 0)));
        };
        let path = JsonPath::parse(&path).ok_or(Refusal::Exception)?;
        let found = path.find(target);
        for at in &found {
            at.replace(target, &value);
        }
        Ok(Response::executed().late_reply(reply(ErrorCode::Ok, found.len())))
    }
}

const NO_TOKEN: Refusal = Refusal::Form(ErrorCode::SessionTokenInvalid, "");
/// Observed: named like the command.
const MISNAMED_NO_TOKEN: Refusal = Refusal::Misnamed(ErrorCode::SessionTokenInvalid);

/// The body of a reply, with `keys` unless it would be empty.
fn with_keys<const N: usize>(head: [(&str, Value); N], keys: Object) -> Value {
    let Value::Object(mut body) = object(head) else { return Value::Null };
    if !keys.is_empty() {
        body.insert("keys".to_owned(), Value::Object(keys));
    }
    Value::Object(body)
}

fn take_object(body: &mut Object) -> Result<Object, Refusal> {
    match body.remove("keys") {
        None => Err(Refusal::Form(ErrorCode::ParamMissing, "keys")),
        Some(Value::Object(members)) => Ok(members),
        Some(_) => Err(Refusal::Form(ErrorCode::ValueTypeInvalid, "keys")),
    }
}

/// The strings of an array; everything else in it is skipped (observed).
fn take_strings(body: &mut Object, name: &'static str) -> Result<Vec<String>, Refusal> {
    let string = |item| if let Value::String(text) = item { Some(text) } else { None };
    match body.remove(name) {
        None => Err(Refusal::Form(ErrorCode::ParamMissing, name)),
        Some(Value::Array(items)) => Ok(items.into_iter().filter_map(string).collect()),
        Some(_) => Err(Refusal::Form(ErrorCode::ValueTypeInvalid, name)),
    }
}

fn take_string(body: &mut Object, name: &'static str, missing: Refusal) -> Result<String, Refusal> {
    match body.remove(name) {
        None => Err(missing),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Refusal::Form(ErrorCode::ValueTypeInvalid, name)),
    }
}
