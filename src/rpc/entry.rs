//! Calls enter: at once, when there is room, or when the rate limit says so.

use super::core::{Draft, Rejected};
use super::deadlines::Term;
use super::slot::Stage;
use super::throttle::Delay;
use super::{Engine, Protocol, Throttle};
use crate::error::Error;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use tokio::time::Instant;

impl<P: Protocol> Engine<P> {
    /// Takes a call in, waiting for room if there is none. Asking for the time is not free: it is passed in.
    pub(super) async fn enter(&self, mut draft: Draft<P>, mut now: Instant) -> Result<usize, Error> {
        loop {
            draft.waker = Some(poll_fn(|cx| Poll::Ready(cx.waker().clone())).await);
            let (submitted, delay) = {
                let mut core = self.core();
                (core.submit(draft, now), core.delay())
            };
            self.tell(delay);
            draft = match submitted {
                Ok((slot, waker)) => {
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                    return Ok(slot);
                }
                Err(Rejected::Closed(error)) => return Err(error),
                Err(Rejected::Full(draft)) => *draft,
            };
            draft.term = self.wait_for_room(draft.term).await?;
            now = Instant::now();
        }
    }

    /// Waits until a call may enter, or until it is worth another look; within its time, which comes back.
    async fn wait_for_room(&self, term: Term) -> Result<Term, Error> {
        let mut notified = pin!(self.room.notified());
        notified.as_mut().enable();
        let _crowd = {
            let mut core = self.core();
            if core.has_room() {
                return Ok(term);
            }
            core.waiting_callers += 1;
            WaitingCaller(self)
        };
        let late = match term.until {
            None => {
                notified.await;
                false
            }
            Some(at) => tokio::time::timeout_at(at, notified).await.is_err(),
        };
        if !late {
            return Ok(term);
        }
        let core = self.core();
        match core.renewed(term, Instant::now()) {
            None => Err(core.too_late(Stage::Queued)),
            until => Ok(Term { until, ..term }),
        }
    }

    /// The time that a call has, with what it gets for having been held back by the rate limit.
    pub(super) fn renewed(&self, term: Term) -> Term {
        let renewed = self.core().renewed(term, Instant::now());
        Term { until: renewed.or(term.until), ..term }
    }

    pub(super) fn throttle(&self) -> Option<Throttle> {
        self.core().throttle(Instant::now())
    }

    pub(super) fn tell(&self, delay: Option<Delay>) {
        if let Some(Delay { calls, until }) = delay {
            let wait = until.saturating_duration_since(Instant::now());
            let (service, endpoint) = (self.protocol.service(), &*self.settings.endpoint);
            tracing::debug!(service, endpoint, calls, ?wait, "held back by the rate limit");
        }
    }
}

/// Counts those who wait for room, for as long as they do.
struct WaitingCaller<'a, P: Protocol>(&'a Engine<P>);

impl<P: Protocol> Drop for WaitingCaller<'_, P> {
    fn drop(&mut self) {
        self.0.core().waiting_callers -= 1;
    }
}
