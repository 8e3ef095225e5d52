//! Calls in progress, as futures: they enter the core, wait, and are withdrawn when dropped.

use super::core::Rejected;
use super::deadlines::Term;
use super::engine::Engine;
use super::expect::Replies;
use super::fallback::{Fallback, has_timer};
use super::message::Outgoing;
use super::protocol::Protocol;
use super::slot::{Slot, Stage, Waiter};
use crate::error::Error;
use std::future::poll_fn;
use std::num::NonZeroU64;
use std::task::Poll;
use tokio::time::Instant;

impl<P: Protocol> Engine<P> {
    /// Encodes a command into a call that can be submitted.
    pub(super) fn encode(&self, command: &P::Command, term: Term, waiter: Waiter<P>) -> Result<Slot<P>, Error> {
        let seq = self.next_seq();
        // Before the protocol decides.
        let connection = self.connection();
        // Most commands fit: this avoids growing in steps.
        let mut outgoing = Outgoing { payload: Vec::with_capacity(80), binary: false };
        let expect = self.protocol.encode(command, seq, &mut outgoing)?;
        let (size, limit) = (outgoing.payload.len(), self.settings.limits.message_out);
        if size > limit {
            return Err(Error::invalid_request(format!(
                "the command has {size} bytes, more than the limit of {limit}; send less at once, or raise \
                 `Limits::message_out` if the server accepts more"
            )));
        }
        let only_on = NonZeroU64::new(connection).filter(|_| expect.this_connection);
        Ok(Slot { only_on, ..Slot::new(seq, outgoing, expect, term, waiter) })
    }

    /// Sends a command with one reply and waits for the reply.
    pub(super) async fn reply(
        &self,
        encode: impl FnOnce() -> Result<Slot<P>, Error>,
        now: Instant,
    ) -> Result<P::Reply, Error> {
        let mut seq = 0;
        let call = || {
            let call = encode()?;
            if !matches!(call.expect.replies, Replies::One | Replies::Exactly(1)) {
                let reason = "the command does not have exactly one reply: use `call_many` or `send_one_way`";
                return Err(Error::invalid_request(reason));
            }
            seq = call.seq;
            Ok(call)
        };
        let slot = self.enter(call, now).await?;
        let ticket = Ticket { engine: self, slot, seq };
        // `enter` stored the waker in the call, so the first poll need not look at the core.
        let mut entered = true;
        let mut fallback = Fallback::default();
        let result = poll_fn(|cx| {
            self.poll_in_time(&mut fallback, (slot, seq), cx, |core, cx| match std::mem::take(&mut entered) {
                true => Poll::Pending,
                false => core.poll_reply(slot, cx),
            })
        })
        .await;
        // The core has already freed the slot, or keeps it for a late reply: do not release it.
        std::mem::forget(ticket);
        result
    }

    /// Sends a one-way command and waits until it is written.
    pub(super) async fn written(&self, call: Slot<P>) -> Result<(), Error> {
        let seq = call.seq;
        let slot = self.enter(|| Ok(call), Instant::now()).await?;
        // A written one-way command stays in the table after this ticket is dropped.
        let _ticket = Ticket { engine: self, slot, seq };
        let mut fallback = Fallback::default();
        poll_fn(|cx| self.poll_in_time(&mut fallback, (slot, seq), cx, |core, cx| core.poll_written(slot, seq, cx)))
            .await
    }

    /// Makes and submits a call; waits if all slots are taken. `now` is passed in because reading the clock costs time.
    pub(super) async fn enter(
        &self,
        call: impl FnOnce() -> Result<Slot<P>, Error>,
        now: Instant,
    ) -> Result<usize, Error> {
        // Thousands of calls may wait, and a call is large: no future keeps one.
        let mut call = Some(call);
        let submitted = poll_fn(|cx| {
            let submitted = call.take().map(|make| {
                let mut call = make().map_err(Rejected::Closed)?;
                drop(call.waiter.set_waker(cx.waker()));
                self.core().submit(call, now)
            });
            submitted.map_or(Poll::Pending, Poll::Ready)
        })
        .await;
        match submitted {
            Ok(slot) => Ok(slot),
            Err(Rejected::Closed(error)) => Err(error),
            Err(Rejected::Full(call)) => Box::pin(self.wait_for_room(call)).await,
        }
    }

    /// Waits until it is a call's turn for a slot, within the call's time limit, and submits the call.
    async fn wait_for_room(&self, mut call: Box<Slot<P>>) -> Result<usize, Error> {
        let place = Place { engine: self, number: self.core().take_place() };
        loop {
            let turn = poll_fn(|cx| {
                drop(call.waiter.set_waker(cx.waker()));
                self.core().poll_place(place.number, cx)
            });
            let Some(at) = call.deadline.filter(|_| has_timer()) else {
                turn.await;
                break;
            };
            if tokio::time::timeout_at(at, turn).await.is_ok() {
                break;
            }
            let core = self.core();
            match core.renewed(call.term(), Instant::now()) {
                None => return Err(core.too_late(Stage::Queued)),
                until => call.deadline = until,
            }
        }
        let number = place.number;
        std::mem::forget(place);
        self.core().enter_from(number, *call, Instant::now())
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

    /// Sends the command that cancels a written call, on the connection of that call, and removes the call from the
    /// window.
    pub(super) fn cancel(&self, command: &P::Command, (slot, seq): (usize, u64)) {
        let sent = self.bound(command, None).and_then(|call| {
            let mut core = self.core();
            let now = Instant::now();
            if core.is_on_the_wire(slot, seq) {
                core.enter(call.unattended(), now)?;
                core.forget(slot, seq, now);
            }
            Ok(())
        });
        if let Err(error) = sent {
            let (service, command) = (self.protocol.service(), &*self.protocol.command_name(command));
            tracing::debug!(service, command, %error, "not sent");
        }
    }

    /// Submits a command of the connection itself without waiting for its reply. Returns its slot and number.
    pub(super) fn submit_unattended(&self, call: Slot<P>) -> Result<(usize, u64), Error> {
        let seq = call.seq;
        Ok((self.core().enter(call.unattended(), Instant::now())?, seq))
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
        self.engine.core().release(self.slot, self.seq, Instant::now());
    }
}

/// The place of a caller that waits for a slot. Dropping it gives up the place.
struct Place<'a, P: Protocol> {
    engine: &'a Engine<P>,
    number: u64,
}

impl<P: Protocol> Drop for Place<'_, P> {
    fn drop(&mut self) {
        self.engine.core().leave_place(self.number);
    }
}
