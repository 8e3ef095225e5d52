//! Faults on demand: a rule says when, a reaction says what happens.
mod plan;
mod rule;
mod rules;

use std::ops::RangeBounds;
use std::sync::Arc;
use std::time::Duration;

use plan::Change;
pub use plan::{Flood, Split, Then};
pub(crate) use plan::{Moment, Plan, Reaction};
use rule::Condition;
pub(crate) use rule::Faults;
pub use rule::{Call, Rule};
pub use rules::FaultHandle;
pub(crate) use rules::{ALL_CALLS, Calls, Rules};

/// A fault in the answer to a message. Made with [`Fault::on`] or [`Fault::any`], narrowed down with conditions, given
/// one reaction (the last one counts; without one the command is answered as usual) and delays, then handed to a
/// running server.
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
/// Of several rules that fit a message the first one added is applied. Every rule counts the messages that fit it, also
/// those to which an earlier rule was applied.
#[derive(Debug)]
#[must_use = "a fault does nothing until it is handed to a server"]
pub struct Fault(Rule);

/// A fault before the first message: when the TCP connection is accepted or when its upgrade request has been read.
///
/// ```
/// use statuswire_sandbox::ConnectFault;
///
/// let busy = ConnectFault::upgrade().nth(1).refuse(429, &[("Retry-After", "7")], "later");
/// let unanswered = ConnectFault::accept().connection(2).silence();
/// ```
#[derive(Debug)]
#[must_use = "a fault does nothing until it is handed to a server"]
pub struct ConnectFault(Rule);

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

/// Conditions of all faults.
macro_rules! conditions {
    () => {
        /// Applies only the nth time that the other conditions fit, counted from 1.
        pub fn nth(self, n: u64) -> Self {
            self.calls(n..=n)
        }

        /// Applies only in this range of the times that the other conditions fit, counted from 1: `..=3`, `2..`, `5..8`.
        pub fn calls(mut self, calls: impl RangeBounds<u64>) -> Self {
            self.0.calls = (calls.start_bound().cloned(), calls.end_bound().cloned());
            self
        }

        /// Applies only on this connection, numbered from 1 in the order of acceptance.
        pub fn connection(mut self, number: u64) -> Self {
            self.0.connection = Some(number);
            self
        }
    };
}
pub(crate) use conditions;

