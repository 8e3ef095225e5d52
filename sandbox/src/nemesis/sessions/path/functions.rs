//! Functions in filters.
use std::cmp::Ordering;

use super::super::super::json::{Value, parse};
use super::expression::{equal, number, order};

/// Returns `None` for arguments that the function does not take.
pub(super) type Function = fn(&[Value]) -> Option<Value>;

/// Finds a function by its name, and by how many arguments it is given.
pub(super) fn find(name: &str, arguments: usize) -> Option<Function> {
    let (function, arity): (Function, usize) = match name {
        "contains" => (contains, 2),
        "starts_with" => (|of| Some(Value::Bool(text(&of[0])?.starts_with(text(&of[1])?))), 2),
        "ends_with" => (|of| Some(Value::Bool(text(&of[0])?.ends_with(text(&of[1])?))), 2),
        "length" => (|of| Some(length(&of[0])), 1),
        "keys" => (|of| Some(keys(&of[0])), 1),
        "sum" => (|of| Some(Value::Float(numbers(&of[0])?.iter().sum())), 1),
        "prod" => (|of| Some(Value::Float(numbers(&of[0])?.iter().product())), 1),
        "avg" => (|of| Some(average(&numbers(&of[0])?)), 1),
        "min" => (|of| extreme(&of[0], Ordering::Less), 1),
        "max" => (|of| extreme(&of[0], Ordering::Greater), 1),
        "abs" => (|of| Some(Value::Float(number(&of[0])?.abs())), 1),
        "ceil" => (|of| Some(Value::Float(number(&of[0])?.ceil())), 1),
        "floor" => (|of| Some(Value::Float(number(&of[0])?.floor())), 1),
        "to_number" => (to_number, 1),
        _ => return None,
    };
    (arguments == arity).then_some(function)
}

fn text(value: &Value) -> Option<&str> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn numbers(value: &Value) -> Option<Vec<f64>> {
    let Value::Array(items) = value else { return None };
    items.iter().map(number).collect()
}

fn contains(of: &[Value]) -> Option<Value> {
    let found = match &of[0] {
        Value::Array(items) => items.iter().any(|item| equal(item, &of[1])),
        value => text(value)?.contains(text(&of[1])?),
    };
    Some(Value::Bool(found))
}

fn length(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.len().into(),
        Value::Object(members) => members.len().into(),
        Value::String(text) => text.chars().count().into(),
        _ => Value::Null,
    }
}

fn keys(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, _)| name.as_str().into()).collect(),
        _ => Value::Null,
    }
}

fn average(numbers: &[f64]) -> Value {
    if numbers.is_empty() { Value::Null } else { Value::Float(numbers.iter().sum::<f64>() / numbers.len() as f64) }
}

/// The least or greatest of numbers, or of texts; of nothing, null.
fn extreme(value: &Value, wanted: Ordering) -> Option<Value> {
    let Value::Array(items) = value else { return None };
    let mut best: Option<&Value> = None;
    for item in items {
        let compared = order(item, best.unwrap_or(item))?;
        if best.is_none() || compared == wanted {
            best = Some(item);
        }
    }
    Some(best.cloned().unwrap_or(Value::Null))
}

fn to_number(of: &[Value]) -> Option<Value> {
    match &of[0] {
        Value::String(text) => Some(parse(text).filter(|value| number(value).is_some()).unwrap_or(Value::Null)),
        value => number(value).map(|_| value.clone()),
    }
}
