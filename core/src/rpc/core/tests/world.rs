//! Callers, a wire, a server, and what may not happen between them.

use crate::error::{Cause, Delivery, Error};
use crate::policy::{Limits, RateLimit, Timeouts};
use crate::rpc::core::{Core, Effects, Link, Rejected};
use crate::rpc::deadlines::Term;
use crate::rpc::outbox::Framing;
use crate::rpc::slot::{Slot, Waiter};
use crate::rpc::{
    Backlog, Expect, InFlight, Matching, Message, Opened, Outgoing, Part, Protocol, Replies, Routes, Unroutable, Window,
};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::time::Instant;

pub(super) const MS: Duration = Duration::from_millis(1);

const WINDOW: Window = Window { commands: 3, reply_bytes: 100 };
const CALLS: usize = 8;
const WRITE_BUFFER: usize = 30;
pub(super) const REPLY: Duration = Duration::from_millis(20);
/// Bytes of a message on this wire: its number, and four that say nothing.
pub(super) const FRAME: usize = 12;

pub(super) struct Toy(Matching);

impl Protocol for Toy {
    type Command = ();
    /// The number of the command that it answers.
    type Reply = u64;
    type Event = ();
    type Key = u64;

    fn service(&self) -> &'static str {
        "toy"
    }
    fn matching(&self) -> Matching {
        self.0
    }
    fn window(&self) -> Window {
        WINDOW
    }
    fn command_name(&self, (): &()) -> Cow<'static, str> {
        "TOY".into()
    }
    fn encode(&self, (): &(), seq: u64, _: &mut Outgoing) -> Result<Expect<u64>, Error> {
        Ok(Expect::one(seq))
    }
    fn route(&self, _: Message, _: &mut Routes<Self>) -> Result<(), Unroutable> {
        Ok(())
    }
}

struct Padding;

impl Framing for Padding {
    fn frame(&mut self, message: &Outgoing, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&message.payload);
        bytes.extend_from_slice(&[0; FRAME - 8]);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    One,
    Several(usize),
    UntilLast,
    OneWay,
    NoReply,
    Handshake,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Submit { kind: Kind, limit: Option<u32>, name: u8, reply_bytes: usize },
    Cancel(usize),
    Write(usize),
    Reply { which: usize, last: bool, fails: bool },
    Nonsense,
    Lose(InFlight),
    Opening { handshake: bool },
    Opened(Opened),
    Pass(u32),
}

struct Caller {
    seq: u64,
    slot: usize,
    kind: Kind,
    deadline: Option<Instant>,
    replies: usize,
    bell: Arc<Bell>,
}

/// Whether a caller was woken since it last looked: it looks only then, as under a real runtime.
#[derive(Default)]
pub(super) struct Bell(AtomicBool);

impl Bell {
    /// Returns whether it was rung since the last call of this function.
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, Relaxed)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// A command as the server has it.
struct Received {
    seq: u64,
    key: u64,
    kind: Kind,
    left: usize,
}

pub(super) struct World {
    pub(super) toy: Toy,
    pub(super) core: Core<Toy>,
    pub(super) now: Instant,
    next: u64,
    keys: HashMap<u64, (u64, Kind)>,
    callers: Vec<Caller>,
    ended: HashMap<u64, Result<(), Delivery>>,
    reported: HashSet<u64>,
    /// What the connection's task took from the outbox, and how much of it is on the wire.
    output: Vec<u8>,
    wire: Vec<u8>,
    up: bool,
    fresh: bool,
    resumptions: usize,
    server: VecDeque<Received>,
    /// How often the server got each command, and of which a first byte ever left.
    seen: HashMap<u64, usize>,
    touched: HashSet<u64>,
    touched_before: HashSet<u64>,
}

/// Some are not to be held over a loss.
fn is_held(seq: u64) -> bool {
    !seq.is_multiple_of(5)
}

impl World {
    pub(super) fn new(matching: Matching) -> Self {
        Self::with_rate(matching, None)
    }

    pub(super) fn with_rate(matching: Matching, rate: Option<RateLimit>) -> Self {
        let now = Instant::now();
        let limits = Limits::default().with_calls(CALLS).with_write_buffer(WRITE_BUFFER).with_replies(2);
        let toy = Toy(matching);
        let core = Core::new(&toy, Box::new(Padding), limits, &Timeouts::default().with_reply(REPLY), rate, now);
        Self {
            toy,
            core,
            now,
            next: 1,
            keys: HashMap::new(),
            callers: Vec::new(),
            ended: HashMap::new(),
            reported: HashSet::new(),
            output: Vec::new(),
            wire: Vec::new(),
            up: false,
            fresh: true,
            resumptions: 0,
            server: VecDeque::new(),
            seen: HashMap::new(),
            touched: HashSet::new(),
            touched_before: HashSet::new(),
        }
    }

