//! Key-values.

use super::client::Client;
use super::command::{Command, ReplyBytes};
use super::path;
use super::reply::{Body, done};
use super::verb::{KV_ADD, KV_CLEAR, KV_CLEAR_SET, KV_CONTAINS, KV_COUNT, KV_GET, KV_KEYS, KV_RMV, KV_SET, Verb};
use crate::error::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

/// The key-value commands of a [`Client`]; another handle of the same connection.
///
/// All connections share one store. A command with several keys is atomic: no other client sees half of it, and it has
/// one status for all its keys.
///
/// A value is anything that serde serializes to JSON; keys of maps become strings, as always with `serde_json`. What the
/// server would change silently is refused before sending, with the path to it: NaN and infinities, integers beyond
/// -2^63..2^64-1, decimals with more digits than a double holds (`9007199254740993.0`), members given twice, more than
/// 1,024 levels (three of them are the command's). Two changes have no
/// meaning and are allowed: members of objects come back sorted by name, and negative zero comes back as zero. Values
/// nested deeper than 126 levels can only be read with [`get_raw`](Self::get_raw).
///
/// A command that exceeds the [payload limit](super::Builder::payload_limit) is refused, never split into several. For
/// errors and cancellation see [`Client`]. Carrying out a read or a write twice has the same effect on the store as
/// once, so all commands here except saves and loads are [`Repeat::Safe`](crate::policy::Repeat): after a lost connection
/// they may be sent again, as the client's [`Retry`](crate::policy::Retry) says.
///
/// ```no_run
/// # async fn doc() -> Result<(), statuswire::Error> {
/// use serde::{Deserialize, Serialize};
/// use statuswire::nemesis::Client;
///
/// #[derive(Serialize, Deserialize)]
/// struct User {
///     name: String,
/// }
///
/// let kv = Client::connect("ws://localhost:1987").await?.kv();
/// kv.set("user:1", &User { name: "Ada".into() }).await?;
/// let user: Option<User> = kv.get("user:1").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Kv {
    pub(super) client: Client,
}

impl Client {
    /// Returns a handle for the key-value commands.
    pub fn kv(&self) -> Kv {
        Kv { client: self.clone() }
    }
}

