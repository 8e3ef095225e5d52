//! Writing: compact, UTF-8 as it is, control characters by their numbers.
use super::read::Dialect;
use super::value::Value;

/// What the servers write differently.
#[derive(Clone, Copy)]
struct Style {
    sorts_members: bool,
    dialect: Dialect,
}

/// Returns the value as the current server writes it, with the members of objects sorted by name (byte order). Only the
/// spelling of floats is serde_json's.
pub(in crate::nemesis) fn to_text(value: &Value) -> String {
    let mut out = String::new();
    push_value(value, Style { sorts_members: true, dialect: Dialect::Jsoncons }, &mut out);
    out
}

/// Returns the value as the server with sessions writes it, with the members of objects as they were added.
pub(in crate::nemesis) fn to_unsorted_text(value: &Value) -> String {
    to_unsorted_text_as(value, Dialect::Jsoncons)
}

/// Returns the value as an older server writes it that has this library.
pub(in crate::nemesis) fn to_unsorted_text_as(value: &Value, dialect: Dialect) -> String {
    let mut out = String::new();
    push_value(value, Style { sorts_members: false, dialect }, &mut out);
    out
}

fn push_value(value: &Value, style: Style, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::UInt(number) => out.push_str(&number.to_string()),
        // An infinity becomes `null`.
        Value::Float(number) => out.push_str(&serde_json::Value::from(*number).to_string()),
        Value::String(text) => push_string(text, style.dialect, out),
        Value::Written(text) => out.push_str(text),
        Value::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                push_value(item, style, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            let mut members: Vec<_> = members.iter().collect();
            if style.sorts_members {
                members.sort_unstable_by_key(|(name, _)| *name);
            }
            for (position, (name, member)) in members.into_iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                push_string(name, style.dialect, out);
                out.push(':');
                push_value(member, style, out);
            }
            out.push('}');
        }
    }
}

/// Appends a string with its quotes.
fn push_string(text: &str, dialect: Dialect, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(|c| matches!(c, '"' | '\\' | '\0'..='\x1f' | '\x7f')) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control if dialect == Dialect::Jsoncons => out.push_str(&format!("\\u{control:04X}")),
            0x7f => out.push('\x7f'),
            control => out.push_str(&format!("\\u{control:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}
