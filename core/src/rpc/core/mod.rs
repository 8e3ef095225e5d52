//! The state of a client: which calls wait, which are written, which may be written next. It has no I/O and no clock:
//! the time is passed in, and wakers run after the lock is released.

mod backlog;
mod caller;
mod effects;
mod estimates;
mod loss;
mod rate;
mod replies;
mod room;
mod silence;

use super::deadlines::{Deadlines, Due};
use super::expect::{Expect, Priority, Replies, Window};
use super::outbox::{Framing, Outbox};
use super::pending::{Entry, Left, Pending};
use super::protocol::Protocol;
use super::slot::{Slot, Stage, Waiter};
use super::throttle::Limiter;
use crate::error::{Cause, Delivery, Error, bounded};
use crate::policy::{Limits, RateLimit, Timeouts};
use slab::Slab;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;
use tokio::time::Instant;

use estimates::Estimates;
use room::Room;

pub(super) use effects::Effects;
pub use effects::OneWayFailure;
pub(super) use estimates::Estimated;
pub(super) use replies::Mismatch;

pub(crate) struct Core<P: Protocol> {
    slots: Slab<Slot<P>>,
    /// Calls to be written, by slot and number. An entry whose slot has another number, or is not queued, was dropped.
    queue: VecDeque<(usize, u64)>,
    pending: Pending<P::Key>,
    /// Written commands without replies, with the position of their end, until the socket has taken them.
    departing: VecDeque<(usize, u64)>,
    /// Calls that were written on a lost connection and wait for a resumed session.
    held: Option<Held>,
    deadlines: Deadlines,
    pub(super) outbox: Outbox,
    link: Link,
    /// Counts connections, lost ones and the present or next one.
    connection: u64,
    /// Why there is no connection.
    lost: Option<Arc<Error>>,
    /// When the last reply arrived: the reply timeout of the oldest call counts from here.
    last_reply: Instant,
    window: Window,
    estimates: Estimates,
    limits: Limits,
    reply_timeout: Duration,
    /// The time of a tombstone is over whose place can only be freed by another connection.
    overdue: bool,
    /// How many bytes the socket has taken.
    taken: u64,
    limiter: Option<Box<Limiter>>,
    /// Endable commands that were written, if there is a rate limit.
    endable: Vec<(usize, u64)>,
    /// Streams whose slow consumers hold the reader.
    holders: Vec<(usize, u64)>,
    /// When the reader was last held.
    reader_held: Option<Instant>,
    pub(super) closing: Option<Instant>,
    closed: Option<Error>,
    /// The connection's task while it sleeps, and until when (`armed`).
    driver: Option<Waker>,
    pub(super) armed: Option<Instant>,
    room: Room,
    /// Messages for the handshake with their sizes, the sum of the sizes, and the wakers of the handshake.
    greetings: VecDeque<(P::Reply, usize)>,
    greeting_bytes: usize,
    greeted: Vec<Waker>,
    pub(super) effects: Effects<P>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Down,
    /// The protocol's handshake runs. Only it may write.
    Opening,
    Up,
}

struct Held {
    calls: Vec<(usize, u64)>,
    until: Instant,
    cause: Error,
}

/// Why a call was not accepted.
pub(super) enum Rejected<P: Protocol> {
    /// All slots are taken; try again when one is free.
    Full(Box<Slot<P>>),
    Closed(Error),
}

impl<P: Protocol> Core<P> {
    pub(super) fn new(
        protocol: &P,
        framing: Box<dyn Framing>,
        limits: Limits,
        timeouts: &Timeouts,
        rate_limit: Option<RateLimit>,
        now: Instant,
    ) -> Self {
        let window = protocol.window();
        Self {
            slots: Slab::new(),
            queue: VecDeque::new(),
            pending: Pending::new(protocol.matching()),
            departing: VecDeque::new(),
            held: None,
            deadlines: Deadlines::default(),
            outbox: Outbox::new(framing),
            link: Link::Down,
            connection: 1,
            lost: None,
            last_reply: now,
            window,
            estimates: Estimates::new(window),
            limits,
            reply_timeout: timeouts.reply,
            overdue: false,
            taken: 0,
            limiter: rate_limit.map(|limit| Box::new(Limiter::new(limit, timeouts.call))),
            endable: Vec::new(),
            holders: Vec::new(),
            closing: None,
            closed: None,
            driver: None,
            armed: None,
            room: Room::default(),
            greetings: VecDeque::new(),
            greeting_bytes: 0,
            reader_held: None,
            greeted: Vec::new(),
            effects: Effects::default(),
        }
    }

