//! The rpc as its callers and its carrier share it: the core behind a lock, and what is told to the outside.

use super::core::{Core, Effects, OneWayFailure};
use super::deadlines::saturating_deadline;
use super::events::Topic;
use super::outbox::Framing;
use super::protocol::Route;
use super::{Events, Opened, Protocol, State, Unroutable};
use crate::error::{Cause, Context, DecodeFailure, Delivery, Error};
use crate::policy::{Limits, RateLimit, Retry, Timeouts};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, Sleep, sleep_until};

/// What was set when the client was built.
pub(crate) struct Settings {
    pub(crate) endpoint: Arc<str>,
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    pub(crate) retry: Retry,
    pub(crate) rate_limit: Option<RateLimit>,
}

pub(crate) struct Engine<P: Protocol> {
    pub(crate) protocol: P,
    pub(crate) settings: Settings,
    core: Mutex<Core<P>>,
    pub(super) room: Arc<Notify>,
    seq: AtomicU64,
    state: watch::Sender<State>,
    events: Topic<P::Event>,
    one_way_failures: Topic<Arc<OneWayFailure<P>>>,
}

/// What the carrier is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tick {
    Go,
    /// The same, but nothing is to be read: a stream's consumer is behind.
    HoldReader,
    /// The oldest command's reply is overdue: the connection is of no use any more.
    ReplyOverdue,
    /// Shutting down, and nothing is left to do or no time to do it.
    Stop,
}

impl<P: Protocol> Engine<P> {
    pub(crate) fn new(protocol: P, settings: Settings, framing: Box<dyn Framing>) -> Self {
        let room = Arc::new(Notify::new());
        let limits = settings.limits.clone();
        let (events, one_way_failures) = (Topic::new(limits.events), Topic::new(limits.one_way_failures));
        let (timeouts, rate_limit) = (&settings.timeouts, settings.rate_limit);
        let core = Core::new(&protocol, framing, limits, timeouts, rate_limit, Arc::clone(&room), Instant::now());
        Self {
            protocol,
            settings,
            core: Mutex::new(core),
            room,
            seq: AtomicU64::new(1),
            state: watch::Sender::new(State::Connecting { attempt: 1 }),
            events,
            one_way_failures,
        }
    }

