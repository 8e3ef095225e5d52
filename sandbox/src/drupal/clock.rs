//! The site's time.
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Unix time by tokio's clock, from a start that can be moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    started: Instant,
    /// Unix time at `started`.
    epoch: Duration,
}

impl Clock {
    /// A clock that shows the system's time.
    pub(super) fn start() -> Self {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), epoch }
    }

    /// Unix time in seconds.
    pub(super) fn now(&self) -> i64 {
        self.epoch.saturating_add(self.started.elapsed()).as_secs().try_into().unwrap_or(i64::MAX)
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.epoch = self.epoch.saturating_add(by);
    }

    /// Continues from this Unix time.
    pub(super) fn set(&mut self, unix: u64) {
        *self = Self { started: Instant::now(), epoch: Duration::from_secs(unix) };
    }
}
