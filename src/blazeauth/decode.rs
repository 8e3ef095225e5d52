//! Decoding JSON, and where it went wrong. The error of serde_json quotes the value, which may be a secret.

use crate::json::Members;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

/// Returns what is wrong with a JSON text, without the value.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => text,
    }
}

/// Returns the path to the member of an object at which decoding failed, and the reason.
pub(super) fn place(text: &str, error: &serde_json::Error) -> (String, String) {
    let reason = reason(error);
    if let Some((name, _)) = reason.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
        return (format!("$.{name}"), "the member is missing".to_owned());
    }
    let read = offset(text.as_bytes(), error);
    let Ok(Members(members)) = serde_json::from_str(text) else { return ("$".to_owned(), reason) };
    // Each value is a part of the text.
    let begins = |value: &str| value.as_ptr().addr() - text.as_ptr().addr();
    match members.iter().rfind(|(_, value)| begins(value.get()) <= read) {
        Some((name, _)) => (format!("$.{name}"), reason),
        None => ("$".to_owned(), reason),
    }
}

/// Returns how many bytes were read up to an error; serde_json tells lines and columns.
pub(super) fn offset(bytes: &[u8], error: &serde_json::Error) -> usize {
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    before + error.column()
}

/// Decodes a text as a secret.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only errors are looked at")]
    struct Answer {
        name: String,
        count: u8,
        list: Option<Vec<u8>>,
    }

    #[test]
    fn the_member_is_found() {
        for (text, path, why) in [
            (r#"{"name":"a","count":300}"#, "$.count", "expected u8"),
            (r#"{"name":7,"count":3}"#, "$.name", "expected a string"),
            ("{\n \"x\": [1],\n \"name\": \"canary\",\n \"count\": \"canary\"}", "$.count", "expected u8"),
            (r#"{"list":[1,"canary"],"name":"a","count":3}"#, "$.list", "expected u8"),
            (r#"{"name":{},"count":3}"#, "$.name", "expected a string"),
            (r#"{"count":3}"#, "$.name", "the member is missing"),
        ] {
            let error = serde_json::from_str::<Answer>(text).map_or_else(|error| error, |_| panic!("{text}"));
            let (found, reason) = place(text, &error);
            assert_eq!(found, path, "{text}: {reason}");
            assert!(reason.contains(why) && !reason.contains("canary"), "{text}: {reason}");
        }
    }
}