    /// Accepts a call, whether or not a slot is free for it.
    pub(super) fn enter(&mut self, call: Slot<P>, now: Instant) -> Result<usize, Error> {
        if let Some(error) = self.refusal(call.bound) {
            return Err(error);
        }
        if call.only_on.is_some_and(|only| only.get() != self.connection) {
            let reason = "the connection is lost for which the command was made";
            return Err(Error::new(
                Cause::transport(io::Error::new(ErrorKind::NotConnected, reason)),
                Delivery::NotSent,
            ));
        }
        let (seq, deadline) = (call.seq, call.deadline);
        let at_once = match call.bound {
            true => self.link != Link::Down,
            false if call.expect.priority == Priority::Urgent => self.link == Link::Up,
            false => {
                let priority = call.expect.priority;
                self.queue.is_empty() && self.admits(&call.expect) && self.rate_limit_allows(priority, now)
            }
        };
        // The caller polls it next: do not wake it.
        let one_way = matches!(call.waiter, Waiter::OneWay(_));
        let slot = self.slots.insert(call);
        if let Some(at) = deadline {
            self.remind(Due { at, seq, slot });
        }
        if at_once {
            let waker = self.write(slot, now);
            self.effects.wakers.extend(waker.filter(|_| !one_way));
        } else {
            if self.queue.len() > 64 + 2 * self.slots.len() {
                let slots = &self.slots;
                self.queue.retain(|&(slot, seq)| is_unwritten(slots, slot, seq));
            }
            self.queue.push_back((slot, seq));
            if let (Some(_), Some(limiter)) = (self.held_back(), &mut self.limiter) {
                self.slots[slot].delayed = true;
                limiter.count();
            }
        }
        if at_once {
            self.wake_driver();
        }
        [deadline, self.held_back()].into_iter().flatten().for_each(|at| self.wake_driver_by(at));
        Ok(slot)
    }

    /// Returns the error for a new call, if none is accepted.
    pub(super) fn refusal(&self, bound: bool) -> Option<Error> {
        match &self.closed {
            Some(error) => Some(error.clone_with_delivery(Delivery::NotSent)),
            None if if bound { self.link == Link::Down } else { self.closing.is_some() } => {
                Some(Error::new(Cause::Shutdown, Delivery::NotSent))
            }
            None => None,
        }
    }

    /// Returns the number of the present or next connection.
    pub(super) fn connection(&self) -> u64 {
        self.connection
    }

    /// Accepts no new calls. Calls in progress may finish until then.
    pub(super) fn close_by(&mut self, until: Instant) {
        self.closing = Some(self.closing.map_or(until, |earlier| earlier.min(until)));
        // Calls that wait for a slot do not count as in progress.
        self.promise_slots();
    }

    fn admits(&self, expect: &Expect<P::Key>) -> bool {
        if expect.priority == Priority::Urgent {
            return self.link == Link::Up;
        }
        if self.link != Link::Up || self.held_back().is_some() || self.outbox.len() >= self.limits.write_buffer.max(1) {
            return false;
        }
        if matches!(expect.replies, Replies::OnlyOnFailure | Replies::None) {
            return true;
        }
        let on_the_wire = self.pending.commands();
        on_the_wire == 0
            || (on_the_wire < self.window.commands && self.expected_with(expect) <= self.window.reply_bytes)
    }

    /// Returns the bytes of replies that are expected once this command is on the wire, too.
    fn expected_with(&self, expect: &Expect<P::Key>) -> usize {
        let (mut bytes, mut estimated) = (self.pending.reply_bytes(), self.pending.estimated());
        if expect.estimated {
            estimated.add(expect.reply_bytes);
        } else {
            bytes = bytes.saturating_add(expect.reply_bytes);
        }
        bytes.saturating_add(self.estimates.bytes(estimated))
    }

    /// Returns whether a tick would do something at once. `busy`: it could not take bytes from the outbox.
    pub(super) fn has_work(&self, taken: u64, busy: bool) -> bool {
        let departed = self.departing.front().is_some_and(|&(_, end)| end <= taken);
        departed
            || self.may_go_on()
            || (!busy && (self.outbox.len() > 0 || self.may_admit() || (self.closing.is_some() && self.is_idle())))
    }

