//! The client and its builder.

use super::protocol::{Fusion, Key};
use super::reply::{self, Body, checked, counted};
use crate::error::Error;
use crate::nemesis::command::Command;
use crate::nemesis::connection::{Connection, Request, Settings};
use crate::nemesis::verb::{KV_CLEAR, KV_COUNT, KV_SERVER_INFO, Verb};
use crate::policy::{ConnectOptions, Retry};
use crate::rpc::State;
use std::future::Future;
use std::time::Duration;
use tokio::sync::watch;

/// The payload limit of the server's configuration, unless it was changed.
const PAYLOAD_LIMIT: usize = 1024;

/// A client of a NemesisDB server of the generation "fusion" (0.2.3).
///
/// Cheap to clone and safe to share between tasks: all clones use one connection, on which up to 64 commands are on the
/// wire. It reconnects by itself. The connection ends when the last clone is dropped, or with [`shutdown`](Self::shutdown).
///
/// All connections share one store. A key has **at least six bytes** of UTF-8; the client refuses shorter ones. A value is
/// anything that serde serializes to JSON. What the server would change silently is refused before sending, with the path
/// to it, as [`nemesis::Kv`](crate::nemesis::Kv) says; members of objects keep their order here. Methods for several keys send
/// a command for each, as the server answers each key by itself: they are not atomic, and may have done a part if they
/// fail.
///
/// Reads, and the writes that have the same effect when they run twice, are
/// [`Repeat::Safe`](crate::policy::Repeat): after a lost connection they may be sent again, as the client's
/// [`Retry`] says. What a write then says about its key is true of its last run.
///
/// # Cancellation
///
/// Dropping the future of a method ends the wait, not the command: once it is on the wire the server carries it out, and
/// the client discards the reply. Other callers are not affected.
///
/// # Errors
///
/// All methods that talk to the server fail with
///
/// - [`Cause::Status`](crate::Cause::Status) if the server answers with an error; the code is an
///   [`ErrorCode`](super::ErrorCode) of this generation, the reply's members are in `body`;
/// - [`Cause::InvalidRequest`](crate::Cause::InvalidRequest) if the command was not sent because its key is too short, it
///   exceeds the payload limit, would end a part of the server, or holds a value that the server would change silently;
/// - [`Cause::Decode`](crate::Cause::Decode) if the reply does not have the expected form;
/// - [`Cause::Protocol`](crate::Cause::Protocol) if the server sent a reply that does not tell which of several waiting
///   commands it answers; the connection is closed then, so that no call gets the reply to another one;
/// - the causes of a lost connection or a timeout; [`Error::delivery`] then tells whether the command may have been
///   carried out.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) connection: Connection<Fusion>,
    pub(super) insists: bool,
}

