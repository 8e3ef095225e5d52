//! The handle that callers hold.

use super::core::OneWayFailure;
use super::engine::{Engine, Handle};
use super::events::Events;
use super::expect::{Repeat, Replies};
use super::fallback::has_timer;
use super::options::{CallOptions, StreamOptions};
use super::protocol::Protocol;
use super::slot::Waiter;
use super::state::State;
use super::stream::ReplyStream;
use super::throttle::Throttle;
use crate::error::{Cause, Delivery, Error, ProtocolViolation};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// A connection to a service. Clones share it; it is cheap to clone and safe to use from many tasks.
///
/// A background task owns the socket, reconnects after a loss, and delivers replies to their callers. It ends with
/// [`shutdown`](Self::shutdown), with a close that allows no reconnect, or when the last clone is dropped.
///
/// A client may be used in any tokio runtime that has time enabled. Its task runs in the one in which it connected: when
/// that runtime is shut down, the client ends. While it is blocked or not driven, calls from other runtimes end within a
/// quarter of a second after their time limits, with [`Phase::Runtime`](crate::error::Phase::Runtime). Other executors have
/// no timer: there a time limit needs the client's task, and no call is retried.
///
/// Dropping the future of a call cancels the wait: a command that is not written yet is withdrawn, and the reply to a
/// written command is discarded. Other calls are not affected.
pub struct Client<P: Protocol>(Arc<Handle<P>>);

impl<P: Protocol> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Protocol> fmt::Debug for Client<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &self.protocol().service())
            .field("endpoint", &self.0.engine.settings.endpoint)
            .field("state", &*self.state().borrow())
            .finish_non_exhaustive()
    }
}

impl<P: Protocol> Client<P> {
    pub(crate) fn new(engine: Arc<Engine<P>>) -> Self {
        Self(Arc::new(Handle { engine }))
    }

    fn engine(&self) -> &Engine<P> {
        &self.0.engine
    }

    /// Returns the protocol that was given to the builder.
    pub fn protocol(&self) -> &P {
        &self.engine().protocol
    }

    /// Sends a command with one reply and waits for the reply.
    ///
    /// # Errors
    ///
    /// If no reply arrives; [`Error::delivery`] tells whether the command may have run. The content of the reply is not
    /// checked.
    pub async fn call(&self, command: P::Command) -> Result<P::Reply, Error> {
        self.call_with(command, &CallOptions::default(), Ok).await
    }

