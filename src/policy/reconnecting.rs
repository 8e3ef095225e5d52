//! When to connect again.

use super::{Backoff, setters};
use std::time::{Duration, Instant};

/// How attempts to connect again are spaced.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reconnecting {
    /// How long to wait before each attempt. Default: that of [`Backoff`].
    pub backoff: Backoff,
    /// A connection that lived this long proves health: after its loss, attempts count from zero. A server that accepts
    /// connections and drops them at once is left alone for longer and longer. Default: 10 s.
    pub healthy_after: Duration,
}

impl Default for Reconnecting {
    fn default() -> Self {
        Self { backoff: Backoff::default(), healthy_after: Duration::from_secs(10) }
    }
}

setters!(Reconnecting {
    healthy_after = with_healthy_after: Duration,
});

impl Reconnecting {
    /// Sets [`backoff`](Self::backoff).
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }
}

/// Counts failures in a row and says how long to wait before the next attempt to connect.
///
/// ```
/// use statuswire::policy::{Attempts, Reconnecting};
/// use std::time::{Duration, Instant};
///
/// let start = Instant::now();
/// let mut attempts = Attempts::new(Reconnecting::default());
/// attempts.on_connected(start);
/// attempts.on_lost(start + Duration::from_secs(1)); // too short a life to prove health
/// assert_eq!(attempts.on_failure(None, u64::MAX), Duration::from_millis(100));
/// assert_eq!(attempts.on_failure(None, u64::MAX), Duration::from_millis(200));
/// assert_eq!(attempts.failures(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Attempts {
    policy: Reconnecting,
    failures: u32,
    connected_since: Option<Instant>,
}

impl Attempts {
    /// Nothing has failed yet.
    pub fn new(policy: Reconnecting) -> Self {
        Self { policy, failures: 0, connected_since: None }
    }

    /// A connection is ready for use, handshake included.
    pub fn on_connected(&mut self, now: Instant) {
        self.connected_since = Some(now);
    }

    /// The connection is gone. If it lived long enough, the count starts anew. Without a connection it changes nothing.
    pub fn on_lost(&mut self, now: Instant) {
        let since = self.connected_since.take();
        if since.is_some_and(|since| now.saturating_duration_since(since) >= self.policy.healthy_after) {
            self.failures = 0;
        }
    }

    /// An attempt failed, or a connection was lost: returns the wait before the next attempt. `hint` is the server's own
    /// wish and goes first; `random` must be evenly distributed.
    pub fn on_failure(&mut self, hint: Option<Duration>, random: u64) -> Duration {
        let delay = self.policy.backoff.delay_after(hint, self.failures, random);
        self.failures = self.failures.saturating_add(1);
        delay
    }

    /// Failures since the last proven health.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}
