//! The engine, shared by callers and transport: the core behind a lock, and the subscriptions.

use super::close::{Close, CloseAction, InFlight, Opened, Reconnect};
use super::contained::contained;
use super::core::{Core, Effects, Mismatch, OneWayFailure};
use super::deadlines::{Term, saturating_deadline};
use super::events::{Capacity, Events, Topic};
use super::message::Unroutable;
use super::outbox::Framing;
use super::protocol::{Protocol, Route, Routes};
use super::state::{State, States};
use super::throttle::{Delay, Throttle};
use crate::error::{Cause, Context, DecodeFailure, Delivery, Error, ProtocolViolation, bounded};
use crate::policy::{ConnectOptions, Limits, RateLimit, Retry, Timeouts};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime;
use tokio::sync::watch;
use tokio::time::Instant;

/// The options of a client that the engine uses.
pub(crate) struct Settings {
    pub(crate) endpoint: Arc<str>,
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    pub(crate) retry: Retry,
    pub(crate) rate_limit: Option<RateLimit>,
}

impl Settings {
    pub(crate) fn new(endpoint: Arc<str>, options: &ConnectOptions) -> Self {
        Self {
            endpoint,
            timeouts: options.timeouts().clone(),
            limits: options.limits().clone(),
            retry: options.retry(),
            rate_limit: options.rate_limit(),
        }
    }
}

pub(crate) struct Engine<P: Protocol> {
    pub(crate) protocol: P,
    pub(crate) settings: Settings,
    /// The runtime of the client's task.
    pub(super) home: runtime::Id,
    core: Mutex<Core<P>>,
    seq: AtomicU64,
    /// The number of the core's connection.
    connection: AtomicU64,
    states: States,
    events: Topic<P::Event>,
    one_way_failures: Topic<Arc<OneWayFailure<P>>>,
}

/// Keeps the connection open as long as a client or a reply stream uses it.
pub(super) struct Handle<P: Protocol> {
    pub(super) engine: Arc<Engine<P>>,
}

impl<P: Protocol> Drop for Handle<P> {
    fn drop(&mut self) {
        // No call is waiting, because each holds a handle. One-way commands may still be written within this time.
        self.engine.close_within(self.engine.settings.timeouts.close);
    }
}

/// The end of a connection or of an attempt to connect.
#[derive(Debug)]
pub(crate) struct Loss {
    pub(crate) error: Error,
    pub(crate) reconnect: Reconnect,
    unprocessed: bool,
    in_flight: InFlight,
}

/// Why replies cannot be delivered any more.
enum Fault<K> {
    Mismatch(K, Mismatch<K>),
    Overflow(Error),
}

/// Maximum bytes of a key that are read for an error.
const KEY_READ: usize = 4096;
/// Maximum characters of them that the error shows.
const KEY_SHOWN: usize = 80;

/// The locked core. Its effects take place after it is unlocked: no waker, no subscriber and no destructor of a reply runs
/// under the lock. They take place in any case, even if the protocol panics while the core is locked.
pub(super) struct Locked<'a, P: Protocol> {
    engine: &'a Engine<P>,
    /// `None` only while it is dropped.
    core: Option<MutexGuard<'a, Core<P>>>,
}

impl<P: Protocol> Deref for Locked<'_, P> {
    type Target = Core<P>;
    #[allow(clippy::expect_used, reason = "taken by `drop` only")]
    fn deref(&self) -> &Core<P> {
        self.core.as_ref().expect("it is locked")
    }
}

impl<P: Protocol> DerefMut for Locked<'_, P> {
    #[allow(clippy::expect_used, reason = "taken by `drop` only")]
    fn deref_mut(&mut self) -> &mut Core<P> {
        self.core.as_mut().expect("it is locked")
    }
}

impl<P: Protocol> Drop for Locked<'_, P> {
    fn drop(&mut self) {
        let Some(mut core) = self.core.take() else { return };
        let delay = core.delay();
        let effects = (!core.effects.is_empty()).then(|| std::mem::take(&mut core.effects));
        drop(core);
        if let Some(effects) = effects {
            self.engine.act_on(effects);
        }
        if let Some(delay) = delay {
            contained(|| self.engine.trace_delay(&delay));
        }
    }
}

