//! The rate limit of a client: what it holds back, and until when.

use crate::policy::{RateLimit, TokenBucket};
use std::time::Duration;
use tokio::time::Instant;

/// What a client's rate limit does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Throttle {
    /// The limit.
    pub limit: RateLimit,
    /// Messages that may be written at once.
    pub left: u32,
    /// Calls that wait since the limit holds them back.
    pub waiting: usize,
    /// How long until the first of them may go; `None` if none is held back.
    pub next: Option<Duration>,
    /// Calls that the limit has held back so far, those that still wait among them.
    pub delayed: u64,
}

/// The source of the error of a call that ran out of time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the client's own rate limit of {0} held the command back")]
pub(super) struct HeldBack(pub(super) RateLimit);

/// Calls that the limit holds back and that no trace has told of.
pub(super) struct Delay {
    pub(super) calls: usize,
    pub(super) until: Instant,
}

pub(super) struct Limiter {
    pub(super) limit: RateLimit,
    bucket: TokenBucket,
    /// The default limit of a call: it begins anew when the call is let go.
    patience: Duration,
    /// The queue is held back until then.
    until: Option<Instant>,
    /// When it was held back last.
    held: Option<Instant>,
    delayed: u64,
    untold: usize,
}

impl Limiter {
    pub(super) fn new(limit: RateLimit, patience: Duration) -> Self {
        let bucket = TokenBucket::new(limit);
        Self { limit, bucket, patience, until: None, held: None, delayed: 0, untold: 0 }
    }

    /// Whether a message may be written; if not, the queue is held back until one may.
    pub(super) fn lets_go(&mut self, now: Instant) -> bool {
        let next = Instant::from_std(self.bucket.next(now.into_std()));
        if next > now {
            self.until = Some(next);
        }
        next <= now
    }

    /// A message is written.
    pub(super) fn pay(&mut self, now: Instant) {
        self.bucket.take_anyway(now.into_std());
    }

    /// When one more message may be written; it is paid for.
    pub(super) fn reserve(&mut self, now: Instant) -> Instant {
        Instant::from_std(self.bucket.reserve(now.into_std()))
    }

    /// Until when the queue is held back.
    pub(super) fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Ends what is over.
    pub(super) fn ease(&mut self, now: Instant) {
        if self.until.is_some_and(|until| until <= now) {
            self.let_go(now);
        }
    }

    /// The queue is not held back any more, or by something else.
    pub(super) fn let_go(&mut self, now: Instant) {
        if self.until.take().is_some() {
            self.held = Some(now);
        }
    }

    /// The new deadline of a call that was held back in its time; `None` if it was not.
    pub(super) fn renewed(&self, deadline: Instant, now: Instant) -> Option<Instant> {
        let held = if self.until.is_some() { now } else { self.held? };
        held.checked_add(self.patience).filter(|renewed| *renewed > deadline)
    }

    /// Another call has to wait.
    pub(super) fn count(&mut self) {
        self.delayed += 1;
        self.untold += 1;
    }

    /// What is to be told since this was asked last.
    pub(super) fn untold(&mut self) -> Option<Delay> {
        let calls = std::mem::take(&mut self.untold);
        self.until.filter(|_| calls > 0).map(|until| Delay { calls, until })
    }

    pub(super) fn throttle(&self, waiting: usize, now: Instant) -> Throttle {
        Throttle {
            limit: self.limit,
            left: self.bucket.left(now.into_std()),
            waiting: if self.until.is_some() { waiting } else { 0 },
            next: self.until.map(|until| until.saturating_duration_since(now)),
            delayed: self.delayed,
        }
    }
}