impl Kv {
    /// Stores a value, whether or not the key exists (`KV_SET`). The server does not tell which it was.
    ///
    /// The key must not contain a quotation mark, a backslash or a control character
    /// ([why](super::Builder::allow_unsavable_keys)).
    pub async fn set<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        self.write(KV_SET, [(key, value)], done).await
    }

    /// Stores a value given as JSON text.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub async fn set_raw(&self, key: &str, value: &RawValue) -> Result<(), Error> {
        self.set(key, value).await
    }

    /// Stores several values at once.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set). A key that is given twice is refused: the server would keep the first value.
    pub async fn set_many<K, V>(&self, entries: impl IntoIterator<Item = (K, V)>) -> Result<(), Error>
    where
        K: AsRef<str>,
        V: Serialize,
    {
        self.write(KV_SET, entries, done).await
    }

    /// Stores a value unless the key exists (`KV_ADD`). An existing value stays as it is, and the server does not tell:
    /// call [`contains`](Self::contains) before, or read the value afterwards.
    ///
    /// If a reply is lost with the connection, the command may run twice. If the key is removed in between, the second run
    /// stores the value again. To forbid that: `client.with_retry(Retry::never()).kv()`.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub async fn add<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        self.write(KV_ADD, [(key, value)], done).await
    }

    /// Stores those of several values whose keys do not exist. What [`add`](Self::add) says about running twice applies
    /// here too.
    ///
    /// # Errors
    ///
    /// As [`set_many`](Self::set_many).
    pub async fn add_many<K, V>(&self, entries: impl IntoIterator<Item = (K, V)>) -> Result<(), Error>
    where
        K: AsRef<str>,
        V: Serialize,
    {
        self.write(KV_ADD, entries, done).await
    }

    /// Reads a value (`KV_GET`); `None` if the key does not exist. A stored null is a value: `get::<Option<T>>` returns
    /// `Some(None)` for it.
    ///
    /// # Errors
    ///
    /// See [`Client`]. A value that is not a `T` is [`Cause::Decode`](crate::Cause::Decode), with the path to the
    /// place in the reply.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let read = |body: Body<'_>| match body.keys()?.into_iter().next() {
            None => Ok(None),
            Some((name, value)) if name == key => Ok(Some(value)),
            Some((name, _)) => Err(body.foreign_key(&name)),
        };
        self.client.call(self.get_command([key]), read).await
    }

    /// Reads a value as JSON text, as the server wrote it; `None` if the key does not exist.
    pub async fn get_raw(&self, key: &str) -> Result<Option<Box<RawValue>>, Error> {
        self.get(key).await
    }

    /// Reads several values of one type. Keys that do not exist are absent from the result; a key may be given twice.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get): one value that is not a `T` fails the call.
    pub async fn get_many<T: DeserializeOwned>(
        &self,
        keys: impl IntoIterator<Item: AsRef<str>>,
    ) -> Result<HashMap<String, T>, Error> {
        // Copies, so that a future that holds them is `Send` whatever the iterator borrows (see `Batch`).
        let keys: Vec<String> = keys.into_iter().map(|key| key.as_ref().to_owned()).collect();
        let asked: HashSet<&str> = keys.iter().map(String::as_str).collect();
        let read = |body: Body<'_>| {
            let found = body.keys()?;
            let mut values = HashMap::with_capacity(found.len());
            for (name, value) in found {
                if !asked.contains(&*name) {
                    return Err(body.foreign_key(&name));
                }
                values.insert(name.into_owned(), value);
            }
            Ok(values)
        };
        self.client.call(self.get_command(&keys), read).await
    }

    /// Removes a key and its value (`KV_RMV`). A missing key is not an error, and the server does not tell.
    pub async fn remove(&self, key: &str) -> Result<(), Error> {
        self.remove_many([key]).await
    }

    /// Removes several keys. Sends nothing if there are none: the server would answer with an error.
    pub async fn remove_many(&self, keys: impl IntoIterator<Item: AsRef<str>>) -> Result<(), Error> {
        let command = self.client.command(KV_RMV).keys(keys).repeatable();
        if command.count == 0 { Ok(()) } else { self.client.call(command, done).await }
    }

    /// Returns whether a key exists (`KV_CONTAINS`).
    pub async fn contains(&self, key: &str) -> Result<bool, Error> {
        Ok(!self.contains_many([key]).await?.is_empty())
    }

    /// Returns those of several keys that exist, in the given order.
    pub async fn contains_many(&self, keys: impl IntoIterator<Item: AsRef<str>>) -> Result<Vec<String>, Error> {
        let command = self.client.command(KV_CONTAINS).keys(keys).repeatable();
        let bytes = ReplyBytes::AtMost(command.repeated_bytes());
        self.client.call(command.reply_bytes(bytes), |body| body.field("contains")).await
    }

    /// Returns all keys (`KV_KEYS`): in the order of their insertion until one is removed, then in any order.
    ///
    /// The reply is limited only by [`Limits::message_in`](crate::policy::Limits::message_in), and nothing else is on the
    /// wire while it is awaited.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        let command = self.client.command(KV_KEYS).repeatable().reply_bytes(ReplyBytes::UNKNOWN);
        self.client.call(command, |body| body.field("keys")).await
    }

    /// Returns the number of keys (`KV_COUNT`).
    pub async fn count(&self) -> Result<u64, Error> {
        self.client.call(self.client.command(KV_COUNT).repeatable(), counted).await
    }

    /// Removes all keys, those of other clients too, and returns how many there were (`KV_CLEAR`).
    ///
    /// If the connection is lost and the command is sent again, it also removes what was stored in between, and returns
    /// the count of the second run. To forbid that: `client.with_retry(Retry::never()).kv()`.
    pub async fn clear(&self) -> Result<u64, Error> {
        self.client.call(self.client.command(KV_CLEAR).repeatable(), counted).await
    }

    /// Removes all keys and stores others, in one step; returns how many keys were removed (`KV_CLEAR_SET`).
    ///
    /// What [`clear`](Self::clear) says about sending again applies here too.
    ///
    /// # Errors
    ///
    /// As [`set_many`](Self::set_many); then the store is untouched.
    pub async fn clear_set<K, V>(&self, entries: impl IntoIterator<Item = (K, V)>) -> Result<u64, Error>
    where
        K: AsRef<str>,
        V: Serialize,
    {
        self.write(KV_CLEAR_SET, entries, counted).await
    }

    async fn write<K: AsRef<str>, V: Serialize, R>(
        &self,
        verb: Verb,
        entries: impl IntoIterator<Item = (K, V)>,
        read: impl Fn(Body<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let any_key = self.client.options().unsavable_keys;
        let allowed = |key: &str| if any_key { Ok(()) } else { can_be_saved(key) };
        self.client.call(self.client.command(verb).entries(entries, allowed).repeatable(), read).await
    }

    fn get_command(&self, keys: impl IntoIterator<Item: AsRef<str>>) -> Command {
        let command = self.client.command(KV_GET).keys(keys).repeatable();
        let count = usize::try_from(command.count).unwrap_or(usize::MAX);
        command.reply_bytes(self.client.options().keyed_reply_bytes(count))
    }
}

fn counted(body: Body<'_>) -> Result<u64, Error> {
    body.field("cnt")
}

/// Observed on a running server 0.9: a save with such a key is written and cannot be loaded.
fn can_be_saved(key: &str) -> Result<(), Error> {
    match key.chars().find(|c| matches!(c, '"' | '\\' | '\0'..='\x1f')) {
        None => Ok(()),
        Some(found) => Err(Error::invalid_request(format!(
            "${}: a key with {found:?} makes every save unreadable; use other keys, or allow such keys \
             (`Builder::allow_unsavable_keys`) if the store is never saved",
            path::key(key)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_spoil_saves() {
        for key in ["a\"b", "a\\b", "a\nb", "\0"] {
            assert!(can_be_saved(key).unwrap_err().to_string().contains("makes every save unreadable"));
        }
        for key in ["", "é", "a b", "\u{7f}", "{}", "/"] {
            assert!(can_be_saved(key).is_ok());
        }
    }
}
