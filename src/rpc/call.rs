//! A call in progress, as futures and streams.

use super::core::{Draft, Wait};
use super::deadlines::Term;
use super::engine::Engine;
use super::{Expect, Outgoing, Protocol, Replies};
use crate::codes::AnyCode;
use crate::error::{Delivery, Error};
use crate::policy::Repeat;
use futures_core::Stream;
use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::time::Instant;

/// An encoded command, ready to enter.
pub(super) struct Encoded<P: Protocol> {
    pub(super) seq: u64,
    pub(super) outgoing: Outgoing,
    pub(super) expect: Expect<P::Key>,
}

impl<P: Protocol> Encoded<P> {
    pub(super) fn new(engine: &Engine<P>, command: &P::Command) -> Result<Self, Error> {
        let seq = engine.next_seq();
        // Most commands are short; growing to that in steps would cost more than it saves.
        let mut outgoing = Outgoing { payload: Vec::with_capacity(96), binary: false };
        let expect = engine.protocol.encode(command, seq, &mut outgoing)?;
        let (size, limit) = (outgoing.payload.len(), engine.settings.limits.message_out);
        if size > limit {
            return Err(Error::invalid_request(format!(
                "the command takes {size} bytes, more than the limit of {limit}; send less at once, or raise \
                 `Limits::message_out` if the server takes more"
            )));
        }
        Ok(Self { seq, outgoing, expect })
    }

    /// Refuses a command that has not exactly one reply.
    pub(super) fn with_one_reply(self) -> Result<Self, Error> {
        match self.expect.replies {
            Replies::One | Replies::Exactly(1) => Ok(self),
            _ => Err(Error::invalid_request("the command has not one reply: use `call_many` or `send_one_way`")),
        }
    }

    /// Refuses a command that has no reply, or one only if it fails.
    fn with_replies(self) -> Result<Self, Error> {
        match self.expect.replies {
            Replies::None | Replies::Exactly(0) | Replies::OnlyOnFailure => {
                Err(Error::invalid_request("the command has no replies to wait for: use `send_one_way`"))
            }
            Replies::One | Replies::Exactly(_) | Replies::UntilLast => Ok(self),
        }
    }

    pub(super) fn draft(self, term: Term, wait: Wait) -> Draft<P> {
        let Self { seq, outgoing, expect } = self;
        Draft { seq, outgoing, expect, term, patience: None, backlog: Backlog::Fail, wait, waker: None }
    }
}

/// A slot in the core; giving it up tells the core that nobody waits any more.
struct Ticket<'a, P: Protocol> {
    engine: &'a Engine<P>,
    slot: usize,
    seq: u64,
}

impl<P: Protocol> Drop for Ticket<'_, P> {
    fn drop(&mut self) {
        self.engine.release(self.slot, self.seq);
    }
}

impl<P: Protocol> Engine<P> {
    fn release(&self, slot: usize, seq: u64) {
        let waker = self.core().release(slot, seq);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Sends a command and waits for its one reply.
    pub(super) async fn reply(
        &self,
        encoded: Encoded<P>,
        term: Term,
        wait: Wait,
        now: Instant,
    ) -> Result<P::Reply, Error> {
        let seq = encoded.seq;
        let slot = self.enter(encoded.draft(term, wait), now).await?;
        let ticket = Ticket { engine: self, slot, seq };
        // `enter` has left the waker with the call: it need not be looked at before that is woken.
        let mut entered = true;
        let result = poll_fn(|cx| match std::mem::take(&mut entered) {
            true => Poll::Pending,
            false => self.core().poll_reply(slot, cx),
        })
        .await;
        // The core has freed the slot, unless it keeps it to eat a late reply: no need to release it.
        std::mem::forget(ticket);
        result
    }

    /// Sends a command that has no reply, or one only on failure, and waits until it is written.
    pub(super) async fn written(&self, encoded: Encoded<P>, term: Term) -> Result<(), Error> {
        let seq = encoded.seq;
        let slot = self.enter(encoded.draft(term, Wait::Written), Instant::now()).await?;
        // A one-way command that is written stays in the table when its sender goes.
        let _ticket = Ticket { engine: self, slot, seq };
        poll_fn(|cx| self.core().poll_written(slot, seq, cx)).await
    }
}

/// The replies of one command, in order: a bounded stream.
///
/// It ends after the last reply. An error ends it, too; it holds the status of the last reply seen, if the protocol
/// tells statuses ([`Protocol::status`]). Replies that nobody fetches are kept up to two bounds of
/// [`Limits`](crate::policy::Limits), `replies` and `reply_bytes`; what happens then says [`Backlog`]. Dropping it is
/// cancelling: the replies still to come are eaten.
pub struct ReplyStream<P: Protocol> {
    pub(super) engine: Arc<Engine<P>>,
    /// Keeps the connection.
    pub(super) _client: super::Client<P>,
    slot: usize,
    seq: u64,
    command: Cow<'static, str>,
    started: Instant,
    last: Option<AnyCode>,
    over: bool,
}

impl<P: Protocol> ReplyStream<P> {
    pub(super) async fn open(
        client: super::Client<P>,
        engine: Arc<Engine<P>>,
        command: &P::Command,
        options: &CallOptions,
    ) -> Result<Self, Error> {
        let started = Instant::now();
        let timeout = options.timeout.unwrap_or(engine.settings.timeouts.call);
        let encoded = Encoded::new(&engine, command)?.with_replies()?;
        let seq = encoded.seq;
        let mut draft = encoded.draft(options.term(&engine, started), Wait::Replies);
        draft.patience = Some(timeout);
        draft.backlog = options.backlog;
        let slot = engine.enter(draft, started).await?;
        let command = engine.protocol.command_name(command);
        Ok(Self { engine, _client: client, slot, seq, command, started, last: None, over: false })
    }

