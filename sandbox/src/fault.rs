//! Faults on demand: a rule says when, a reaction says what then.
use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::record::Message;

/// A fault in the answer to a message. Made with [`Fault::on`] or [`Fault::any`], narrowed down with conditions, given
/// one reaction (the last one named counts; without one the command is answered as usual) and possibly delays, then
/// handed to a running sandbox.
///
/// ```
/// use statuswire_sandbox::Fault;
/// use std::time::Duration;
///
/// // The second KV_GET is answered with status 1000 and does not happen.
/// let first = Fault::on("KV_GET").nth(2).reply_status(1000);
/// // Every KV_SET happens, but the connection is lost before its reply.
/// let second = Fault::on("KV_SET").drop_connection().carried_out();
/// // Everything on the first connection is late.
/// let third = Fault::any().connection(1).delay(Duration::from_secs(3));
/// ```
///
/// Of several rules that fit a message the first one added is applied; every rule counts the messages that fit it, also
/// those that an earlier rule took.
#[derive(Debug)]
#[must_use = "a fault does nothing until it is handed to a sandbox"]
pub struct Fault(Rule);

/// A fault before any message: when the TCP connection is accepted or when its upgrade request has been read.
///
/// ```
/// use statuswire_sandbox::ConnectFault;
///
/// let busy = ConnectFault::upgrade().nth(1).refuse(429, &[("Retry-After", "7")], "later");
/// let mute = ConnectFault::accept().connection(2).silence();
/// ```
#[derive(Debug)]
#[must_use = "a fault does nothing until it is handed to a sandbox"]
pub struct ConnectFault(Rule);

/// A [`Fault`] or a [`ConnectFault`].
#[derive(Debug)]
pub struct Rule {
    moment: Moment,
    command: Option<String>,
    id: Option<u64>,
    connection: Option<u64>,
    calls: (Bound<u64>, Bound<u64>),
    condition: Option<Condition>,
    plan: Plan,
}

impl From<Fault> for Rule {
    fn from(fault: Fault) -> Self {
        fault.0
    }
}

impl From<ConnectFault> for Rule {
    fn from(fault: ConnectFault) -> Self {
        fault.0
    }
}

/// What becomes of a reply's text.
#[derive(Clone)]
pub(crate) struct Change(pub(crate) Arc<dyn Fn(&str) -> String + Send + Sync>);

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Change")
    }
}

type Test = dyn Fn(&Call<'_>) -> bool + Send + Sync;

struct Condition(Box<Test>);

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Condition")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Accept,
    Upgrade,
    Message,
}

/// What a rule is asked about.
#[derive(Debug)]
#[non_exhaustive]
pub struct Call<'a> {
    /// Number of the connection, from 1 in the order of acceptance.
    pub connection: u64,
    /// Name of the command, if the message has one.
    pub command: Option<&'a str>,
    /// What ties the reply to the message, in services whose messages have it.
    pub id: Option<u64>,
    /// The message; before the first one, `None`.
    pub message: Option<&'a Message>,
}

/// What to do about one message or connection.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) reaction: Reaction,
    /// For reactions that do not need the reply.
    pub(crate) carry_out: bool,
    /// Before the command is carried out.
    pub(crate) hold: Option<Duration>,
    /// The same, with the whole server waiting.
    pub(crate) block: Option<Duration>,
    /// Between carrying out and reaction.
    pub(crate) delay: Option<Duration>,
}

#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    /// The usual answer.
    Reply,
    Status(u32),
    Text(String),
    Binary(Vec<u8>),
    Raw(Vec<u8>),
    Silence,
    Drop,
    Close {
        code: u16,
        reason: String,
    },
    HalfReply {
        then: Then,
    },
    Rename(String),
    Change(Change),
    Twice,
    Flood {
        with: Flood,
        count: usize,
    },
    Oversized(usize),
    /// Replies are kept back until there are so many.
    Gather {
        count: usize,
        reversed: bool,
    },
    Split {
        into: Split,
        pieces: usize,
        pause: Duration,
    },
    StopReading,
    Refuse {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
}

/// What follows half a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Then {
    /// The connection ends without a close frame.
    Eof,
    /// Nothing more is sent, and nothing more is read.
    Silence,
}

/// How a reply is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Split {
    /// One frame, written to the socket in pieces.
    Segments,
    /// Several WebSocket frames of one message.
    Fragments,
}

/// What a client is flooded with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flood {
    /// Text messages.
    Text(String),
    /// Pings without payload.
    Pings,
}

