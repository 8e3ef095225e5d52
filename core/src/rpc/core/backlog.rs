//! Replies that wait for the consumer of their stream, and the reader that such a stream may hold.

use super::Core;
use crate::error::{Cause, Delivery, Error, Overflow};
use crate::policy::Limits;
use crate::rpc::deadlines::Due;
use crate::rpc::options::Backlog;
use crate::rpc::protocol::Protocol;
use crate::rpc::slot::{Stream, Waiter};
use tokio::time::Instant;

impl<P: Protocol> Stream<P> {
    /// Returns an overflow if one more reply of `bytes` exceeds a limit. A reply above the limit is accepted into an
    /// empty buffer.
    fn overflow(&self, bytes: usize, limits: &Limits) -> Option<Overflow> {
        if self.backlog == Backlog::HoldReader {
            // Accept what was read in one batch; no more is read after it.
            return None;
        }
        if self.buffer.len() >= limits.replies {
            return Some(Overflow::new(limits.replies));
        }
        let crossed = !self.buffer.is_empty() && self.bytes.saturating_add(bytes) > limits.reply_bytes;
        crossed.then(|| Overflow::bytes(limits.reply_bytes))
    }

    fn is_full(&self, limits: &Limits) -> bool {
        self.buffer.len() >= limits.replies || self.bytes >= limits.reply_bytes
    }

    /// Returns whether the consumer has taken enough to continue reading, or wants no more.
    fn is_drained(&self, limits: &Limits) -> bool {
        self.end.is_some() || (self.buffer.len() <= limits.replies / 2 && self.bytes <= limits.reply_bytes / 2)
    }
}

impl<P: Protocol> Core<P> {
    /// Buffers a reply for a stream's consumer.
    pub(super) fn keep(&mut self, slot: usize, (reply, bytes): (P::Reply, usize), done: bool) {
        let call = &mut self.slots[slot];
        let Waiter::Stream(stream) = &mut call.waiter else { return self.discard(reply) };
        if stream.end.is_some() {
            return self.discard(reply);
        }
        let waker = stream.waker.take();
        if let Some(overflow) = stream.overflow(bytes, &self.limits) {
            stream.end = Some(Err(Error::new(Cause::Overflow(overflow), Delivery::MaybeSent)));
            self.discard(reply);
        } else {
            stream.bytes = stream.bytes.saturating_add(bytes);
            stream.buffer.push_back((reply, bytes));
            if done {
                stream.end = Some(Ok(()));
            } else if stream.backlog == Backlog::HoldReader && stream.is_full(&self.limits) {
                let holder = (slot, call.seq);
                if !self.holders.contains(&holder) {
                    self.holders.push(holder);
                }
            }
        }
        self.effects.wakers.extend(waker);
    }

    /// Returns whether the reader is held, until [`go_on`](Self::go_on).
    pub(in crate::rpc) fn holds_reader(&self) -> bool {
        !self.holders.is_empty()
    }

    /// Returns whether a held reader may continue: no stream is behind.
    pub(super) fn may_go_on(&self) -> bool {
        self.holds_reader()
            && self.holders.iter().all(|&(slot, seq)| match self.slots.get(slot).filter(|call| call.seq == seq) {
                Some(call) => match &call.waiter {
                    Waiter::Stream(stream) => stream.is_drained(&self.limits),
                    _ => true,
                },
                None => true,
            })
    }

    /// Wakes a held reader that may continue.
    pub(super) fn wake_held_reader(&mut self) {
        if self.may_go_on() {
            self.wake_driver();
        }
    }

    /// Releases a held reader if it may continue. The reply timeout, and the time for the next reply of streams that
    /// were behind, count from here.
    pub(super) fn go_on(&mut self, now: Instant) {
        if self.may_go_on() {
            self.last_reply = now;
            self.reader_held = Some(now);
            for (slot, seq) in std::mem::take(&mut self.holders) {
                if self.slots.get(slot).is_some_and(|call| call.seq == seq) {
                    self.rearm(slot, now);
                }
            }
        }
    }

    /// Returns whether the reader is held, or was held at some time after `then`.
    pub(in crate::rpc) fn held_reader_since(&self, then: Instant) -> bool {
        self.holds_reader() || self.reader_held.is_some_and(|until| until >= then)
    }

    /// Returns whether the reader is held for this call. If so, a missing reply is not the server's fault.
    pub(super) fn is_behind(&self, due: &Due) -> bool {
        self.holders.contains(&(due.slot, due.seq))
    }
}
