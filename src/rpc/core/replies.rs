//! A reply comes.

use super::{Core, Effects, OneWayFailure};
use crate::error::{Cause, DecodeFailure, Delivery, Error, ProtocolViolation};
use crate::rpc::deadlines::Due;
use crate::rpc::pending::{Keys, Match};
use crate::rpc::slot::{Stage, Waiter};
use crate::rpc::{Matching, Part, Protocol};
use tokio::time::Instant;

struct Relations<'a, P>(&'a P);

impl<P: Protocol> Keys<P::Key> for Relations<'_, P> {
    fn fits(&self, waiting: &P::Key, got: &P::Key) -> bool {
        self.0.fits(waiting, got)
    }
    fn proves(&self, one_way: &P::Key, answered: &P::Key) -> bool {
        self.0.proves(one_way, answered)
    }
}

impl<P: Protocol> Core<P> {
    /// Hands a reply to its caller. An error means that the connection cannot be trusted any more.
    pub(in crate::rpc) fn settle(
        &mut self,
        protocol: &P,
        (key, part, reply): (&P::Key, Part, P::Reply),
        now: Instant,
        effects: &mut Effects<P>,
    ) -> Result<(), Error> {
        let found = self.pending.settle(key, part, &Relations(protocol), &mut effects.proven);
        for slot in effects.proven.drain(..) {
            self.remove(slot);
        }
        let reason = match found {
            Match::Reply { slot, done } => {
                self.line_moved = now;
                self.deliver(protocol, slot, reply, done, now, effects);
                return Ok(());
            }
            Match::OneWayFailure { slot } => {
                let seq = self.remove(slot).seq;
                effects.one_way_failures.push(OneWayFailure { seq, result: Ok(reply) });
                return Ok(());
            }
            Match::Nobody if protocol.matching() != Matching::InOrder => return Ok(()),
            Match::Nobody => format!("a reply {key:?} came while no command was waiting for one"),
            Match::OutOfOrder { slot } => {
                let waiting = &self.slots[slot].expect.key;
                format!("a reply {key:?} came where one to {waiting:?} was due: a reply is missing")
            }
        };
        Err(Error::new(Cause::Protocol(ProtocolViolation(reason)), Delivery::MaybeSent))
    }

    fn deliver(
        &mut self,
        protocol: &P,
        slot: usize,
        reply: P::Reply,
        done: bool,
        now: Instant,
        effects: &mut Effects<P>,
    ) {
        let call = &mut self.slots[slot];
        match &mut call.waiter {
            Waiter::One(waker) => {
                effects.wakers.extend(waker.take());
                call.waiter = Waiter::Ready(Ok(reply));
            }
            Waiter::Stream(_) => {
                let bytes = protocol.reply_bytes(&reply);
                self.keep(slot, (reply, bytes), done, effects);
            }
            Waiter::Ready(_) | Waiter::OneWay(_) | Waiter::Gone => {}
        }
        if done {
            self.finish(slot);
        } else {
            self.rearm(slot, now);
        }
    }

    /// No reply will come any more; the slot lives on only while its caller has not fetched the result.
    pub(super) fn finish(&mut self, slot: usize) {
        let call = &mut self.slots[slot];
        call.stage = Stage::Over;
        if matches!(call.waiter, Waiter::Gone) {
            self.remove(slot);
        }
    }

    /// A streaming call's time counts from its last reply.
    pub(super) fn rearm(&mut self, slot: usize, now: Instant) {
        let call = &mut self.slots[slot];
        if let (Waiter::Stream(stream), Some(deadline)) = (&call.waiter, call.deadline)
            && let Some(at) = stream.patience.and_then(|limit| now.checked_add(limit))
            && at > deadline
        {
            call.deadline = Some(at);
            let seq = call.seq;
            self.remind(Due { at, seq, slot });
        }
    }

    /// A message came that says not what it is. Replies in order: it is the head's.
    pub(in crate::rpc) fn unreadable(&mut self, what: DecodeFailure, effects: &mut Effects<P>) {
        if let Some(slot) = self.pending.in_order_head() {
            let error = Error::new(Cause::Decode(Box::new(what)), Delivery::Answered);
            effects.wakers.extend(self.slots[slot].waiter.fail(error));
        }
    }
}