macro_rules! conditions {
    () => {
        /// Only the nth time that the other conditions fit, counted from 1.
        pub fn nth(self, n: u64) -> Self {
            self.calls(n..=n)
        }

        /// Only so many of the times that the other conditions fit, counted from 1: `..=3`, `2..`, `5..8`.
        pub fn calls(mut self, calls: impl RangeBounds<u64>) -> Self {
            self.0.calls = (calls.start_bound().cloned(), calls.end_bound().cloned());
            self
        }

        /// Only on this connection; the first one that the sandbox ever accepted is number 1.
        pub fn connection(mut self, number: u64) -> Self {
            self.0.connection = Some(number);
            self
        }

        /// The TCP connection ends, without a close frame. What was answered before is still sent, as far as the
        /// client reads.
        pub fn drop_connection(self) -> Self {
            self.react(Reaction::Drop)
        }

        /// The reaction comes so much later (tokio's clock); what the client sends meanwhile waits on its connection.
        pub fn delay(mut self, by: Duration) -> Self {
            self.0.plan.delay = Some(by);
            self
        }

        fn react(mut self, reaction: Reaction) -> Self {
            self.0.plan.reaction = reaction;
            self
        }
    };
}

impl Fault {
    /// For messages with this command.
    pub fn on(command: impl Into<String>) -> Self {
        Self(Rule { command: Some(command.into()), ..Rule::new(Moment::Message) })
    }

    /// For every message, also for such without a command.
    pub fn any() -> Self {
        Self(Rule::new(Moment::Message))
    }

    conditions!();

    /// Only for messages with this id, in services whose messages have one (BlazeAuth).
    pub fn id(mut self, id: u64) -> Self {
        self.0.id = Some(id);
        self
    }

    /// Only when this holds for the message.
    pub fn when(mut self, condition: impl Fn(&Call<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.0.condition = Some(Condition(Box::new(condition)));
        self
    }

    /// Carries the command out before a reaction that would take its place (a status, a text, silence, a dropped or
    /// closed connection). Reactions that change the reply carry it out anyway.
    pub fn carried_out(mut self) -> Self {
        self.0.plan.carry_out = true;
        self
    }

    /// The command itself starts so much later; what the client sends meanwhile waits on its connection.
    pub fn hold(mut self, by: Duration) -> Self {
        self.0.plan.hold = Some(by);
        self
    }

    /// The command takes so long, and the whole server waits for it: no other command of any connection is carried out.
    pub fn block(mut self, by: Duration) -> Self {
        self.0.plan.block = Some(by);
        self
    }

    /// A reply with this status under the usual name, in place of the command.
    pub fn reply_status(self, status: u32) -> Self {
        self.react(Reaction::Status(status))
    }

    /// A text message in place of the command and its reply: no JSON, no object, another shape, another name...
    pub fn reply_text(self, text: impl Into<String>) -> Self {
        self.react(Reaction::Text(text.into()))
    }

    /// A binary message in place of the command and its reply.
    pub fn reply_binary(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.react(Reaction::Binary(bytes.into()))
    }

    /// No reply; later messages are answered as usual.
    pub fn silence(self) -> Self {
        self.react(Reaction::Silence)
    }

    /// These bytes in place of the command and its reply, written to the socket as they are: as no frame at all.
    pub fn raw(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.react(Reaction::Raw(bytes.into()))
    }

    /// A close frame with any code and reason (1014 and unassigned codes too), then the end of the connection.
    pub fn close(self, code: u16, reason: impl Into<String>) -> Self {
        self.react(Reaction::Close { code, reason: reason.into() })
    }

    /// The command is carried out, half of its reply's frame is sent.
    pub fn half_reply(self, then: Then) -> Self {
        self.react(Reaction::HalfReply { then })
    }

    /// The command is carried out, its reply is sent under another name. Replies of BlazeAuth have no name: theirs is
    /// the `id`, a number if the text is one.
    pub fn rename_reply(self, name: impl Into<String>) -> Self {
        self.react(Reaction::Rename(name.into()))
    }

    /// The command is carried out, its reply is sent as this makes it: with further members, another id, cut short...
    pub fn change_reply(self, change: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.react(Reaction::Change(Change(Arc::new(change))))
    }

    /// The command is carried out once, its reply is sent twice.
    pub fn reply_twice(self) -> Self {
        self.react(Reaction::Twice)
    }

    /// The command is carried out and answered, then come so many messages that nobody asked for. They are not dropped
    /// when the client does not read: the connection waits for it.
    pub fn flood(self, with: Flood, count: usize) -> Self {
        self.react(Reaction::Flood { with, count })
    }

    /// A text message of so many bytes in place of the command and its reply.
    pub fn oversized(self, bytes: usize) -> Self {
        self.react(Reaction::Oversized(bytes))
    }

    /// The reply is kept back and sent behind the next one on the connection.
    pub fn swap_with_next(self) -> Self {
        self.react(Reaction::Gather { count: 2, reversed: true })
    }

    /// This reply and the following are kept back until there are `count` of them, then written at once.
    pub fn merge(self, count: usize) -> Self {
        self.react(Reaction::Gather { count, reversed: false })
    }

    /// The reply is sent in so many pieces (at most one per byte) with a pause between them.
    pub fn split(self, into: Split, pieces: usize, pause: Duration) -> Self {
        self.react(Reaction::Split { into, pieces: pieces.max(1), pause })
    }

    /// The command is carried out and answered; then nothing more is read from the connection.
    pub fn stop_reading(self) -> Self {
        self.react(Reaction::StopReading)
    }
}

impl ConnectFault {
    /// When a TCP connection is accepted, before anything is read.
    pub fn accept() -> Self {
        Self(Rule::new(Moment::Accept))
    }

