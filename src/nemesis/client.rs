//! The client and its builder.

use super::command::{Command, ReplyBytes};
use super::protocol::{Nemesis, SERVICE};
use super::reply::{Body, Reply};
use super::span::Span;
use super::verb::{SV_INFO, Verb};
use super::within::Within;
use crate::error::{Context, Error, redacted_endpoint};
use crate::policy::{ConnectOptions, Retry};
use crate::rpc::{self, CallOptions, State};
use crate::ws;
use std::fmt;
use std::future::Future;
use std::ops::RangeBounds;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A client of a NemesisDB server of the current generation (0.9).
///
/// Cheap to clone and safe to share between tasks: all clones use one connection, on which commands are pipelined. It
/// reconnects by itself. The connection ends when the last clone is dropped, or with [`shutdown`](Self::shutdown).
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
///   [`ErrorCode`](super::ErrorCode), the reply's members are in `body`;
/// - [`Cause::InvalidRequest`](crate::Cause::InvalidRequest) if the command was not sent because it exceeds the payload
///   limit, would bring the server down, or holds a value that the server would change silently; the text says where;
/// - [`Cause::Decode`](crate::Cause::Decode) if the reply does not have the expected form;
/// - the causes of a lost connection or a timeout; [`Error::delivery`] then tells whether the command may have been
///   carried out.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    calls: Arc<Calls>,
    insists: bool,
}

/// Options of calls. They are shared, since the future of each call refers to them.
#[derive(Clone)]
struct Calls {
    usual: CallOptions,
    /// Of saves and loads.
    blocking: CallOptions,
}

impl Calls {
    fn map(&self, change: impl Fn(CallOptions) -> CallOptions) -> Arc<Self> {
        let Self { usual, blocking } = self.clone();
        Arc::new(Self { usual: change(usual), blocking: change(blocking) })
    }
}

struct Shared {
    ws: rpc::Client<Nemesis>,
    options: Options,
    /// Characters of an excerpt in an error.
    excerpt: usize,
    /// Items of a list that fit in a message, however long they are.
    range_items: u64,
    endpoint: Arc<str>,
}