/// Reactions of all faults over WebSocket.
macro_rules! reactions {
    () => {
        /// Ends the TCP connection without a close frame. Earlier replies are still sent, as far as the client reads.
        pub fn drop_connection(self) -> Self {
            self.react(Reaction::Drop)
        }

        /// Delays the reaction by this time of tokio's clock. What the client sends meanwhile waits on its connection.
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
    /// Returns a rule for messages with this command.
    pub fn on(command: impl Into<String>) -> Self {
        Self(Rule { command: Some(command.into()), ..Rule::new(Moment::Message) })
    }

    /// Returns a rule for every message, with or without a command.
    pub fn any() -> Self {
        Self(Rule::new(Moment::Message))
    }

    conditions!();
    reactions!();

    /// Applies only to messages with this id, in services whose messages have one.
    pub fn id(mut self, id: u64) -> Self {
        self.0.id = Some(id);
        self
    }

    /// Applies only when this holds for the message.
    pub fn when(mut self, condition: impl Fn(&Call<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.0.condition = Some(Condition(Box::new(condition)));
        self
    }

    /// Carries the command out before a reaction that would take its place (a status, a text, no reply, a dropped or
    /// closed connection). Reactions that change the reply carry it out anyway.
    pub fn carried_out(mut self) -> Self {
        self.0.plan.carry_out = true;
        self
    }

    /// Delays the command itself. What the client sends meanwhile waits on its connection.
    pub fn hold(mut self, by: Duration) -> Self {
        self.0.plan.hold = Some(by);
        self
    }

    /// Makes the command take this long, and the whole server wait for it: no other command is carried out on any
    /// connection.
    pub fn block(mut self, by: Duration) -> Self {
        self.0.plan.block = Some(by);
        self
    }

    /// Replies with this status, as the service writes it, in place of the command.
    pub fn reply_status(self, status: u32) -> Self {
        self.react(Reaction::Status(status))
    }

    /// Sends a text message in place of the command and its reply.
    pub fn reply_text(self, text: impl Into<String>) -> Self {
        self.react(Reaction::Message(text.into().into()))
    }

    /// Sends a binary message in place of the command and its reply.
    pub fn reply_binary(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.react(Reaction::Message(bytes.into().into()))
    }

    /// Sends no reply; later messages are answered as usual.
    pub fn silence(self) -> Self {
        self.react(Reaction::Silence)
    }

    /// Writes these bytes to the socket as they are, without a frame, in place of the command and its reply.
    pub fn raw(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.react(Reaction::Raw(bytes.into()))
    }

    /// Sends a close frame with any code and reason (1014 and unassigned codes too) and ends the connection.
    pub fn close(self, code: u16, reason: impl Into<String>) -> Self {
        self.react(Reaction::Close { code, reason: reason.into() })
    }

    /// Carries the command out and sends half of its reply's frame.
    pub fn half_reply(self, then: Then) -> Self {
        self.react(Reaction::HalfReply { then })
    }

    /// Carries the command out and sends its text replies as `change` makes them: with further members, another id or
    /// another name, cut short...
    pub fn change_reply(self, change: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.react(Reaction::Change(Change(Arc::new(change))))
    }

    /// Carries the command out once and sends its reply twice.
    pub fn reply_twice(self) -> Self {
        self.react(Reaction::Twice)
    }

    /// Carries the command out, replies, and sends `count` further messages. They are not dropped when the client does
    /// not read: the connection waits for it.
    pub fn flood(self, with: Flood, count: usize) -> Self {
        self.react(Reaction::Flood { with, count })
    }

    /// Sends a text message of this many bytes in place of the command and its reply.
    pub fn oversized(self, bytes: usize) -> Self {
        self.react(Reaction::Oversized(bytes))
    }

    /// Keeps the reply back and sends it after the next one on the connection.
    pub fn swap_with_next(self) -> Self {
        self.react(Reaction::Gather { count: 2, reversed: true })
    }

    /// Keeps this reply and the following ones back until there are `count`, then writes them at once.
    pub fn merge(self, count: usize) -> Self {
        self.react(Reaction::Gather { count, reversed: false })
    }

    /// Sends the reply in this number of pieces (at most one per byte) with a pause after each.
    pub fn split(self, into: Split, pieces: usize, pause: Duration) -> Self {
        self.react(Reaction::Split { into, pieces: pieces.max(1), pause })
    }

    /// Carries the command out and replies; then nothing more is read from the connection.
    pub fn stop_reading(self) -> Self {
        self.react(Reaction::StopReading)
    }
}

impl ConnectFault {
    /// Returns a rule for the moment when a TCP connection is accepted, before anything is read.
    pub fn accept() -> Self {
        Self(Rule::new(Moment::Accept))
    }

    /// Returns a rule for the moment when the upgrade request has been read.
    pub fn upgrade() -> Self {
        Self(Rule::new(Moment::Upgrade))
    }

    conditions!();
    reactions!();

    /// Keeps the connection open and never sends anything on it.
    pub fn silence(self) -> Self {
        self.react(Reaction::Silence)
    }

    /// Sends these bytes as they are and ends the connection.
    pub fn raw(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.react(Reaction::Raw(bytes.into()))
    }

    /// Sends an HTTP answer with this status, these headers, a `Content-Length` and this body, and ends the connection.
    pub fn refuse(self, status: u16, headers: &[(&str, &str)], body: impl Into<String>) -> Self {
        let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        self.react(Reaction::Refuse { status, headers, body: body.into() })
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