    /// The core's methods leave it consistent at every step that could panic (they call the protocol's pure
    /// comparisons only), so a poisoned lock is usable: the connection's task ends it in order.
    pub(super) fn core(&self) -> MutexGuard<'_, Core<P>> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn next_seq(&self) -> u64 {
        self.seq.fetch_add(1, Relaxed)
    }

    // ---- callers ----

    pub(super) fn subscribe(&self) -> Events<P::Event> {
        self.events.subscribe()
    }

    pub(super) fn one_way_failures(&self) -> Events<Arc<OneWayFailure<P>>> {
        self.one_way_failures.subscribe()
    }

    pub(crate) fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Accepts nothing new, and ends when all is done or `limit` is over.
    pub(super) fn close_within(&self, limit: Duration) {
        let now = Instant::now();
        let waker = {
            let mut core = self.core();
            let until = saturating_deadline(now, limit);
            core.closing = Some(core.closing.map_or(until, |earlier| earlier.min(until)));
            core.rouse()
        };
        // Who waits for room is not under way yet.
        self.room.notify_waiters();
        self.set_state(State::Closing);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What every error says of where it comes from.
    pub(crate) fn context(&self) -> Context {
        let mut context = Context::new(self.protocol.service());
        context.endpoint = Arc::clone(&self.settings.endpoint);
        context
    }

    // ---- the carrier ----

    pub(crate) fn set_state(&self, state: State) {
        self.state.send_if_modified(|current| {
            // There is no way back from closing, nor from the end.
            let forth = match current {
                State::Closed { .. } => false,
                State::Closing => state.is_closed(),
                _ => true,
            };
            if forth {
                let (service, endpoint) = (self.protocol.service(), &*self.settings.endpoint);
                tracing::debug!(service, endpoint, ?state, "connection");
                self.protocol.state_changed(&state);
                *current = state;
            }
            forth
        });
    }

    pub(crate) fn opening(&self) {
        self.core().opening();
    }

    pub(crate) fn opened(&self, opened: Opened) {
        self.act(|core, effects| core.opened(opened, Instant::now(), effects));
        self.set_state(State::Ready);
    }

    /// Ends the connection for everybody who was on it. `taken`: bytes that the socket layer was given.
    pub(crate) fn lose(&self, taken: u64, error: &Error) {
        let after = self.protocol.on_loss();
        self.act(|core, effects| {
            core.taken(taken, effects);
            core.lose(taken, error, after, Instant::now(), effects);
        });
    }

    /// Ends every call, now and later.
    pub(crate) fn end(&self, taken: u64, error: Error) {
        self.act(|core, effects| core.close(taken, error, Instant::now(), effects));
        self.events.close();
        self.one_way_failures.close();
    }

    /// Hands out what one or more messages turned out to be, and lets the next commands out.
    pub(crate) fn receive(&self, routes: &mut Vec<Route<P>>) -> Result<(), Error> {
        if routes.is_empty() {
            return Ok(());
        }
        let mut events = Vec::new();
        let result = self.act(|core, effects| {
            let now = Instant::now();
            let mut result = Ok(());
            for route in routes.drain(..) {
                match route {
                    Route::Answer { key, part, reply } => {
                        result = core.settle(&self.protocol, (&key, part, reply), now, effects);
                        if result.is_err() {
                            break;
                        }
                    }
                    Route::Event(event) => events.push(event),
                }
            }
            core.admit(now, effects);
            result
        });
        for event in events {
            self.events.send(event);
        }
        result
    }

    /// A message came that does not say what it is.
    pub(crate) fn unreadable(&self, what: Unroutable, excerpt: String) -> Error {
        let text = format!("the server sent a message that cannot be understood: {}", what.reason);
        let unreadable = DecodeFailure::new(what.path, what.reason, excerpt);
        self.act(|core, effects| core.unreadable(unreadable, effects));
        Error::new(Cause::Protocol(crate::error::ProtocolViolation(text)), Delivery::MaybeSent)
    }

    /// Looks at the clock, and moves what is ready to be written into `spare`, if that is empty.
    pub(crate) fn tick(&self, taken: u64, spare: &mut Vec<u8>) -> Tick {
        self.act(|core, effects| {
            let now = Instant::now();
            core.taken(taken, effects);
            core.expire(now, effects);
            if spare.is_empty() {
                core.outbox.take(spare);
                core.admit(now, effects);
            }
            if core.closing.is_some_and(|until| until <= now || (spare.is_empty() && core.is_idle())) {
                return Tick::Stop;
            }
            if core.reply_timeout().is_some_and(|at| at <= now) {
                return Tick::ReplyOverdue;
            }
            if core.holds_reader() { Tick::HoldReader } else { Tick::Go }
        })
    }

    /// Frames something of the carrier's own behind what is in the outbox.
    pub(crate) fn push_framed(&self, bytes: &[u8]) {
        self.core().outbox.push_framed(bytes);
    }

    /// Bytes that wait to be taken.
    pub(crate) fn output_len(&self) -> usize {
        self.core().outbox.len()
    }

    /// When the carrier may send a message of its own that counts; it is counted.
    pub(crate) fn reserve(&self, now: Instant) -> Instant {
        self.core().reserve(now)
    }

    /// How much silence the commands on the wire are known to need.
    pub(crate) fn oldest_reply_timeout(&self) -> Duration {
        self.core().oldest_reply_timeout()
    }

    /// Registers the carrier to be woken for new work, or at the next time limit, `also` among them. `false` if there
    /// is something to do already. `taken`: bytes that the socket layer was given; `busy`: it has more of them to take.
    pub(crate) fn sleep(
        &self,
        cx: &std::task::Context<'_>,
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

    /// Does something under the lock, and what follows from it after.
    fn act<R>(&self, work: impl FnOnce(&mut Core<P>, &mut Effects<P>) -> R) -> R {
        let mut effects = Effects::default();
        let (result, delay) = {
            let mut core = self.core();
            let result = work(&mut core, &mut effects);
            (result, core.delay())
        };
        self.tell(delay);
        effects.wakers.into_iter().for_each(Waker::wake);
        for failure in effects.one_way_failures {
            self.one_way_failures.send(Arc::new(failure));
        }
        result
    }
}

/// One timer for all limits of a connection. It is set anew only if the next limit is earlier than the one it is set
/// for; when it rings too early, nothing happens.
#[derive(Default)]
pub(crate) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    fn poll(&mut self, cx: &std::task::Context<'_>, until: Option<Instant>) -> Poll<()> {
        let Some(until) = until else { return Poll::Pending };
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if until < sleep.deadline() || sleep.is_elapsed() {
            sleep.as_mut().reset(until);
        }
        sleep.as_mut().poll(&mut std::task::Context::from_waker(cx.waker()))
    }
}
