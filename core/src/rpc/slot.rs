//! One call, from encoding until its replies have arrived and its caller is done.

use super::contained::contained;
use super::deadlines::Term;
use super::expect::Expect;
use super::message::Outgoing;
use super::options::Backlog;
use super::protocol::Protocol;
use crate::error::Error;
use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::task::Waker;
use std::time::Duration;
use tokio::time::Instant;

pub(super) struct Slot<P: Protocol> {
    pub(super) seq: u64,
    /// Kept as long as the command may have to be written again on another connection; empty afterwards.
    pub(super) outgoing: Outgoing,
    pub(super) expect: Expect<P::Key>,
    /// The time limit of the call; of a tombstone, unless replies come in order: when its time is over.
    pub(super) deadline: Option<Instant>,
    /// The deadline is the client's default, see [`Term`].
    pub(super) elastic: bool,
    /// The rate limit held the call back, and it was counted.
    pub(super) delayed: bool,
    /// The call belongs to one connection, like the handshake: it bypasses the queue and ends with the connection.
    pub(super) bound: bool,
    /// The number of the only connection on which the command may be written.
    pub(super) only_on: Option<NonZeroU64>,
    /// The call was written before, on a lost connection whose session was resumed.
    pub(super) resent: bool,
    /// The command waits for replies that no caller wants any more.
    pub(super) tombstone: bool,
    pub(super) stage: Stage,
    pub(super) waiter: Waiter<P>,
}

impl<P: Protocol> Slot<P> {
    pub(super) fn new(seq: u64, outgoing: Outgoing, expect: Expect<P::Key>, term: Term, waiter: Waiter<P>) -> Self {
        let stage = Stage::Queued;
        let Term { until: deadline, elastic } = term;
        Self {
            seq,
            outgoing,
            expect,
            deadline,
            elastic,
            delayed: false,
            bound: false,
            only_on: None,
            resent: false,
            tombstone: false,
            stage,
            waiter,
        }
    }

    /// Ends the wait with an error, unless there is already a result. Returns the caller's waker.
    pub(super) fn fail(&mut self, error: Error) -> Option<Waker> {
        self.outgoing = Outgoing::default();
        self.waiter.fail(error)
    }

    /// Makes it a call whose reply is discarded, however late it comes.
    pub(super) fn unattended(self) -> Self {
        Self { waiter: Waiter::Gone, deadline: None, ..self }
    }

    pub(super) fn term(&self) -> Term {
        Term { until: self.deadline, elastic: self.elastic }
    }
}

/// How far the command got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// In the queue, never written.
    Queued,
    /// Written on a lost connection. It waits for a resumed session, or is queued again because the session was
    /// resumed.
    Held,
    /// In the outbox or already sent; `start` is the position of its first byte.
    Written { start: u64 },
    /// No further reply is expected.
    Over,
}

/// How the caller waits.
pub(super) enum Waiter<P: Protocol> {
    /// A call with one reply.
    One(Option<Waker>),
    /// A call with one reply, and its result.
    Ready(Result<P::Reply, Error>),
    /// A call with several replies. Boxed because few calls are of this kind, and each slot has the size of the largest
    /// variant.
    Stream(Box<Stream<P>>),
    /// A one-way command whose caller waits until it is written.
    OneWay(Option<Waker>),
    /// No caller waits: replies are discarded.
    Gone,
}

pub(super) struct Stream<P: Protocol> {
    /// Replies, each with its size.
    pub(super) buffer: VecDeque<(P::Reply, usize)>,
    /// The sum of their sizes.
    pub(super) bytes: usize,
    pub(super) backlog: Backlog,
    pub(super) waker: Option<Waker>,
    /// Set when no further reply follows.
    pub(super) end: Option<Result<(), Error>>,
    /// The time limit for each further reply.
    pub(super) each: Duration,
    /// It applies to the first reply, too, from the time when the command is written.
    pub(super) from_writing: bool,
}

impl<P: Protocol> Waiter<P> {
    pub(super) fn stream(backlog: Backlog, each: Duration, from_writing: bool) -> Self {
        let buffer = VecDeque::new();
        Self::Stream(Box::new(Stream { buffer, bytes: 0, backlog, waker: None, end: None, each, from_writing }))
    }

    /// Sets the waker of the caller, and returns the one before, if another task waited. Drop it without the lock.
    #[must_use]
    pub(super) fn set_waker(&mut self, waker: &Waker) -> Option<Waker> {
        let place = match self {
            Self::One(place) | Self::OneWay(place) => place,
            Self::Stream(stream) => &mut stream.waker,
            Self::Ready(_) | Self::Gone => return None,
        };
        let known = place.as_ref().is_some_and(|known| known.will_wake(waker));
        if known { None } else { place.replace(waker.clone()) }
    }

    /// Ends the wait with an error, unless there is already a result. Returns the caller's waker.
    pub(super) fn fail(&mut self, error: Error) -> Option<Waker> {
        match self {
            Self::One(waker) | Self::OneWay(waker) => {
                let waker = waker.take();
                *self = Self::Ready(Err(error));
                waker
            }
            Self::Stream(stream) if stream.end.is_none() => {
                stream.end = Some(Err(error));
                stream.waker.take()
            }
            Self::Stream(_) | Self::Ready(_) | Self::Gone => None,
        }
    }

    /// Drops it, each reply by itself: one whose destructor panics must not keep the others.
    pub(super) fn dispose(self) {
        match self {
            Self::Stream(stream) => {
                let Stream { buffer, waker, end, .. } = *stream;
                buffer.into_iter().for_each(|reply| contained(|| drop(reply)));
                contained(|| drop((waker, end)));
            }
            other => contained(|| drop(other)),
        }
    }

    /// Returns whether the caller still waits, so that a deadline applies.
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::One(_) | Self::OneWay(_) => true,
            Self::Stream(stream) => stream.end.is_none(),
            Self::Ready(_) | Self::Gone => false,
        }
    }
}
