//! When a command is sent again.

use super::{Backoff, setters};
use crate::codes::Recovery;
use crate::error::{Delivery, Error};
use std::time::Duration;

/// Whether a command may run twice without harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repeat {
    /// Running twice has the same effect and the same answer as running once: reading, setting, removing.
    Safe,
    /// Running twice has another effect or another answer: appending, adding, taking.
    Unsafe,
}

/// When the layer above the engine sends a command again. The engine itself never repeats a command.
///
/// | delivery | sent again |
/// |---|---|
/// | [`NotSent`](Delivery::NotSent) | if the failure [is retryable](Error::is_retryable): most lost connections and timeouts |
/// | [`MaybeSent`](Delivery::MaybeSent) | in the same cases, but only if the command is [`Repeat::Safe`] |
/// | [`Answered`](Delivery::Answered) | only if the server asks to wait and the command is [`Repeat::Safe`] |
///
/// A command that is itself the reason ([`Recovery::Correct`]) is never sent again: after the close "message too big", for
/// example, it would end one connection after the other. Neither are calls that a shutdown ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Retry {
    /// The maximum number of times that a command is sent; 0 and 1 both mean once. Default: 3.
    pub attempts: u32,
    /// The wait between two attempts. Default: that of [`Backoff`].
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
    /// Returns the rule that never sends a command again.
    pub fn never() -> Self {
        Self::default().with_attempts(1)
    }

    /// Sets [`backoff`](Self::backoff).
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Returns how long to wait before the command is sent again, or `None` if the error is final.
    ///
    /// `attempt` is the one that failed, counted from 1. `time_left` is the rest of the call's time limit: a wait that
    /// would use it up is not started. `random` must be evenly distributed.
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

/// Returns whether the same command may succeed if it is only sent again. What the error advises decides.
fn may_help(error: &Error) -> bool {
    match error.delivery() {
        Delivery::Answered => match error.recovery() {
            Recovery::Wait => true,
            Recovery::Correct | Recovery::Nothing => false,
            _ => error.retry_after().is_some(),
        },
        Delivery::NotSent | Delivery::MaybeSent => error.is_retryable(),
    }
}

/// Returns whether repeating is harmless even if the command has already run.
fn is_harmless(error: &Error, repeat: Repeat) -> bool {
    error.delivery() == Delivery::NotSent || repeat == Repeat::Safe
}
