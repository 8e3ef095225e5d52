//! The effect of the rate limit on calls.

use super::{Core, is_on_the_wire, is_unwritten};
use crate::error::{Cause, Delivery, Error, Phase};
use crate::policy::HeldBack;
use crate::rpc::deadlines::{Due, Term};
use crate::rpc::expect::Priority;
use crate::rpc::protocol::Protocol;
use crate::rpc::slot::{Slot, Stage};
use crate::rpc::throttle::{Delay, Throttle};
use slab::Slab;
use std::sync::Arc;
use tokio::time::Instant;

impl<P: Protocol> Core<P> {
    /// Returns whether the rate limit allows a message of this priority now.
    pub(super) fn rate_limit_allows(&mut self, priority: Priority, now: Instant) -> bool {
        let kept = self.kept_messages() + u32::from(priority == Priority::Endable);
        self.limiter.as_mut().is_none_or(|limiter| priority == Priority::Urgent || limiter.allows(kept, now))
    }

    /// Returns how many messages the rate limit keeps back: one for each endable command on the wire that a caller waits
    /// for.
    fn kept_messages(&self) -> u32 {
        self.endable.iter().filter(|call| may_be_ended(&self.slots, call)).count() as u32
    }

    /// Notes that an endable command was written.
    pub(super) fn keep_message(&mut self, slot: usize, seq: u64) {
        let slots = &self.slots;
        self.endable.retain(|call| may_be_ended(slots, call));
        self.endable.push((slot, seq));
    }

    /// Returns until when the rate limit holds back the queue, if it does.
    pub(super) fn held_back(&self) -> Option<Instant> {
        self.limiter.as_ref()?.until()
    }

    /// Counts the calls in the held-back queue that have not been counted.
    pub(super) fn count_delayed(&mut self) {
        let Some(limiter) = &mut self.limiter else { return };
        // New calls are at the back: the first counted call from there ends the search.
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

    /// Takes a token for a written message. Restarts its call's default time limit if the call was held back.
    pub(super) fn pay(&mut self, slot: usize, now: Instant) {
        if let Some(limiter) = &mut self.limiter {
            limiter.pay(now);
            self.renew(slot, now);
        }
    }

    /// Extends a call's time limit if the rate limit held the call back. Returns whether it did.
    pub(super) fn renew(&mut self, slot: usize, now: Instant) -> bool {
        let call = &self.slots[slot];
        let (seq, term) = (call.seq, call.term());
        let Some(at) = self.renewed(term, now) else { return false };
        self.slots[slot].deadline = Some(at);
        self.remind(Due { at, seq, slot });
        true
    }

    /// Returns the new deadline of a call if the rate limit held the call back.
    pub(in crate::rpc) fn renewed(&self, term: Term, now: Instant) -> Option<Instant> {
        let limiter = self.limiter.as_ref().filter(|_| term.elastic)?;
        limiter.renewed(term.until?, now)
    }

    /// Makes the error of a call whose time limit has passed, with the reason for the wait as its source.
    pub(in crate::rpc) fn too_late(&self, stage: Stage) -> Error {
        let (phase, delivery) = match stage {
            Stage::Queued => (Phase::Queue, Delivery::NotSent),
            Stage::Held | Stage::Written { .. } | Stage::Over => (Phase::Reply, Delivery::MaybeSent),
        };
        let error = Error::new(Cause::Timeout(phase), delivery);
        match (stage, &self.lost, &self.limiter) {
            (Stage::Written { .. } | Stage::Over, ..) => error,
            // The call waited for a connection: tell why there was none.
            (_, Some(lost), _) => error.with_source(Arc::<Error>::clone(lost)),
            (_, None, Some(limiter)) if limiter.until().is_some() => {
                error.with_source(Arc::new(HeldBack(limiter.limit)))
            }
            _ => error,
        }
    }

    /// Takes a token and returns when one more message may be written.
    pub(in crate::rpc) fn reserve(&mut self, now: Instant) -> Instant {
        let kept = self.kept_messages();
        self.limiter.as_mut().map_or(now, |limiter| limiter.reserve(kept, now))
    }

    /// Returns the delayed calls that were not traced yet.
    pub(in crate::rpc) fn delay(&mut self) -> Option<Delay> {
        self.limiter.as_mut()?.untraced()
    }

    /// Returns the state of the rate limit, if there is one.
    pub(in crate::rpc) fn throttle(&self, now: Instant) -> Option<Throttle> {
        let limiter = self.limiter.as_ref()?;
        let queued = self.queue.iter().filter(|&&(slot, seq)| is_unwritten(&self.slots, slot, seq)).count();
        Some(limiter.throttle(queued + self.room.callers(), self.kept_messages(), now))
    }
}

fn may_be_ended<P: Protocol>(slots: &Slab<Slot<P>>, &(slot, seq): &(usize, u64)) -> bool {
    is_on_the_wire(slots, slot, seq) && !slots[slot].tombstone
}
