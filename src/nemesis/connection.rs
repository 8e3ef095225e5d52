//! What the clients of the older generations have in common: their connection, and how they send commands.

use super::command::{Command, ReplyBytes};
use super::reply::Reply;
use super::verb::Verb;
use crate::error::{Cause, Context, Delivery, Error, Phase, redacted_endpoint};
use crate::policy::{ConnectOptions, Retry};
use crate::rpc::{
    CallOptions, Client, Expect, OneWayFailure, Outgoing, Protocol, Pushed, Replies, ReplyStream, State, StreamOptions,
};
use crate::ws::{self, Upgrade};
use futures_core::Stream;
use futures_util::StreamExt;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, watch};
use tokio::time::timeout;

/// One-way commands that may be unconfirmed: then a fence is sent.
const ONE_WAY: usize = 64;

/// A command with what identifies its replies.
pub(super) struct Request<K> {
    pub(super) command: Command,
    pub(super) key: K,
    pub(super) replies: Replies,
}

impl<K: Clone> Request<K> {
    /// A command with one reply.
    pub(super) fn new(command: Command, key: K) -> Self {
        Self { command: command.finish(), key, replies: Replies::One }
    }

    /// The command has no reply if it succeeds.
    pub(super) fn one_way(mut self) -> Self {
        self.replies = Replies::OnlyOnFailure;
        self
    }

    /// Writes the command, as [`Protocol::encode`] demands.
    pub(super) fn encode(&self, out: &mut Outgoing) -> Result<Expect<K>, Error> {
        out.payload.extend_from_slice(self.command.encoded()?);
        let expect = Expect::one(self.key.clone()).replies(self.replies).repeat(self.command.repeat);
        let expect = match self.command.reply_bytes {
            ReplyBytes::AtMost(bytes) => expect.reply_bytes(bytes),
            ReplyBytes::About(bytes) => expect.estimated_reply_bytes(bytes),
        };
        Ok(if self.command.blocks { expect.reply_timeout(Duration::MAX) } else { expect })
    }
}

/// A connection to a server, with options of calls.
pub(super) struct Connection<P: Protocol> {
    shared: Arc<Shared<P>>,
    calls: Arc<CallOptions>,
}

struct Shared<P: Protocol> {
    rpc: Client<P>,
    payload_limit: usize,
    save_timeout: Duration,
    /// Of one-way commands.
    call_timeout: Duration,
    /// Characters of an excerpt in an error.
    excerpt: usize,
    endpoint: Arc<str>,
    /// Held while a one-way command is sent: several at once would exceed the number of unconfirmed ones.
    one_way: Mutex<()>,
}

impl<P: Protocol> Clone for Connection<P> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), calls: Arc::clone(&self.calls) }
    }
}

/// Settings of a connection.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) url: String,
    pub(super) payload_limit: usize,
    pub(super) save_timeout: Duration,
    pub(super) options: ConnectOptions,
}

impl Settings {
    pub(super) fn new(url: &str, payload_limit: usize) -> Self {
        let save_timeout = Duration::from_secs(600);
        Self { url: url.to_owned(), payload_limit, save_timeout, options: ConnectOptions::default() }
    }

    pub(super) async fn connect<P>(self, protocol: P) -> Result<Connection<P>, Error>
    where
        P: Upgrade + Protocol<Reply = Reply>,
    {
        let Self { url, payload_limit, save_timeout, options } = self;
        let limits = options.limits().clone();
        let (excerpt, one_way) = (limits.excerpt, limits.one_way.clamp(1, ONE_WAY));
        let endpoint = redacted_endpoint(&url).into();
        let call_timeout = options.timeouts().call;
        let options = options.with_limits(limits.with_one_way(one_way));
        let rpc = ws::Builder::new(url, protocol).options(options).connect().await?;
        let one_way = Mutex::default();
        let shared = Shared { rpc, payload_limit, save_timeout, call_timeout, excerpt, endpoint, one_way };
        Ok(Connection { shared: Arc::new(shared), calls: Arc::default() })
    }
}

