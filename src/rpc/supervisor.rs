//! Whether and when to connect again: pure logic, the time and the chance are passed in.

use super::Reconnect;
use crate::error::Error;
use crate::policy::{Backoff, Reconnecting};
use std::time::{Duration, Instant};

/// The end of a connection, or of an attempt to make one.
#[derive(Debug)]
pub(crate) struct Loss {
    pub(crate) error: Error,
    pub(crate) verdict: Reconnect,
    /// Nothing was carried out of what came on the connection, says the server.
    pub(crate) disowned: bool,
}

impl Loss {
    pub(crate) fn new(error: Error) -> Self {
        Self::with(error, Reconnect::Backoff)
    }

    pub(crate) fn with(error: Error, verdict: Reconnect) -> Self {
        Self { error, verdict, disowned: false }
    }
}

/// Weighs what the protocol, the server and the backoff say.
pub(crate) struct Supervisor(Reconnecting);

impl Supervisor {
    pub(crate) fn new(backoff: Backoff) -> Self {
        Self(Reconnecting::new(backoff))
    }

    /// Which attempt the next one is; from 1.
    pub(crate) fn attempt(&self) -> u32 {
        self.0.failures().saturating_add(1)
    }

    /// A connection stands, handshake included.
    pub(crate) fn connected(&mut self, now: Instant) {
        self.0.on_connected(now);
    }

    /// After a loss: how long to wait before the next attempt, or `None` if there is to be none.
    pub(crate) fn lost(&mut self, loss: &Loss, now: Instant, random: u64) -> Option<Duration> {
        self.0.on_lost(now);
        let first = self.0.failures() == 0;
        let delay = self.0.on_failure(loss.error.retry_after(), random);
        match loss.verdict {
            Reconnect::Never => None,
            Reconnect::Now if first => Some(Duration::ZERO),
            Reconnect::After(delay) => Some(delay),
            Reconnect::Now | Reconnect::Backoff => Some(delay),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn loss(verdict: Reconnect) -> Loss {
        Loss::with(Error::invalid_request("for a test"), verdict)
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn at_once_only_the_first_time_and_anew_after_proven_health() {
        let backoff = Backoff::default().with_base(100 * MS).with_healthy_after(1000 * MS);
        let mut supervisor = Supervisor::new(backoff);
        let start = Instant::now();
        assert_eq!(supervisor.lost(&loss(Reconnect::Now), start, u64::MAX), Some(Duration::ZERO));
        assert_eq!(supervisor.lost(&loss(Reconnect::Now), start, u64::MAX), Some(200 * MS));
        assert_eq!(supervisor.attempt(), 3);
        supervisor.connected(start);
        // It did not last: the count goes on.
        assert_eq!(supervisor.lost(&loss(Reconnect::Now), start + 999 * MS, u64::MAX), Some(400 * MS));
        supervisor.connected(start);
        assert_eq!(supervisor.lost(&loss(Reconnect::Now), start + 1000 * MS, u64::MAX), Some(Duration::ZERO));
    }

    #[test]
    fn the_servers_word_goes_before_chance() {
        let mut supervisor = Supervisor::new(Backoff::default());
        let now = Instant::now();
        assert_eq!(supervisor.lost(&loss(Reconnect::After(7000 * MS)), now, 0), Some(7000 * MS));
        let mut hinted = loss(Reconnect::Backoff);
        hinted.error = hinted.error.with_retry_after(9000 * MS);
        assert_eq!(supervisor.lost(&hinted, now, 0), Some(9000 * MS));
        assert_eq!(supervisor.lost(&loss(Reconnect::Never), now, 0), None);
    }

    proptest! {
        #[test]
        fn delays_stay_below_the_cap(losses in 1..200_usize, random: u64, cap in 0..100_000_u64) {
            let cap = Duration::from_millis(cap);
            let mut supervisor = Supervisor::new(Backoff::default().with_cap(cap));
            for _ in 0..losses {
                let delay = supervisor.lost(&loss(Reconnect::Backoff), Instant::now(), random);
                prop_assert!(delay.is_some_and(|delay| delay <= cap));
            }
        }
    }
}
