//! What callers do with their calls.

use super::{Core, is_on_the_wire};
use crate::error::Error;
use crate::rpc::expect::Replies;
use crate::rpc::protocol::Protocol;
use crate::rpc::slot::{Stage, Waiter};
use std::task::{Context, Poll, Waker};
use tokio::time::Instant;

impl<P: Protocol> Core<P> {
    /// Returns whether a streaming call's command left the queue.
    pub(in crate::rpc) fn is_written(&self, slot: usize, seq: u64) -> bool {
        self.slots.get(slot).filter(|call| call.seq == seq).is_none_or(|call| call.stage != Stage::Queued)
    }

    /// Returns once a one-way command is written. Its slot may be gone by then.
    pub(in crate::rpc) fn poll_written(&mut self, slot: usize, seq: u64, cx: &Context<'_>) -> Poll<Result<(), Error>> {
        let Some(call) = self.slots.get_mut(slot).filter(|call| call.seq == seq) else { return Poll::Ready(Ok(())) };
        match &mut call.waiter {
            Waiter::OneWay(_) => {
                let before = call.waiter.set_waker(cx.waker());
                self.effects.discard(before);
                Poll::Pending
            }
            Waiter::Ready(_) => match self.poll_reply(slot, cx) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Ready(Ok(_)) | Poll::Pending => Poll::Ready(Ok(())),
            },
            _ => Poll::Ready(Ok(())),
        }
    }

    /// Releases the call of a dropped stream. Returns the key of its command if it is written and more replies may
    /// arrive, so that the protocol can cancel it.
    pub(in crate::rpc) fn release_stream(&mut self, slot: usize, seq: u64, now: Instant) -> Option<P::Key> {
        let key = self.is_on_the_wire(slot, seq).then(|| self.slots[slot].expect.key.clone());
        self.release(slot, seq, now);
        key
    }

    /// Returns whether a written call waits for replies on the present connection.
    pub(in crate::rpc) fn is_on_the_wire(&self, slot: usize, seq: u64) -> bool {
        is_on_the_wire(&self.slots, slot, seq)
    }

    /// Removes a cancelled call from the window.
    pub(in crate::rpc) fn forget(&mut self, slot: usize, seq: u64, now: Instant) {
        let Some(call) = self.slots.get(slot).filter(|call| call.seq == seq) else { return };
        if self.pending.oldest().is_some_and(|oldest| oldest.slot == slot) {
            // The time of the next one begins.
            self.last_reply = now;
        }
        if matches!(call.stage, Stage::Written { .. }) && self.pending.forget(&call.expect.key, slot) {
            self.remove(slot);
            self.wake_driver();
        }
    }

    /// Records that the caller no longer waits. Withdraws a command that is not written yet; the reply to a written one
    /// is discarded.
    pub(in crate::rpc) fn release(&mut self, slot: usize, seq: u64, now: Instant) {
        let Some(call) = self.slots.get_mut(slot).filter(|call| call.seq == seq) else { return };
        self.effects.discarded.push(std::mem::replace(&mut call.waiter, Waiter::Gone));
        let stage = call.stage;
        if matches!(stage, Stage::Written { .. }) {
            self.bury(slot, now);
        } else {
            self.remove(slot);
        }
        let was_first = stage != Stage::Over && self.queue.front() == Some(&(slot, seq));
        if was_first {
            // The next call may be able to go.
            self.wake_driver();
        } else {
            self.wake_held_reader();
        }
    }

    /// Records that the socket has taken `taken` bytes. Commands without replies that end before are done.
    pub(in crate::rpc) fn taken(&mut self, taken: u64) {
        self.taken = taken;
        while let Some(&(slot, end)) = self.departing.front() {
            if end > taken {
                return;
            }
            let call = &mut self.slots[slot];
            if let Waiter::OneWay(waker) = std::mem::replace(&mut call.waiter, Waiter::Gone) {
                self.effects.wakers.extend(waker);
            }
            self.departing.pop_front();
            self.finish(slot);
        }
    }

    /// Returns whether the socket has taken the beginning of a written command.
    pub(in crate::rpc) fn has_left(&self, slot: usize, seq: u64) -> bool {
        self.slots.get(slot).filter(|call| call.seq == seq).is_none_or(|call| match call.stage {
            Stage::Written { start } => start < self.taken,
            Stage::Queued | Stage::Held | Stage::Over => true,
        })
    }

    /// Returns the oldest unconfirmed one-way command with a number below `below`.
    pub(in crate::rpc) fn oldest_one_way(&self, below: u64) -> Option<(u64, P::Key)> {
        let queued = self.queue.iter().find_map(|&(slot, seq)| {
            let call = self.slots.get(slot).filter(|call| call.seq == seq && call.stage != Stage::Over)?;
            (call.expect.replies == Replies::OnlyOnFailure && seq < below).then(|| (seq, call.expect.key.clone()))
        });
        self.pending.oldest_one_way(below).map(|entry| (entry.seq, entry.key.clone())).or(queued)
    }

    /// Returns the number of written and unconfirmed one-way commands.
    pub(in crate::rpc) fn one_way_count(&self) -> usize {
        self.pending.one_way_count()
    }

    /// Stores the waker of the connection's task, which is about to sleep.
    pub(in crate::rpc) fn sleep(&mut self, waker: &Waker, until: Option<Instant>) {
        self.armed = until;
        match &mut self.driver {
            Some(driver) => driver.clone_from(waker),
            driver => *driver = Some(waker.clone()),
        }
    }
}