impl<P, K: Clone + Send + Sync + 'static> Connection<P>
where
    P: Protocol<Command = Request<K>, Reply = Reply, Key = K>,
{
    /// Begins a command.
    pub(super) fn command(&self, verb: Verb) -> Command {
        Command::new(verb, self.shared.payload_limit)
    }

    pub(super) fn payload_limit(&self) -> usize {
        self.shared.payload_limit
    }

    pub(super) fn excerpt(&self) -> usize {
        self.shared.excerpt
    }

    /// Returns the context of an error that arises after the reply.
    pub(super) fn context(&self, command: &'static str) -> Context {
        let service = self.shared.rpc.protocol().service();
        Context::new(service).with_endpoint(&self.shared.endpoint).with_command(command)
    }

    /// Sends a command, unless it is refused, and reads its reply. `read` also gets the length of excerpts.
    // No `async fn`: its future would hold the command twice.
    pub(super) fn call<T>(
        &self,
        request: Request<K>,
        read: impl Fn(&Reply, usize) -> Result<T, Error>,
    ) -> impl Future<Output = Result<T, Error>> {
        let limited = request.command.blocks && self.calls.timeout.is_none();
        let blocking = limited.then(|| (*self.calls).clone().with_timeout(self.shared.save_timeout));
        async move {
            let options = blocking.as_ref().unwrap_or(&self.calls);
            let excerpt = self.shared.excerpt;
            self.shared.rpc.call_with(request, options, move |reply: Reply| read(&reply, excerpt)).await
        }
    }

    /// Sends a command with several replies.
    pub(super) async fn stream(&self, request: Request<K>) -> Result<ReplyStream<P>, Error> {
        let limit = self.calls.timeout.unwrap_or(self.shared.save_timeout);
        self.shared.rpc.call_many(&request, &StreamOptions::default().with_timeout(limit)).await
    }

    /// Sends a one-way command, and waits until it is written.
    pub(super) async fn send(&self, request: Request<K>) -> Result<(), Error> {
        let Shared { rpc, one_way, call_timeout, .. } = &*self.shared;
        let sent = async {
            let _turn = one_way.lock().await;
            rpc.send_one_way(&request).await.map(drop)
        };
        // Others may have their turn for as long. Other executors have no timer.
        if Handle::try_current().is_err() {
            return sent.await;
        }
        timeout(*call_timeout, sent).await.unwrap_or_else(|_| {
            // A command that is not written is withdrawn when its future is dropped.
            let late = Error::new(Cause::Timeout(Phase::Queue), Delivery::NotSent);
            Err(late.with_context(self.context(request.command.name)))
        })
    }

    pub(super) async fn fence(&self) -> Result<(), Error> {
        self.shared.rpc.fence().await
    }

    /// Returns what `read` makes of the failures of one-way commands.
    pub(super) fn one_way_failures<T: Send, R>(&self, read: R) -> impl Stream<Item = Pushed<T>> + Send + use<P, K, T, R>
    where
        R: Fn(&OneWayFailure<P>) -> T + Send,
    {
        self.shared.rpc.one_way_failures().into_stream().filter_map(move |pushed| {
            let mapped = if let Pushed::Missed(count) = pushed {
                Some(Pushed::Missed(count))
            } else if let Pushed::Event(failure) = pushed {
                Some(Pushed::Event(read(&failure)))
            } else {
                None
            };
            std::future::ready(mapped)
        })
    }

    pub(super) fn with_timeout(&self, limit: Duration) -> Self {
        self.with(|calls| calls.with_timeout(limit))
    }

    pub(super) fn with_retry(&self, retry: Retry) -> Self {
        self.with(|calls| calls.with_retry(retry))
    }

    fn with(&self, change: impl FnOnce(CallOptions) -> CallOptions) -> Self {
        Self { shared: Arc::clone(&self.shared), calls: Arc::new(change((*self.calls).clone())) }
    }

    pub(super) fn state(&self) -> watch::Receiver<State> {
        self.shared.rpc.state()
    }

    pub(super) async fn shutdown(&self, limit: Duration) {
        self.shared.rpc.shutdown(limit).await;
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("url", &redacted_endpoint(&self.url))
            .field("payload_limit", &self.payload_limit)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<P: Protocol> fmt::Debug for Connection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.shared.endpoint)
            .field("state", &*self.shared.rpc.state().borrow())
            .finish_non_exhaustive()
    }
}