    /// Whether the command left the queue: from then on the server may know of it.
    pub fn is_written(&self) -> bool {
        self.over || self.engine.core().is_written(self.slot, self.seq)
    }
}

impl<P: Protocol> Stream for ReplyStream<P> {
    type Item = Result<P::Reply, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.over {
            return Poll::Ready(None);
        }
        let mut reader = None;
        let next = this.engine.core().poll_next(this.slot, cx, &mut reader);
        reader.into_iter().for_each(Waker::wake);
        let next = ready!(next);
        Poll::Ready(match next {
            Some(Ok(reply)) => {
                this.last = this.engine.protocol.status(&reply).or(this.last);
                Some(Ok(reply))
            }
            Some(Err(error)) => {
                this.over = true;
                let error = match this.last {
                    Some(code) if error.delivery() == Delivery::MaybeSent => error.with_any_code(code),
                    _ => error,
                };
                let mut context = this.engine.context();
                context.command = std::mem::take(&mut this.command);
                context.correlation = Some(this.seq);
                context.attempt = 1;
                context.elapsed = this.started.elapsed();
                Some(Err(error.with_context(context)))
            }
            None => {
                this.over = true;
                None
            }
        })
    }
}

// Nothing is pinned in place.
impl<P: Protocol> Unpin for ReplyStream<P> {}

impl<P: Protocol> Drop for ReplyStream<P> {
    fn drop(&mut self) {
        self.engine.release(self.slot, self.seq);
    }
}

/// The connection as the protocol's handshake sees it: its commands go before everybody else's.
pub struct Opening<'a, P: Protocol> {
    engine: &'a Engine<P>,
    deadline: Instant,
}

impl<'a, P: Protocol> Opening<'a, P> {
    pub(crate) fn new(engine: &'a Engine<P>, deadline: Instant) -> Self {
        Self { engine, deadline }
    }

    /// Sends a command that has one reply, and waits for that. It fails with the attempt to connect, or when that runs
    /// out of time.
    pub async fn call(&self, command: &P::Command) -> Result<P::Reply, Error> {
        let encoded = Encoded::new(self.engine, command)?.with_one_reply()?;
        let term = Term { until: Some(self.deadline), elastic: false };
        self.engine.reply(encoded, term, Wait::Handshake, Instant::now()).await
    }
}

/// How one call differs from the client's settings.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// From the call to its result, also if the client's rate limit holds it back meanwhile. `None`:
    /// [`Timeouts::call`](crate::policy::Timeouts), which begins anew when the rate limit lets the call go.
    pub timeout: Option<Duration>,
    /// When to send the command again. `None`: as the client was told.
    pub retry: Option<crate::policy::Retry>,
    /// What happens when the consumer of a stream of replies is slow; without meaning for other calls.
    pub backlog: Backlog,
}

/// What happens when the replies of a stream come faster than they are taken, and as many wait as
/// [`Limits::replies`](crate::policy::Limits) or [`Limits::reply_bytes`](crate::policy::Limits) allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backlog {
    /// The next reply ends the stream with [`Cause::Overflow`](crate::error::Cause), after those that wait. Nobody else
    /// notices.
    #[default]
    Fail,
    /// The connection reads nothing until half of what waits has been taken: the server is slowed down. Replies to
    /// **all other calls, and events, wait as long**, while time limits of other calls go on; neither a ping nor a close of
    /// the server is seen, and its silence is not held against it. Beyond the bounds no more is kept than what had been
    /// read at once.
    HoldReader,
}

impl CallOptions {
    pub(super) fn term<P: Protocol>(&self, engine: &Engine<P>, started: Instant) -> Term {
        let limit = self.timeout.unwrap_or(engine.settings.timeouts.call);
        Term { until: started.checked_add(limit), elastic: self.timeout.is_none() }
    }

    /// Limits the time from the call to its result, queueing and retries included.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Says what happens when the consumer of a stream of replies is slow.
    #[must_use]
    pub fn with_backlog(mut self, backlog: Backlog) -> Self {
        self.backlog = backlog;
        self
    }

    /// Says when to send the command again.
    #[must_use]
    pub fn with_retry(mut self, retry: crate::policy::Retry) -> Self {
        self.retry = Some(retry);
        self
    }
}

/// What a failed attempt leaves behind for the decision to try again.
pub(super) struct Attempt<T> {
    /// `None` if the command could not be encoded.
    pub(super) seq: Option<u64>,
    pub(super) repeat: Repeat,
    pub(super) result: Result<T, Error>,
}