impl Client {
    /// Connects with the default settings.
    ///
    /// `url` looks like `ws://host:1987`; the server ignores its path and query.
    ///
    /// # Errors
    ///
    /// If the URL is not a WebSocket address, or there is no connection within the limit of [`Timeouts::connect`](crate::policy::Timeouts).
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::builder(url).connect().await
    }

    /// Prepares a client with other settings.
    pub fn builder(url: &str) -> Builder {
        Builder { url: url.to_owned(), options: Options::default(), connect: ConnectOptions::default() }
    }

    /// Asks for the server's version and abilities (`SV_INFO`).
    ///
    /// Only servers of the current generation answer it: good as the first command.
    pub async fn server_info(&self) -> Result<ServerInfo, Error> {
        let read = |body: Body<'_>| {
            Ok(ServerInfo { version: body.field("serverVersion")?, persistence: body.field("persistEnabled")? })
        };
        self.call(self.command(SV_INFO).repeatable(), read).await
    }

    /// Returns a client of the same connection whose calls may take this long, from the call to the result, including
    /// queueing, reconnecting and retries. Otherwise it is
    /// [`Timeouts::call`](crate::policy::Timeouts), and [`Builder::save_timeout`] for saves and loads.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        Self { calls: self.calls.map(|call| call.with_timeout(limit)), ..self.clone() }
    }

    /// Returns a client of the same connection with other rules for sending commands again.
    #[must_use]
    pub fn with_retry(&self, retry: Retry) -> Self {
        Self { calls: self.calls.map(|call| call.with_retry(retry.clone())), ..self.clone() }
    }

    /// Returns a client of the same connection that **sends commands known to bring the server down**, and does not look
    /// at the server's state before commands that may. The data of all clients is in that server's memory. Handles made
    /// from it (arrays, lists) do the same.
    ///
    /// Use it if you know what the server holds and want to save the round trip, or to test a server
    /// ([what it skips](super#what-brings-the-server-down)).
    #[must_use]
    pub fn insist_on_danger(&self) -> Self {
        Self { insists: true, ..self.clone() }
    }

    /// Returns the state of the connection, to watch.
    pub fn state(&self) -> watch::Receiver<State> {
        self.shared.ws.state()
    }

    /// Ends the connection of all clones: commands on the wire may finish within `limit`; all others, and every later
    /// call, fail with [`Cause::Shutdown`](crate::Cause::Shutdown). Dropping the future does not stop the shutdown.
    pub async fn shutdown(&self, limit: Duration) {
        self.shared.ws.shutdown(limit).await;
    }

    /// Returns whether dangerous requests are sent as they are.
    pub(super) fn insists(&self) -> bool {
        self.insists
    }

    /// Returns whether the server's state is to be looked at before this command.
    pub(super) fn looks_before(&self, command: &Command) -> bool {
        !self.insists && !command.is_refused()
    }

    pub(super) fn options(&self) -> &Options {
        &self.shared.options
    }

    /// Returns what is known of the server's maximum response size for lists.
    pub(super) fn within(&self) -> &Within {
        &self.shared.ws.protocol().within
    }

    /// Returns how many items of a list fit in a message, however long they are.
    pub(super) fn range_items(&self) -> u64 {
        self.shared.range_items
    }

    /// Begins a command.
    pub(super) fn command(&self, verb: Verb) -> Command {
        Command::new(verb, self.shared.options.payload_limit)
    }

    /// Reads a range of positions for a command. Refuses one that runs backwards, unless the client insists.
    pub(super) fn span(&self, verb: Verb, range: impl RangeBounds<u64>) -> Result<Span, Error> {
        let span = Span::new(range);
        if self.insists {
            return Ok(span);
        }
        let context = || Context::new(SERVICE).with_endpoint(&self.shared.endpoint).with_command(verb.name);
        span.checked().map_err(|error| error.with_context(context()))
    }

    /// Sends a command, unless it is refused, and reads its reply.
    // No `async fn`: its future would hold the command twice.
    pub(super) fn call<T>(
        &self,
        command: Command,
        read: impl Fn(Body<'_>) -> Result<T, Error>,
    ) -> impl Future<Output = Result<T, Error>> {
        let shared = &*self.shared;
        let call = if command.blocks { &self.calls.blocking } else { &self.calls.usual };
        shared.ws.call_with(command.finish(), call, move |reply: Reply| read(reply.open(shared.excerpt)?))
    }
}

/// What a server says about itself; the answer to [`Client::server_info`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerInfo {
    /// The server's version, `0.9`.
    pub version: String,
    /// Whether it can save (`persist.enabled` in its configuration). It can always load.
    pub persistence: bool,
}

/// Settings of a client, besides those of its connection.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) payload_limit: usize,
    value_bytes: Option<usize>,
    save_timeout: Duration,
    pub(super) unsavable_keys: bool,
    pub(super) any_save_name: bool,
}

impl Options {
    /// Returns the size of a reply with this many values; without a number it is unknown. `longest` is the longest text of
    /// a value, if its type has one.
    ///
    /// It is not learned: a reply without keys cannot be told from the reply to another command if one between them is lost.
    pub(super) fn reply_bytes(&self, values: Option<usize>, longest: Option<usize>) -> ReplyBytes {
        let Some(values) = values else { return ReplyBytes::UNKNOWN };
        // What a reply has besides its values is far below the window.
        let longest = longest.or(self.value_bytes).unwrap_or(PAYLOAD_LIMIT);
        ReplyBytes::AtMost(longest.saturating_mul(values))
    }

    /// Returns the size of a reply that has a key next to each of its values.
    pub(super) fn keyed_reply_bytes(&self, values: usize) -> ReplyBytes {
        match self.value_bytes {
            Some(longest) => ReplyBytes::AtMost(longest.saturating_mul(values)),
            None => ReplyBytes::About(PAYLOAD_LIMIT.saturating_mul(values)),
        }
    }
}

/// The payload limit of the server's shipped configuration, which is also the highest that it can have.
const PAYLOAD_LIMIT: usize = 32 * 1024;

