//! The engine's interface for transports.

use super::engine::Engine;
use super::protocol::Protocol;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use tokio::time::{Instant, Sleep, sleep_until};

/// What the transport must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tick {
    /// Write and read.
    Go,
    /// Write, but do not read: a stream's consumer is behind.
    HoldReader,
    /// Read once more; then end the connection if the reply to the oldest call is still overdue.
    ReplyOverdue,
    /// Stop: the client shuts down, and all calls are finished or the time is over.
    Stop,
}

impl<P: Protocol> Engine<P> {
    /// Handles expired time limits, and moves the bytes to write into `spare` if it is empty.
    pub(crate) fn tick(&self, taken: u64, spare: &mut Vec<u8>) -> Tick {
        let mut core = self.core();
        let now = Instant::now();
        core.taken(taken);
        core.expire(now);
        if spare.is_empty() {
            core.outbox.take(spare);
            core.admit(now);
        }
        if core.is_closed() || core.closing.is_some_and(|until| until <= now || (spare.is_empty() && core.is_idle())) {
            return Tick::Stop;
        }
        if core.reply_due().is_some_and(|at| at <= now) {
            return Tick::ReplyOverdue;
        }
        if core.holds_reader() { Tick::HoldReader } else { Tick::Go }
    }

    /// Returns whether the reply to the oldest call is overdue.
    pub(crate) fn is_reply_overdue(&self) -> bool {
        self.core().reply_due().is_some_and(|at| at <= Instant::now())
    }

    /// Appends a framed message of the transport itself.
    pub(crate) fn push_framed(&self, bytes: &[u8]) {
        self.core().outbox.push_framed(bytes);
    }

    /// Returns the number of bytes in the outbox.
    pub(crate) fn output_len(&self) -> usize {
        self.core().outbox.len()
    }

    /// Takes a token of the rate limit for a message of the transport, and returns when it may be sent.
    pub(crate) fn reserve(&self, now: Instant) -> Instant {
        self.core().reserve(now)
    }

    /// Returns when a silent server is given up that should have answered a ping by `due`. A call that is known to block
    /// the server extends the time.
    pub(crate) fn excused(&self, due: Instant) -> Instant {
        self.core().excused_until().map_or(due, |until| until.max(due))
    }

    /// Registers the transport to be woken for new work, at the next time limit, or at `also`. Returns `false` if there
    /// is already work. `taken`: bytes that the socket has taken; `busy`: it has not taken all.
    pub(crate) fn sleep(
        &self,
        cx: &Context<'_>,
        timer: &mut Timer,
        also: Option<Instant>,
        taken: u64,
        busy: bool,
    ) -> bool {
        let until = {
            let mut core = self.core();
            if core.has_work(taken, busy) {
                return false;
            }
            let until = [core.next_timer(), also].into_iter().flatten().min();
            core.sleep(cx.waker(), until);
            until
        };
        timer.poll(cx, until).is_pending()
    }

    /// Runs `work` without a connection and enforces the time limits of waiting calls. Returns `None` if the client
    /// stops.
    pub(crate) async fn meanwhile<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        let mut timer = Timer::default();
        let mut nothing = Vec::new();
        poll_fn(|cx| {
            loop {
                if self.tick(0, &mut nothing) == Tick::Stop {
                    return Poll::Ready(None);
                }
                if let Poll::Ready(done) = work.as_mut().poll(cx) {
                    return Poll::Ready(Some(done));
                }
                if self.sleep(cx, &mut timer, None, 0, false) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}

/// One timer for all time limits of a connection. It is reset only to an earlier time; firing too early is harmless.
#[derive(Default)]
pub(crate) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    fn poll(&mut self, cx: &Context<'_>, until: Option<Instant>) -> Poll<()> {
        let Some(until) = until else { return Poll::Pending };
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if until < sleep.deadline() || sleep.is_elapsed() {
            sleep.as_mut().reset(until);
        }
        sleep.as_mut().poll(&mut Context::from_waker(cx.waker()))
    }
}