    pub(super) fn taken(&self) -> u64 {
        self.wire.len() as u64
    }

    pub(super) fn outcomes(&self) -> usize {
        self.ended.len()
    }

    pub(super) fn key_of(&self, caller: usize) -> u64 {
        self.keys[&self.callers[caller].seq].0
    }

    pub(super) fn call(&mut self, kind: Kind, name: u8) -> Slot<Toy> {
        let seq = self.next;
        self.next += 1;
        // One-way commands have names of their own: without ids their failures could not be distinguished.
        let key = if self.toy.0 == Matching::ById || kind == Kind::OneWay { 1000 + seq } else { u64::from(name) };
        self.keys.insert(seq, (key, kind));
        let stream = || Waiter::stream(Backlog::Fail, Duration::MAX, false);
        let (replies, waiter) = match kind {
            Kind::One | Kind::Handshake => (Replies::One, Waiter::One(None)),
            Kind::Several(n) => (Replies::Exactly(n), stream()),
            Kind::UntilLast => (Replies::UntilLast, stream()),
            Kind::OneWay => (Replies::OnlyOnFailure, Waiter::OneWay(None)),
            Kind::NoReply => (Replies::None, Waiter::OneWay(None)),
        };
        let outgoing = Outgoing { payload: seq.to_le_bytes().to_vec(), binary: false };
        let mut call = Slot::new(seq, outgoing, Expect::one(key).replies(replies), Term::default(), waiter);
        call.bound = kind == Kind::Handshake;
        call
    }

    fn submit(&mut self, kind: Kind, limit: Option<u32>, name: u8, reply_bytes: usize) {
        let mut call = self.call(kind, name);
        call.expect.reply_bytes = reply_bytes;
        call.expect.hold = is_held(call.seq);
        call.deadline = limit.map(|ms| self.now + ms * MS);
        let (seq, deadline, bell) = (call.seq, call.deadline, Arc::new(Bell::default()));
        let _ = call.waiter.set_waker(&Waker::from(Arc::clone(&bell)));
        // Whoever waits for one reply leaves the waker and looks again only when it is woken.
        bell.0.store(!matches!(kind, Kind::One | Kind::Handshake), Relaxed);
        match self.core.submit(call, self.now) {
            Ok(slot) => self.callers.push(Caller { seq, slot, kind, deadline, replies: 0, bell }),
            Err(Rejected::Full(_)) => assert!(self.core.slots.len() >= CALLS),
            Err(Rejected::Closed(error)) => assert_eq!(error.delivery(), Delivery::NotSent),
        }
    }

    pub(super) fn take(&mut self, step: Step) {
        match step {
            Step::Submit { kind, limit, name, reply_bytes } => self.submit(kind, limit, name, reply_bytes),
            Step::Cancel(which) if !self.callers.is_empty() => self.cancel(which % self.callers.len()),
            Step::Write(n) if self.up => self.write(n),
            Step::Reply { which, last, fails } if self.up => self.reply(which, last, fails),
            Step::Nonsense if self.up && self.toy.0 != Matching::InOrder => {
                let result = self.core.settle(&self.toy, (&77, Part::Last, 0), self.now);
                assert!(result.is_ok(), "a reply that fits no call was refused");
            }
            Step::Lose(after) => self.lose(after),
            Step::Opening { handshake } if !self.up => {
                self.up = true;
                self.touched_before.clone_from(&self.touched);
                // Until the handshake says otherwise only commands of its own may come.
                self.fresh = true;
                self.core.opening();
                if handshake {
                    self.submit(Kind::Handshake, None, 0, 0);
                }
            }
            Step::Opened(opened) if self.up && self.core.link != Link::Up => {
                self.fresh = opened == Opened::Fresh;
                self.resumptions += usize::from(!self.fresh);
                self.core.opened(opened, self.now);
            }
            Step::Pass(ms) => self.now += ms * MS,
            _ => {}
        }
        self.heed();
        self.poll();
    }

