//! Time limits that hold while the client's own task does not run.
//!
//! The client's task enforces the time limits of all calls with one timer. If its runtime is blocked or no longer
//! driven, that timer stands still. Callers in the same runtime stand still with it, but callers in other runtimes must
//! not: each has a timer of its own.

use super::core::Core;
use super::engine::Engine;
use super::protocol::Protocol;
use super::state::State;
use crate::error::{Cause, Delivery, Error, Phase};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::runtime::{self, Handle};
use tokio::sync::watch;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

/// How long after a time limit a caller waits for the client's task before it acts itself.
const GRACE: Duration = Duration::from_millis(250);

/// The timer of one caller, with the runtime that drives it. A stream may be read in one runtime after the other.
#[derive(Default)]
pub(super) struct Fallback(Option<(runtime::Id, Pin<Box<Sleep>>)>);

impl Fallback {
    /// Waits until a call is overdue: its deadline and the grace have passed. `deadline` is read at each poll, because it
    /// may move. Never returns for a caller in the client's runtime, `home`, or outside tokio, where there is no timer.
    fn poll(&mut self, cx: &mut Context<'_>, home: runtime::Id, deadline: impl Fn() -> Option<Instant>) -> Poll<()> {
        let here = match Handle::try_current() {
            Ok(here) if here.id() != home => here.id(),
            _ => return Poll::Pending,
        };
        while let Some(until) = deadline().and_then(|at| at.checked_add(GRACE)) {
            if until <= Instant::now() {
                return Poll::Ready(());
            }
            let known = self.0.take().filter(|(runtime, _)| *runtime == here);
            let (_, sleep) = self.0.insert(known.unwrap_or_else(|| (here, Box::pin(sleep_until(until)))));
            if sleep.deadline() != until {
                sleep.as_mut().reset(until);
            }
            ready!(sleep.as_mut().poll(cx));
        }
        Poll::Pending
    }
}

/// Returns whether the caller has a timer. Other executors than tokio have none.
pub(super) fn has_timer() -> bool {
    Handle::try_current().is_ok()
}

impl<P: Protocol> Engine<P> {
    /// Polls for the result of a call, in `slot` with the number `seq`. If the call's time limit has passed and the
    /// client's task has not acted on it, this fails the call.
    pub(super) fn poll_in_time<T>(
        &self,
        fallback: &mut Fallback,
        (slot, seq): (usize, u64),
        cx: &mut Context<'_>,
        mut poll: impl FnMut(&mut Core<P>, &mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        if let Poll::Ready(result) = poll(&mut self.core(), cx) {
            return Poll::Ready(result);
        }
        ready!(fallback.poll(cx, self.home, || self.core().due(slot, seq, Instant::now())));
        self.core().fail_overdue(slot, seq, Instant::now());
        poll(&mut self.core(), cx)
    }

    /// Waits until the client has closed. If that takes longer than `limit` and the closing handshake, the client's task
    /// does not run, and this ends the client in its place.
    pub(super) async fn closed(&self, mut state: watch::Receiver<State>, limit: Duration) {
        let closed = state.wait_for(State::is_closed);
        let most = limit.saturating_add(self.settings.timeouts.close).saturating_add(GRACE);
        if !has_timer() {
            // The sender lives as long as the engine.
            let _ = closed.await;
        } else if timeout(most, closed).await.is_err() {
            self.end(None, Error::new(Cause::Shutdown, Delivery::NotSent));
            let cause = Error::new(Cause::Timeout(Phase::Runtime), Delivery::MaybeSent);
            self.set_state(State::Closed { cause: Some(Arc::new(cause)) });
        }
    }
}
