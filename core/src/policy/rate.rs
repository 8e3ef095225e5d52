//! Rate limits.

use super::setters;
use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

/// At most `actions` in any time span of length `per`, wherever the span begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Actions in any such span; 0 counts as 1.
    pub actions: u32,
    /// The length of the span, at most 30 years.
    pub per: Duration,
}

impl RateLimit {
    /// Allows `actions` in any time span of length `per`.
    pub const fn new(actions: u32, per: Duration) -> Self {
        Self { actions, per }
    }
}

setters!(RateLimit {
    actions = with_actions: u32,
    per = with_per: Duration,
});

/// Writes the limit for people: `60 actions in 60s`.
impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.actions == 1 { "action" } else { "actions" };
        write!(f, "{} {noun} in {:?}", self.actions, self.per)
    }
}

/// The source of the timeout error of a call that the rate limit held back.
#[cfg(any(feature = "http", feature = "rpc"))]
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the client's own rate limit of {0} held the command back")]
pub(crate) struct HeldBack(pub(crate) RateLimit);

/// A bucket with as many tokens as a [`RateLimit`] has actions. Each token returns when `per` has passed since it was
/// taken, so no span of that length, its end excluded, has more actions than allowed. (A bucket that refills steadily
/// allows almost twice as many in the first span.)
///
/// The time is passed in; a time before an earlier one counts as the earlier one. Memory stays below 64 KiB: with more
/// than 1,024 actions, tokens taken within `per / 1024` return together with the last of them. The limit is kept, but
/// slightly underused.
///
/// ```
/// use statuswire::policy::{RateLimit, TokenBucket};
/// use std::time::{Duration, Instant};
///
/// let second = Duration::from_secs(1);
/// let start = Instant::now();
/// let mut bucket = TokenBucket::new(RateLimit::new(2, 60 * second));
/// assert_eq!(bucket.take(start), Ok(()));
/// assert_eq!(bucket.take(start + 20 * second), Ok(()));
/// assert_eq!(bucket.take(start + 59 * second), Err(start + 60 * second));
/// assert_eq!(bucket.take(start + 60 * second), Ok(()));
/// assert_eq!(bucket.take(start + 60 * second), Err(start + 80 * second));
/// ```
#[derive(Clone, Debug)]
pub struct TokenBucket {
    limit: RateLimit,
    /// Taken tokens, in the order in which they were taken. `taken` is their number.
    out: VecDeque<Group>,
    taken: u64,
}

/// Tokens that return together.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: Instant,
    last: Instant,
    tokens: u64,
}

/// The maximum number of groups.
const GROUPS: u32 = 1024;

/// A duration that every clock can add to its time.
const LONGEST: Duration = Duration::from_secs(86_400 * 365 * 30);

impl TokenBucket {
    /// Makes a full bucket.
    pub fn new(limit: RateLimit) -> Self {
        let limit = RateLimit { actions: limit.actions.max(1), per: limit.per.min(LONGEST) };
        Self { limit, out: VecDeque::new(), taken: 0 }
    }

    /// Takes a token, or returns when the next one is available.
    pub fn take(&mut self, now: Instant) -> Result<(), Instant> {
        match self.next(now) {
            at if at <= now => {
                self.hand_out(now);
                Ok(())
            }
            at => Err(at),
        }
    }

    /// Takes a token even from an empty bucket, for actions that must not wait. Later actions wait longer instead.
    pub fn take_anyway(&mut self, now: Instant) {
        self.put_back(now);
        self.hand_out(now);
    }

    fn hand_out(&mut self, now: Instant) {
        self.taken += 1;
        let together = if self.limit.actions > GROUPS { self.limit.per / GROUPS } else { Duration::ZERO };
        let full = self.out.len() > GROUPS as usize;
        match self.out.back_mut() {
            Some(group) if full || now <= group.last || now - group.first < together => {
                group.last = group.last.max(now);
                group.tokens += 1;
            }
            _ => self.out.push_back(Group { first: now, last: now, tokens: 1 }),
        }
    }

    /// Takes the next token and returns when it may be used: `now`, or later if the bucket is empty.
    pub fn reserve(&mut self, now: Instant) -> Instant {
        self.reserve_keeping(0, now)
    }

    /// Takes the next token that leaves `kept` others, and returns when it may be used.
    pub(crate) fn reserve_keeping(&mut self, kept: u32, now: Instant) -> Instant {
        let at = self.next_keeping(kept, now);
        self.hand_out(at);
        at
    }

    /// Returns when the next token is available: `now`, or later.
    pub fn next(&mut self, now: Instant) -> Instant {
        self.next_keeping(0, now)
    }

    /// Returns when a token is available that leaves `kept` others in the bucket: `now`, or later. A bucket keeps at most
    /// all tokens but one.
    pub(crate) fn next_keeping(&mut self, kept: u32, now: Instant) -> Instant {
        self.put_back(now);
        let usable = u64::from(self.limit.actions.saturating_sub(kept).max(1));
        let mut missing = (self.taken + 1).saturating_sub(usable);
        if missing == 0 {
            return now;
        }
        for group in &self.out {
            missing = missing.saturating_sub(group.tokens);
            if missing == 0 {
                return group.last + self.limit.per;
            }
        }
        // Unreachable: more tokens are taken than missing, because a bucket holds at least one.
        now
    }

    /// Returns the number of tokens in the bucket.
    pub fn left(&self, now: Instant) -> u32 {
        let back: u64 = self.out.iter().take_while(|group| self.is_back(group, now)).map(|group| group.tokens).sum();
        let left = u64::from(self.limit.actions).saturating_sub(self.taken - back);
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    fn put_back(&mut self, now: Instant) {
        while let Some(group) = self.out.front().copied().filter(|group| self.is_back(group, now)) {
            self.out.pop_front();
            self.taken -= group.tokens;
        }
    }

    fn is_back(&self, group: &Group, now: Instant) -> bool {
        group.last + self.limit.per <= now
    }
}