    /// The connection's task, until it would sleep.
    pub(super) fn settle_down(&mut self) {
        for round in 0.. {
            assert!(round < 100, "the connection's task never sleeps");
            self.core.taken(self.taken());
            self.core.expire(self.now);
            if self.up && self.output.is_empty() {
                self.core.outbox.take(&mut self.output);
            }
            if self.output.is_empty() {
                self.core.admit(self.now);
            }
            self.heed();
            let due = self.core.next_timer().is_some_and(|at| at <= self.now);
            let overdue = self.core.reply_due().is_some_and(|at| at <= self.now);
            if !self.core.has_work(self.taken(), !self.output.is_empty()) && (!due || overdue) {
                break;
            }
        }
        self.poll();
        self.check();
    }

    pub(super) fn heed(&mut self) {
        let effects: Effects<Toy> = std::mem::take(&mut self.core.effects);
        effects.wakers.into_iter().for_each(Waker::wake);
        for failure in effects.one_way_failures {
            assert!(self.reported.insert(failure.seq), "a one-way command failed twice");
            match failure.result {
                Ok(answered) => assert_eq!(answered, failure.seq, "another's failure"),
                Err(error) => self.believe(failure.seq, &error),
            }
        }
    }

    /// What an error says of delivery must agree with what left.
    fn believe(&self, seq: u64, error: &Error) {
        match error.delivery() {
            Delivery::NotSent => assert!(!self.touched.contains(&seq), "{seq} left, and: {error}"),
            Delivery::MaybeSent => {
                let slow = matches!(error.cause(), Cause::Timeout(_));
                assert!(slow || self.touched.contains(&seq), "{seq} never left, and: {error}");
            }
            Delivery::Answered => panic!("{seq} was not answered, and: {error}"),
        }
    }

    pub(super) fn write(&mut self, n: usize) {
        let n = n.min(self.output.len());
        let before = self.wire.len();
        self.wire.extend(self.output.drain(..n));
        for (index, frame) in self.wire.chunks(FRAME).enumerate() {
            let at = index * FRAME;
            if at + frame.len() <= before {
                continue;
            }
            // The number may be cut; then the rest of it is still in the output.
            let whole: Vec<u8> = frame.iter().chain(&self.output).copied().take(8).collect();
            let seq = u64::from_le_bytes(whole.try_into().unwrap());
            self.touched.insert(seq);
            assert!(!matches!(self.ended.get(&seq), Some(Err(Delivery::NotSent))), "{seq} was not to be sent any more");
            if frame.len() == FRAME {
                let (key, kind) = self.keys[&seq];
                let times = self.seen.entry(seq).or_default();
                *times += 1;
                assert!(*times == 1 || is_held(seq), "{seq} came again and was not to be held");
                assert!(*times <= 1 + self.resumptions, "{seq} came {times} times");
                assert!(!(self.fresh && self.touched_before.contains(&seq)), "{seq} came again in a fresh session");
                let left = if let Kind::Several(n) = kind { n } else { 1 };
                if kind != Kind::NoReply {
                    self.server.push_back(Received { seq, key, kind, left });
                }
            }
        }
    }

    fn reply(&mut self, which: usize, last: bool, fails: bool) {
        if self.server.is_empty() {
            return;
        }
        let at = match self.toy.0 {
            Matching::InOrder => 0,
            Matching::ById => which % self.server.len(),
            Matching::ByName => {
                let key = self.server[which % self.server.len()].key;
                self.server.iter().position(|it| it.key == key).unwrap()
            }
        };
        let it = &mut self.server[at];
        let (seq, key, kind) = (it.seq, it.key, it.kind);
        let last = match kind {
            Kind::Several(_) => {
                it.left -= 1;
                it.left == 0 || last
            }
            Kind::UntilLast => last,
            _ => true,
        };
        if last {
            self.server.remove(at);
        }
        if kind == Kind::OneWay && !fails {
            return;
        }
        let part = if last { Part::Last } else { Part::Next };
        let settled = self.core.settle(&self.toy, (&key, part, seq), self.now);
        assert!(settled.is_ok(), "an honest reply was refused: {settled:?}");
        self.core.admit(self.now);
        self.heed();
    }

    fn lose(&mut self, after: InFlight) {
        let error = Error::new(Cause::transport(std::io::Error::other("lost")), Delivery::MaybeSent);
        self.core.taken(self.taken());
        self.core.lose(self.taken(), &error, after, self.now);
        self.up = false;
        self.output.clear();
        self.wire.clear();
        self.server.clear();
        self.heed();
        let waits = |it: &&Caller| self.touched.contains(&it.seq) && !it.bell.0.load(Relaxed);
        assert!(
            self.callers.iter().filter(waits).all(|it| is_held(it.seq)),
            "one that left waits although it is not to"
        );
    }