    /// Returns whether the queue can move: its first call may be written, or was dropped.
    fn may_admit(&self) -> bool {
        self.queue
            .front()
            .is_some_and(|&(slot, seq)| !is_unwritten(&self.slots, slot, seq) || self.admits(&self.slots[slot].expect))
    }

    /// Writes queued calls as far as the window allows.
    pub(super) fn admit(&mut self, now: Instant) {
        while let Some(&(slot, seq)) = self.queue.front() {
            if is_unwritten(&self.slots, slot, seq) {
                if !self.admits(&self.slots[slot].expect) {
                    return;
                }
                if !self.rate_limit_allows(self.slots[slot].expect.priority, now) {
                    self.count_delayed();
                    return;
                }
                let waker = self.write(slot, now);
                self.effects.wakers.extend(waker);
            }
            self.queue.pop_front();
        }
    }

    fn write(&mut self, slot: usize, now: Instant) -> Option<Waker> {
        let call = &mut self.slots[slot];
        let resent = call.stage == Stage::Held;
        let left = Left::of(call.expect.replies);
        let start = self.outbox.end();
        if let Some(left) = left {
            let (seq, key) = (call.seq, call.expect.key.clone());
            let Expect { reply_bytes, estimated, .. } = call.expect;
            if self.pending.oldest().is_none() {
                self.last_reply = now;
            }
            if self.pending.insert(Entry { seq, start, slot, key, left, reply_bytes, estimated }).is_err() {
                let reason = format!(
                    "a command with the id {} is already on the wire",
                    bounded(format_args!("{:?}", call.expect.key), 80)
                );
                call.stage = Stage::Over;
                let mut error = Error::invalid_request(reason);
                if resent || call.resent {
                    error = error.clone_with_delivery(Delivery::MaybeSent);
                }
                let waker = call.fail(error);
                if matches!(call.waiter, Waiter::Gone) {
                    self.remove(slot);
                }
                return waker;
            }
        }
        call.resent |= resent;
        call.stage = Stage::Written { start };
        self.outbox.push(&call.outgoing);
        if call.expect.priority == Priority::Endable && self.limiter.is_some() {
            let seq = call.seq;
            self.keep_message(slot, seq);
        }
        self.pay(slot, now);
        self.count_from_writing(slot, now);
        // No caller waits for the reply to a heartbeat or a cancellation.
        self.bury(slot, now);
        let Some(left) = left else {
            self.departing.push_back((slot, self.outbox.end()));
            return None;
        };
        let call = &mut self.slots[slot];
        match &mut call.waiter {
            Waiter::OneWay(waker) if left == Left::OnFailure => {
                let waker = waker.take();
                call.waiter = Waiter::Gone;
                waker
            }
            _ => None,
        }
    }

    // ---- shared by the parts ----

    /// Wakes the connection's task if it sleeps.
    pub(super) fn wake_driver(&mut self) {
        if let Some(driver) = self.driver.take() {
            self.effects.driver = Some(driver);
        }
    }

    /// Wakes the connection's task if it would sleep beyond this time.
    fn wake_driver_by(&mut self, at: Instant) {
        if self.armed.is_none_or(|armed| at < armed) {
            self.wake_driver();
        }
    }

    fn remind(&mut self, due: Due) {
        let slots = &self.slots;
        self.deadlines.push(due, slots.len(), |due| is_due(slots, due));
    }

    /// Frees a slot to which nothing refers.
    fn remove(&mut self, slot: usize) -> Slot<P> {
        let call = self.slots.remove(slot);
        self.promise_slots();
        call
    }
}

fn is_due<P: Protocol>(slots: &Slab<Slot<P>>, due: &Due) -> bool {
    slots.get(due.slot).is_some_and(|call| {
        call.seq == due.seq && call.deadline == Some(due.at) && (call.waiter.waits() || call.tombstone)
    })
}

/// Returns whether the call is written on the present connection and waits for replies.
fn is_on_the_wire<P: Protocol>(slots: &Slab<Slot<P>>, slot: usize, seq: u64) -> bool {
    slots.get(slot).is_some_and(|call| call.seq == seq && matches!(call.stage, Stage::Written { .. }))
}

/// Returns whether the call is not written yet.
fn is_unwritten<P: Protocol>(slots: &Slab<Slot<P>>, slot: usize, seq: u64) -> bool {
    slots.get(slot).is_some_and(|call| call.seq == seq && matches!(call.stage, Stage::Queued | Stage::Held))
}

#[cfg(test)]
mod tests;
