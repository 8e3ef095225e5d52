//! When to connect again.

use super::Backoff;
use std::time::{Duration, Instant};

/// Counts failures in a row and says how long to wait before the next attempt to connect.
///
/// A server that accepts connections and drops them at once must not be hammered: only a connection that lived for
/// [`Backoff::healthy_after`] resets the count.
///
/// ```
/// use statuswire::policy::{Backoff, Reconnecting};
/// use std::time::{Duration, Instant};
///
/// let start = Instant::now();
/// let mut reconnecting = Reconnecting::new(Backoff::default());
/// reconnecting.on_connected(start);
/// reconnecting.on_lost(start + Duration::from_secs(1)); // too short a life to prove health
/// assert_eq!(reconnecting.on_failure(None, u64::MAX), Duration::from_millis(100));
/// assert_eq!(reconnecting.on_failure(None, u64::MAX), Duration::from_millis(200));
/// assert_eq!(reconnecting.failures(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Reconnecting {
    backoff: Backoff,
    failures: u32,
    connected_since: Option<Instant>,
}

impl Reconnecting {
    /// Nothing has failed yet.
    pub fn new(backoff: Backoff) -> Self {
        Self { backoff, failures: 0, connected_since: None }
    }

    /// A connection is ready for use, handshake included.
    pub fn on_connected(&mut self, now: Instant) {
        self.connected_since = Some(now);
    }

    /// The connection is gone. If it lived long enough, the count starts anew. Without a connection it changes nothing.
    pub fn on_lost(&mut self, now: Instant) {
        let since = self.connected_since.take();
        if since.is_some_and(|since| now.saturating_duration_since(since) >= self.backoff.healthy_after) {
            self.failures = 0;
        }
    }

    /// An attempt failed, or a connection was lost: the wait before the next attempt. `hint` is the server's own wish
    /// and goes first; `random` is evenly distributed.
    pub fn on_failure(&mut self, hint: Option<Duration>, random: u64) -> Duration {
        let delay = self.backoff.delay_after(hint, self.failures, random);
        self.failures = self.failures.saturating_add(1);
        delay
    }

    /// Failures since the last proven health.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}
