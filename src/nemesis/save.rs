//! Saving to the server's disk and loading from it.

use super::ErrorCode;
use super::command::Command;
use super::kv::Kv;
use super::reply::Body;
use super::verb::{KV_LOAD, KV_SAVE};
use crate::error::Error;
use std::time::Duration;

/// A finished save.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The save's name.
    pub name: String,
    /// How long the server took, by its own measure, in whole milliseconds.
    pub duration: Duration,
}

/// A finished load.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// The save's name.
    pub name: String,
    /// How many keys were loaded: 0 if the save was made of an empty store.
    pub keys: u64,
    /// How long the server took, by its own measure, in whole milliseconds.
    pub duration: Duration,
}

/// Both commands block the server: nobody's commands are carried out until they are done. Their time limit is
/// [`Builder::save_timeout`](super::Builder::save_timeout) and they are never sent twice.
impl Kv {
    /// Writes all key-values to the server's disk (`KV_SAVE`); arrays and lists are not part of it. A second save of
    /// the same name is added to the first.
    ///
    /// The name consists of letters, digits, `.`, `_` and `-` ([why](super::Builder::allow_any_save_name)).
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client). [`CommandDisabled`](ErrorCode::CommandDisabled) if the server does not save.
    pub async fn save(&self, name: &str) -> Result<Saved, Error> {
        let command = Command::save_name(KV_SAVE, self.client.options(), name);
        let read = |body: Body<'_>| Ok(Saved { name: body.field("name")?, duration: duration(&body)? });
        self.client.call(KV_SAVE.name, command, read).await
    }

    /// Merges the newest save of a name into the store (`KV_LOAD`): its keys replace those present, others stay.
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client). [`LoadError`](ErrorCode::LoadError) if there is no such save; or if it is
    /// damaged: then the error's body has a member `keys`, and some keys may have been loaded.
    pub async fn load(&self, name: &str) -> Result<Loaded, Error> {
        let command = Command::save_name(KV_LOAD, self.client.options(), name);
        let read = |body: Body<'_>| {
            // An empty save leaves it at that status; its count says zero, if it is there at all.
            let keys = if body.status == ErrorCode::Loading { 0 } else { body.field("keys")? };
            Ok(Loaded { name: body.field("name")?, keys, duration: duration(&body)? })
        };
        self.client.call(KV_LOAD.name, command, read).await
    }
}

fn duration(body: &Body<'_>) -> Result<Duration, Error> {
    body.field("duration").map(Duration::from_millis)
}
