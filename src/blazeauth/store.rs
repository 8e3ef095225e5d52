//! The key-value store of a session.

use super::calls::Calls;
use super::packet::{Command, Packet};
use crate::codes::blazeauth::ErrorCode;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The store that each session has at the server: at most 64 keys, and 16,384 bytes of values together. It is in
/// memory, private to the session, and lives as long as it, over resumptions too.
///
/// A fresh session ([`State`](super::State)) begins with an empty store.
#[derive(Clone, Debug)]
pub struct Store {
    calls: Calls,
}

#[derive(Serialize)]
struct Key<'a> {
    key: &'a str,
}

impl Store {
    pub(super) fn new(calls: Calls) -> Self {
        Self { calls }
    }

    /// Stores a value, in place of an earlier one.
    ///
    /// It is kept for `ttl`, rounded up to whole seconds; `None`, and zero, stand for the server's 72 hours. Reading
    /// does not extend it, writing begins it anew.
    ///
    /// # Errors
    ///
    /// [`StoreOutOfMemory`](ErrorCode::StoreOutOfMemory) and [`StoreOutOfEntries`](ErrorCode::StoreOutOfEntries) if
    /// there is no room; see [`Client`](super::Client) for the rest.
    pub async fn set(&self, key: &str, value: &str, ttl: Option<Duration>) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            key: &'a str,
            value: &'a str,
            ttl: i64,
        }
        let ttl = ttl.unwrap_or_default();
        let ttl = ttl.as_secs().saturating_add(u64::from(ttl.subsec_nanos() > 0));
        let ttl = i64::try_from(ttl).unwrap_or(i64::MAX);
        self.calls.run(Command::new(Packet::SetSessionValue, &Fields { key, value, ttl })).await
    }

    /// Returns a value; `None` if the key has no value or its time has passed.
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client).
    pub async fn get(&self, key: &str) -> Result<Option<String>, Error> {
        #[derive(Deserialize)]
        struct Found {
            value: String,
        }
        let command = Command::new(Packet::GetSessionValue, &Key { key });
        Ok(found(self.calls.call::<Found>(command).await)?.map(|found| found.value))
    }

    /// Removes a value. `false` if there was none.
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client).
    pub async fn delete(&self, key: &str) -> Result<bool, Error> {
        let command = Command::new(Packet::DeleteSessionValue, &Key { key });
        Ok(found(self.calls.run(command).await)?.is_some())
    }
}

/// Turns the status of a missing value into `None`.
fn found<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code_as() == Some(ErrorCode::StoreValueNotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
