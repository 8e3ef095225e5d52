//! How one call differs from the client's settings.

use crate::policy::Retry;
use std::time::Duration;

/// Options of a call with one reply.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// From the call to its result, also if the client's rate limit holds it back meanwhile. `None`:
    /// [`Timeouts::call`](crate::policy::Timeouts), which begins anew when the rate limit lets the call go.
    pub timeout: Option<Duration>,
    /// When to send the command again. `None`: as the client was told.
    pub retry: Option<Retry>,
}

impl CallOptions {
    /// Limits the time from the call to its result, queueing and retries included.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets when to send the command again.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }
}

/// Options of a call with a stream of replies.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct StreamOptions {
    /// The time limit for each reply, the first one counted from the call. `None`:
    /// [`Timeouts::call`](crate::policy::Timeouts).
    pub timeout: Option<Duration>,
    /// What happens when replies come faster than they are taken.
    pub backlog: Backlog,
}

impl StreamOptions {
    /// Limits the time for each reply.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets what happens when replies come faster than they are taken.
    #[must_use]
    pub fn with_backlog(mut self, backlog: Backlog) -> Self {
        self.backlog = backlog;
        self
    }
}

/// What happens when the replies of a stream come faster than they are taken, and as many wait as
/// [`Limits::replies`](crate::policy::Limits) or [`Limits::reply_bytes`](crate::policy::Limits) allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backlog {
    /// The next reply ends the stream with [`Cause::Overflow`](crate::error::Cause), after those that wait. Other calls
    /// do not notice.
    #[default]
    Fail,
    /// The connection reads nothing until half of what waits has been taken: the server is slowed down. Replies to
    /// **all other calls, and events, wait as long**, while time limits of other calls go on. Neither a ping nor a close of
    /// the server is seen, and the idle timeout pauses. Beyond the bounds, no more is kept than what had been read at
    /// once.
    HoldReader,
}
