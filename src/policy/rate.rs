//! How much may be done in how much time.

use super::setters;
use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

/// So many actions in any span of time of a length, wherever the span begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Actions in any such span; 0 counts as 1, since nothing at all could be done otherwise.
    pub actions: u32,
    /// How long the span is; more than 30 years count as 30 years.
    pub per: Duration,
}

impl RateLimit {
    /// So many actions in so much time.
    pub const fn new(actions: u32, per: Duration) -> Self {
        Self { actions, per }
    }
}

setters!(RateLimit {
    actions = with_actions: u32,
    per = with_per: Duration,
});

/// For people: `60 actions in 60s`.
impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.actions == 1 { "action" } else { "actions" };
        write!(f, "{} {noun} in {:?}", self.actions, self.per)
    }
}

/// A bucket that holds as many tokens as a [`RateLimit`] has actions. Each token comes back when the limit's time has
/// passed since it was taken, so that no span of that length, its end excluded, ever sees more actions than allowed. (A
/// bucket that fills steadily lets almost twice as many through in the span that begins with a full one.)
///
/// The time is passed in; one that lies before an earlier one counts as that. Memory stays below 64 KiB: with more than
/// 1,024 actions, tokens taken within a 1,024th of the time come back together with the last of them, so the limit is
/// kept and not quite used up.
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
    /// Tokens that are out, in the order in which they were taken, and how many that are.
    out: VecDeque<Group>,
    taken: u64,
}

/// Tokens that come back together.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: Instant,
    last: Instant,
    tokens: u64,
}

/// Groups of tokens that are told apart.
const GROUPS: u32 = 1024;

/// Every clock can add this to its time.
const LONGEST: Duration = Duration::from_secs(86_400 * 365 * 30);

impl TokenBucket {
    /// A full bucket.
    pub fn new(limit: RateLimit) -> Self {
        let limit = RateLimit { actions: limit.actions.max(1), per: limit.per.min(LONGEST) };
        Self { limit, out: VecDeque::new(), taken: 0 }
    }

    /// Takes a token, or says when the next one can be taken.
    pub fn take(&mut self, now: Instant) -> Result<(), Instant> {
        match self.next(now) {
            at if at <= now => {
                self.hand_out(now);
                Ok(())
            }
            at => Err(at),
        }
    }

    /// Takes a token even if there is none, for what must not wait: whoever comes later waits the longer.
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

    /// Takes the next token, for use at the moment that is returned: `now`, or later if there is none before.
    pub fn reserve(&mut self, now: Instant) -> Instant {
        let at = self.next(now);
        self.hand_out(at);
        at
    }

    /// When the next token can be taken: `now`, or later.
    pub fn next(&mut self, now: Instant) -> Instant {
        self.put_back(now);
        let mut missing = (self.taken + 1).saturating_sub(u64::from(self.limit.actions));
        if missing == 0 {
            return now;
        }
        for group in &self.out {
            missing = missing.saturating_sub(group.tokens);
            if missing == 0 {
                return group.last + self.limit.per;
            }
        }
        // Not reached: more are out than are missing, since a bucket holds at least one.
        now
    }

    /// Tokens in the bucket.
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
