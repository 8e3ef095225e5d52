//! The `OARR_` commands, as far as they are imitated: creating an array and asking for its length.
use std::collections::BTreeMap;

use super::super::json::{Object, Value, object};
use super::params::{Outcome, Refusal, Type, require, take_string};
use crate::codes::nemesis::ErrorCode;

/// `arrays.maxCapacity` of the shipped configuration.
const MAX_CAPACITY: u64 = 10_000;

/// Lengths of all object arrays.
#[derive(Debug, Default)]
pub(super) struct ObjectArrays(BTreeMap<String, u64>);

impl ObjectArrays {
    /// Carries a command out; `None` if there is none of this name (without its `OARR_`).
    pub(super) fn command(&mut self, command: &str, body: Object) -> Option<Outcome> {
        match command {
            "CREATE" => Some(self.create(body)),
            "LEN" => Some(self.len(body)),
            _ => None,
        }
    }

    fn create(&mut self, mut body: Object) -> Outcome {
        require(&body, &[("len", Type::UInt), ("name", Type::String)])?;
        let len = if let Some(Value::UInt(len)) = body.get("len") { *len } else { 0 };
        let name = take_string(&mut body, "name");
        if self.0.contains_key(&name) {
            return Err(Refusal::Named(ErrorCode::Duplicate));
        }
        if !(1..=MAX_CAPACITY).contains(&len) {
            return Err(Refusal::Named(ErrorCode::Bounds));
        }
        self.0.insert(name, len);
        Ok(object([("st", ErrorCode::Ok.into())]))
    }

    fn len(&self, mut body: Object) -> Outcome {
        require(&body, &[("name", Type::String)])?;
        let len = self.0.get(&take_string(&mut body, "name")).ok_or(Refusal::Named(ErrorCode::NotExist))?;
        Ok(object([("len", (*len).into()), ("st", ErrorCode::Ok.into())]))
    }
}
