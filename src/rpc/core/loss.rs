//! A connection begins, a connection is lost, time runs out, everything ends.

use super::{Core, Effects, Held, Link, OneWayFailure, is_due, is_unwritten};
use crate::error::{Cause, Delivery, Error};
use crate::rpc::deadlines::saturating_deadline;
use crate::rpc::slot::{Stage, Waiter};
use crate::rpc::{AfterLoss, Opened, Protocol, Replies};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

impl<P: Protocol> Core<P> {
    /// A carrier is connected; only the handshake may write.
    pub(in crate::rpc) fn opening(&mut self) {
        self.link = Link::Opening;
    }

    /// The handshake is done: the queue flows.
    pub(in crate::rpc) fn opened(&mut self, opened: Opened, now: Instant, effects: &mut Effects<P>) {
        self.link = Link::Up;
        self.lost = None;
        if let Some(held) = self.held.take() {
            if opened == Opened::Resumed {
                for call in held.calls.into_iter().rev() {
                    self.queue.push_front(call);
                }
            } else {
                self.fail_held(held, effects);
            }
        }
        self.admit(now, effects);
    }

    /// The connection is gone, and the socket layer had taken `taken` bytes. What it was not given goes back to the
    /// head of the queue; what was written fails, or is held.
    pub(in crate::rpc) fn lose(
        &mut self,
        taken: u64,
        error: &Error,
        after: AfterLoss,
        now: Instant,
        effects: &mut Effects<P>,
    ) {
        self.link = Link::Down;
        if let Some(limiter) = &mut self.limiter {
            limiter.let_go(now);
        }
        self.lost = Some(Arc::new(error.clone_with_delivery(Delivery::NotSent)));
        self.outbox.reset();
        self.holders.clear();
        let slots = &self.slots;
        let departing = self.departing.drain(..).map(|(slot, _)| slot);
        let waiting = self.pending.drain().into_iter().map(|entry| entry.slot);
        let place = |slot: usize| match slots[slot].stage {
            Stage::Written { start } => Some((start, slot)),
            Stage::Queued | Stage::Held | Stage::Over => None,
        };
        let mut written: Vec<_> = departing.chain(waiting).filter_map(place).collect();
        written.sort_unstable();

        let hold = match after {
            AfterLoss::Hold(limit) => Some(saturating_deadline(now, limit)),
            AfterLoss::Fail => None,
        };
        // What the server said that nobody understands it may say again, as often as it is asked.
        let is_protocol_violation = matches!(error.cause(), Cause::Protocol(_));
        // Those that a resumed session was to take up again and that had no turn before it was lost, too.
        let slots = &self.slots;
        let waiting = |&(slot, seq): &(usize, u64)| is_unwritten(slots, slot, seq) && slots[slot].stage == Stage::Held;
        let mut held: Vec<_> = self.queue.iter().copied().filter(waiting).rev().collect();
        self.queue.retain(|call| !waiting(call));
        if hold.is_none() {
            for (slot, _) in held.drain(..) {
                self.fail(slot, error.clone_with_delivery(Delivery::MaybeSent), effects);
            }
        }
        for (start, slot) in written.into_iter().rev() {
            let call = &mut self.slots[slot];
            let seq = call.seq;
            let sent = call.resent || start < taken;
            let one_way = call.expect.replies == Replies::OnlyOnFailure;
            let wanted = one_way || call.waiter.waits();
            let lost = sent && (hold.is_none() || !call.expect.hold || (call.resent && is_protocol_violation));
            if !wanted {
                self.finish(slot);
            } else if call.handshake || lost {
                let delivery = if sent { Delivery::MaybeSent } else { Delivery::NotSent };
                self.fail(slot, error.clone_with_delivery(delivery), effects);
            } else if sent {
                call.stage = Stage::Held;
                held.push((slot, seq));
            } else {
                call.stage = Stage::Queued;
                self.queue.push_front((slot, seq));
            }
        }
        held.reverse();
        if let (Some(until), false) = (hold, held.is_empty()) {
            self.held = Some(Held { calls: held, until, cause: error.clone_with_delivery(Delivery::MaybeSent) });
        }
    }