impl Client {
    /// Connects with the default settings.
    ///
    /// `url` looks like `ws://host:1987`; the server ignores its path and query.
    ///
    /// # Errors
    ///
    /// If the URL is not a WebSocket address, or there is no connection within the limit of
    /// [`Timeouts::connect`](crate::policy::Timeouts).
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::builder(url).connect().await
    }

    /// Prepares a client with other settings.
    pub fn builder(url: &str) -> Builder {
        Builder(Settings::new(url, PAYLOAD_LIMIT))
    }

    /// Asks for the server's version (`KV_SERVER_INFO`). Only servers of this generation answer it.
    pub async fn server_info(&self) -> Result<ServerInfo, Error> {
        let read = |body: Body<'_>| Ok(ServerInfo { version: body.field("version")?, messages: body.field("qryCnt")? });
        self.of_store(KV_SERVER_INFO, read).await
    }

    /// Returns the number of keys (`KV_COUNT`).
    pub async fn count(&self) -> Result<u64, Error> {
        self.of_store(KV_COUNT, counted).await
    }

    /// Removes all keys, those of other clients too, and returns how many there were (`KV_CLEAR`).
    ///
    /// If the connection is lost and the command is sent again, it also removes what was stored in between, and returns
    /// the count of the second run. To forbid that: [`with_retry`](Self::with_retry).
    pub async fn clear(&self) -> Result<u64, Error> {
        self.of_store(KV_CLEAR, counted).await
    }

    /// Waits until every earlier one-way command is known to have succeeded or failed, by reading some of their keys.
    /// Failures arrive through [`one_way_failures`](Self::one_way_failures).
    ///
    /// # Errors
    ///
    /// If a command that confirms the others gets no reply.
    pub async fn fence(&self) -> Result<(), Error> {
        self.connection.fence().await
    }

    /// Returns a client of the same connection whose calls may take this long, from the call to the result, including
    /// queueing, reconnecting and retries. Otherwise it is [`Timeouts::call`](crate::policy::Timeouts). One-way commands and
    /// fences keep their limits.
    #[must_use]
    #[inline]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        Self { connection: self.connection.with_timeout(limit), ..self.clone() }
    }

    /// Returns a client of the same connection with other rules for sending commands again.
    #[must_use]
    #[inline]
    pub fn with_retry(&self, retry: Retry) -> Self {
        Self { connection: self.connection.with_retry(retry), ..self.clone() }
    }

    /// Returns a client of the same connection whose [`append`](Self::append) **does not look at the stored value before**. If
    /// the types do not fit, the server serves no key any more, until it is restarted without its data.
    #[must_use]
    #[inline]
    pub fn insist_on_danger(&self) -> Self {
        Self { insists: true, ..self.clone() }
    }

    /// Returns the state of the connection, to watch.
    pub fn state(&self) -> watch::Receiver<State> {
        self.connection.state()
    }

    /// Ends the connection of all clones: commands on the wire may finish within `limit`; all others, and every later
    /// call, fail with [`Cause::Shutdown`](crate::Cause::Shutdown). Dropping the future does not stop the shutdown.
    pub async fn shutdown(&self, limit: Duration) {
        self.connection.shutdown(limit).await;
    }

    /// Sends a command without a key.
    async fn of_store<T>(&self, verb: Verb, read: impl Fn(Body<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let request = Request::new(self.connection.command(verb).repeatable(), Key::new(verb, None));
        self.call(request, |body| read(checked(body)?)).await
    }

    /// Makes a command for a key. Refuses one that is too short.
    pub(super) fn request(&self, verb: Verb, key: &str, command: Command) -> Request<Key> {
        let command = match short_key(key) {
            Some(refusal) => command.refuse(refusal),
            None => command,
        };
        Request::new(command, Key::new(verb, Some(key)))
    }

    /// Sends a command, unless it is refused, and reads its reply, also one that says an error.
    pub(super) fn call<T>(
        &self,
        request: Request<Key>,
        read: impl Fn(Body<'_>) -> Result<T, Error>,
    ) -> impl Future<Output = Result<T, Error>> {
        self.connection.call(request, move |got, excerpt| read(reply::read(got, excerpt)?))
    }
}

fn short_key(key: &str) -> Option<Error> {
    let shortest = super::protocol::SHORTEST_KEY;
    (key.len() < shortest).then(|| {
        Error::invalid_request(format!(
            "the key {key:?} has {} bytes, and the server takes keys of at least {shortest}: use a longer key",
            key.len()
        ))
    })
}

/// What a server says about itself; the answer to [`Client::server_info`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerInfo {
    /// The server's version, `0.2.3`.
    pub version: String,
    /// The number of messages that it received.
    pub messages: u64,
}

/// Settings of a [`Client`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `connect`"]
pub struct Builder(Settings);

impl Builder {
    /// Sets the largest command that the server accepts, in bytes: the `maxPayload` of its configuration. Larger ones are
    /// refused, since the server closes the connection when it gets one. Default: 1,024.
    pub fn payload_limit(mut self, bytes: usize) -> Self {
        self.0.payload_limit = bytes;
        self
    }

    /// Sets the options of the connection. Default: [`ConnectOptions::default`]. At most 64 one-way commands are
    /// unconfirmed at a time, whatever [`Limits::one_way`](crate::policy::Limits) says.
    pub fn options(mut self, options: ConnectOptions) -> Self {
        self.0.options = options;
        self
    }

    /// Connects. With [`ConnectOptions::with_lazy`] it returns at once and connects in the background: calls wait for it,
    /// within their limits.
    ///
    /// # Errors
    ///
    /// If the URL is not a WebSocket address, if an option is wrong, or if there is no connection within
    /// [`Timeouts::connect`](crate::policy::Timeouts). Dropping the future ends the attempt.
    pub async fn connect(self) -> Result<Client, Error> {
        let protocol = Fusion { payload_limit: self.0.payload_limit };
        Ok(Client { connection: self.0.connect(protocol).await?, insists: false })
    }
}
