//! Saving to the server's disk and loading from it.

use super::command::Command;
use super::kv::Kv;
use super::reply::Body;
use super::verb::{KV_LOAD, KV_SAVE, Verb};
use crate::codes::nemesis::ErrorCode;
use crate::error::Error;
use std::time::Duration;

/// A finished save.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The save's name.
    pub name: String,
    /// How long the server took, as it measured it, in whole milliseconds.
    pub duration: Duration,
}

/// A finished load.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// The save's name.
    pub name: String,
    /// The number of keys loaded: 0 if the store was empty when it was saved.
    pub keys: u64,
    /// How long the server took, as it measured it, in whole milliseconds.
    pub duration: Duration,
}

/// Both commands block the server: it carries out no other command until they are done. Their time limit is
/// [`Builder::save_timeout`](super::Builder::save_timeout), and they are never sent twice.
impl Kv {
    /// Writes all key-values to the server's disk (`KV_SAVE`), without arrays and lists. A second save with the same name
    /// is kept besides the first.
    ///
    /// The name must consist of letters, digits, `.`, `_` and `-` ([why](super::Builder::allow_any_save_name)).
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client). [`CommandDisabled`](ErrorCode::CommandDisabled) if the server does not save.
    pub async fn save(&self, name: &str) -> Result<Saved, Error> {
        let read = |body: Body<'_>| Ok(Saved { name: body.field("name")?, duration: duration(&body)? });
        self.client.call(self.save_command(KV_SAVE, name), read).await
    }

    /// Merges the newest save of a name into the store (`KV_LOAD`): its keys replace those present, others stay.
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client). [`LoadError`](ErrorCode::LoadError) if there is no such save, or if it is
    /// damaged. A damaged save may have been loaded in part; the error's body then has a member `keys`.
    pub async fn load(&self, name: &str) -> Result<Loaded, Error> {
        let read = |body: Body<'_>| {
            // An empty save ends with this status; its count is zero or missing.
            let keys = if body.status == ErrorCode::Loading { 0 } else { body.field("keys")? };
            Ok(Loaded { name: body.field("name")?, keys, duration: duration(&body)? })
        };
        self.client.call(self.save_command(KV_LOAD, name), read).await
    }

    fn save_command(&self, verb: Verb, name: &str) -> Command {
        let command = self.client.command(verb).text("name", name).blocking();
        if self.client.options().any_save_name || is_plain_file_name(name) {
            return command;
        }
        command.refuse(Error::invalid_request(format!(
            "the save name {name:?} is not one of letters, digits, '.', '_' and '-': the server uses it as a path \
             without checking it; use a plain name, or allow any (`Builder::allow_any_save_name`)"
        )))
    }
}

pub(super) fn is_plain_file_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !name.is_empty() && name.chars().all(plain) && !matches!(name, "." | "..")
}

fn duration(body: &Body<'_>) -> Result<Duration, Error> {
    body.field("duration").map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn save_names_are_plain_file_names() {
        for name in ["", ".", "..", "../x", "a/b", "a b", "é", "a\0"] {
            assert!(!is_plain_file_name(name), "{name}");
        }
        for name in ["a", "2025-01-31_a.b", "...", "-"] {
            assert!(is_plain_file_name(name), "{name}");
        }
    }
}
