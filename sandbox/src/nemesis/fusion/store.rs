//! The keys, and what commands do with each.
use indexmap::IndexMap;

use super::super::json::{Object, Value};
use super::database::KeyReply;
use statuswire::codes::nemesis_fusion::ErrorCode;

/// The shortest key, in bytes.
const SHORTEST: usize = 6;

#[derive(Debug, Default)]
pub(super) struct Store(IndexMap<String, Value>);

impl Store {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Removes all keys; how many there were.
    pub(super) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.0).len()
    }

    /// Carries out a command (without its `KV_`) with a value for each key.
    pub(super) fn write(&mut self, command: &str, entries: Object) -> Vec<KeyReply> {
        let write = |(key, value)| {
            if String::len(&key) < SHORTEST {
                return KeyReply::AtOnce(ErrorCode::KeyLengthInvalid, key);
            }
            match command {
                "SET" | "SETQ" => {
                    let replaced = self.0.insert(key.clone(), value).is_some();
                    KeyReply::Late(if replaced { ErrorCode::KeyUpdated } else { ErrorCode::KeySet }, key)
                }
                "APPEND" => self.append(key, value),
                _ if self.0.contains_key(&key) => KeyReply::Late(ErrorCode::KeyExists, key),
                _ => {
                    self.0.insert(key.clone(), value);
                    KeyReply::Late(ErrorCode::KeySet, key)
                }
            }
        };
        entries.into_iter().map(write).collect()
    }

    fn append(&mut self, key: String, value: Value) -> KeyReply {
        if !matches!(value, Value::String(_) | Value::Array(_) | Value::Object(_)) {
            return KeyReply::AtOnce(ErrorCode::ValueTypeInvalid, key);
        }
        match (self.0.get_mut(&key), value) {
            (None, _) => return KeyReply::Late(ErrorCode::KeyNotExist, key),
            (Some(Value::String(stored)), Value::String(more)) => stored.push_str(&more),
            (Some(Value::Array(stored)), Value::Array(more)) => stored.extend(more),
            // Members that are there stay (observed).
            (Some(Value::Object(stored)), Value::Object(more)) => {
                more.into_iter().for_each(|(name, value)| stored.insert_new(name, value));
            }
            (Some(_), _) => return KeyReply::Deadly,
        }
        KeyReply::Late(ErrorCode::Ok, key)
    }

    /// Carries out a command (without its `KV_`) with a list of keys.
    pub(super) fn look_up(&mut self, command: &str, keys: Vec<Value>) -> Vec<KeyReply> {
        let look_up = |key| {
            let Value::String(key) = key else { return KeyReply::AtOnce(ErrorCode::KeyTypeInvalid, String::new()) };
            if key.len() < SHORTEST {
                return KeyReply::AtOnce(ErrorCode::KeyLengthInvalid, key);
            }
            let found = match command {
                "GET" => self.0.get(&key).cloned().map(|value| KeyReply::Value(key.clone(), value)),
                _ => self.0.swap_remove(&key).map(|_| KeyReply::Late(ErrorCode::KeyRemoved, key.clone())),
            };
            found.unwrap_or(KeyReply::Late(ErrorCode::KeyNotExist, key))
        };
        keys.into_iter().map(look_up).collect()
    }
}
