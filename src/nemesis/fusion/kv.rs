//! The commands for keys.

use super::client::Client;
use super::protocol::Key;
use super::reply::{Body, checked, foreign_status};
use crate::codes::nemesis_fusion::ErrorCode;
use crate::error::Error;
use crate::nemesis::batch::Batch;
use crate::nemesis::command::{Command, ReplyBytes};
use crate::nemesis::connection::Request;
use crate::nemesis::stored::Stored;
use crate::nemesis::verb::{KV_ADD, KV_APPEND, KV_GET, KV_RMV, KV_SET, Verb};
use futures_util::TryStreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::future::Future;

impl Client {
    /// Stores a value, whether or not the key exists, and tells which it was (`KV_SET`).
    pub async fn set<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<Stored, Error> {
        self.call(self.entry(KV_SET, key, value), stored).await
    }

    /// Stores a value given as JSON text.
    pub async fn set_raw(&self, key: &str, value: &RawValue) -> Result<Stored, Error> {
        self.set(key, value).await
    }

    /// Stores several values, by a command each, and tells what became of each key. Of a key that is given twice, the last
    /// result is returned.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set): the first error, in the order of the entries. Others may be stored.
    pub async fn set_many<K, V>(
        &self,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<HashMap<String, Stored>, Error>
    where
        K: AsRef<str>,
        V: Serialize,
    {
        let requests = self.entries(KV_SET, entries);
        all(requests.into_iter().map(|(key, request)| with_key(key, self.call(request, stored)))).await
    }

    /// Stores a value unless the key exists, and returns whether it did (`KV_ADD`).
    pub async fn add<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<bool, Error> {
        self.call(self.entry(KV_ADD, key, value), added).await
    }

    /// Stores those of several values whose keys do not exist, by a command each, and tells which.
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
        let requests = self.entries(KV_ADD, entries);
        all(requests.into_iter().map(|(key, request)| with_key(key, self.call(request, added)))).await
    }

    /// Reads a value (`KV_GET`); `None` if the key does not exist. A stored null is a value: `get::<Option<T>>` returns
    /// `Some(None)` for it.
    ///
    /// # Errors
    ///
    /// See [`Client`]. A value that is not a `T` is [`Cause::Decode`](crate::Cause::Decode), with the path to the
    /// place in the reply.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        self.call(self.look_up(KV_GET, key), |body| found(body, key)).await
    }

    /// Reads a value as JSON text, as the server wrote it; `None` if the key does not exist.
    pub async fn get_raw(&self, key: &str) -> Result<Option<Box<RawValue>>, Error> {
        self.get(key).await
    }

    /// Reads several values of one type, by a command each. Keys that do not exist are absent from the result.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get): the first error, in the order of the keys.
    pub async fn get_many<T: DeserializeOwned>(
        &self,
        keys: impl IntoIterator<Item: AsRef<str>>,
    ) -> Result<HashMap<String, T>, Error> {
        let keys: Vec<String> = keys.into_iter().map(|key| key.as_ref().to_owned()).collect();
        let get = |key: String| async move {
            let value = self.get(&key).await?;
            Ok((key, value))
        };
        let values: HashMap<String, Option<T>> = all(keys.into_iter().map(get)).await?;
        Ok(values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
    }

    /// Removes a key and its value, and returns whether it existed (`KV_RMV`).
    pub async fn remove(&self, key: &str) -> Result<bool, Error> {
        self.call(self.look_up(KV_RMV, key), removed).await
    }

    /// Removes several keys, by a command each, and tells which existed.
    ///
    /// # Errors
    ///
    /// As [`remove`](Self::remove): the first error, in the order of the keys. Others may be removed.
    pub async fn remove_many(&self, keys: impl IntoIterator<Item: AsRef<str>>) -> Result<HashMap<String, bool>, Error> {
        let keys: Vec<String> = keys.into_iter().map(|key| key.as_ref().to_owned()).collect();
        let remove = |key: String| async move {
            let existed = self.remove(&key).await?;
            Ok((key, existed))
        };
        all(keys.into_iter().map(remove)).await
    }

    /// Appends to a stored value (`KV_APPEND`): a string to a string, the items of an array to an array, to an object those
    /// members of another one that it does not have.
    ///
    /// A value of another type than the stored one ends the part of the server that serves keys. So this reads the stored
    /// value first, and refuses what does not fit. Another client may change the value between the two commands; calls of
    /// the same key must not overlap with writes of another type. [`insist_on_danger`](Self::insist_on_danger) skips the
    /// look. It is never sent twice, and nothing else is on the wire meanwhile, since the error names neither command nor key.
    ///
    /// # Errors
    ///
    /// See [`Client`]. [`KeyNotExist`](ErrorCode::KeyNotExist) if there is no such key. Numbers, booleans and null cannot be
    /// appended, and are refused.
    pub async fn append<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        let command = self.connection.command(KV_APPEND).entry(key, value).reply_bytes(ReplyBytes::UNKNOWN);
        // What cannot be written is refused anyway.
        let appended = Kind::of(&serde_json::to_string(value).unwrap_or_default());
        let command = match appended {
            Kind::Other if !command.is_refused() => command.refuse(Error::invalid_request(
                "only a string, an array or an object can be appended: use `set` for other values",
            )),
            _ => command,
        };
        let request = self.request(KV_APPEND, key, command);
        if !self.insists && request.command.encoded().is_ok() {
            let stored: Option<Box<RawValue>> = self.get_raw(key).await?;
            if let Some(stored) = stored
                && Kind::of(stored.get()) != appended
            {
                let context = self.connection.context(KV_APPEND.name);
                return Err(Error::invalid_request(format!(
                    "the value of {key:?} is of another type than what would be appended, which ends the part of the \
                     server that serves keys: use `set`; `Client::insist_on_danger` sends it nevertheless"
                ))
                .with_context(context));
            }
        }
        self.call(request, |body| checked(body).map(drop)).await
    }

    pub(super) fn entry<T: Serialize + ?Sized>(&self, verb: Verb, key: &str, value: &T) -> Request<Key> {
        let command = self.connection.command(verb).entry(key, value);
        // The reply repeats the key, possibly with other escapes.
        let bytes = ReplyBytes::AtMost(command.repeated_bytes());
        self.request(verb, key, command.repeatable().reply_bytes(bytes))
    }

    fn entries<K: AsRef<str>, V: Serialize>(
        &self,
        verb: Verb,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Vec<(String, Request<Key>)> {
        let entry = |(key, value): (K, V)| (key.as_ref().to_owned(), self.entry(verb, key.as_ref(), &value));
        entries.into_iter().map(entry).collect()
    }

    fn look_up(&self, verb: Verb, key: &str) -> Request<Key> {
        let limit = self.connection.payload_limit();
        let command = Command::of_key(verb, key, limit).repeatable();
        // A value is rarely longer than the longest command.
        self.request(verb, key, command.reply_bytes(ReplyBytes::About(limit)))
    }
}

