//! Replies arrive, and their callers take them.

use super::{Core, Link, OneWayFailure};
use crate::error::{Cause, DecodeFailure, Delivery, Error, Overflow};
use crate::policy::Limits;
use crate::rpc::deadlines::Due;
use crate::rpc::expect::Matching;
use crate::rpc::message::{Outgoing, Part};
use crate::rpc::pending::Match;
use crate::rpc::protocol::Protocol;
use crate::rpc::slot::{Stage, Waiter};
use std::task::{Context, Poll};
use tokio::time::Instant;

/// Why a reply shows that an earlier one is missing.
#[derive(Debug)]
pub(in crate::rpc) enum Mismatch<K> {
    NoCommand,
    /// The oldest command has this key.
    OutOfOrder {
        waiting: K,
    },
    /// It may answer any of this many commands.
    Ambiguous {
        fitting: usize,
    },
}

impl<P: Protocol> Core<P> {
    /// Delivers a reply to its caller. After a mismatch the connection cannot be trusted.
    pub(in crate::rpc) fn settle(
        &mut self,
        protocol: &P,
        (key, part, reply): (&P::Key, Part, P::Reply),
        now: Instant,
    ) -> Result<(), Mismatch<P::Key>> {
        let fits = |waiting: &P::Key, got: &P::Key| protocol.fits(waiting, got);
        let proves = |one_way: &P::Key, answered: &P::Key| match protocol.one_way() {
            Some(rules) => rules.proves(one_way, answered),
            None => protocol.matching() == Matching::InOrder,
        };
        if protocol.matching() == Matching::ByName && protocol.is_ambiguous(key) {
            let fitting = self.pending.fitting(key, fits);
            if fitting != 1 {
                self.discard(reply);
                return Err(if fitting == 0 { Mismatch::NoCommand } else { Mismatch::Ambiguous { fitting } });
            }
        }
        let mut proven = Vec::new();
        let found = self.pending.settle(key, part, fits, proves, &mut proven);
        for slot in proven {
            self.remove(slot);
        }
        let mismatch = match found {
            Match::Reply { slot, done } => {
                // A stream that no caller reads any more does not excuse the replies that wait behind it.
                if done || !self.slots[slot].tombstone {
                    self.last_reply = now;
                }
                self.deliver(protocol, slot, reply, done, now);
                return Ok(());
            }
            Match::OneWayFailure { slot } => {
                let call = self.remove(slot);
                let (seq, key) = (call.seq, call.expect.key);
                self.effects.one_way_failures.push(OneWayFailure { seq, key, result: Ok(reply) });
                return Ok(());
            }
            Match::NoCommand if protocol.matching() != Matching::InOrder => {
                self.discard(reply);
                return Ok(());
            }
            Match::NoCommand => Mismatch::NoCommand,
            Match::OutOfOrder { slot } => Mismatch::OutOfOrder { waiting: self.slots[slot].expect.key.clone() },
        };
        self.discard(reply);
        Err(mismatch)
    }

    /// Leaves a reply that no caller takes to be dropped without the lock.
    pub(super) fn discard(&mut self, reply: P::Reply) {
        self.effects.discarded.push(Waiter::Ready(Ok(reply)));
    }

    fn deliver(&mut self, protocol: &P, slot: usize, reply: P::Reply, done: bool, now: Instant) {
        let call = &mut self.slots[slot];
        if call.expect.estimated {
            self.estimates.learn(call.expect.reply_bytes, protocol.reply_bytes(&reply));
        }
        match &mut call.waiter {
            Waiter::One(waker) => {
                self.effects.wakers.extend(waker.take());
                call.waiter = Waiter::Ready(Ok(reply));
            }
            Waiter::Stream(_) => {
                let bytes = protocol.reply_bytes(&reply);
                self.keep(slot, (reply, bytes), done);
            }
            Waiter::Ready(_) | Waiter::OneWay(_) | Waiter::Gone => self.discard(reply),
        }
        if done {
            self.finish(slot);
        } else {
            self.rearm(slot, now);
            self.bury(slot, now);
        }
    }

    /// Ends a call without further replies. The slot stays until its caller has fetched the result.
    pub(super) fn finish(&mut self, slot: usize) {
        let call = &mut self.slots[slot];
        call.stage = Stage::Over;
        call.tombstone = false;
        match call.waiter {
            Waiter::Gone => drop(self.remove(slot)),
            // Its consumer may take long.
            Waiter::Stream(_) => call.outgoing = Outgoing::default(),
            _ => {}
        }
    }