impl Default for Options {
    fn default() -> Self {
        Self {
            payload_limit: PAYLOAD_LIMIT,
            value_bytes: None,
            save_timeout: Duration::from_secs(600),
            unsavable_keys: false,
            any_save_name: false,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.shared.endpoint)
            .field("state", &*self.state().borrow())
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Client`].
#[derive(Clone)]
#[must_use = "nothing happens before `connect`"]
pub struct Builder {
    url: String,
    options: Options,
    connect: ConnectOptions,
}

impl Builder {
    /// Sets the largest command that the server accepts, in bytes: the `maxPayload` of its configuration. Larger ones are
    /// refused, since the server closes the connection when it gets one. Default: 32,768, the highest that a server can
    /// be configured to.
    pub fn payload_limit(mut self, bytes: usize) -> Self {
        self.options.payload_limit = bytes;
        self
    }

    /// Sets the size of the largest stored value, with its key, in bytes. A server silently drops replies if more than 128
    /// KiB wait to be read, so the client expects at most 64 KiB of replies at a time, and counts this size for each value
    /// asked for: with 1,024, reads are pipelined 64 deep; with 32,768, two at a time.
    ///
    /// Default: 32,768 for items of arrays and lists, whose replies have no keys, and for key-values the client learns the
    /// size. The first two reads are sent for values as long as the longest command. Each small reply allows twice as many,
    /// up to 64, and a large one allows fewer, for at least the next 512 replies and at most twice as many. So replies can
    /// only be lost if up to 64 values, on the wire at once, are all much larger than those of the last 512 replies, and the
    /// program does not let the client read meanwhile (it blocks the runtime) until the buffers of both operating systems
    /// are full. Set the size to rule that out.
    ///
    /// If the size that is set is too low, a slow reader may lose replies. The client notices that when a reply with another
    /// name or key comes instead, but not always: be generous. The server spells some values longer than they were stored,
    /// such as `1e5` (`100000.0`).
    pub fn value_bytes(mut self, bytes: usize) -> Self {
        self.options.value_bytes = Some(bytes);
        self
    }

    /// Sets the time limit of a save or a load, from the call to its result: the server does nothing else meanwhile.
    /// Default: 10 minutes.
    pub fn save_timeout(mut self, limit: Duration) -> Self {
        self.options.save_timeout = limit;
        self
    }

    /// Allows keys with quotation marks, backslashes and control characters. A save that contains one cannot be loaded
    /// again (observed on a running server 0.9), so by default they cannot be set. They can always be read and removed.
    pub fn allow_unsavable_keys(mut self, allow: bool) -> Self {
        self.options.unsavable_keys = allow;
        self
    }

    /// Allows any name for a save. The server uses it as a path below its save directory without checking it: `../x`
    /// leaves that directory. By default names consist of letters, digits, `.`, `_` and `-`.
    pub fn allow_any_save_name(mut self, allow: bool) -> Self {
        self.options.any_save_name = allow;
        self
    }

    /// Sets the options of the connection. Default: [`ConnectOptions::default`].
    pub fn options(mut self, options: ConnectOptions) -> Self {
        self.connect = options;
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
        let (excerpt, message) = (self.connect.limits().excerpt, self.connect.limits().message_in);
        let endpoint = redacted_endpoint(&self.url).into();
        let ws = ws::Builder::new(self.url, Nemesis::default()).options(self.connect).connect().await?;
        let range_items = (message / PAYLOAD_LIMIT / 2).max(1) as u64;
        let shared = Shared { ws, options: self.options, excerpt, range_items, endpoint };
        let (usual, blocking) =
            (CallOptions::default(), CallOptions::default().with_timeout(shared.options.save_timeout));
        Ok(Client { shared: Arc::new(shared), calls: Arc::new(Calls { usual, blocking }), insists: false })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, options, connect } = self;
        f.debug_struct("Builder")
            .field("url", &redacted_endpoint(url))
            .field("options", options)
            .field("connect", connect)
            .finish()
    }
}