async fn with_key<T>(key: String, call: impl Future<Output = Result<T, Error>>) -> Result<(String, T), Error> {
    Ok((key, call.await?))
}

/// Carries out calls, many at a time.
async fn all<T, F>(calls: impl IntoIterator<Item = F>) -> Result<HashMap<String, T>, Error>
where
    F: Future<Output = Result<(String, T), Error>>,
{
    Batch::new(calls).try_collect().await
}

fn stored(body: Body<'_>) -> Result<Stored, Error> {
    match body.status {
        ErrorCode::KeySet => Ok(Stored::New),
        ErrorCode::KeyUpdated => Ok(Stored::Replaced),
        _ => Err(other(body)),
    }
}

fn added(body: Body<'_>) -> Result<bool, Error> {
    match body.status {
        ErrorCode::KeySet => Ok(true),
        ErrorCode::KeyExists => Ok(false),
        _ => Err(other(body)),
    }
}

fn removed(body: Body<'_>) -> Result<bool, Error> {
    match body.status {
        ErrorCode::KeyRemoved => Ok(true),
        ErrorCode::KeyNotExist => Ok(false),
        _ => Err(other(body)),
    }
}

fn found<T: DeserializeOwned>(body: Body<'_>, key: &str) -> Result<Option<T>, Error> {
    match body.status {
        ErrorCode::Ok => body.field(key).map(Some),
        ErrorCode::KeyNotExist => Ok(None),
        _ => Err(other(body)),
    }
}

/// Returns the error for a status that is no result of the command.
fn other(body: Body<'_>) -> Error {
    match checked(body) {
        Ok(body) => foreign_status(&body),
        Err(error) => error,
    }
}

/// The types of values that can be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    String,
    Array,
    Object,
    Other,
}

impl Kind {
    fn of(json: &str) -> Self {
        match json.as_bytes().first() {
            Some(b'"') => Self::String,
            Some(b'[') => Self::Array,
            Some(b'{') => Self::Object,
            _ => Self::Other,
        }
    }
}
