//! Brings checked values into the form in which they are stored and compared.
use serde_json::{Number, Value};

use crate::drupal::schema::{Field, Kind};
use crate::drupal::store::Item;

/// The value as a boolean, as PHP reads one.
pub(super) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "on" | "yes" => Some(true),
            "0" | "false" | "off" | "no" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(true) => Some(1),
        Value::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().filter(|float| float.fract() == 0.0).map(|float| float as i64))
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

pub(super) fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|float: &f64| float.is_finite()),
        _ => None,
    }
}

/// Settles all items of a field.
pub(in crate::drupal) fn settle(field: &Field, items: &mut [Item]) {
    for item in items {
        if let Some(value) = item.get_mut("value") {
            let settled = match field.kind {
                Kind::Flag => flag(value).map(Value::from),
                Kind::Integer { .. } => integer(value).map(Value::from),
                Kind::Float => float(value).map(number),
                Kind::Decimal | Kind::Line { .. } | Kind::Telephone => value.as_number().map(|n| n.to_string().into()),
                _ => None,
            };
            if let Some(settled) = settled {
                *value = settled;
            }
        }
        if let Kind::Link = field.kind {
            item.entry("title").or_insert(Value::Null);
            let options = item.entry("options").or_insert(Value::Array(Vec::new()));
            if options.is_null() || options.as_object().is_some_and(serde_json::Map::is_empty) {
                *options = Value::Array(Vec::new());
            }
        }
    }
}

/// A float without digits behind the point is written without one.
fn number(float: f64) -> Value {
    if float.fract() == 0.0 && float.abs() < 1e15 {
        return Value::from(float as i64);
    }
    Number::from_f64(float).map_or(Value::Null, Value::Number)
}
