//! The fake server's time.
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Time since the start of the server, by tokio's clock and what was skipped, and as Unix time. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    start: Instant,
    epoch: Duration,
    skipped: Arc<Mutex<Duration>>,
}

impl Clock {
    /// A clock that starts at the system's time.
    pub(crate) fn start() -> Self {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { start: Instant::now(), epoch, skipped: Arc::default() }
    }

    /// Since the start.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed().saturating_add(*self.skipped.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Unix time in seconds of a time since the start.
    pub(crate) fn unix(&self, time: Duration) -> u64 {
        self.epoch.saturating_add(time).as_secs()
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut skipped = self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        *skipped = skipped.saturating_add(by);
    }
}

/// Whole seconds of a wait, rounded up and at least one, so that a client that waits this long does not come too early.
pub(crate) fn seconds_to_wait(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0)).max(1)
}
