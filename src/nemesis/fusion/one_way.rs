//! One-way commands: they have no reply if they succeed.

use super::client::Client;
use super::reply;
use crate::error::Error;
use crate::nemesis::verb::{KV_ADDQ, KV_SETQ, Verb};
use crate::rpc::Pushed;
use futures_core::Stream;
use serde::Serialize;

/// One-way commands return as soon as they are written. What fails later arrives through
/// [`one_way_failures`](Self::one_way_failures), never in another call. [`fence`](Self::fence) waits until all are known to
/// have succeeded or failed; a fence is also sent before more than 64 are unconfirmed. They are never sent twice.
impl Client {
    /// Stores a value without waiting for the server (`KV_SETQ`).
    ///
    /// # Errors
    ///
    /// If the command is refused, or not written within [`Timeouts::call`](crate::policy::Timeouts).
    pub async fn set_one_way<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        self.send(KV_SETQ, key, value).await
    }

    /// Stores a value unless the key exists, without waiting for the server (`KV_ADDQ`). That the key exists is a failure.
    ///
    /// # Errors
    ///
    /// As [`set_one_way`](Self::set_one_way).
    pub async fn add_one_way<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        self.send(KV_ADDQ, key, value).await
    }

    async fn send<T: Serialize + ?Sized>(&self, verb: Verb, key: &str, value: &T) -> Result<(), Error> {
        self.connection.send(self.entry(verb, key, value).one_way()).await
    }

    /// Subscribes to the failures of one-way commands of all clones, from now on. A subscriber that is slow loses the
    /// oldest ([`Pushed::Missed`]).
    #[inline]
    pub fn one_way_failures(&self) -> impl Stream<Item = Pushed<OneWayFailure>> + Send + use<> {
        let connection = self.connection.clone();
        self.connection.one_way_failures(move |failure| {
            let command = if failure.key.is(KV_ADDQ) { KV_ADDQ.name } else { KV_SETQ.name };
            let error = match &failure.result {
                Ok(answer) => match reply::read(answer, connection.excerpt()) {
                    Ok(body) => body.failed(body.status),
                    Err(error) => error,
                },
                Err(error) => error.clone(),
            };
            let key = failure.key.key.as_deref().unwrap_or_default().to_owned();
            OneWayFailure { command, key, error: error.with_context(connection.context(command)) }
        })
    }
}

/// A one-way command that failed, or whose outcome is unknown.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OneWayFailure {
    /// The command: `KV_SETQ` or `KV_ADDQ`.
    pub command: &'static str,
    /// The command's key.
    pub key: String,
    /// What happened. An answer of the server does not tell which of several unconfirmed commands with this key failed. With
    /// [`Delivery::MaybeSent`](crate::Delivery::MaybeSent) the connection was lost, and there is an item for every
    /// unconfirmed command: what was written since the last [`Client::fence`] may be lost.
    pub error: Error,
}