    /// Sends a command with one reply, with options, and decodes the reply with `decode` in the caller's task. An error
    /// of `decode` gets its context here and may lead to a retry.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call), and the errors of `decode`.
    pub async fn call_with<T>(
        &self,
        command: P::Command,
        options: &CallOptions,
        decode: impl Fn(P::Reply) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let engine = self.engine();
        let started = Instant::now();
        let mut term = engine.term(options.timeout, started);
        let name = engine.protocol.command_name(&command);
        let span = tracing::debug_span!(
            "command",
            service = engine.protocol.service(),
            command = &*name,
            attempts = tracing::field::Empty,
            code = tracing::field::Empty,
            kind = tracing::field::Empty,
        );
        let retry = options.retry.as_ref().unwrap_or(&engine.settings.retry);
        let mut attempts = 1;
        let mut now = started;
        let mut earlier = Delivery::NotSent;
        loop {
            let (mut seq, mut repeat) = (None, Repeat::Unsafe);
            let encode = || {
                let call = engine.encode(&command, term, Waiter::One(None))?;
                (seq, repeat) = (Some(call.seq), call.expect.repeat);
                Ok(call)
            };
            let result = engine.reply(encode, now).await;
            let mut answered = false;
            let decoded = result.and_then(|reply| {
                answered = true;
                if !span.is_disabled()
                    && let Some(code) = engine.protocol.status(&reply)
                {
                    span.record("code", tracing::field::display(code));
                }
                decode(reply)
            });
            let error = match decoded {
                Ok(value) => {
                    span.record("attempts", attempts);
                    return Ok(value);
                }
                // The decoder may pass on an error of another call.
                Err(error) if answered => error.clone_with_delivery(error.delivery().combined(Delivery::Answered)),
                Err(error) => error,
            };
            term = engine.renewed(term);
            let left = term.until.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()));
            match retry.decide(&error, repeat, attempts, left, rand::random()).filter(|_| has_timer()) {
                Some(delay) => {
                    // An answer that cannot be read leaves the outcome of the attempt unknown.
                    let unknown = error.is_outcome_unknown();
                    earlier = earlier.combined(if unknown { Delivery::MaybeSent } else { error.delivery() });
                    tracing::debug!(parent: &span, %error, ?delay, "trying again");
                    tokio::time::sleep(delay).await;
                    attempts += 1;
                    now = Instant::now();
                }
                None => {
                    span.record("attempts", attempts);
                    if let Some(code) = error.code() {
                        span.record("code", tracing::field::display(code));
                    }
                    span.record("kind", tracing::field::debug(error.kind()));
                    let mut context = engine.context();
                    context.command = name;
                    context.correlation = seq;
                    context.attempt = attempts;
                    context.elapsed = started.elapsed();
                    // The verdict is that of all attempts.
                    let delivery = earlier.combined(error.delivery());
                    return Err(error.clone_with_delivery(delivery).with_context(context));
                }
            }
        }
    }

    /// Sends a command with several replies. The time limit applies to each reply: a subscription that gets no reply for
    /// [`Timeouts::call`](crate::policy::Timeouts) fails, unless [`StreamOptions::with_reply_timeout`] allows more.
    ///
    /// The command is never sent again. Dropping the stream cancels it, see [`ReplyStream`].
    ///
    /// # Errors
    ///
    /// If the command is invalid, or finds no free slot within its time limit. Later errors arrive through the stream.
    pub async fn call_many(&self, command: &P::Command, options: &StreamOptions) -> Result<ReplyStream<P>, Error> {
        let started = Instant::now();
        let stream = ReplyStream::open(Arc::clone(&self.0), command, options, started).await;
        stream.map_err(|error| self.in_context(error, self.protocol().command_name(command), started))
    }

    /// Sends a one-way command, which has no reply or a reply only on failure, and waits until it is written. Returns
    /// its number, by which [`one_way_failures`](Self::one_way_failures) refers to it.
    ///
    /// A command with no reply at all counts as written when the socket has taken it. If
    /// [`Limits::one_way`](crate::policy::Limits) commands are unconfirmed, this sends a [`fence`](Self::fence) first.
    ///
    /// # Errors
    ///
    /// If the command is invalid, or is not written within the time limit. [`Error::delivery`] tells whether a part of it
    /// may have been sent.
    pub async fn send_one_way(&self, command: &P::Command) -> Result<u64, Error> {
        let engine = self.engine();
        let started = Instant::now();
        let result = async {
            let term = engine.term(None, started);
            let call = engine.encode(command, term, Waiter::OneWay(None))?;
            let seq = call.seq;
            if !matches!(call.expect.replies, Replies::OnlyOnFailure | Replies::None | Replies::Exactly(0)) {
                return Err(Error::invalid_request("the command has replies: use `call` or `call_many`"));
            }
            if engine.core().one_way_count() >= engine.settings.limits.one_way {
                self.fence().await.map_err(|error| error.clone_with_delivery(Delivery::NotSent))?;
            }
            engine.written(call).await?;
            Ok(seq)
        };
        result.await.map_err(|error| self.in_context(error, engine.protocol.command_name(command), started))
    }

    /// Waits until every earlier one-way command is known to have succeeded or failed: sends the commands whose answers
    /// confirm it ([`OneWay::fence`](super::OneWay::fence)).
    ///
    /// # Errors
    ///
    /// If a fence fails, or the protocol has none. Failures of the one-way commands are not errors here.
    pub async fn fence(&self) -> Result<(), Error> {
        let engine = self.engine();
        let upto = engine.next_seq();
        loop {
            let oldest = engine.core().oldest_one_way(upto);
            let Some((seq, key)) = oldest else { return Ok(()) };
            let Some(command) = engine.protocol.one_way().and_then(|rules| rules.fence(&key)) else {
                return Err(Error::invalid_request("the protocol has no command that confirms one-way commands"));
            };
            Box::pin(self.call(command)).await?;
            if engine.core().oldest_one_way(upto).is_some_and(|(still, _)| still == seq) {
                let reason = "the fence was answered but does not confirm the one-way command before it";
                return Err(Error::new(Cause::Protocol(ProtocolViolation::new(reason)), Delivery::Answered));
            }
        }
    }

    /// Subscribes to the failures of one-way commands, of all clones of this client.
    pub fn one_way_failures(&self) -> Events<Arc<OneWayFailure<P>>> {
        self.engine().one_way_failures()
    }

    /// Subscribes to the messages that the server pushes.
    pub fn events(&self) -> Events<P::Event> {
        self.engine().subscribe()
    }

    /// Returns the state of the connection, to read or to watch.
    pub fn state(&self) -> watch::Receiver<State> {
        self.engine().state()
    }

    /// Returns the current state of the rate limit; `None` if the client has none.
    pub fn throttle(&self) -> Option<Throttle> {
        self.engine().throttle()
    }

    /// Accepts no further calls, finishes the calls in progress within `limit`, and closes the connection, for all
    /// clones. Calls that are not finished by then fail with [`Cause::Shutdown`]. If a call waits for a lost session to
    /// be resumed, the source of its error is the loss.
    ///
    /// It takes at most `limit`, [`Timeouts::close`](crate::policy::Timeouts) for the closing handshake, and a quarter of
    /// a second, even if the runtime in which the client connected is not running.
    ///
    /// Cancel safe: dropping the future does not stop the shutdown.
    pub async fn shutdown(&self, limit: Duration) {
        let state = self.state();
        self.engine().close_within(limit);
        self.engine().closed(state, limit).await;
    }

    fn in_context(&self, error: Error, command: Cow<'static, str>, started: Instant) -> Error {
        let mut context = self.engine().context();
        context.command = command;
        context.attempt = 1;
        context.elapsed = started.elapsed();
        error.with_context(context)
    }
}
