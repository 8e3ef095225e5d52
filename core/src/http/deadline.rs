//! The time limit of a call.

use std::future::Future;
use std::time::Duration;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

/// When a call must be done; `None`: there is no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deadline(pub(super) Option<Instant>);

impl Deadline {
    /// Returns the deadline for what begins at `from`. A limit that an [`Instant`] cannot hold, such as
    /// [`Duration::MAX`], is none.
    pub(super) fn after(from: Instant, limit: Duration) -> Self {
        Self(from.checked_add(limit))
    }

    /// Returns the time that is left.
    pub(super) fn left(self) -> Duration {
        self.0.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
    }

    /// Returns whether the deadline is before a time.
    pub(super) fn is_before(self, time: Instant) -> bool {
        self.0.is_some_and(|at| at < time)
    }

    /// Returns whether the deadline has passed at a time.
    pub(super) fn has_passed(self, now: Instant) -> bool {
        self.0.is_some_and(|at| at <= now)
    }

    /// Returns the earlier of two deadlines.
    pub(super) fn min(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(one), Some(two)) => Self(Some(one.min(two))),
            (one, two) => Self(one.or(two)),
        }
    }

    /// Runs a future until the deadline.
    pub(super) async fn run<F: Future>(self, future: F) -> Result<F::Output, Elapsed> {
        match self.0 {
            Some(at) => timeout_at(at, future).await,
            None => Ok(future.await),
        }
    }
}
