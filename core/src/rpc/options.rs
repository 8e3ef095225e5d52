//! Options of single calls.

use crate::policy::Retry;
use std::time::Duration;

/// Options of a call with one reply.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// The time from the call to its result, including time that the rate limit holds it back. `None`:
    /// [`Timeouts::call`](crate::policy::Timeouts), which restarts when the rate limit releases the call.
    pub timeout: Option<Duration>,
    /// When to send the command again. `None`: the rule of the client.
    pub retry: Option<Retry>,
}

impl CallOptions {
    /// Sets the time limit from the call to its result, including queueing and retries.
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
    /// The time limit for each reply; for the first one it counts from the call. `None`:
    /// [`Timeouts::call`](crate::policy::Timeouts).
    pub timeout: Option<Duration>,
    /// The time limit for each reply by itself, for a subscription whose server may be silent for long; `Duration::MAX`:
    /// none. For the first reply it counts from the time when the command is written, and
    /// [`timeout`](Self::timeout) only limits the wait until then. `None`: `timeout` applies to replies, too.
    pub reply_timeout: Option<Duration>,
    /// What happens when replies arrive faster than they are taken.
    pub backlog: Backlog,
}

impl StreamOptions {
    /// Sets the time limit for each reply.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the time limit for each reply by itself.
    #[must_use]
    pub fn with_reply_timeout(mut self, timeout: Duration) -> Self {
        self.reply_timeout = Some(timeout);
        self
    }

    /// Sets what happens when replies arrive faster than they are taken.
    #[must_use]
    pub fn with_backlog(mut self, backlog: Backlog) -> Self {
        self.backlog = backlog;
        self
    }
}

/// What happens when the replies of a stream arrive faster than they are taken and reach
/// [`Limits::replies`](crate::policy::Limits) or [`Limits::reply_bytes`](crate::policy::Limits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backlog {
    /// The next reply ends the stream with [`Cause::Overflow`](crate::error::Cause), after the waiting replies. Other
    /// calls are not affected.
    #[default]
    Fail,
    /// The connection stops reading until half of the waiting replies are taken, which slows down the server. Meanwhile
    /// **replies to all other calls, and events, wait too**, while the time limits of other calls keep running. Pings
    /// and closes of the server are not seen, and the idle timeout pauses. The limits can be exceeded by what one batch
    /// of reads had already brought.
    HoldReader,
}
