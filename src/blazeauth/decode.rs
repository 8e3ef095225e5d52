//! Decoding JSON, and where it went wrong. The error of serde_json quotes the value, which may be a secret.

use crate::error::bounded;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use std::fmt::{self, Write};

/// Maximum bytes of a path: more than an error keeps, so that secrets in what it keeps are whole.
const PATH: usize = 8192;
/// The end of a text, of at most this many bytes.
const TAIL: usize = 500;

/// Returns what is wrong with a JSON text, without the value, which may be of any length.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let mut tail = Tail::default();
    // It takes everything.
    let _ = write!(tail, "{error}");
    match tail.text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None if tail.is_cut => "it cannot be decoded".to_owned(),
        None => tail.text,
    }
}

/// Takes a text of any length, and keeps its end.
#[derive(Default)]
struct Tail {
    text: String,
    is_cut: bool,
}

impl Write for Tail {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let start =
            |text: &str, length: usize| (text.len().saturating_sub(length)..).find(|at| text.is_char_boundary(*at));
        let end = &piece[start(piece, TAIL).unwrap_or_default()..];
        let kept = start(&self.text, TAIL - end.len()).unwrap_or_default();
        self.is_cut |= end.len() < piece.len() || kept > 0;
        self.text.drain(..kept);
        self.text.push_str(end);
        Ok(())
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
    // Names in the path may be of any length, too.
    match bounded(error.path(), PATH) {
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
    fn a_long_value_does_not_hide_what_was_expected() {
        for value in ["\u{e9}".repeat(100_000), ", expected ".repeat(100_000)] {
            let error = serde_json::from_str::<u8>(&format!("{value:?}")).unwrap_err();
            assert_eq!(reason(&error), format!("expected u8 at line 1 column {}", value.len() + 2));
        }
        let error = serde_json::from_str::<Answer>(r#"{"name":"a","name":"b"}"#).unwrap_err();
        assert_eq!(reason(&error), "duplicate field `name` at line 1 column 18");
        let long: serde_json::Error = serde::de::Error::custom("x".repeat(100_000));
        assert_eq!(reason(&long), "it cannot be decoded");
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
