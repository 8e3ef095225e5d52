//! A caller looks after its call.

use super::{Core, Effects};
use crate::error::Error;
use crate::rpc::slot::{Stage, Waiter};
use crate::rpc::{Protocol, Replies};
use std::task::{Context, Poll, Waker};
use tokio::time::Instant;

impl<P: Protocol> Core<P> {
    /// The reply, if it is there: then the call is over.
    pub(in crate::rpc) fn poll_reply(&mut self, slot: usize, cx: &Context<'_>) -> Poll<Result<P::Reply, Error>> {
        let call = &mut self.slots[slot];
        if let Waiter::One(waker) = &mut call.waiter {
            register(waker, cx);
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

    /// The next reply of a streaming call; `None` after the last. Whom to wake if the reader waited for this goes to
    /// `reader`.
    pub(in crate::rpc) fn poll_next(
        &mut self,
        slot: usize,
        cx: &Context<'_>,
        reader: &mut Option<Waker>,
    ) -> Poll<Option<Result<P::Reply, Error>>> {
        let Waiter::Stream(stream) = &mut self.slots[slot].waiter else { return Poll::Ready(None) };
        if let Some((reply, bytes)) = stream.buffer.pop_front() {
            stream.bytes = if stream.buffer.is_empty() { 0 } else { stream.bytes.saturating_sub(bytes) };
            *reader = self.rouse_reader();
            return Poll::Ready(Some(Ok(reply)));
        }
        match &mut stream.end {
            None => {
                register(&mut stream.waker, cx);
                Poll::Pending
            }
            Some(end) => match std::mem::replace(end, Ok(())) {
                Ok(()) => Poll::Ready(None),
                Err(error) => Poll::Ready(Some(Err(error))),
            },
        }
    }

    /// Whether a streaming call's command left the queue.
    pub(in crate::rpc) fn is_written(&self, slot: usize, seq: u64) -> bool {
        self.slots.get(slot).filter(|call| call.seq == seq).is_none_or(|call| call.stage != Stage::Queued)
    }

    /// Whether a command without a reply is written. Its slot may be gone by then.
    pub(in crate::rpc) fn poll_written(&mut self, slot: usize, seq: u64, cx: &Context<'_>) -> Poll<Result<(), Error>> {
        let Some(call) = self.slots.get_mut(slot).filter(|call| call.seq == seq) else { return Poll::Ready(Ok(())) };
        match &mut call.waiter {
            Waiter::OneWay(waker) => {
                register(waker, cx);
                Poll::Pending
            }
            Waiter::Ready(_) => match self.poll_reply(slot, cx) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Ready(Ok(_)) | Poll::Pending => Poll::Ready(Ok(())),
            },
            _ => Poll::Ready(Ok(())),
        }
    }

    /// The caller waits no longer. A command that is not written yet is taken back; of one that is, the reply is eaten.
    /// Returns whom to wake if others can go in its place.
    pub(in crate::rpc) fn release(&mut self, slot: usize, seq: u64) -> Option<Waker> {
        let call = self.slots.get_mut(slot).filter(|call| call.seq == seq)?;
        call.waiter = Waiter::Gone;
        let stage = call.stage;
        if !matches!(stage, Stage::Written { .. }) {
            self.remove(slot);
        }
        let was_first = stage != Stage::Over && self.queue.front() == Some(&(slot, seq));
        if was_first { self.driver.take() } else { self.rouse_reader() }
    }

    /// The socket layer has taken so many bytes: commands without replies that lie before are done.
    pub(in crate::rpc) fn taken(&mut self, taken: u64, effects: &mut Effects<P>) {
        while let Some(&(slot, end)) = self.departing.front() {
            if end > taken {
                return;
            }
            let call = &mut self.slots[slot];
            if let Waiter::OneWay(waker) = std::mem::replace(&mut call.waiter, Waiter::Gone) {
                effects.wakers.extend(waker);
            }
            self.departing.pop_front();
            self.finish(slot);
        }
    }

    /// The oldest one-way command with a lower number than this that nothing has proven yet.
    pub(in crate::rpc) fn oldest_one_way(&self, below: u64) -> Option<(u64, P::Key)> {
        let queued = self.queue.iter().find_map(|&(slot, seq)| {
            let call = self.slots.get(slot).filter(|call| call.seq == seq && call.stage != Stage::Over)?;
            (call.expect.replies == Replies::OnlyOnFailure && seq < below).then(|| (seq, call.expect.key.clone()))
        });
        self.pending.oldest_one_way(below).map(|entry| (entry.seq, entry.key.clone())).or(queued)
    }

    /// Quiet commands written and not proven.
    pub(in crate::rpc) fn one_way_count(&self) -> usize {
        self.pending.one_way_count()
    }

    /// The connection's task is about to sleep.
    pub(in crate::rpc) fn sleep(&mut self, waker: &Waker, until: Option<Instant>) {
        self.armed = until;
        match &mut self.driver {
            Some(driver) => driver.clone_from(waker),
            driver => *driver = Some(waker.clone()),
        }
    }

    /// Wakes the connection's task, if it sleeps.
    pub(in crate::rpc) fn rouse(&mut self) -> Option<Waker> {
        self.driver.take()
    }
}

fn register(slot: &mut Option<Waker>, cx: &Context<'_>) {
    match slot {
        Some(waker) => waker.clone_from(cx.waker()),
        slot => *slot = Some(cx.waker().clone()),
    }
}
