//! The commands for keys.

use super::client::Client;
use super::protocol::Key;
use super::reply::{Body, checked, foreign_status};
use crate::codes::nemesis_fusion::ErrorCode;
use crate::error::{Delivery, Error};
use crate::nemesis::batch::Batch;
use crate::nemesis::command::{Command, ReplyBytes};
use crate::nemesis::connection::Request;
use crate::nemesis::stored::Stored;
use crate::nemesis::verb::{KV_ADD, KV_APPEND, KV_GET, KV_RMV, KV_SET, Verb};
use futures_util::TryStreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

impl Client {
    /// Stores a value, whether or not the key exists, and tells which it was (`KV_SET`).
    pub async fn set<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<Stored, Error> {
        self.call(self.entry(KV_SET, key, value), stored).await
    }

    /// Stores a value given as JSON text.
    pub async fn set_raw(&self, key: &str, value: &RawValue) -> Result<Stored, Error> {
        self.set(key, value).await
    }

    /// Stores several values, by a command each, and tells what became of each key.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set): the first error, in the order of the entries. Others may be stored. If one of the entries is
    /// refused, or a key is given twice, nothing is sent.
    pub async fn set_many<K, V>(
        &self,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<HashMap<String, Stored>, Error>
    where
        K: AsRef<str>,
        V: Serialize,
    {
        self.each(self.entries(KV_SET, entries)?, |body, _| stored(body)).await
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
        self.each(self.entries(KV_ADD, entries)?, |body, _| added(body)).await
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

    /// Reads several values of one type, by a command each. Keys that do not exist are absent from the result; a key may be
    /// given twice.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get): the first error, in the order of the keys. If one of the keys is refused, nothing is sent.
    pub async fn get_many<T: DeserializeOwned>(
        &self,
        keys: impl IntoIterator<Item: AsRef<str>>,
    ) -> Result<HashMap<String, T>, Error> {
        let keys = self.keys(KV_GET, keys)?;
        let values = self.each(keys.into_iter().map(|key| self.look_up(KV_GET, &key)), found).await?;
        Ok(values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
    }

    /// Removes a key and its value, and returns whether it existed (`KV_RMV`).
    pub async fn remove(&self, key: &str) -> Result<bool, Error> {
        self.call(self.look_up(KV_RMV, key), removed).await
    }

    /// Removes several keys, by a command each, and tells which existed. A key may be given twice.
    ///
    /// # Errors
    ///
    /// As [`remove`](Self::remove): the first error, in the order of the keys. Others may be removed. If one of the keys is
    /// refused, nothing is sent.
    pub async fn remove_many(&self, keys: impl IntoIterator<Item: AsRef<str>>) -> Result<HashMap<String, bool>, Error> {
        let keys = self.keys(KV_RMV, keys)?;
        self.each(keys.into_iter().map(|key| self.look_up(KV_RMV, &key)), |body, _| removed(body)).await
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
    /// appended, and are refused. If reading the stored value fails, the error is that of `KV_GET`, as
    /// [`NotSent`](crate::Delivery::NotSent): nothing was appended.
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
            let stored = self.get_raw(key).await.map_err(|error| error.clone_with_delivery(Delivery::NotSent))?;
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

    /// Makes a command for each entry. Refuses all if one of them is refused.
    fn entries<K: AsRef<str>, V: Serialize>(
        &self,
        verb: Verb,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Vec<Request<Key>>, Error> {
        let mut seen = HashSet::new();
        let entry = |(key, value): (K, V)| {
            let key = key.as_ref();
            let mut request = self.entry(verb, key, &value);
            if !seen.insert(key.to_owned()) {
                // Sent again after a lost connection, the first of two values may come last.
                request.command = request.command.refuse(Error::invalid_request(format!(
                    "the key {key:?} is there twice, and either value may be the last one: give each key once"
                )));
            }
            self.checked(request)
        };
        entries.into_iter().map(entry).collect()
    }

    /// Returns each key once. Refuses all if one of them is refused.
    fn keys(&self, verb: Verb, keys: impl IntoIterator<Item: AsRef<str>>) -> Result<Vec<String>, Error> {
        let mut seen = HashSet::new();
        let keys = keys.into_iter().map(|key| key.as_ref().to_owned()).filter(|key| seen.insert(key.clone()));
        keys.map(|key| self.checked(self.look_up(verb, &key)).map(|_| key)).collect()
    }

    fn checked(&self, request: Request<Key>) -> Result<Request<Key>, Error> {
        match request.command.encoded() {
            Ok(_) => Ok(request),
            Err(refusal) => Err(refusal.with_context(self.connection.context(request.command.name))),
        }
    }

    /// Sends commands of several keys, many at a time, and reads the reply for each.
    async fn each<T>(
        &self,
        requests: impl IntoIterator<Item = Request<Key>>,
        read: impl Fn(Body<'_>, &str) -> Result<T, Error>,
    ) -> Result<HashMap<String, T>, Error> {
        let read = &read;
        let calls = requests.into_iter().map(|request| async move {
            let key = request.key.key.clone().unwrap_or_default();
            let result = self.call(request, |body| read(body, &key)).await?;
            Ok((key.into(), result))
        });
        Batch::new(calls).try_collect().await
    }

    fn look_up(&self, verb: Verb, key: &str) -> Request<Key> {
        let limit = self.connection.payload_limit();
        let command = Command::of_key(verb, key, limit).repeatable();
        // A value is rarely longer than the longest command.
        self.request(verb, key, command.reply_bytes(ReplyBytes::About(limit)))
    }
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
