//! Callers that wait for a slot. They get one in the order of their arrival: a free slot is promised to the first, and
//! no other caller can take it.

use super::{Core, Link, Rejected};
use crate::error::Error;
use crate::rpc::expect::Priority;
use crate::rpc::protocol::Protocol;
use crate::rpc::slot::Slot;
use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};
use tokio::time::Instant;

/// The waiting callers, by the numbers of their places.
#[derive(Default)]
pub(super) struct Room {
    next: u64,
    /// Callers without a promise, each with its waker once it was polled. It is empty if a slot is free.
    waiting: BTreeMap<u64, Option<Waker>>,
    /// Slots that are kept for callers who were woken and have not entered yet.
    promised: usize,
}

impl Room {
    /// Returns the number of callers that have not entered yet.
    pub(super) fn callers(&self) -> usize {
        self.waiting.len() + self.promised
    }
}

impl<P: Protocol> Core<P> {
    /// Accepts a call. Writes it at once if the window is open and no call waits before it.
    #[allow(clippy::result_large_err, reason = "a rejected call is returned by value")]
    pub(in crate::rpc) fn submit(&mut self, call: Slot<P>, now: Instant) -> Result<usize, Rejected<P>> {
        let waits = !call.bound && (call.expect.priority != Priority::Urgent || self.link != Link::Up);
        if waits && !self.has_room() && self.refusal(false).is_none() {
            return Err(Rejected::Full(Box::new(call)));
        }
        self.enter(call, now).map_err(Rejected::Closed)
    }

    fn has_room(&self) -> bool {
        self.slots.len().saturating_add(self.room.promised) < self.limits.calls
    }

    /// Takes the next place among the callers that wait for a slot.
    pub(in crate::rpc) fn take_place(&mut self) -> u64 {
        let place = self.room.next;
        self.room.next += 1;
        self.room.waiting.insert(place, None);
        self.promise_slots();
        place
    }

    /// Returns once a slot is promised to this place, or the client accepts no more calls.
    pub(in crate::rpc) fn poll_place(&mut self, place: u64, cx: &Context<'_>) -> Poll<()> {
        match self.room.waiting.get_mut(&place) {
            None => Poll::Ready(()),
            Some(waker) => {
                let before = waker.replace(cx.waker().clone());
                self.effects.discard(before);
                Poll::Pending
            }
        }
    }

    /// Gives up a place. If a slot was promised to it, the next caller gets that.
    pub(in crate::rpc) fn leave_place(&mut self, place: u64) {
        match self.room.waiting.remove(&place) {
            Some(waker) => self.effects.discard(waker),
            None => self.room.promised -= 1,
        }
        self.promise_slots();
    }

    /// Accepts the call of a place to which a slot is promised; the place is given up.
    pub(in crate::rpc) fn enter_from(&mut self, place: u64, call: Slot<P>, now: Instant) -> Result<usize, Error> {
        let entered = self.enter(call, now);
        self.leave_place(place);
        entered
    }

    /// Promises free slots to the callers that have waited longest.
    pub(super) fn promise_slots(&mut self) {
        let ended = self.closed.is_some() || self.closing.is_some();
        while !self.room.waiting.is_empty() && (ended || self.has_room()) {
            if let Some((_, waker)) = self.room.waiting.pop_first() {
                self.room.promised += 1;
                self.effects.wakers.extend(waker);
            }
        }
    }
}
