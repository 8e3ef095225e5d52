//! The keys of a session.

use super::protocol::Key;
use super::reply::{self, Body, by_key, counted, statuses};
use super::session::Session;
use crate::codes::nemesis_sessions::ErrorCode;
use crate::error::Error;
use crate::nemesis::command::{Command, ReplyBytes};
use crate::nemesis::connection::Request;
use crate::nemesis::stored::Stored;
use crate::nemesis::verb::{KV_ADD, KV_CLEAR, KV_CONTAINS, KV_COUNT, KV_GET, KV_KEYS, KV_RMV, KV_SET, Verb};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::HashMap;

impl Session {
    /// Stores a value, whether or not the key exists, and tells which it was (`KV_SET`).
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client).
    pub async fn set<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<Stored, Error> {
        one(self.write(KV_SET, [(key, value)], stored).await?)
    }

    /// Stores a value given as JSON text.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub async fn set_raw(&self, key: &str, value: &RawValue) -> Result<Stored, Error> {
        self.set(key, value).await
    }

    /// Stores several values at once. Sends nothing for an empty list.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set). A key that is given twice is refused: the server would keep the first value.
    pub async fn set_many<K, V>(
        &self,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<HashMap<String, Stored>, Error>
    where
        K: AsRef<str>,
        V: Serialize,
    {
        self.write(KV_SET, entries, stored).await
    }

    /// Stores a value unless the key exists, and returns whether it did (`KV_ADD`).
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client).
    pub async fn add<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<bool, Error> {
        one(self.write(KV_ADD, [(key, value)], added).await?)
    }

    /// Stores those of several values whose keys do not exist, and tells which. Sends nothing for an empty list.
    ///
    /// # Errors
    ///
    /// As [`set_many`](Self::set_many).
    pub async fn add_many<K, V>(
        &self,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<HashMap<String, bool>, Error>
    where
        K: AsRef<str>,
        V: Serialize,
    {
        self.write(KV_ADD, entries, added).await
    }

    /// Reads a value (`KV_GET`); `None` if the key does not exist or its value is null.
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client). A value that is not a `T` is [`Cause::Decode`](crate::Cause::Decode), with the path to
    /// the place in the reply.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        Ok(self.get_many([key]).await?.remove(key))
    }

    /// Reads a value as JSON text, as the server wrote it; `None` if the key does not exist or its value is null.
    pub async fn get_raw(&self, key: &str) -> Result<Option<Box<RawValue>>, Error> {
        self.get(key).await
    }

    /// Reads several values of one type. Keys that do not exist, or whose value is null, are absent from the result; a key
    /// may be given twice. Sends nothing for an empty list.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get): one value that is not a `T` fails the call.
    pub async fn get_many<T: DeserializeOwned>(
        &self,
        keys: impl IntoIterator<Item: AsRef<str>>,
    ) -> Result<HashMap<String, T>, Error> {
        let keys = copied(keys);
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        // A value is rarely longer than the longest command.
        let bytes = self.client.connection.payload_limit().saturating_mul(keys.len());
        let request =
            self.request(KV_GET, |command| command.keys(&keys).repeatable().reply_bytes(ReplyBytes::About(bytes)));
        let read = |body: Body<'_>| {
            let values: HashMap<String, Option<T>> = by_key(&body, &keys)?;
            Ok(values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
        };
        self.client.call(request, read).await
    }

    /// Removes a key and its value, and returns whether it existed (`KV_RMV`).
    pub async fn remove(&self, key: &str) -> Result<bool, Error> {
        one(self.remove_many([key]).await?)
    }

    /// Removes several keys, and tells which existed. Sends nothing for an empty list.
    ///
    /// In the reply the keys are in the same object as the token, and one named `tkn` takes its place. Therefore that key is removed
    /// after the others by a command of its own, during which nothing else is on the wire.
    pub async fn remove_many(&self, keys: impl IntoIterator<Item: AsRef<str>>) -> Result<HashMap<String, bool>, Error> {
        let (alone, together): (Vec<_>, Vec<_>) = copied(keys).into_iter().partition(|key| key == "tkn");
        let mut removed = HashMap::new();
        if !together.is_empty() {
            removed = self.remove_all(&together, ReplyBytes::AtMost(0)).await?;
        }
        if !alone.is_empty() {
            removed.extend(self.remove_all(&alone[..1], ReplyBytes::UNKNOWN).await?);
        }
        Ok(removed)
    }

    async fn remove_all(&self, keys: &[String], bytes: ReplyBytes) -> Result<HashMap<String, bool>, Error> {
        let request = self.request(KV_RMV, |command| {
            let command = command.keys(keys).repeatable();
            let length = command.repeated_bytes();
            command.reply_bytes(if bytes == ReplyBytes::UNKNOWN { bytes } else { ReplyBytes::AtMost(length) })
        });
        let (connection, token) = (&self.client.connection, request.key.token);
        connection.call(request, |got, excerpt| reply::removed(got, excerpt, token, keys)).await
    }

    /// Returns whether a key exists (`KV_CONTAINS`); a key whose value is null does.
    pub async fn contains(&self, key: &str) -> Result<bool, Error> {
        one(self.contains_many([key]).await?)
    }

    /// Tells which of several keys exist. Sends nothing for an empty list.
    pub async fn contains_many(
        &self,
        keys: impl IntoIterator<Item: AsRef<str>>,
    ) -> Result<HashMap<String, bool>, Error> {
        let keys = copied(keys);
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let request = self.request(KV_CONTAINS, |command| answered_by_keys(command.keys(&keys).repeatable()));
        self.client.call(request, |body| by_key(&body, &keys)).await
    }

    /// Returns all keys (`KV_KEYS`): in the order of their insertion until one is removed, then in any order.
    ///
    /// The reply is limited only by [`Limits::message_in`](crate::policy::Limits::message_in), and nothing else is on the
    /// wire while it is awaited.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        let request = self.request(KV_KEYS, |command| command.repeatable().reply_bytes(ReplyBytes::UNKNOWN));
        self.client.call(request, |body| body.field("keys")).await
    }

    /// Returns the number of keys (`KV_COUNT`).
    pub async fn count(&self) -> Result<u64, Error> {
        self.client.call(self.request(KV_COUNT, Command::repeatable), counted).await
    }

    /// Removes all keys of the session, and returns how many there were (`KV_CLEAR`).
    ///
    /// If the connection is lost and the command is sent again, it also removes what was stored in between, and returns
    /// the count of the second run. To forbid that: [`Client::with_retry`](super::Client::with_retry).
    pub async fn clear(&self) -> Result<u64, Error> {
        self.client.call(self.request(KV_CLEAR, Command::repeatable), counted).await
    }

    async fn write<K: AsRef<str>, V: Serialize, T>(
        &self,
        verb: Verb,
        entries: impl IntoIterator<Item = (K, V)>,
        read: impl Fn(ErrorCode) -> Option<T>,
    ) -> Result<HashMap<String, T>, Error> {
        let mut keys = Vec::new();
        let entries = entries.into_iter().inspect(|(key, _)| keys.push(key.as_ref().to_owned()));
        let request = self.request(verb, |command| answered_by_keys(command.entries(entries, |_| Ok(())).repeatable()));
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        self.client.call(request, |body| statuses(&body, &keys, &read)).await
    }

    /// Makes a one-way command. `None` if it has no entries.
    pub(super) fn one_way_request<K: AsRef<str>, V: Serialize>(
        &self,
        verb: Verb,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Option<Request<Key>> {
        let request = self.request(verb, |command| command.entries(entries, |_| Ok(())));
        (request.command.count > 0).then(|| request.one_way())
    }
}

/// Copies keys, so that a future that holds them is `Send` whatever the iterator borrows.
fn copied(keys: impl IntoIterator<Item: AsRef<str>>) -> Vec<String> {
    keys.into_iter().map(|key| key.as_ref().to_owned()).collect()
}

/// The reply repeats keys of the command, possibly with other escapes.
fn answered_by_keys(command: Command) -> Command {
    let bytes = ReplyBytes::AtMost(command.repeated_bytes());
    command.reply_bytes(bytes)
}

/// Returns the result for the only key.
fn one<T>(results: HashMap<String, T>) -> Result<T, Error> {
    let missing = || Error::invalid_request("the reply has no result for the key");
    results.into_values().next().ok_or_else(missing)
}

fn stored(status: ErrorCode) -> Option<Stored> {
    match status {
        ErrorCode::KeySet => Some(Stored::New),
        ErrorCode::KeyUpdated => Some(Stored::Replaced),
        _ => None,
    }
}

fn added(status: ErrorCode) -> Option<bool> {
    match status {
        ErrorCode::KeySet => Some(true),
        ErrorCode::KeyExists => Some(false),
        _ => None,
    }
}
