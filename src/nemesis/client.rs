//! The client and its builder.

use super::SERVICE;
use super::array::{self, Array, Family, IntArray, ObjectArray, SortedInts, SortedStrings, StringArray};
use super::command::Command;
use super::kv::Kv;
use super::list::List;
use super::options::Options;
use super::protocol::Nemesis;
use super::raw::RawReply;
use super::reply::{Body, done};
use super::server::ServerInfo;
use super::verb::{OLST_DELETE_ALL, SV_INFO};
use crate::error::{Context, Error, redacted_endpoint};
use crate::policy::{ConnectOptions, Retry};
use crate::rpc::{self, CallOptions, State};
use crate::ws;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A client of a NemesisDB server of the current generation (0.9).
///
/// Cheap to clone and safe to share between tasks: all clones use one connection, on which commands are pipelined. It
/// connects again by itself when the connection is lost. The connection ends when the last clone is dropped, or with
/// [`shutdown`](Self::shutdown).
///
/// # Cancellation
///
/// Dropping the future of any method gives up the wait, not the command: once it is on the wire the server carries it
/// out, and its reply is thrown away. Other callers do not notice.
///
/// # Errors
///
/// All methods that talk to the server fail with
///
/// - [`Cause::Status`](crate::Cause::Status) if the server answers with an error; the code is an
///   [`ErrorCode`](super::ErrorCode), the reply's members are in `body`;
/// - [`Cause::InvalidRequest`](crate::Cause::InvalidRequest) if the command was not sent because the server would punish it (a
///   command above the payload limit) or change a value silently; the text leads to the place;
/// - [`Cause::Decode`](crate::Cause::Decode) if the reply does not have the expected form;
/// - the causes of a lost connection and of time run out; [`Error::delivery`] then tells whether the command may
///   have been carried out.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    call: CallOptions,
    insists: bool,
}

struct Shared {
    ws: rpc::Client<Nemesis>,
    options: Options,
    /// Characters of an excerpt in an error.
    excerpt: usize,
    endpoint: Arc<str>,
}

