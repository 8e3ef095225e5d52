//! Connections that begin and end, expired calls, and the end of the client.

use super::{Core, Held, Link, OneWayFailure, is_due, is_unwritten};
use crate::error::{Cause, Delivery, Error, Phase};
use crate::rpc::close::{InFlight, Opened};
use crate::rpc::deadlines::saturating_deadline;
use crate::rpc::expect::Replies;
use crate::rpc::protocol::Protocol;
use crate::rpc::slot::{Stage, Waiter};
use std::sync::Arc;
use tokio::time::Instant;

impl<P: Protocol> Core<P> {
    /// Records that a transport is connected. Only the handshake may write.
    pub(in crate::rpc) fn opening(&mut self) {
        self.link = Link::Opening;
    }

    /// Records that the handshake is done, and writes the queue.
    pub(in crate::rpc) fn opened(&mut self, opened: Opened, now: Instant) {
        self.link = Link::Up;
        self.lost = None;
        self.forget_greetings();
        if let Some(held) = self.held.take() {
            if opened == Opened::Resumed {
                for call in held.calls.into_iter().rev() {
                    self.queue.push_front(call);
                }
            } else {
                self.fail_held(held);
            }
        }
        self.admit(now);
    }

    /// Records the loss of a connection whose socket had taken `taken` bytes. Calls beyond that return to the front of
    /// the queue; written calls fail or are held.
    pub(in crate::rpc) fn lose(&mut self, taken: u64, error: &Error, in_flight: InFlight, now: Instant) {
        self.link = Link::Down;
        self.connection += 1;
        if let Some(limiter) = &mut self.limiter {
            limiter.release(now);
        }
        self.lost = Some(Arc::new(error.clone_with_delivery(Delivery::NotSent)));
        self.outbox.reset();
        self.holders.clear();
        self.overdue = false;
        self.forget_greetings();
        let slots = &self.slots;
        let departing = self.departing.drain(..).map(|(slot, _)| slot);
        let waiting = self.pending.drain().into_iter().map(|entry| entry.slot);
        let place = |slot: usize| match slots[slot].stage {
            Stage::Written { start } => Some((start, slot)),
            Stage::Queued | Stage::Held | Stage::Over => None,
        };
        let mut written: Vec<_> = departing.chain(waiting).filter_map(place).collect();
        written.sort_unstable();

        let hold = match in_flight {
            InFlight::Hold(limit) => Some(saturating_deadline(now, limit)),
            InFlight::Fail => None,
        };
        // A command may have caused the violation, and would cause it again on every connection.
        let is_protocol_violation = matches!(error.cause(), Cause::Protocol(_));
        // Held calls that the resumed session was lost too early to send again are held once more.
        let slots = &self.slots;
        let waiting = |&(slot, seq): &(usize, u64)| is_unwritten(slots, slot, seq) && slots[slot].stage == Stage::Held;
        let mut held: Vec<_> = self.queue.iter().copied().filter(waiting).rev().collect();
        self.queue.retain(|call| !waiting(call));
        if hold.is_none() {
            for (slot, _) in held.drain(..) {
                self.fail(slot, error.clone_with_delivery(Delivery::MaybeSent));
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
            } else if call.bound || call.only_on.is_some() || lost {
                let delivery = if sent { Delivery::MaybeSent } else { Delivery::NotSent };
                self.fail(slot, error.clone_with_delivery(delivery));
            } else if sent {
                call.stage = Stage::Held;
                held.push((slot, seq));
            } else {
                call.stage = Stage::Queued;
                self.queue.push_front((slot, seq));
            }
        }
        held.reverse();
        let slots = &self.slots;
        let is_over = |&(slot, seq): &(usize, u64)| is_unwritten(slots, slot, seq) && slots[slot].only_on.is_some();
        let over: Vec<_> = self.queue.iter().copied().filter(is_over).collect();
        for (slot, _) in over {
            self.fail(slot, error.clone_with_delivery(Delivery::NotSent));
        }
        if let (Some(until), false) = (hold, held.is_empty()) {
            self.held = Some(Held { calls: held, until, cause: error.clone_with_delivery(Delivery::MaybeSent) });
        }
    }

    /// Drops what the server sent for the handshake.
    fn forget_greetings(&mut self) {
        for (message, _) in std::mem::take(&mut self.greetings) {
            self.discard(message);
        }
        self.greeting_bytes = 0;
        for waker in std::mem::take(&mut self.greeted) {
            self.effects.discard(Some(waker));
        }
    }

    /// Fails a call that will have no reply; reports the failure of a one-way command.
    fn fail(&mut self, slot: usize, error: Error) {
        let call = &mut self.slots[slot];
        if matches!(call.waiter, Waiter::Gone) && call.expect.replies == Replies::OnlyOnFailure {
            self.effects.one_way_failures.push(OneWayFailure {
                seq: call.seq,
                key: call.expect.key.clone(),
                result: Err(error),
            });
        } else {
            let waker = call.fail(error);
            self.effects.wakers.extend(waker);
        }
        self.finish(slot);
    }