    /// When the upgrade request has been read.
    pub fn upgrade() -> Self {
        Self(Rule::new(Moment::Upgrade))
    }

    conditions!();

    /// The connection stays open and nothing is ever sent on it.
    pub fn silence(self) -> Self {
        self.react(Reaction::Silence)
    }

    /// These bytes are sent as they are, then the connection ends.
    pub fn raw(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.react(Reaction::Raw(bytes.into()))
    }

    /// An HTTP answer with this status, these headers and this body (its `Content-Length` is added), then the end.
    pub fn refuse(self, status: u16, headers: &[(&str, &str)], body: impl Into<String>) -> Self {
        let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        self.react(Reaction::Refuse { status, headers, body: body.into() })
    }
}

impl Rule {
    fn new(moment: Moment) -> Self {
        let plan = Plan { reaction: Reaction::Reply, carry_out: false, hold: None, block: None, delay: None };
        let calls = (Bound::Unbounded, Bound::Unbounded);
        Self { moment, command: None, id: None, connection: None, calls, condition: None, plan }
    }

    fn fits(&self, moment: Moment, call: &Call<'_>) -> bool {
        self.moment == moment
            && self.command.as_deref().is_none_or(|command| call.command == Some(command))
            && self.id.is_none_or(|id| call.id == Some(id))
            && self.connection.is_none_or(|connection| call.connection == connection)
            && self.condition.as_ref().is_none_or(|condition| condition.0(call))
    }
}

/// A rule that a sandbox follows.
#[derive(Clone, Debug)]
pub struct FaultHandle {
    rules: Faults,
    rule: Arc<Active>,
}

impl FaultHandle {
    /// How often the reaction was applied.
    pub fn hits(&self) -> u64 {
        self.rule.hits.load(Ordering::Relaxed)
    }

    /// Takes the rule away; what it has begun goes on.
    pub fn remove(&self) {
        self.rules.lock().retain(|rule| !Arc::ptr_eq(rule, &self.rule));
    }
}

#[derive(Debug)]
struct Active {
    rule: Rule,
    seen: AtomicU64,
    hits: AtomicU64,
}

/// The rules of a sandbox.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Arc<Mutex<Vec<Arc<Active>>>>);

impl Faults {
    pub(crate) fn add(&self, rule: Rule) -> FaultHandle {
        let rule = Arc::new(Active { rule, seen: AtomicU64::new(0), hits: AtomicU64::new(0) });
        self.lock().push(rule.clone());
        FaultHandle { rules: self.clone(), rule }
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The plan of the first rule that applies; all that fit count the call.
    pub(crate) fn plan(&self, moment: Moment, call: &Call<'_>) -> Option<Plan> {
        let rules = self.lock().clone();
        let mut plan = None;
        for active in rules.iter().filter(|active| active.rule.fits(moment, call)) {
            let seen = active.seen.fetch_add(1, Ordering::Relaxed) + 1;
            if plan.is_none() && active.rule.calls.contains(&seen) {
                active.hits.fetch_add(1, Ordering::Relaxed);
                plan = Some(active.rule.plan.clone());
            }
        }
        plan
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Active>>> {
        // A panic while the list is locked cannot leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(faults: &Faults, connection: u64, command: &str) -> Option<u32> {
        let call = Call { connection, command: Some(command), id: None, message: None };
        faults.plan(Moment::Message, &call).map(|plan| match plan.reaction {
            Reaction::Status(status) => status,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn the_first_rule_that_applies_wins_and_every_rule_counts() {
        let faults = Faults::default();
        let second = faults.add(Fault::on("A").nth(2).reply_status(2).into());
        let late = faults.add(Fault::on("A").calls(2..=3).reply_status(3).into());
        faults.add(Fault::any().connection(7).when(|call| call.command == Some("B")).reply_status(4).into());
        assert_eq!(status(&faults, 1, "A"), None);
        assert_eq!(status(&faults, 1, "A"), Some(2));
        assert_eq!(status(&faults, 1, "A"), Some(3));
        assert_eq!(status(&faults, 1, "A"), None);
        assert_eq!(status(&faults, 1, "B"), None);
        assert_eq!(status(&faults, 7, "B"), Some(4));
        assert_eq!((second.hits(), late.hits()), (1, 1));
        let call = Call { connection: 1, command: None, id: None, message: None };
        assert!(faults.plan(Moment::Accept, &call).is_none());
        let handle = faults.add(ConnectFault::accept().drop_connection().into());
        assert!(faults.plan(Moment::Accept, &call).is_some());
        handle.remove();
        assert!(faults.plan(Moment::Accept, &call).is_none());
        faults.clear();
        assert_eq!(status(&faults, 7, "B"), None);
    }
}