impl Client {
    /// Connects with the default settings.
    ///
    /// `url` looks like `ws://host:1987`; path and query are allowed and mean nothing to the server.
    ///
    /// # Errors
    ///
    /// If the URL is no WebSocket address, or there is no connection within the limit of [`Timeouts::connect`](crate::policy::Timeouts).
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::builder(url).connect().await
    }

    /// Prepares a client with settings of its own.
    pub fn builder(url: &str) -> Builder {
        Builder { url: url.to_owned(), options: Options::default(), connect: ConnectOptions::default() }
    }

    /// The key-value commands.
    pub fn kv(&self) -> Kv {
        Kv::new(self.clone())
    }

    /// An array of objects, each anything that serde makes a JSON object of.
    pub fn object_array<T: Serialize + DeserializeOwned>(&self, name: &str) -> ObjectArray<T> {
        Array::new(self.clone(), name)
    }

    /// An array of integers.
    pub fn int_array(&self, name: &str) -> IntArray {
        Array::new(self.clone(), name)
    }

    /// An array of strings.
    pub fn string_array(&self, name: &str) -> StringArray {
        Array::new(self.clone(), name)
    }

    /// An array of integers that the server keeps in ascending order.
    pub fn sorted_ints(&self, name: &str) -> SortedInts {
        Array::new(self.clone(), name)
    }

    /// An array of strings that the server keeps in the order of their bytes.
    pub fn sorted_strings(&self, name: &str) -> SortedStrings {
        Array::new(self.clone(), name)
    }

    /// Removes **all** arrays of a family, those of other clients too: `delete_all_arrays::<Integers>()`. Arrays of
    /// objects go whatever their type: `Objects<()>` names them.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn delete_all_arrays<F: Family>(&self) -> Result<(), Error> {
        array::delete_all::<F>(self).await
    }

    /// A list of objects, each anything that serde makes a JSON object of.
    pub fn list<T: Serialize + DeserializeOwned>(&self, name: &str) -> List<T> {
        List::new(self.clone(), name)
    }

    /// Removes **all** lists, those of other clients too (`OLST_DELETE_ALL`).
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn delete_all_lists(&self) -> Result<(), Error> {
        self.call(OLST_DELETE_ALL.name, Ok(Command::bare(OLST_DELETE_ALL).repeatable()), done).await
    }

    /// Asks the server what it is (`SV_INFO`).
    ///
    /// Answered at once, and by servers of the current generation only: also good as a first question.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn server_info(&self) -> Result<ServerInfo, Error> {
        let command = Command::bare(SV_INFO).repeatable();
        self.call(SV_INFO.name, Ok(command), |body| ServerInfo::read(&body)).await
    }

    /// Sends a command that has no method here, as JSON text: one object with one member, `{"OARR_LEN":{"name":"a"}}`.
    ///
    /// The text is checked as values are, and against the payload limit. Commands that bring the server down whatever
    /// it holds are refused; those that do so depending on what it holds are not, unlike with the methods
    /// ([which](super#what-brings-the-server-down)), and keys that spoil saves are not looked for. Since its reply may
    /// have any size, it waits until nothing else is on the wire, and others wait for it: for the typed commands use
    /// their methods. It is never sent twice.
    ///
    /// # Errors
    ///
    /// See [`Client`]; a status that is an error in the table is one here, too: that of `OARR_EXIST` for a name which
    /// does not exist, for example.
    pub async fn raw(&self, json: &str) -> Result<RawReply, Error> {
        let command = Command::raw(&self.shared.options, json, self.insists);
        self.call("raw", command, |body| Ok(RawReply::read(&body))).await
    }

    /// A client of the same connection whose calls may take so long, from the call to the result, with waiting,
    /// reconnecting and retries. Otherwise it is [`Timeouts::call`](crate::policy::Timeouts), and [`Builder::save_timeout`] for saves and loads.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        Self { call: self.call.clone().with_timeout(limit), ..self.clone() }
    }

    /// A client of the same connection whose commands are sent again by other rules.
    #[must_use]
    pub fn with_retry(&self, retry: Retry) -> Self {
        Self { call: self.call.clone().with_retry(retry), ..self.clone() }
    }

    /// A client of the same connection that **sends commands known to bring the server down**, and takes no look before
    /// commands that may: all data of all clients is in that server's memory. Handles made from it (arrays, lists) do
    /// the same.
    ///
    /// It is for those who know what the server holds and want to save the look, or who test a server
    /// ([what it skips](super#what-brings-the-server-down)).
    #[must_use]
    pub fn insist_on_danger(&self) -> Self {
        Self { insists: true, ..self.clone() }
    }

    /// What the connection is doing, for those who watch.
    pub fn state(&self) -> watch::Receiver<State> {
        self.shared.ws.state()
    }

    /// Ends the connection of all clones: what is on the wire may finish within `limit`, everything else fails with
    /// [`Cause::Shutdown`](crate::Cause::Shutdown), and so does every later call. Dropping the future leaves the
    /// shutdown going on.
    pub async fn shutdown(&self, limit: Duration) {
        self.shared.ws.shutdown(limit).await;
    }

    /// Whether dangerous requests are sent as they are.
    pub(super) fn insists(&self) -> bool {
        self.insists
    }

    /// Says of a refusal which command it was.
    pub(super) fn in_context(&self, name: &'static str, error: Error) -> Error {
        error.with_context(Context::new(SERVICE).with_endpoint(&self.shared.endpoint).with_command(name))
    }

    pub(super) fn options(&self) -> &Options {
        &self.shared.options
    }

    /// Sends a command, unless it was refused, and reads its reply.
    pub(super) async fn call<T>(
        &self,
        name: &'static str,
        command: Result<Command, Error>,
        read: impl Fn(Body<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let shared = &*self.shared;
        let command = command.map_err(|error| self.in_context(name, error))?;
        let mut call = self.call.clone();
        if command.blocks {
            call.timeout.get_or_insert(shared.options.save_timeout);
        }
        shared.ws.call_with(command, &call, |reply| read(reply.open(shared.excerpt)?)).await
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
    /// The largest command that the server accepts, in bytes: the `maxPayload` of its configuration. Larger ones are
    /// refused here, since the server closes the connection over them. Default: 32,768, which is also the highest that
    /// a server can be configured to.
    pub fn payload_limit(mut self, bytes: usize) -> Self {
        self.options.payload_limit = bytes;
        self
    }

    /// The largest value that is stored, with its key, in bytes. A server drops replies without a word if more than 128
    /// KiB wait to be read, so at most 64 KiB of replies are expected at any time, counted as so much for each key
    /// asked for. Lower it when values are known to be small: with 1,024, reads are pipelined 64 deep; with the
    /// default, which is the payload limit's (32,768), two at a time.
    ///
    /// Set too low, a slow reader may lose replies. They are missed when a reply with another name or key comes in
    /// place of one, but not always: be generous.
    pub fn value_bytes(mut self, bytes: usize) -> Self {
        self.options.value_bytes = bytes;
        self
    }

    /// The limit of a save or a load, from the call to its result: the server does nothing else meanwhile. Default:
    /// 10 minutes.
    pub fn save_timeout(mut self, limit: Duration) -> Self {
        self.options.save_timeout = limit;
        self
    }

    /// Allows keys with quotation marks, backslashes and control characters. A save that contains one cannot be loaded
    /// again (observed on a running server 0.9), so by default they cannot be set. Reading and removing them is always
    /// possible.
    pub fn allow_unsavable_keys(mut self, allow: bool) -> Self {
        self.options.unsavable_keys = allow;
        self
    }

    /// Allows any name for a save. The server uses it as a path below its save directory without looking at it: `../x`
    /// leaves that directory. By default names are made of letters, digits, `.`, `_` and `-`.
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
        let excerpt = self.connect.limits().excerpt;
        let endpoint = redacted_endpoint(&self.url).into();
        let ws = ws::Builder::new(self.url, Nemesis).options(self.connect).connect().await?;
        let shared = Shared { ws, options: self.options, excerpt, endpoint };
        Ok(Client { shared: Arc::new(shared), call: CallOptions::default(), insists: false })
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