    fn fail_held(&mut self, held: Held) {
        for (slot, seq) in held.calls {
            if is_unwritten(&self.slots, slot, seq) {
                self.fail(slot, held.cause.clone_with_delivery(Delivery::MaybeSent));
            }
        }
    }

    /// Fails the calls whose time limit has passed.
    pub(in crate::rpc) fn expire(&mut self, now: Instant) {
        while let Some(due) = self.deadlines.expire(now, |due| is_due(&self.slots, due)) {
            if self.slots[due.slot].tombstone {
                self.end_tombstone(&due, now);
                continue;
            }
            if self.is_behind(&due) {
                self.rearm(due.slot, now);
                continue;
            }
            let stage = self.slots[due.slot].stage;
            let queued = stage == Stage::Queued || (stage == Stage::Held && self.link == Link::Up);
            if queued && self.renew(due.slot, now) {
                continue;
            }
            self.time_out(due.slot, self.too_late(stage), now);
        }
        if let Some(limiter) = &mut self.limiter {
            limiter.release_due(now);
        }
        self.go_on(now);
        if self.held.as_ref().is_some_and(|held| held.until <= now)
            && let Some(held) = self.held.take()
        {
            self.fail_held(held);
        }
    }

    fn time_out(&mut self, slot: usize, error: Error, now: Instant) {
        let call = &mut self.slots[slot];
        let waker = call.fail(error);
        self.effects.wakers.extend(waker);
        if !matches!(call.stage, Stage::Written { .. }) {
            // It is in no table, and the queue skips it.
            call.stage = Stage::Over;
        }
        self.bury(slot, now);
    }

    /// Returns when a call that still waits is due, however long the rate limit holds it back.
    pub(in crate::rpc) fn due(&self, slot: usize, seq: u64, now: Instant) -> Option<Instant> {
        let call = self.slots.get(slot).filter(|call| call.seq == seq && call.waiter.waits())?;
        let held_back = self.held_back().filter(|until| call.elastic && call.stage == Stage::Queued && *until > now);
        call.deadline.max(held_back)
    }

    /// Fails a call because the connection's task does not run.
    pub(in crate::rpc) fn fail_overdue(&mut self, slot: usize, seq: u64, now: Instant) {
        let Some(call) = self.slots.get(slot).filter(|call| call.seq == seq && call.waiter.waits()) else { return };
        let delivery = if call.stage == Stage::Queued { Delivery::NotSent } else { Delivery::MaybeSent };
        self.time_out(slot, Error::new(Cause::Timeout(Phase::Runtime), delivery), now);
    }

    /// Returns the time of the next timer.
    pub(in crate::rpc) fn next_timer(&mut self) -> Option<Instant> {
        let slots = &self.slots;
        let deadline = self.deadlines.next(|due| is_due(slots, due));
        let held = self.held.as_ref().map(|held| held.until);
        [deadline, held, self.held_back(), self.reply_due(), self.closing].into_iter().flatten().min()
    }

    /// Returns whether the client has ended.
    pub(in crate::rpc) fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// Returns whether no call is in progress.
    pub(in crate::rpc) fn is_idle(&self) -> bool {
        self.pending.commands() == 0
            && self.departing.is_empty()
            && self.held.is_none()
            && self.outbox.len() == 0
            && !self.queue.iter().any(|&(slot, seq)| is_unwritten(&self.slots, slot, seq))
    }

    /// Ends the client: every call fails, now and later.
    pub(in crate::rpc) fn close(&mut self, taken: u64, error: Error, now: Instant) {
        self.lose(taken, &error, InFlight::Fail, now);
        if let Some(held) = self.held.take() {
            let mut cause = error.clone_with_delivery(Delivery::MaybeSent);
            if std::error::Error::source(&cause).is_none() {
                cause = cause.with_source(Arc::new(held.cause));
            }
            self.fail_held(Held { cause, ..held });
        }
        for (slot, seq) in std::mem::take(&mut self.queue) {
            if is_unwritten(&self.slots, slot, seq) {
                let sent = self.slots[slot].stage == Stage::Held;
                let delivery = if sent { Delivery::MaybeSent } else { Delivery::NotSent };
                self.fail(slot, error.clone_with_delivery(delivery));
            }
        }
        // A panic of the protocol may have left calls that are in no table.
        let others: Vec<_> = self.slots.iter().filter(|(_, call)| call.waiter.waits()).map(|(slot, _)| slot).collect();
        for slot in others {
            self.fail(slot, error.clone_with_delivery(Delivery::MaybeSent));
        }
        self.closed = Some(error);
        self.closing = None;
        // Callers that wait for a slot must learn that the client has ended.
        self.promise_slots();
    }
}
