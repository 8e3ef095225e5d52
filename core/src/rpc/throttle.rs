//! The rate limit of a client.

use crate::policy::{RateLimit, TokenBucket};
use std::time::Duration;
use tokio::time::Instant;

/// The current state of a client's rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Throttle {
    /// The limit.
    pub limit: RateLimit,
    /// The number of messages that may be sent now.
    pub left: u32,
    /// The number of calls that the limit holds back now.
    pub waiting: usize,
    /// The time until the first of them may be sent; `None` if no call is held back.
    pub next: Option<Duration>,
    /// The number of calls that the limit has held back so far, including the waiting ones.
    pub delayed: u64,
}

/// Held-back calls that were not traced yet.
pub(super) struct Delay {
    pub(super) calls: usize,
    pub(super) until: Instant,
}

pub(super) struct Limiter {
    pub(super) limit: RateLimit,
    bucket: TokenBucket,
    /// The default time limit of a call, which restarts when the call is released.
    call_timeout: Duration,
    /// Until when the queue is held back.
    until: Option<Instant>,
    /// When it was last released.
    held: Option<Instant>,
    delayed: u64,
    untraced: usize,
}

impl Limiter {
    pub(super) fn new(limit: RateLimit, call_timeout: Duration) -> Self {
        let bucket = TokenBucket::new(limit);
        Self { limit, bucket, call_timeout, until: None, held: None, delayed: 0, untraced: 0 }
    }

    /// Returns whether a message may be written that leaves `kept` others. If not, holds back the queue until one may.
    pub(super) fn allows(&mut self, kept: u32, now: Instant) -> bool {
        let next = Instant::from_std(self.bucket.next_keeping(kept, now.into_std()));
        if next > now {
            self.until = Some(next);
        }
        next <= now
    }

    /// Takes a token for a written message.
    pub(super) fn pay(&mut self, now: Instant) {
        self.bucket.take_anyway(now.into_std());
    }

    /// Takes a token that leaves `kept` others, and returns when it may be used.
    pub(super) fn reserve(&mut self, kept: u32, now: Instant) -> Instant {
        Instant::from_std(self.bucket.reserve_keeping(kept, now.into_std()))
    }

    /// Returns until when the queue is held back.
    pub(super) fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Releases the queue if its time has come.
    pub(super) fn release_due(&mut self, now: Instant) {
        if self.until.is_some_and(|until| until <= now) {
            self.release(now);
        }
    }

    /// Releases the queue.
    pub(super) fn release(&mut self, now: Instant) {
        if self.until.take().is_some() {
            self.held = Some(now);
        }
    }

    /// Returns the new deadline of a call; `None` if the call was not held back within its time limit.
    pub(super) fn renewed(&self, deadline: Instant, now: Instant) -> Option<Instant> {
        let held = if self.until.is_some() { now } else { self.held? };
        held.checked_add(self.call_timeout).filter(|renewed| *renewed > deadline)
    }

    /// Counts a held-back call.
    pub(super) fn count(&mut self) {
        self.delayed += 1;
        self.untraced += 1;
    }

    /// Returns the held-back calls since the last call of this function.
    pub(super) fn untraced(&mut self) -> Option<Delay> {
        let calls = std::mem::take(&mut self.untraced);
        self.until.filter(|_| calls > 0).map(|until| Delay { calls, until })
    }

    /// Returns the state of the limit, of which `kept` messages are kept back.
    pub(super) fn throttle(&self, waiting: usize, kept: u32, now: Instant) -> Throttle {
        Throttle {
            limit: self.limit,
            left: self.bucket.left(now.into_std()).saturating_sub(kept),
            waiting: if self.until.is_some() { waiting } else { 0 },
            next: self.until.map(|until| until.saturating_duration_since(now)),
            delayed: self.delayed,
        }
    }
}
