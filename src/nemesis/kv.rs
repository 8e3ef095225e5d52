//! Key-values.

use super::client::Client;
use super::command::Command;
use super::reply::{Body, done};
use super::verb::{KV_ADD, KV_CLEAR, KV_CLEAR_SET, KV_CONTAINS, KV_COUNT, KV_GET, KV_KEYS, KV_RMV, KV_SET, Verb};
use crate::error::Error;
use crate::json::Members;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

/// What a reply has beside the keys that were asked about, generously.
const REPLY_FRAME: usize = 64;

/// The key-value commands of a [`Client`]; another handle of the same connection.
///
/// The store is one for all connections. A command with several keys is atomic: no other client sees half of it, and it
/// has one status for all its keys.
///
/// Values are whatever serde makes JSON of; keys of maps in them become strings, as always with `serde_json`. Refused
/// before sending, at any depth, with the path to the place: NaN and infinities, integers beyond -2^63..2^64-1, members
/// given twice, more than 1,024 levels (three are the command's). What the server keeps otherwise than given, without a
/// difference in meaning: members of objects come back sorted by name, and negative zero comes back as zero. Values
/// nested deeper than 127 levels can be read with [`get_raw`](Self::get_raw) only.
///
/// A command that exceeds the [payload limit](super::Builder::payload_limit) is refused; nothing is ever split into
/// several commands. For errors and cancellation see [`Client`]. Reads and all writes here may be carried out twice
/// with the same effect on the store as once, so they are [`Repeat::Safe`](crate::policy::Repeat): when the connection
/// is lost they may be sent again, as [`Builder::retry`](super::Builder::retry) says.
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

impl Kv {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Stores a value, whether or not the key exists; which of the two it was the server does not tell (`KV_SET`).
    ///
    /// The key may be any text but one with a quotation mark, a backslash or a control character
    /// ([why](super::Builder::allow_unsavable_keys)).
    ///
    /// # Errors
    ///
    /// See [`Client`] and [`Kv`].
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
    /// to know, ask with [`contains`](Self::contains) before, or read it back.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub async fn add<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        self.write(KV_ADD, [(key, value)], done).await
    }

    /// Stores those of several values whose keys do not exist.
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

    /// Reads a value (`KV_GET`); `None` if the key does not exist. A stored null is a value: `get::<Option<T>>` gives
    /// `Some(None)` for it.
    ///
    /// # Errors
    ///
    /// See [`Client`]. A value that is no `T` is [`Cause::Decode`](crate::Cause::Decode), with the path to the
    /// place in the reply.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let read = |body: Body<'_>| {
            let Members(found) = body.field("keys")?;
            match found.first() {
                None => Ok(None),
                Some((name, value)) if name == key => body.value("keys", key, value).map(Some),
                Some((name, _)) => Err(body.foreign_key("keys", name)),
            }
        };
        self.client.call(KV_GET.name, self.get_command([key]), read).await
    }

    /// Reads a value as JSON text, as the server wrote it; `None` if the key does not exist.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn get_raw(&self, key: &str) -> Result<Option<Box<RawValue>>, Error> {
        self.get(key).await
    }

    /// Reads several values of one type. Keys that do not exist are absent from the result; a key may be given twice.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get): one value that is no `T` fails the call.
    pub async fn get_many<T: DeserializeOwned>(
        &self,
        keys: impl IntoIterator<Item: AsRef<str>>,
    ) -> Result<HashMap<String, T>, Error> {
        let keys: Vec<_> = keys.into_iter().collect();
        let asked: HashSet<&str> = keys.iter().map(AsRef::as_ref).collect();
        let read = |body: Body<'_>| {
            let Members(found) = body.field("keys")?;
            let mut values = HashMap::with_capacity(found.len());
            for (name, value) in found {
                if !asked.contains(&*name) {
                    return Err(body.foreign_key("keys", &name));
                }
                let value = body.value("keys", &name, value)?;
                values.insert(name.into_owned(), value);
            }
            Ok(values)
        };
        self.client.call(KV_GET.name, self.get_command(&keys), read).await
    }

    /// Removes a key and its value (`KV_RMV`). That a key does not exist is no error, and the server does not tell.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn remove(&self, key: &str) -> Result<(), Error> {
        self.remove_many([key]).await
    }

    /// Removes several keys. Without a key nothing is sent: the server takes that for an error.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn remove_many(&self, keys: impl IntoIterator<Item: AsRef<str>>) -> Result<(), Error> {
        let command = match Command::keys(KV_RMV, self.client.options(), keys) {
            Ok((_, 0)) => return Ok(()),
            command => command.map(|(command, _)| command.repeatable()),
        };
        self.client.call(KV_RMV.name, command, done).await
    }

    /// Whether a key exists (`KV_CONTAINS`).
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn contains(&self, key: &str) -> Result<bool, Error> {
        Ok(!self.contains_many([key]).await?.is_empty())
    }

    /// Those of several keys that exist, in the given order.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn contains_many(&self, keys: impl IntoIterator<Item: AsRef<str>>) -> Result<Vec<String>, Error> {
        let command = Command::keys(KV_CONTAINS, self.client.options(), keys).map(|(command, _)| {
            // The reply repeats keys of the command, possibly with other escapes.
            let bytes = command.text.len().saturating_add(REPLY_FRAME);
            command.repeatable().reply_bytes(bytes)
        });
        self.client.call(KV_CONTAINS.name, command, |body| body.field("contains")).await
    }

    /// All keys (`KV_KEYS`): in the order of their insertion until one is removed, then in any order.
    ///
    /// The reply has no limit but [`Limits::message_in`](crate::policy::Limits::message_in), and nothing else is on the
    /// wire while it is awaited.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        let command = Command::bare(KV_KEYS).repeatable().reply_bytes(usize::MAX);
        self.client.call(KV_KEYS.name, Ok(command), |body| body.field("keys")).await
    }

    /// How many keys there are (`KV_COUNT`).
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn count(&self) -> Result<u64, Error> {
        self.client.call(KV_COUNT.name, Ok(Command::bare(KV_COUNT).repeatable()), counted).await
    }

    /// Removes all keys, those of other clients too, and tells how many there were (`KV_CLEAR`).
    ///
    /// Should the connection be lost and the command sent again, it removes what was stored in between, and the count
    /// is the second run's. To rule that out, forbid it: `client.with_retry(Retry::never()).kv()`.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn clear(&self) -> Result<u64, Error> {
        self.client.call(KV_CLEAR.name, Ok(Command::bare(KV_CLEAR).repeatable()), counted).await
    }

    /// Removes all keys and stores others, in one step; tells how many keys were removed (`KV_CLEAR_SET`).
    ///
    /// What [`clear`](Self::clear) says about sending again holds here, too.
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
        let command = Command::entries(verb, self.client.options(), entries).map(Command::repeatable);
        self.client.call(verb.name, command, read).await
    }

    fn get_command(&self, keys: impl IntoIterator<Item: AsRef<str>>) -> Result<Command, Error> {
        let options = self.client.options();
        let (command, count) = Command::keys(KV_GET, options, keys)?;
        Ok(command.repeatable().reply_bytes(options.value_bytes.saturating_mul(count)))
    }
}

fn counted(body: Body<'_>) -> Result<u64, Error> {
    body.field("cnt")
}
