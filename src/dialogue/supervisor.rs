//! Whether and when to connect again: pure logic, the time and the chance are passed in.

use super::Reconnect;
use crate::error::Error;
use crate::policy::Backoff;
use std::time::Duration;
use tokio::time::Instant;

/// The end of a connection, or of an attempt to make one.
#[derive(Debug)]
pub(crate) struct Loss {
    pub(crate) error: Error,
    pub(crate) verdict: Reconnect,
}

impl Loss {
    pub(crate) fn new(error: Error) -> Self {
        Self { error, verdict: Reconnect::Backoff }
    }
}

/// Counts failures and spaces attempts.
pub(crate) struct Supervisor {
    backoff: Backoff,
    /// Attempts since the connection was last healthy.
    failures: u32,
    connected: Option<Instant>,
}

impl Supervisor {
    pub(crate) fn new(backoff: Backoff) -> Self {
        Self { backoff, failures: 0, connected: None }
    }

    /// Which attempt the next one is; from 1.
    pub(crate) fn attempt(&self) -> u32 {
        self.failures.saturating_add(1)
    }

    /// A connection stands, handshake included.
    pub(crate) fn connected(&mut self, now: Instant) {
        self.connected = Some(now);
    }

    /// After a loss: how long to wait before the next attempt, or `None` if there is to be none. `random` is from 0 to 1.
    pub(crate) fn lost(&mut self, loss: &Loss, now: Instant, random: f64) -> Option<Duration> {
        if self.connected.take().is_some_and(|since| now.duration_since(since) >= self.backoff.healthy_after) {
            self.failures = 0;
        }
        let backoff = self.backoff.delay(self.failures, random);
        let first = self.failures == 0;
        self.failures = self.failures.saturating_add(1);
        match loss.verdict {
            Reconnect::Never => None,
            Reconnect::Now if first => Some(Duration::ZERO),
            Reconnect::After(delay) => Some(delay),
            // What the server asks for comes first, and it knows better than chance.
            Reconnect::Now | Reconnect::Backoff => Some(loss.error.retry_after().unwrap_or(backoff)),
        }
    }
}
