//! What a command expects: how replies are matched, their number, size and time limit.

use std::time::Duration;

pub use crate::policy::Repeat;

/// How replies find their commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Matching {
    /// The key is a correlation id: a reply belongs to the command with an equal key, in any order.
    ById,
    /// Replies come in the order of the commands. A reply must fit the oldest command
    /// ([`Protocol::fits`](super::Protocol::fits)). If it does not, a reply was lost, and the connection is closed. The
    /// failure of a one-way command must not fit an ordinary command that may follow: nothing else distinguishes them.
    InOrder,
    /// Neither ids nor order: a reply belongs to the oldest command that fits. Keep the [`Window`] small: two commands
    /// with the same key cannot be distinguished if their replies may arrive in another order.
    ByName,
}

/// How much may be on the wire without an answer. Further commands wait in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// The number of commands. At least one is always allowed.
    pub commands: usize,
    /// Bytes of expected replies ([`Expect::reply_bytes`]), for servers that drop replies to a slow reader. A command
    /// that expects more than this is sent when nothing else is on the wire.
    pub reply_bytes: usize,
}

impl Window {
    /// Allows this many commands, with replies of any size.
    pub const fn commands(commands: usize) -> Self {
        Self { commands, reply_bytes: usize::MAX }
    }

    /// Limits the bytes of expected replies.
    #[must_use]
    pub const fn with_reply_bytes(mut self, bytes: usize) -> Self {
        self.reply_bytes = bytes;
        self
    }
}

/// How many replies a command has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replies {
    /// One.
    One,
    /// This many, unless one of them is a [`Part::Last`](super::Part::Last). Zero: the command is done once it is
    /// written.
    Exactly(usize),
    /// As many as come, until a [`Part::Last`](super::Part::Last).
    UntilLast,
    /// No reply if the command succeeds: a fence ([`OneWay::fence`](super::OneWay::fence)) confirms it.
    OnlyOnFailure,
    /// Never a reply.
    None,
}

/// Whether a command waits its turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Priority {
    /// The command waits for earlier commands, for a place in the window, and for the rate limit.
    #[default]
    Normal,
    /// As [`Normal`](Self::Normal), for a command that an [`Urgent`](Self::Urgent) one can end, such as a long stream:
    /// from before it is written until its last reply, the rate limit keeps one message back for that.
    Endable,
    /// The command ends something that goes on at the server. It is written at once if there is a connection, ahead of
    /// the queue, the window, the rate limit and [`Limits::calls`](crate::policy::Limits). It counts for the rate limit:
    /// later commands wait longer.
    Urgent,
}

/// What [`Protocol::encode`](super::Protocol::encode) says about a command.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Expect<K> {
    /// What identifies the command's replies.
    pub key: K,
    /// How many replies there are. Default: one.
    pub replies: Replies,
    /// Whether the command may run twice without harm. Default: it may not.
    pub repeat: Repeat,
    /// The maximum size of the reply in bytes, for the [`Window`]; `usize::MAX` if it is unknown. Default: 0,
    /// negligible.
    pub reply_bytes: usize,
    /// Whether `reply_bytes` is an estimate, to be corrected by the replies that arrive. Default: it is the maximum.
    pub estimated: bool,
    /// How long the reply may take while this command is the oldest on the wire; `Duration::MAX` for a command known to
    /// block the server. A time longer than [`Timeouts::reply`](crate::policy::Timeouts) excuses the server's silence
    /// only as long as the call may take. If the caller gives up, the command keeps its place in the window for this
    /// long, with `Duration::MAX` until the call's time limit; `Timeouts::reply` is the least. Default: `Timeouts::reply`.
    pub reply_timeout: Option<Duration>,
    /// Whether the command waits for a resumed session when the connection is lost and the protocol holds calls
    /// ([`InFlight::Hold`](super::InFlight)); if not, it fails at the loss. Default: it waits.
    pub hold: bool,
    /// Whether the command waits its turn. Default: it does.
    pub priority: Priority,
    /// Whether the command may be written only on the connection that exists when it is encoded, or on the next one if there
    /// is none. If that is lost before the command is written, the call fails as [`NotSent`](crate::Delivery::NotSent); a
    /// resumed session does not send it again. Default: on any connection.
    pub this_connection: bool,
}

impl<K> Expect<K> {
    /// Expects one reply of negligible size; the command must not be repeated.
    pub const fn one(key: K) -> Self {
        Self {
            key,
            replies: Replies::One,
            repeat: Repeat::Unsafe,
            reply_bytes: 0,
            estimated: false,
            reply_timeout: None,
            hold: true,
            priority: Priority::Normal,
            this_connection: false,
        }
    }

    /// Sets the number of replies.
    pub fn replies(mut self, replies: Replies) -> Self {
        self.replies = replies;
        self
    }

    /// Sets whether the command may run twice.
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    /// Sets the maximum size of the reply, in bytes.
    pub fn reply_bytes(mut self, bytes: usize) -> Self {
        (self.reply_bytes, self.estimated) = (bytes, false);
        self
    }

    /// Sets an estimate of the reply's size, in bytes, if the maximum is unknown or rarely reached.
    ///
    /// The client compares estimates with the sizes of the replies ([`Protocol::reply_bytes`](super::Protocol), which must
    /// be implemented) and multiplies all of them by the same factor, which the largest of the last 512 replies determines,
    /// or of up to twice as many. At first the factor is 1; it falls by half at most with each reply. Replies that are
    /// suddenly larger than those are therefore expected only after the first of them has arrived.
    pub fn estimated_reply_bytes(mut self, bytes: usize) -> Self {
        (self.reply_bytes, self.estimated) = (bytes, true);
        self
    }

    /// Sets whether the command waits for a resumed session, where it is sent once more.
    pub fn hold(mut self, hold: bool) -> Self {
        self.hold = hold;
        self
    }

    /// Sets whether the command waits its turn.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Sets whether the command may be written only on the present connection: for a command that depends on what an
    /// earlier reply on it said. Forget such replies in [`Protocol::on_close`](super::Protocol::on_close), and decide by them
    /// in [`Protocol::encode`](super::Protocol::encode).
    pub fn this_connection(mut self, only: bool) -> Self {
        self.this_connection = only;
        self
    }

    /// Sets how long the reply may take while this command is the oldest on the wire.
    pub fn reply_timeout(mut self, limit: Duration) -> Self {
        self.reply_timeout = Some(limit);
        self
    }
}
