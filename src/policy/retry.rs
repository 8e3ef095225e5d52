//! When a command is sent again.

use super::{Backoff, setters};
use crate::codes::Recovery;
use crate::error::{Cause, Delivery, Error};
use std::time::Duration;

/// May a command be carried out twice without harm?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// Twice does what once does, and answers alike: reading, setting, removing.
    Safe,
    /// Twice does more than once, or answers differently: appending, adding, taking.
    Unsafe,
}

/// When the layer above the engine sends a command again. The engine itself never repeats one.
///
/// | delivery | is sent again |
/// |---|---|
/// | [`NotSent`](Delivery::NotSent) | if the connection or the time failed; any other failure if it is retryable |
/// | [`MaybeSent`](Delivery::MaybeSent) | the same, but only if the command is [`Repeat::Safe`] |
/// | [`Answered`](Delivery::Answered) | only if the server asks to wait and the command is [`Repeat::Safe`] |
///
/// Never: calls refused before sending, and those that a shutdown ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Retry {
    /// How often a command is sent at most; 1 (and 0) means never again. Default: 3.
    pub attempts: u32,
    /// How long to wait between two attempts. Default: that of [`Backoff`].
    pub backoff: Backoff,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 3, backoff: Backoff::default() }
    }
}

setters!(Retry {
    attempts = with_attempts: u32,
});

impl Retry {
    /// Never sends a command again.
    pub fn never() -> Self {
        Self::default().with_attempts(1)
    }

    /// Sets [`backoff`](Self::backoff).
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How long to wait before the command is sent again; `None`: not again, the error is final.
    ///
    /// `attempt` is the one that failed, counted from 1. `time_left` is what is left of the call's limit: a wait that
    /// would use it up is not begun. `random` must be evenly distributed.
    pub fn decide(
        &self,
        error: &Error,
        repeat: Repeat,
        attempt: u32,
        time_left: Duration,
        random: u64,
    ) -> Option<Duration> {
        if attempt >= self.attempts || !may_help(error) || !is_harmless(error, repeat) {
            return None;
        }
        let delay = self.backoff.delay_after(error.retry_after(), attempt.saturating_sub(1), random);
        (delay < time_left).then_some(delay)
    }
}

/// Can the same command succeed without anybody's doing?
fn may_help(error: &Error) -> bool {
    match (error.cause(), error.delivery()) {
        (Cause::InvalidRequest(_) | Cause::Shutdown, _) => false,
        (_, Delivery::Answered) => error.retry_after().is_some() || error.recovery() == Recovery::Wait,
        // A close code of the service's own says whether coming back helps.
        (Cause::Closed(_), _) if error.code().is_some() => error.is_retryable(),
        (Cause::Transport(_) | Cause::Closed(_) | Cause::Timeout(_) | Cause::Protocol(_), _) => true,
        _ => error.is_retryable(),
    }
}

/// Can it do harm, should the command have been carried out already?
fn is_harmless(error: &Error, repeat: Repeat) -> bool {
    error.delivery() == Delivery::NotSent || repeat == Repeat::Safe
}
