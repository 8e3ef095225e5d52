//! How long to wait before trying again.

use super::setters;
use std::time::Duration;

/// Exponential backoff with full jitter: the wait before attempt `n` (from 0) is random, between zero and
/// `base * factor^n`, and at most `cap`.
///
/// Full jitter spreads the clients that lost their connections at the same moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Backoff {
    /// The longest wait before the first attempt. Default: 100 ms.
    pub base: Duration,
    /// The factor by which the longest wait grows with each attempt; below 1 (or NaN) counts as 1. Default: 2.0.
    pub factor: f64,
    /// The longest wait of all. It does not limit a wait that the server asks for. Default: 30 s.
    pub cap: Duration,
    /// The longest wait that a server may ask for: a longer one is shortened to this. Default: 300 s.
    pub hint_cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(100),
            factor: 2.0,
            cap: Duration::from_secs(30),
            hint_cap: Duration::from_secs(300),
        }
    }
}

setters!(Backoff {
    base = with_base: Duration,
    factor = with_factor: f64,
    cap = with_cap: Duration,
    hint_cap = with_hint_cap: Duration,
});

impl Backoff {
    /// Returns the longest wait before attempt `attempt`, counted from 0. It never shrinks.
    pub fn longest(&self, attempt: u32) -> Duration {
        // This comparison turns NaN into 1.
        let factor = if self.factor > 1.0 { self.factor } else { 1.0 };
        let seconds = self.base.as_secs_f64() * factor.powf(f64::from(attempt));
        // Infinity, seconds beyond `Duration::MAX`, and NaN (zero times infinity) fail the conversion.
        let unbounded = Duration::try_from_secs_f64(seconds).unwrap_or(match self.base {
            Duration::ZERO => Duration::ZERO,
            _ => Duration::MAX,
        });
        unbounded.min(self.cap)
    }

    /// Returns the wait before attempt `attempt`, counted from 0: [`longest`](Self::longest), scaled by
    /// `random / u64::MAX`. `random` must be evenly distributed.
    pub fn delay(&self, attempt: u32, random: u64) -> Duration {
        let longest = self.longest(attempt).as_nanos();
        // 94 bits times 32 bits fit a u128. The quotient is at most `longest` and fits a `Duration`.
        let nanos = longest * u128::from(random >> 32) / u128::from(u32::MAX);
        Duration::new((nanos / NANOS_PER_SEC) as u64, (nanos % NANOS_PER_SEC) as u32)
    }

    /// Returns the wait before attempt `attempt` if the server asked for one (`hint`): the hint, at most
    /// [`hint_cap`](Self::hint_cap), plus a random part of `base`, so that clients with the same hint do not return at
    /// the same moment. It is never shorter than [`delay`](Self::delay), which is the wait without a hint.
    pub fn delay_after(&self, hint: Option<Duration>, attempt: u32, random: u64) -> Duration {
        let delay = self.delay(attempt, random);
        match hint {
            Some(wait) => wait.min(self.hint_cap).saturating_add(self.delay(0, random)).max(delay),
            None => delay,
        }
    }
}

const NANOS_PER_SEC: u128 = 1_000_000_000;
