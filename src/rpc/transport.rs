//! What a transport asks of the engine while a connection stands, and while there is none.

use super::engine::Engine;
use super::protocol::Protocol;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// What the transport is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tick {
    Go,
    /// The same, but nothing is to be read: a stream's consumer is behind.
    HoldReader,
    /// The reply to the oldest call is overdue: the connection is of no use any more.
    ReplyOverdue,
    /// Shutting down, and nothing is left to do or no time to do it.
    Stop,
}

impl<P: Protocol> Engine<P> {
    /// Looks at the clock, and moves what is ready to be written into `spare`, if that is empty.
    pub(crate) fn tick(&self, taken: u64, spare: &mut Vec<u8>) -> Tick {
        let mut core = self.core();
        let now = Instant::now();
        core.taken(taken);
        core.expire(now);
        if spare.is_empty() {
            core.outbox.take(spare);
            core.admit(now);
        }
        if core.closing.is_some_and(|until| until <= now || (spare.is_empty() && core.is_idle())) {
            return Tick::Stop;
        }
        if core.reply_due().is_some_and(|at| at <= now) {
            return Tick::ReplyOverdue;
        }
        if core.holds_reader() { Tick::HoldReader } else { Tick::Go }
    }

    /// Frames something of the transport's own behind what is in the outbox.
    pub(crate) fn push_framed(&self, bytes: &[u8]) {
        self.core().outbox.push_framed(bytes);
    }

    /// Bytes that wait to be taken.
    pub(crate) fn output_len(&self) -> usize {
        self.core().outbox.len()
    }

    /// When the transport may send a message of its own that counts; it is counted.
    pub(crate) fn reserve(&self, now: Instant) -> Instant {
        self.core().reserve(now)
    }

    /// How long the oldest call on the wire is known to need.
    pub(crate) fn oldest_reply_timeout(&self) -> Duration {
        self.core().oldest_reply_timeout()
    }

    /// Registers the transport to be woken for new work, or at the next time limit, `also` among them. `false` if there
    /// is something to do already. `taken`: bytes that the socket layer was given; `busy`: it has more of them to take.
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

    /// Runs `work` while there is no connection, keeping the time limits of those who wait. `None`: it is time to stop.
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

/// One timer for all limits of a connection. It is set anew only if the next limit is earlier than the one it is set
/// for; when it rings too early, nothing happens.
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
