//! One-way commands: they have no reply if they succeed.

use super::client::Client;
use super::reply;
use super::session::{Session, Token};
use crate::codes::nemesis_sessions::ErrorCode;
use crate::error::{Error, ServerStatus};
use crate::nemesis::reply::Reply;
use crate::nemesis::verb::{KV_ADDQ, KV_SETQ, Verb};
use crate::rpc::Pushed;
use futures_core::Stream;
use serde::Serialize;

/// One-way commands return as soon as they are written. What fails later arrives through
/// [`Client::one_way_failures`], never in another call. [`Client::fence`] waits until all are known to have succeeded or
/// failed; a fence is also sent before more than 64 are unconfirmed. They are never sent twice.
impl Session {
    /// Stores a value without waiting for the server (`KV_SETQ`).
    ///
    /// # Errors
    ///
    /// If the command is refused, or not written within [`Timeouts::call`](crate::policy::Timeouts).
    pub async fn set_one_way<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        self.send(KV_SETQ, [(key, value)]).await
    }

    /// Stores several values without waiting for the server. Sends nothing for an empty list.
    ///
    /// # Errors
    ///
    /// As [`set_one_way`](Self::set_one_way). A key that is given twice is refused.
    pub async fn set_many_one_way<K, V>(&self, entries: impl IntoIterator<Item = (K, V)>) -> Result<(), Error>
    where
        K: AsRef<str>,
        V: Serialize,
    {
        self.send(KV_SETQ, entries).await
    }

    /// Stores a value unless the key exists, without waiting for the server (`KV_ADDQ`). That the key exists is a failure.
    ///
    /// # Errors
    ///
    /// As [`set_one_way`](Self::set_one_way).
    pub async fn add_one_way<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        self.send(KV_ADDQ, [(key, value)]).await
    }

    /// Stores those of several values whose keys do not exist, without waiting for the server. Sends nothing for
    /// an empty list.
    ///
    /// # Errors
    ///
    /// As [`set_many_one_way`](Self::set_many_one_way).
    pub async fn add_many_one_way<K, V>(&self, entries: impl IntoIterator<Item = (K, V)>) -> Result<(), Error>
    where
        K: AsRef<str>,
        V: Serialize,
    {
        self.send(KV_ADDQ, entries).await
    }

    async fn send<K: AsRef<str>, V: Serialize>(
        &self,
        verb: Verb,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), Error> {
        match self.one_way_request(verb, entries) {
            Some(request) => self.client.connection.send(request).await,
            None => Ok(()),
        }
    }
}

/// A one-way command that failed, or whose outcome is unknown.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OneWayFailure {
    /// The command: `KV_SETQ` or `KV_ADDQ`.
    pub command: &'static str,
    /// The session, unless the server's answer does not name it.
    pub session: Option<Token>,
    /// The keys that existed, of a `KV_ADDQ`; the others of the same command are stored.
    pub existing: Vec<String>,
    /// What happened. An answer of the server does not tell which of the session's unconfirmed commands failed. With
    /// [`Delivery::MaybeSent`](crate::Delivery::MaybeSent) the connection was lost, and there is an item for every
    /// unconfirmed command: what was written since the last [`Client::fence`] may be lost.
    pub error: Error,
}

impl Client {
    /// Subscribes to the failures of one-way commands of all clones and sessions, from now on. A subscriber that is slow
    /// loses the oldest ([`Pushed::Missed`]).
    #[inline]
    pub fn one_way_failures(&self) -> impl Stream<Item = Pushed<OneWayFailure>> + Send + use<> {
        let excerpt = self.connection.excerpt();
        let connection = self.connection.clone();
        self.connection.one_way_failures(move |failure| {
            let command = if failure.key.is(KV_ADDQ) { KV_ADDQ.name } else { KV_SETQ.name };
            let (session, existing, error) = match &failure.result {
                Ok(answer) => answered(answer, excerpt, failure.key.token),
                Err(error) => (failure.key.token, Vec::new(), error.clone()),
            };
            let error = error.with_context(connection.context(command));
            OneWayFailure { command, session: session.map(Token::from), existing, error }
        })
    }
}

/// Reads the answer to a one-way command that failed: the session, the keys that existed, and the error. `token` is that of
/// the command which the answer was taken for.
fn answered(answer: &Reply, excerpt: usize, token: Option<u64>) -> (Option<u64>, Vec<String>, Error) {
    let body = match reply::open(answer, excerpt, token) {
        Ok(body) => body,
        Err(error) => {
            let session = answer.read(excerpt).ok().and_then(|body| body.field("tkn").ok());
            return (session, Vec::new(), error);
        }
    };
    let session = body.field("tkn").ok();
    match body.keys::<u16>() {
        Ok(keys) => {
            let existing = keys.into_iter().map(|(key, _)| key.into_owned()).collect();
            (session, existing, Error::status(ErrorCode::KeyExists, ServerStatus::new()))
        }
        Err(error) => (session, Vec::new(), error),
    }
}
