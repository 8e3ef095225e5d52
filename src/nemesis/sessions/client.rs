//! The client and its builder.

use super::protocol::{Key, Sessions};
use super::reply::{self, Body, counted};
use super::session::{Created, NewSession, Session, Token};
use crate::codes::nemesis_sessions::ErrorCode;
use crate::error::Error;
use crate::nemesis::command::Command;
use crate::nemesis::connection::{Connection, Request, Settings};
use crate::nemesis::verb::{SH_END_ALL, SH_INFO_ALL, SH_NEW, SH_OPEN, Verb};
use crate::policy::{ConnectOptions, Retry};
use crate::rpc::State;
use std::future::Future;
use std::time::Duration;
use tokio::sync::watch;

/// The payload limit of the server's configuration, unless it was changed.
const PAYLOAD_LIMIT: usize = 4096;

/// A client of a NemesisDB server with sessions (0.3.6).
///
/// Cheap to clone and safe to share between tasks: all clones use one connection, on which up to 64 commands are on the
/// wire. It reconnects by itself; sessions are not bound to a connection. The connection ends when the last clone, and the
/// last [`Session`] made from one, is dropped, or with [`shutdown`](Self::shutdown).
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
///   [`ErrorCode`] of this generation, the reply's members are in `body`, without the token;
/// - [`Cause::InvalidRequest`](crate::Cause::InvalidRequest) if the command was not sent because it exceeds the payload
///   limit, or holds a value that the server would change silently; the text says where;
/// - [`Cause::Decode`](crate::Cause::Decode) if the reply does not have the expected form;
/// - [`Cause::Protocol`](crate::Cause::Protocol) if the server sent a reply that does not tell which of several waiting
///   commands it answers; the connection is closed then, so that no call gets the reply to another one;
/// - the causes of a lost connection or a timeout; [`Error::delivery`] then tells whether the command may have been
///   carried out.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) connection: Connection<Sessions>,
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

    /// Creates a session (`SH_NEW`). If a shared session of the name exists, that one is returned, and
    /// [`Created::existed`] says so; it keeps its expiry. Sessions that are not shared may have the same name.
    ///
    /// It is never sent twice: if the connection is lost before the reply, the session may exist.
    ///
    /// A server forgets a shared session that expired and was deleted only in part: it deletes a new one of the same name
    /// within five seconds (observed), each time until it is restarted (source). Choose another name, or look with
    /// [`Session::info`].
    ///
    /// # Errors
    ///
    /// See [`Client`]. An empty name is refused, and an expiry after no time or after more than 285 years.
    pub async fn create(&self, new: impl Into<NewSession>) -> Result<Created, Error> {
        let new = new.into();
        let request = Request::new(new.command(self.command(SH_NEW)), Key::new(SH_NEW, None));
        let read = |body: Body<'_>| {
            if body.field::<String>("name")? != new.name {
                return Err(body.unreadable(body.path() + ".name", "this session was not asked for"));
            }
            Ok((reply::token(&body)?, body.status == ErrorCode::SessionNewFail))
        };
        let (token, existed) = self.call(request, read).await?;
        Ok(Created { session: self.session(token), existed })
    }

    /// Finds a shared session by its name (`SH_OPEN`).
    ///
    /// # Errors
    ///
    /// See [`Client`]. [`SessionOpenFail`](ErrorCode::SessionOpenFail) if no shared session has this name.
    pub async fn open(&self, name: &str) -> Result<Session, Error> {
        let command = super::session::named(self.command(SH_OPEN), name).repeatable();
        let token = self.call(Request::new(command, Key::new(SH_OPEN, None)), |body| reply::token(&body)).await?;
        Ok(self.session(token))
    }

    /// Returns a handle for a session whose token is known. Nothing is sent: use [`Session::info`] to find out whether it
    /// exists.
    #[inline]
    pub fn session(&self, token: impl Into<Token>) -> Session {
        Session { client: self.clone(), token: token.into() }
    }

    /// Counts the sessions of all clients and their keys (`SH_INFO_ALL`).
    pub async fn totals(&self) -> Result<Totals, Error> {
        let request = Request::new(self.command(SH_INFO_ALL).repeatable(), Key::new(SH_INFO_ALL, None));
        let read =
            |body: Body<'_>| Ok(Totals { sessions: body.field("totalSessions")?, keys: body.field("totalKeys")? });
        self.call(request, read).await
    }

    /// Ends all sessions, **those of other clients too**, and returns how many there were (`SH_END_ALL`).
    pub async fn end_all(&self) -> Result<u64, Error> {
        self.call(Request::new(self.command(SH_END_ALL), Key::new(SH_END_ALL, None)), counted).await
    }

    /// Waits until every earlier one-way command of all sessions is known to have succeeded or failed. Failures arrive
    /// through [`one_way_failures`](Self::one_way_failures).
    ///
    /// # Errors
    ///
    /// If a command that confirms the others gets no reply.
    pub async fn fence(&self) -> Result<(), Error> {
        self.connection.fence().await
    }

    /// Returns a client of the same connection whose calls may take this long, from the call to the result, including
    /// queueing, reconnecting and retries. Otherwise it is [`Timeouts::call`](crate::policy::Timeouts), and
    /// [`Builder::save_timeout`] for saves and loads. One-way commands and fences keep their limits.
    #[must_use]
    #[inline]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        Self { connection: self.connection.with_timeout(limit) }
    }

    /// Returns a client of the same connection with other rules for sending commands again.
    #[must_use]
    #[inline]
    pub fn with_retry(&self, retry: Retry) -> Self {
        Self { connection: self.connection.with_retry(retry) }
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

    /// Begins a command.
    pub(super) fn command(&self, verb: Verb) -> Command {
        self.connection.command(verb)
    }

    /// Sends a command, unless it is refused, and reads its reply.
    pub(super) fn call<T>(
        &self,
        request: Request<Key>,
        read: impl Fn(Body<'_>) -> Result<T, Error>,
    ) -> impl Future<Output = Result<T, Error>> {
        let token = request.key.token;
        self.connection.call(request, move |got, excerpt| read(reply::open(got, excerpt, token)?))
    }
}

/// How many sessions and keys there are; the answer to [`Client::totals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Sessions of all clients.
    pub sessions: u64,
    /// Keys in all sessions.
    pub keys: u64,
}

/// Settings of a [`Client`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `connect`"]
pub struct Builder(Settings);

impl Builder {
    /// Sets the largest command that the server accepts, in bytes: the `maxPayload` of its configuration. Larger ones are
    /// refused, since the server closes the connection when it gets one. Default: 4,096; some servers are configured to
    /// 1,024.
    pub fn payload_limit(mut self, bytes: usize) -> Self {
        self.0.payload_limit = bytes;
        self
    }

    /// Sets the time limit of a load, and of each step of a save: the server answers nothing else on this connection
    /// meanwhile. Default: 10 minutes.
    pub fn save_timeout(mut self, limit: Duration) -> Self {
        self.0.save_timeout = limit;
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
        Ok(Client { connection: self.0.connect(Sessions).await? })
    }
}
