//! JSON in texts.

use alloc::vec::Vec;
use serde_json::{Deserializer, Value};

/// Reads the object or array that a text begins with; returns it with its length. `None` if there is no complete one.
pub(super) fn read_prefix(text: &str) -> Option<(Value, usize)> {
    let mut values = Deserializer::from_str(text).into_iter();
    let value: Value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

/// Returns the members at all depths whose values are neither objects nor arrays.
pub(super) fn members(json: &Value) -> Vec<(&str, &Value)> {
    let mut members = Vec::new();
    add_members(json, &mut members);
    members
}

/// serde_json reads at most 128 levels, so this does not recurse deeper.
fn add_members<'j>(json: &'j Value, members: &mut Vec<(&'j str, &'j Value)>) {
    match json {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::Object(_) | Value::Array(_) => add_members(value, members),
                    plain => members.push((key, plain)),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add_members(item, members)),
        _ => {}
    }
}
