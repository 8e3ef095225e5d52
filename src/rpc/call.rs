//! Calls in progress, as futures: they enter the core, wait, and are withdrawn when dropped.

use super::core::Rejected;
use super::deadlines::Term;
use super::engine::Engine;
use super::expect::Replies;
use super::message::Outgoing;
use super::protocol::Protocol;
use super::slot::{Slot, Stage, Waiter};
use crate::error::Error;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, ready};
use tokio::time::Instant;

impl<P: Protocol> Engine<P> {
    /// Encodes a command into a call that can be submitted.
    pub(super) fn encode(&self, command: &P::Command, term: Term, waiter: Waiter<P>) -> Result<Slot<P>, Error> {
        let seq = self.next_seq();
        // Most commands fit: this avoids growing in steps.
        let mut outgoing = Outgoing { payload: Vec::with_capacity(96), binary: false };
        let expect = self.protocol.encode(command, seq, &mut outgoing)?;
        let (size, limit) = (outgoing.payload.len(), self.settings.limits.message_out);
        if size > limit {
            return Err(Error::invalid_request(format!(
                "the command has {size} bytes, more than the limit of {limit}; send less at once, or raise \
                 `Limits::message_out` if the server accepts more"
            )));
        }
        Ok(Slot::new(seq, outgoing, expect, term, waiter))
    }

    /// Sends a command with one reply and waits for the reply.
    pub(super) async fn reply(&self, call: Slot<P>, now: Instant) -> Result<P::Reply, Error> {
        if !matches!(call.expect.replies, Replies::One | Replies::Exactly(1)) {
            let reason = "the command does not have exactly one reply: use `call_many` or `send_one_way`";
            return Err(Error::invalid_request(reason));
        }
        let seq = call.seq;
        let slot = self.enter(call, now).await?;
        let ticket = Ticket { engine: self, slot, seq };
        // `enter` stored the waker in the call, so the first poll need not look at the core.
        let mut entered = true;
        let mut fallback = self.fallback();
        let result = poll_fn(|cx| {
            if !std::mem::take(&mut entered)
                && let Poll::Ready(result) = self.core().poll_reply(slot, cx)
            {
                return Poll::Ready(result);
            }
            ready!(self.poll_overdue(&mut fallback, (slot, seq), cx));
            self.core().poll_reply(slot, cx)
        })
        .await;
        // The core has already freed the slot, or keeps it for a late reply: do not release it.
        std::mem::forget(ticket);
        result
    }

    /// Sends a one-way command and waits until it is written.
    pub(super) async fn written(&self, call: Slot<P>) -> Result<(), Error> {
        let seq = call.seq;
        let slot = self.enter(call, Instant::now()).await?;
        // A written one-way command stays in the table after this ticket is dropped.
        let _ticket = Ticket { engine: self, slot, seq };
        let mut fallback = self.fallback();
        poll_fn(|cx| {
            if let Poll::Ready(result) = self.core().poll_written(slot, seq, cx) {
                return Poll::Ready(result);
            }
            ready!(self.poll_overdue(&mut fallback, (slot, seq), cx));
            self.core().poll_written(slot, seq, cx)
        })
        .await
    }

    /// Submits a call; waits if all slots are taken. `now` is passed in because reading the clock costs time.
    pub(super) async fn enter(&self, mut call: Slot<P>, mut now: Instant) -> Result<usize, Error> {
        loop {
            poll_fn(|cx| {
                drop(call.waiter.set_waker(cx.waker()));
                Poll::Ready(())
            })
            .await;
            let submitted = self.core().submit(call, now);
            call = match submitted {
                Ok(slot) => return Ok(slot),
                Err(Rejected::Closed(error)) => return Err(error),
                Err(Rejected::Full(call)) => *call,
            };
            call.deadline = self.wait_for_room(call.term()).await?.until;
            now = Instant::now();
        }
    }

    /// Waits until a call may try to enter again, within its time limit. Returns that limit, which the rate limit may
    /// have extended.
    async fn wait_for_room(&self, term: Term) -> Result<Term, Error> {
        let mut notified = pin!(self.room.notified());
        notified.as_mut().enable();
        let _waiting = {
            let mut core = self.core();
            if core.has_room() {
                return Ok(term);
            }
            core.waiting_callers += 1;
            WaitingCaller(self)
        };
        let late = match term.until {
            None => {
                notified.await;
                false
            }
            Some(at) => tokio::time::timeout_at(at, notified).await.is_err(),
        };
        if !late {
            return Ok(term);
        }
        let core = self.core();
        match core.renewed(term, Instant::now()) {
            None => Err(core.too_late(Stage::Queued)),
            until => Ok(Term { until, ..term }),
        }
    }

    /// Returns the time limit of a call, extended if the rate limit held the call back.
    pub(super) fn renewed(&self, term: Term) -> Term {
        let renewed = self.core().renewed(term, Instant::now());
        Term { until: renewed.or(term.until), ..term }
    }

    /// Encodes a command of the connection itself (handshake, heartbeat, cancellation), which bypasses the queue.
    pub(super) fn bound(&self, command: &P::Command, deadline: Option<Instant>) -> Result<Slot<P>, Error> {
        let term = Term { until: deadline, elastic: false };
        let mut call = self.encode(command, term, Waiter::One(None))?;
        if call.expect.replies == Replies::OnlyOnFailure {
            let reason = "a handshake command, a heartbeat or a cancellation cannot be answered only on failure: \
                          expect `Replies::One` or `Replies::None`";
            return Err(Error::invalid_request(reason));
        }
        call.bound = true;
        Ok(call)
    }

    /// Sends a command of the connection itself and discards its reply. Returns whether it was sent.
    pub(super) fn send_unattended(&self, command: &P::Command) -> bool {
        let sent = self.bound(command, None).and_then(|call| self.submit_unattended(call));
        if let Err(error) = &sent {
            let (service, command) = (self.protocol.service(), &*self.protocol.command_name(command));
            tracing::debug!(service, command, %error, "not sent");
        }
        sent.is_ok()
    }

    /// Submits such a command without waiting for its reply.
    pub(super) fn submit_unattended(&self, mut call: Slot<P>) -> Result<(), Error> {
        call.waiter = Waiter::Gone;
        call.deadline = None;
        match self.core().submit(call, Instant::now()) {
            Err(Rejected::Closed(error)) => Err(error),
            Ok(_) | Err(Rejected::Full(_)) => Ok(()),
        }
    }
}

/// A slot in the core. Dropping it tells the core that the caller no longer waits.
struct Ticket<'a, P: Protocol> {
    engine: &'a Engine<P>,
    slot: usize,
    seq: u64,
}

impl<P: Protocol> Drop for Ticket<'_, P> {
    fn drop(&mut self) {
        self.engine.core().release(self.slot, self.seq);
    }
}

/// Counts a caller as waiting for a slot until it is dropped.
struct WaitingCaller<'a, P: Protocol>(&'a Engine<P>);

impl<P: Protocol> Drop for WaitingCaller<'_, P> {
    fn drop(&mut self) {
        self.0.core().waiting_callers -= 1;
    }
}