    /// Fails a call that will have no reply any more; a one-way command's failure is reported.
    fn fail(&mut self, slot: usize, error: Error, effects: &mut Effects<P>) {
        let call = &mut self.slots[slot];
        if matches!(call.waiter, Waiter::Gone) && call.expect.replies == Replies::OnlyOnFailure {
            effects.one_way_failures.push(OneWayFailure { seq: call.seq, result: Err(error) });
        } else {
            effects.wakers.extend(call.waiter.fail(error));
        }
        self.finish(slot);
    }

    fn fail_held(&mut self, held: Held, effects: &mut Effects<P>) {
        for (slot, seq) in held.calls {
            if is_unwritten(&self.slots, slot, seq) {
                self.fail(slot, held.cause.clone_with_delivery(Delivery::MaybeSent), effects);
            }
        }
    }

    /// Fails the calls whose time is over.
    pub(in crate::rpc) fn expire(&mut self, now: Instant, effects: &mut Effects<P>) {
        while let Some(due) = self.deadlines.expire(now, |due| is_due(&self.slots, due)) {
            if self.is_behind(&due) {
                self.rearm(due.slot, now);
                continue;
            }
            let stage = self.slots[due.slot].stage;
            let queued = stage == Stage::Queued || (stage == Stage::Held && self.link == Link::Up);
            if queued && self.renew(due.slot, now) {
                continue;
            }
            let error = self.too_late(stage);
            let call = &mut self.slots[due.slot];
            effects.wakers.extend(call.waiter.fail(error));
            if !matches!(call.stage, Stage::Written { .. }) {
                // It is in no table: the queue passes over it.
                call.stage = Stage::Over;
            }
        }
        if let Some(limiter) = &mut self.limiter {
            limiter.ease(now);
        }
        self.go_on(now);
        if self.held.as_ref().is_some_and(|held| held.until <= now)
            && let Some(held) = self.held.take()
        {
            self.fail_held(held, effects);
        }
    }

    /// When the head of the line has been silent for too long.
    pub(in crate::rpc) fn reply_timeout(&self) -> Option<Instant> {
        let head = self.pending.head().filter(|_| !self.holds_reader())?;
        let limit = self.slots[head.slot].expect.silence.unwrap_or(self.reply_timeout);
        if limit == Duration::MAX { None } else { self.line_moved.checked_add(limit) }
    }

    /// How much silence the head of the line is known to need.
    pub(in crate::rpc) fn oldest_reply_timeout(&self) -> Duration {
        self.pending.head().and_then(|head| self.slots[head.slot].expect.silence).unwrap_or_default()
    }

    /// When there is something to do even if nothing comes.
    pub(in crate::rpc) fn next_timer(&mut self) -> Option<Instant> {
        let slots = &self.slots;
        let deadline = self.deadlines.next(|due| is_due(slots, due));
        let held = self.held.as_ref().map(|held| held.until);
        [deadline, held, self.held_back(), self.reply_timeout(), self.closing].into_iter().flatten().min()
    }

    /// Whether nothing is under way.
    pub(in crate::rpc) fn is_idle(&self) -> bool {
        self.pending.commands() == 0
            && self.departing.is_empty()
            && self.held.is_none()
            && self.outbox.len() == 0
            && !self.queue.iter().any(|&(slot, seq)| is_unwritten(&self.slots, slot, seq))
    }

    /// Nothing is written or read any more: every call fails, now and later.
    pub(in crate::rpc) fn close(&mut self, taken: u64, error: Error, now: Instant, effects: &mut Effects<P>) {
        self.lose(taken, &error, AfterLoss::Fail, now, effects);
        if let Some(held) = self.held.take() {
            let mut cause = error.clone_with_delivery(Delivery::MaybeSent);
            if std::error::Error::source(&cause).is_none() {
                cause = cause.with_source(Arc::new(held.cause));
            }
            self.fail_held(Held { cause, ..held }, effects);
        }
        for (slot, seq) in std::mem::take(&mut self.queue) {
            if is_unwritten(&self.slots, slot, seq) {
                let sent = self.slots[slot].stage == Stage::Held;
                let delivery = if sent { Delivery::MaybeSent } else { Delivery::NotSent };
                self.fail(slot, error.clone_with_delivery(delivery), effects);
            }
        }
        self.closed = Some(error);
        self.closing = None;
        // Whoever waits for room learns that there is none to wait for.
        self.room.notify_waiters();
    }
}
