//! Finding and changing values by path.

use super::protocol::Key;
use super::reply::{Body, counted};
use super::session::Session;
use crate::error::Error;
use crate::nemesis::command::ReplyBytes;
use crate::nemesis::connection::Request;
use crate::nemesis::verb::{KV_FIND, KV_UPDATE};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A search in the values of a session; made by [`Session::find`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `keys`, `paths` or `values`"]
pub struct Find<'a> {
    session: &'a Session,
    path: &'a str,
    within: Option<Vec<String>>,
}

impl Session {
    /// Prepares a search for the values in which a JSONPath expression (`$.name`, `$.tags[?(@ == "a")]`) leads somewhere
    /// (`KV_FIND`). The expression is applied to each value by itself.
    ///
    /// ```no_run
    /// # async fn doc(session: statuswire::nemesis::sessions::Session) -> Result<(), statuswire::Error> {
    /// let with_name: Vec<String> = session.find("$.name").keys().await?;
    /// let of_two: Vec<(String, serde_json::Value)> = session.find("$.name").within(["user:1", "user:2"]).values().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn find<'a>(&'a self, path: &'a str) -> Find<'a> {
        Find { session: self, path, within: None }
    }

    /// Puts a value into every place of a stored value that a JSONPath expression leads to, and returns how many there
    /// were (`KV_UPDATE`). No place is not an error.
    ///
    /// The error for an expression that does not parse names neither command nor session, so nothing else is on the wire
    /// while the command is. It is never sent twice.
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client). [`KeyNotExist`](super::ErrorCode::KeyNotExist) if there is no such key,
    /// [`Unknown`](super::ErrorCode::Unknown) if the expression does not parse.
    pub async fn update<T: Serialize + ?Sized>(&self, key: &str, path: &str, value: &T) -> Result<u64, Error> {
        let request = self.request(KV_UPDATE, |command| {
            let command = command.text("key", key).text("path", path).value("value", value);
            command.reply_bytes(ReplyBytes::UNKNOWN)
        });
        self.client.call(request, counted).await
    }
}

/// The replies are limited only by [`Limits::message_in`](crate::policy::Limits::message_in), and nothing else is on the wire
/// while one is awaited.
impl Find<'_> {
    /// Searches the values of these keys only. Keys that do not exist make no difference. Without any key, nothing is found
    /// and nothing is sent.
    pub fn within(mut self, keys: impl IntoIterator<Item: Into<String>>) -> Self {
        self.within = Some(keys.into_iter().map(Into::into).collect());
        self
    }

    /// Returns the keys of the values.
    ///
    /// # Errors
    ///
    /// See [`Client`](super::Client). [`PathInvalid`](super::ErrorCode::PathInvalid) if the expression does not parse. The
    /// server reads it only if there is a value to search.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        self.search("keys", |body| body.field("keys")).await
    }

    /// Returns the places in the values, normalised (`$['tags'][0]`). The server does not tell in which value each is:
    /// search [within](Self::within) one key.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    pub async fn paths(&self) -> Result<Vec<String>, Error> {
        self.search("paths", |body| body.field("paths")).await
    }

    /// Returns the values with their keys, in the server's order.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys). One value that is not a `T` fails the call.
    pub async fn values<T: DeserializeOwned>(&self) -> Result<Vec<(String, T)>, Error> {
        let read = |body: Body<'_>| {
            let found = body.keys()?;
            Ok(found.into_iter().map(|(key, value)| (key.into_owned(), value)).collect())
        };
        self.search("kv", read).await
    }

    async fn search<T>(&self, form: &str, read: impl Fn(Body<'_>) -> Result<Vec<T>, Error>) -> Result<Vec<T>, Error> {
        // The server would take no keys for all keys.
        if self.within.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        self.session.client.call(self.request(form), read).await
    }

    fn request(&self, form: &str) -> Request<Key> {
        self.session.request(KV_FIND, |command| {
            let command = command.text("path", self.path).text("rsp", form);
            let command = match &self.within {
                Some(keys) => command.keys(keys),
                None => command,
            };
            let command = command.repeatable().reply_bytes(ReplyBytes::UNKNOWN);
            if !self.path.is_empty() {
                return command;
            }
            command.refuse(Error::invalid_request("the path to find must not be empty: `$` leads to every value"))
        })
    }
}
