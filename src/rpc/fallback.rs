//! Time limits that hold while the client's own task does not run.
//!
//! The client's task enforces the time limits of all calls with one timer. If its runtime is blocked or no longer
//! driven, that timer stands still. Callers in the same runtime stand still with it, but callers in other runtimes must
//! not: each has a timer of its own.

use super::engine::Engine;
use super::protocol::Protocol;
use super::state::State;
use crate::error::{Cause, Delivery, Error, Phase};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

/// How long after a time limit a caller waits for the client's task before it acts itself.
const GRACE: Duration = Duration::from_millis(250);

/// The timer of one caller.
pub(super) enum Fallback {
    /// The caller runs in the client's runtime, or outside tokio, where there is no timer.
    Unneeded,
    /// It runs in another runtime. The timer starts when the caller first waits.
    Timer(Option<Pin<Box<Sleep>>>),
}

impl Fallback {
    /// Waits until a call is overdue: its deadline and the grace have passed. `deadline` is read at each poll, because it
    /// may move.
    fn poll(&mut self, cx: &mut Context<'_>, deadline: impl Fn() -> Option<Instant>) -> Poll<()> {
        let Self::Timer(timer) = self else { return Poll::Pending };
        while let Some(until) = deadline().and_then(|at| at.checked_add(GRACE)) {
            if until <= Instant::now() {
                return Poll::Ready(());
            }
            let sleep = timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
            if sleep.deadline() != until {
                sleep.as_mut().reset(until);
            }
            ready!(sleep.as_mut().poll(cx));
        }
        Poll::Pending
    }
}

impl<P: Protocol> Engine<P> {
    /// Returns the timer for a caller in the current runtime.
    pub(super) fn fallback(&self) -> Fallback {
        match Handle::try_current() {
            Ok(here) if here.id() != self.home => Fallback::Timer(None),
            _ => Fallback::Unneeded,
        }
    }

    /// Waits until the time limit of a call has passed without the client's task acting on it, and fails the call.
    pub(super) fn poll_overdue(
        &self,
        fallback: &mut Fallback,
        (slot, seq): (usize, u64),
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        ready!(fallback.poll(cx, || self.core().due(slot, seq, Instant::now())));
        self.core().fail_overdue(slot, seq, Instant::now());
        Poll::Ready(())
    }

    /// Waits until the client has closed. If that takes longer than `limit` and the closing handshake, the client's task
    /// does not run, and this ends the client in its place.
    pub(super) async fn closed(&self, mut state: watch::Receiver<State>, limit: Duration) {
        let closed = state.wait_for(State::is_closed);
        let most = limit.saturating_add(self.settings.timeouts.close).saturating_add(GRACE);
        if Handle::try_current().is_err() {
            // Outside tokio there is no timer. The sender lives as long as the engine.
            let _ = closed.await;
        } else if timeout(most, closed).await.is_err() {
            // Which bytes were sent is unknown: assume all.
            self.end(u64::MAX, Error::new(Cause::Shutdown, Delivery::NotSent));
            let cause = Error::new(Cause::Timeout(Phase::Runtime), Delivery::MaybeSent);
            self.set_state(State::Closed { cause: Some(Arc::new(cause)) });
        }
    }
}