    pub(super) fn cancel(&mut self, caller: usize) {
        let Caller { seq, slot, .. } = self.callers.remove(caller);
        self.core.release(slot, seq, self.now);
    }

    fn finish(&mut self, seq: u64, outcome: Result<(), &Error>) {
        if let Err(error) = outcome {
            self.believe(seq, error);
        }
        let outcome = outcome.map_err(Error::delivery);
        assert!(self.ended.insert(seq, outcome).is_none(), "{seq} ended twice");
    }

    pub(super) fn poll(&mut self) {
        for mut caller in std::mem::take(&mut self.callers) {
            if !caller.bell.take() {
                self.callers.push(caller);
                continue;
            }
            let waker = Waker::from(Arc::clone(&caller.bell));
            let cx = Context::from_waker(&waker);
            let Caller { seq, slot, kind, .. } = caller;
            let done = match kind {
                Kind::One | Kind::Handshake => match self.core.poll_reply(slot, &cx) {
                    Poll::Pending => false,
                    Poll::Ready(result) => {
                        if let Ok(answered) = result {
                            assert_eq!(answered, seq, "another's answer");
                        }
                        self.finish(seq, result.as_ref().map(|_| ()));
                        true
                    }
                },
                Kind::OneWay | Kind::NoReply => match self.core.poll_written(slot, seq, &cx) {
                    Poll::Pending => false,
                    Poll::Ready(result) => {
                        let arrived = self.seen.contains_key(&seq);
                        assert!(kind == Kind::OneWay || result.is_err() || arrived, "{seq} is said to be written");
                        self.finish(seq, result.as_ref().copied());
                        self.core.release(slot, seq, self.now);
                        true
                    }
                },
                Kind::Several(_) | Kind::UntilLast => loop {
                    match self.core.poll_next(slot, &cx) {
                        Poll::Pending => break false,
                        Poll::Ready(Some(Ok(answered))) => {
                            assert_eq!(answered, seq, "another's answer");
                            caller.replies += 1;
                        }
                        Poll::Ready(end) => {
                            let end = end.transpose().map(|_| ());
                            assert!(end.is_err() || caller.replies > 0);
                            self.finish(seq, end.as_ref().copied());
                            self.core.release(slot, seq, self.now);
                            break true;
                        }
                    }
                },
            };
            if !done {
                self.callers.push(caller);
            }
        }
    }

    fn check(&mut self) {
        let pending = &self.core.pending;
        let handshakes = self.keys.values().filter(|(_, kind)| *kind == Kind::Handshake).count();
        assert!(pending.commands() <= WINDOW.commands + handshakes);
        assert!(pending.commands() <= 1 + handshakes || pending.reply_bytes() <= WINDOW.reply_bytes);
        assert!(self.core.outbox.len() < WRITE_BUFFER + FRAME * (1 + handshakes));
        assert!(self.core.slots.len() <= CALLS + handshakes);
        for (_, call) in &self.core.slots {
            let may_be_sent = call.waiter.waits() || call.expect.replies == Replies::OnlyOnFailure;
            let is_fetched_soon = matches!(call.waiter, Waiter::Ready(Ok(_)));
            let kept = call.outgoing.payload.capacity();
            assert!(may_be_sent || is_fetched_soon || kept == 0, "{} keeps its payload", call.seq);
        }
        let timer = self.core.next_timer();
        for caller in &self.callers {
            let forgotten = caller.deadline.is_some_and(|at| timer.is_none_or(|timer| at < timer));
            assert!(!forgotten, "no timer will wake {}", caller.seq);
            assert!(caller.deadline.is_none_or(|at| at > self.now), "{} waits beyond its limit", caller.seq);
        }
    }

    /// The client ends: so does every call, and nothing is kept.
    pub(super) fn end(mut self) {
        let error = Error::new(Cause::Shutdown, Delivery::NotSent);
        self.core.taken(self.taken());
        self.core.close(self.taken(), error, self.now);
        self.heed();
        self.poll();
        assert!(self.callers.is_empty(), "{} calls never end", self.callers.len());
        assert_eq!(self.core.slots.len(), 0, "slots are left");
        assert_eq!((self.core.pending.commands(), self.core.pending.one_way_count()), (0, 0));
        let call = self.call(Kind::One, 0);
        assert!(matches!(self.core.submit(call, self.now), Err(Rejected::Closed(_))));
    }
}
