//! What the rate limit does to calls.

use super::{Core, is_unwritten};
use crate::error::{Cause, Delivery, Error, Phase};
use crate::rpc::deadlines::{Due, Term};
use crate::rpc::protocol::Protocol;
use crate::rpc::slot::Stage;
use crate::rpc::throttle::{Delay, HeldBack, Throttle};
use std::sync::Arc;
use tokio::time::Instant;

impl<P: Protocol> Core<P> {
    /// Whether the rate limit lets a message go that nothing else holds back.
    pub(super) fn lets_go(&mut self, now: Instant) -> bool {
        self.limiter.as_mut().is_none_or(|limiter| limiter.lets_go(now))
    }

    /// Until when the rate limit holds the queue back, if it does.
    pub(super) fn held_back(&self) -> Option<Instant> {
        self.limiter.as_ref()?.until()
    }

    /// The queue is held back: counts those in it that have not been counted.
    pub(super) fn count_delayed(&mut self) {
        let Some(limiter) = &mut self.limiter else { return };
        // Who comes later stands behind, so the counted ones begin where the first of them is met.
        for &(slot, seq) in self.queue.iter().rev() {
            if !is_unwritten(&self.slots, slot, seq) {
                continue;
            }
            let call = &mut self.slots[slot];
            if call.delayed {
                return;
            }
            call.delayed = true;
            limiter.count();
        }
    }

    /// A message is written: it costs a token, and its call's default time limit begins anew if it was held back.
    pub(super) fn pay(&mut self, slot: usize, now: Instant) {
        if let Some(limiter) = &mut self.limiter {
            limiter.pay(now);
            self.renew(slot, now);
        }
    }

    /// Gives a call time instead of that for which the rate limit held it back. False if there was none.
    pub(super) fn renew(&mut self, slot: usize, now: Instant) -> bool {
        let call = &self.slots[slot];
        let (seq, term) = (call.seq, call.term());
        let Some(at) = self.renewed(term, now) else { return false };
        self.slots[slot].deadline = Some(at);
        self.remind(Due { at, seq, slot });
        true
    }

    /// The new deadline of a call that the rate limit held back, or may have.
    pub(in crate::rpc) fn renewed(&self, term: Term, now: Instant) -> Option<Instant> {
        let limiter = self.limiter.as_ref().filter(|_| term.elastic)?;
        limiter.renewed(term.until?, now)
    }

    /// The error of a call whose time is over, with what kept it waiting.
    pub(in crate::rpc) fn too_late(&self, stage: Stage) -> Error {
        let (phase, delivery) = match stage {
            Stage::Queued => (Phase::Queue, Delivery::NotSent),
            Stage::Held | Stage::Written { .. } | Stage::Over => (Phase::Reply, Delivery::MaybeSent),
        };
        let error = Error::new(Cause::Timeout(phase), delivery);
        match (stage, &self.lost, &self.limiter) {
            (Stage::Written { .. } | Stage::Over, ..) => error,
            // Time was short because there was no connection: say why there was none.
            (_, Some(lost), _) => error.with_source(Arc::<Error>::clone(lost)),
            (_, None, Some(limiter)) if limiter.until().is_some() => {
                error.with_source(Arc::new(HeldBack(limiter.limit)))
            }
            _ => error,
        }
    }

    /// When one more message may be written; it is paid for.
    pub(in crate::rpc) fn reserve(&mut self, now: Instant) -> Instant {
        self.limiter.as_mut().map_or(now, |limiter| limiter.reserve(now))
    }

    /// What is to be told of calls that have to wait.
    pub(in crate::rpc) fn delay(&mut self) -> Option<Delay> {
        self.limiter.as_mut()?.untold()
    }

    /// What the rate limit does, if there is one.
    pub(in crate::rpc) fn throttle(&self, now: Instant) -> Option<Throttle> {
        let limiter = self.limiter.as_ref()?;
        let queued = self.queue.iter().filter(|&&(slot, seq)| is_unwritten(&self.slots, slot, seq)).count();
        Some(limiter.throttle(queued + self.waiting_callers, now))
    }
}
