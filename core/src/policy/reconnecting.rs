//! When to reconnect.

use super::{Backoff, setters};
use std::time::{Duration, Instant};

/// How long to wait between attempts to reconnect.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reconnecting {
    /// The wait before each attempt. Default: that of [`Backoff`].
    pub backoff: Backoff,
    /// A connection that lasted this long counts as healthy: after its loss, attempts count from zero. If a server
    /// accepts connections and drops them at once, the waits grow. Default: 10 s.
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

/// Counts consecutive failures and returns how long to wait before the next attempt to connect.
///
/// ```
/// use statuswire::policy::{Attempts, Reconnecting};
/// use std::time::{Duration, Instant};
///
/// let start = Instant::now();
/// let mut attempts = Attempts::new(Reconnecting::default());
/// attempts.on_connected(start);
/// attempts.on_lost(start + Duration::from_secs(1)); // too short to count as healthy
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
    /// Makes a counter without failures.
    pub fn new(policy: Reconnecting) -> Self {
        Self { policy, failures: 0, connected_since: None }
    }

    /// Records that a connection is ready for use, after its handshake.
    pub fn on_connected(&mut self, now: Instant) {
        self.connected_since = Some(now);
    }

    /// Records that the connection was lost. If it lasted long enough, the count restarts. Without a connection it does
    /// nothing.
    pub fn on_lost(&mut self, now: Instant) {
        let since = self.connected_since.take();
        if since.is_some_and(|since| now.saturating_duration_since(since) >= self.policy.healthy_after) {
            self.failures = 0;
        }
    }

    /// Records that an attempt failed or a connection was lost, and returns the wait before the next attempt. `hint` is
    /// the wait that the server asked for, see [`Backoff::delay_after`]. `random` must be evenly distributed.
    pub fn on_failure(&mut self, hint: Option<Duration>, random: u64) -> Duration {
        let delay = self.policy.backoff.delay_after(hint, self.failures, random);
        self.failures = self.failures.saturating_add(1);
        delay
    }

    /// Does the same as [`on_failure`](Self::on_failure) for a wait that the protocol decided on. The wait is limited by
    /// [`Backoff::hint_cap`] and is never shorter than the backoff; nothing random is added to it.
    pub fn on_failure_after(&mut self, wait: Duration, random: u64) -> Duration {
        wait.min(self.policy.backoff.hint_cap).max(self.on_failure(None, random))
    }

    /// Returns the number of failures since the last healthy connection.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}
