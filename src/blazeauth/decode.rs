//! Decoding JSON, and where it went wrong. The error of serde_json quotes the value, which may be a secret.

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// Returns what is wrong with a JSON text, without the value.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => text,
    }
}

/// Decodes a text that is no `T` once more, and returns the path to where it fails and the reason.
pub(super) fn place<T: DeserializeOwned>(text: &str) -> (String, String) {
    let again = &mut serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(again) else {
        return ("$".to_owned(), "it cannot be decoded".to_owned());
    };
    let reason = reason(error.inner());
    if let Some((name, _)) = reason.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
        return (format!("$.{name}"), "the member is missing".to_owned());
    }
    match error.path().to_string() {
        path if path == "." => ("$".to_owned(), reason),
        path => (format!("$.{path}"), reason),
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
            (r#"{"list":[1,"canary"],"name":"a","count":3}"#, "$.list[1]", "expected u8"),
            (r#"{"name":{},"count":3}"#, "$.name", "expected a string"),
            (r#"{"count":3}"#, "$.name", "the member is missing"),
        ] {
            let (found, reason) = place::<Answer>(text);
            assert_eq!(found, path, "{text}: {reason}");
            assert!(reason.contains(why) && !reason.contains("canary"), "{text}: {reason}");
        }
    }
}