    /// Restarts the time limit of a streaming call: it counts from the last reply.
    pub(super) fn rearm(&mut self, slot: usize, now: Instant) {
        let call = &mut self.slots[slot];
        let Waiter::Stream(stream) = &call.waiter else { return };
        let (at, seq) = (now.checked_add(stream.each), call.seq);
        // Without a limit of its own for replies, that of the call only moves on.
        if !stream.from_writing && !matches!((call.deadline, at), (Some(deadline), Some(at)) if at > deadline) {
            return;
        }
        call.deadline = at;
        if let Some(at) = at {
            self.remind(Due { at, seq, slot });
            self.wake_driver_by(at);
        }
    }

    /// Starts the time limit of a streaming call that has one of its own for replies.
    pub(super) fn count_from_writing(&mut self, slot: usize, now: Instant) {
        if matches!(&self.slots[slot].waiter, Waiter::Stream(stream) if stream.from_writing) {
            self.rearm(slot, now);
        }
    }

    /// Records a message that cannot be routed. If replies come in order, it fails the oldest call.
    pub(in crate::rpc) fn undecodable(&mut self, what: DecodeFailure) {
        if let Some(slot) = self.pending.in_order_oldest() {
            let error = Error::new(Cause::Decode(Box::new(what)), Delivery::Answered);
            let waker = self.slots[slot].fail(error);
            self.effects.wakers.extend(waker);
        }
    }

    /// Keeps a message for the handshake. Without a handshake it is ignored.
    pub(in crate::rpc) fn greet(&mut self, message: P::Reply, bytes: usize) -> Result<(), Error> {
        if self.link != Link::Opening {
            self.discard(message);
            return Ok(());
        }
        let Limits { replies, reply_bytes, .. } = self.limits;
        let overflow = if self.greetings.len() >= replies {
            Some(Overflow::new(replies))
        } else {
            let crossed = !self.greetings.is_empty() && self.greeting_bytes.saturating_add(bytes) > reply_bytes;
            crossed.then(|| Overflow::bytes(reply_bytes))
        };
        if let Some(overflow) = overflow {
            self.discard(message);
            return Err(Error::new(Cause::Overflow(overflow), Delivery::NotSent));
        }
        self.greeting_bytes = self.greeting_bytes.saturating_add(bytes);
        self.greetings.push_back((message, bytes));
        self.effects.wakers.append(&mut self.greeted);
        Ok(())
    }

    /// Returns the reply once it is there, and ends the call.
    pub(in crate::rpc) fn poll_reply(&mut self, slot: usize, cx: &Context<'_>) -> Poll<Result<P::Reply, Error>> {
        let call = &mut self.slots[slot];
        if let Waiter::One(_) = &call.waiter {
            let before = call.waiter.set_waker(cx.waker());
            self.effects.discard(before);
            return Poll::Pending;
        }
        match std::mem::replace(&mut call.waiter, Waiter::Gone) {
            Waiter::Ready(result) => {
                if call.stage == Stage::Over {
                    self.remove(slot);
                }
                Poll::Ready(result)
            }
            other => {
                call.waiter = other;
                Poll::Pending
            }
        }
    }

    /// Returns the next reply of a streaming call; `None` after the last.
    pub(in crate::rpc) fn poll_next(&mut self, slot: usize, cx: &Context<'_>) -> Poll<Option<Result<P::Reply, Error>>> {
        let waiter = &mut self.slots[slot].waiter;
        let Waiter::Stream(stream) = waiter else { return Poll::Ready(None) };
        if let Some((reply, bytes)) = stream.buffer.pop_front() {
            stream.bytes = if stream.buffer.is_empty() { 0 } else { stream.bytes.saturating_sub(bytes) };
            self.wake_held_reader();
            return Poll::Ready(Some(Ok(reply)));
        }
        match &mut stream.end {
            None => {
                let before = waiter.set_waker(cx.waker());
                self.effects.discard(before);
                Poll::Pending
            }
            Some(end) => match std::mem::replace(end, Ok(())) {
                Ok(()) => Poll::Ready(None),
                Err(error) => Poll::Ready(Some(Err(error))),
            },
        }
    }

    /// Returns the next message for the handshake.
    pub(in crate::rpc) fn poll_greeting(&mut self, cx: &Context<'_>) -> Poll<P::Reply> {
        match self.greetings.pop_front() {
            Some((message, bytes)) => {
                self.greeting_bytes -= bytes;
                Poll::Ready(message)
            }
            None => {
                // The handshake may wait for several messages at once.
                if !self.greeted.iter().any(|waker| waker.will_wake(cx.waker())) {
                    self.greeted.push(cx.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}