impl<P: Protocol> Engine<P> {
    /// Makes the engine of a client whose task runs in the current runtime.
    pub(crate) fn new(protocol: P, settings: Settings, framing: Box<dyn Framing>) -> Self {
        let limits = settings.limits.clone();
        let topic = |items| Capacity { items, bytes: limits.event_bytes };
        let (events, failures) = (topic(limits.events), topic(limits.one_way_failures));
        let core = Core::new(&protocol, framing, limits, &settings.timeouts, settings.rate_limit, Instant::now());
        Self {
            protocol,
            settings,
            home: runtime::Handle::current().id(),
            core: Mutex::new(core),
            seq: AtomicU64::new(1),
            connection: AtomicU64::new(1),
            states: States::new(),
            events: Topic::new(events),
            one_way_failures: Topic::new(failures),
        }
    }

    /// Locks the core. A poisoned lock is usable: after a panic of the protocol under the lock a call may be in no table,
    /// but the connection's task ends the client, and that answers every call.
    pub(super) fn core(&self) -> Locked<'_, P> {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        Locked { engine: self, core: Some(core) }
    }

    fn act_on(&self, effects: Effects<P>) {
        for waker in effects.driver.into_iter().chain(effects.wakers) {
            contained(|| waker.wake());
        }
        for failure in effects.one_way_failures {
            contained(|| {
                let bytes = failure.result.as_ref().map_or(0, |reply| self.protocol.reply_bytes(reply));
                self.one_way_failures.send(Arc::new(failure), bytes);
            });
        }
        for discarded in effects.discarded {
            discarded.dispose();
        }
    }

    fn trace_delay(&self, delay: &Delay) {
        let wait = delay.until.saturating_duration_since(Instant::now());
        let (service, endpoint, calls) = (self.protocol.service(), &*self.settings.endpoint, delay.calls);
        tracing::debug!(service, endpoint, calls, ?wait, "held back by the rate limit");
    }

    // ---- callers ----

    pub(super) fn next_seq(&self) -> u64 {
        self.seq.fetch_add(1, Relaxed)
    }

    /// Returns the number of the latest connection.
    pub(super) fn connection(&self) -> u64 {
        self.connection.load(Acquire)
    }

    /// Returns the time limit of a call that started at `started`.
    pub(super) fn term(&self, timeout: Option<Duration>, started: Instant) -> Term {
        let limit = timeout.unwrap_or(self.settings.timeouts.call);
        Term { until: started.checked_add(limit), elastic: timeout.is_none() }
    }

    pub(super) fn subscribe(&self) -> Events<P::Event> {
        self.events.subscribe()
    }

    pub(super) fn one_way_failures(&self) -> Events<Arc<OneWayFailure<P>>> {
        self.one_way_failures.subscribe()
    }

    pub(crate) fn state(&self) -> watch::Receiver<State> {
        self.states.subscribe()
    }

    pub(super) fn throttle(&self) -> Option<Throttle> {
        self.core().throttle(Instant::now())
    }

    /// Accepts no new calls, and ends when all calls are finished or after `limit`.
    pub(super) fn close_within(&self, limit: Duration) {
        self.core().close_by(saturating_deadline(Instant::now(), limit));
        // Publish the state before the connection's task acts.
        self.set_state(State::Closing);
        self.core().wake_driver();
    }

    /// Returns the context that all errors of this client share.
    pub(crate) fn context(&self) -> Context {
        let mut context = Context::new(self.protocol.service());
        context.endpoint = Arc::clone(&self.settings.endpoint);
        context
    }

    // ---- the transport ----

    pub(crate) fn set_state(&self, state: State) {
        self.states.set(state, |state| {
            contained(|| {
                let (service, endpoint) = (self.protocol.service(), &*self.settings.endpoint);
                tracing::debug!(service, endpoint, ?state, "connection");
            });
            contained(|| self.protocol.state_changed(state));
        });
    }

    pub(crate) fn opening(&self) {
        self.core().opening();
    }

    pub(crate) fn opened(&self, opened: Opened) {
        self.core().opened(opened, Instant::now());
        self.set_state(State::Ready);
    }

    /// Asks the protocol what happens after the end of a connection.
    pub(crate) fn decide(&self, close: &Close<'_>) -> Loss {
        let CloseAction { code, reconnect, source, unprocessed, in_flight } = self.protocol.on_close(close);
        let mut error = match *close {
            Close::Frame(frame) => {
                let mut frame = frame.clone();
                frame.known = code;
                frame.reason = self.protocol.redaction().mask(&frame.reason).into();
                Error::new(Cause::Closed(frame), Delivery::MaybeSent)
            }
            Close::Lost(error) | Close::Handshake(error) | Close::Attempt(error) => match code {
                Some(code) => error.clone().with_any_code(code),
                None => error.clone(),
            },
        };
        if let Reconnect::After(wait) = reconnect {
            error = error.with_retry_after(wait);
        }
        if let Some(source) = source {
            error = error.with_source(source);
        }
        Loss { error, reconnect, unprocessed, in_flight }
    }

    /// Ends the connection for its calls. `taken`: bytes that the socket has taken.
    pub(crate) fn lose(&self, taken: u64, loss: &Loss) {
        let taken = if loss.unprocessed { 0 } else { taken };
        let mut core = self.core();
        core.taken(taken);
        core.lose(taken, &loss.error, loss.in_flight, Instant::now());
        self.connection.store(core.connection(), Release);
    }

    /// Ends every call, now and later. `taken`: bytes that the socket has taken. If that is unknown, every written command
    /// may have been sent, and none is known to have been.
    pub(crate) fn end(&self, taken: Option<u64>, error: Error) {
        let mut core = self.core();
        if let Some(taken) = taken {
            core.taken(taken);
        }
        core.close(taken.unwrap_or(u64::MAX), error, Instant::now());
        drop(core);
        contained(|| self.events.close());
        contained(|| self.one_way_failures.close());
    }

    /// Delivers replies and events, and writes the next commands.
    pub(crate) fn hand_out(&self, routes: &mut Routes<P>) -> Result<(), Error> {
        if routes.is_empty() {
            return Ok(());
        }
        let mut events = Vec::new();
        let mut fault = None;
        let mut routes = routes.0.drain(..);
        let mut core = self.core();
        let now = Instant::now();
        for route in routes.by_ref() {
            fault = match route {
                Route::Answer { key, part, reply } => {
                    let settled = core.settle(&self.protocol, (&key, part, reply), now);
                    settled.err().map(|mismatch| Fault::Mismatch(key, mismatch))
                }
                Route::Opening(message) => {
                    let bytes = self.protocol.reply_bytes(&message);
                    core.greet(message, bytes).err().map(Fault::Overflow)
                }
                Route::Event(event) => {
                    events.push(event);
                    None
                }
            };
            if fault.is_some() {
                break;
            }
        }
        core.admit(now);
        drop(core);
        routes.for_each(|route| contained(|| drop(route)));
        for event in events {
            contained(|| {
                let bytes = self.protocol.event_bytes(&event);
                self.events.send(event, bytes);
            });
        }
        match fault {
            None => Ok(()),
            Some(Fault::Overflow(error)) => Err(error),
            Some(Fault::Mismatch(key, mismatch)) => Err(self.violation(&key, &mismatch)),
        }
    }

    /// Makes the error for a reply that does not fit.
    fn violation(&self, key: &P::Key, mismatch: &Mismatch<P::Key>) -> Error {
        let redaction = self.protocol.redaction();
        // A key may be as long as the peer wants, and hold what must be hidden.
        let shown = |key: &P::Key| redaction.excerpt(&bounded(format_args!("{key:?}"), KEY_READ), KEY_SHOWN);
        let got = shown(key);
        let violation = match mismatch {
            Mismatch::NoCommand => {
                ProtocolViolation::new(format_args!("a reply {got} arrived while no command was waiting for one"))
            }
            Mismatch::OutOfOrder { waiting } => ProtocolViolation::new(format_args!(
                "a reply {got} arrived instead of a reply to {}: a reply is missing",
                shown(waiting)
            )),
            Mismatch::Ambiguous { fitting } => ProtocolViolation::new(format_args!(
                "a reply {got} arrived that does not tell which of {fitting} waiting commands it answers"
            )),
        };
        Error::new(Cause::Protocol(violation), Delivery::MaybeSent)
    }

    /// Records a message that cannot be routed, and returns the error that ends the connection.
    pub(crate) fn undecodable(&self, what: Unroutable, excerpt: String) -> Error {
        let text = format_args!("the server sent a message that cannot be routed: {}", what.reason);
        let violation = ProtocolViolation::new(text);
        self.core().undecodable(DecodeFailure::new(what.path, what.reason, excerpt));
        Error::new(Cause::Protocol(violation), Delivery::MaybeSent)
    }
}
