//! What a command expects: which replies, how many, how large, for how long.

use std::time::Duration;

pub use crate::policy::Repeat;

/// How replies find their commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Matching {
    /// The key is a correlation id: a reply belongs to the command with an equal key, in any order.
    ById,
    /// Replies come in the order of the commands. The oldest command must fit ([`Protocol::fits`](super::Protocol::fits));
    /// where it does not, a reply was lost, and the connection is discarded. A one-way command's failure must not fit an
    /// ordinary command that may follow: nothing else tells them apart.
    InOrder,
    /// Neither ids nor order: a reply belongs to the oldest command that fits. Keep the [`Window`] small: two
    /// commands with the same key on the wire cannot be told apart if their replies may overtake each other.
    ByName,
}

/// How much may be on the wire, unanswered. What exceeds it waits on this side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Commands. At least one is always let through.
    pub commands: usize,
    /// Bytes of expected replies ([`Expect::reply_bytes`]), for servers that drop replies to a slow reader. A command
    /// that expects more than this alone goes out when nothing else is on the wire.
    pub reply_bytes: usize,
}

impl Window {
    /// This many commands, replies of any size.
    pub const fn commands(commands: usize) -> Self {
        Self { commands, reply_bytes: usize::MAX }
    }
}

/// How many replies a command has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replies {
    /// One.
    One,
    /// This many, unless one of them is a [`Part::Last`](super::Part::Last). Zero: the command is done once it is written.
    Exactly(usize),
    /// As many as come, until a [`Part::Last`](super::Part::Last).
    UntilLast,
    /// None if the command succeeds: a fence ([`OneWay::fence`](super::OneWay::fence)) proves it done.
    OnlyOnFailure,
    /// None, ever.
    None,
}

/// What [`Protocol::encode`](super::Protocol::encode) says about a command.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Expect<K> {
    /// What identifies the command's replies.
    pub key: K,
    /// How many replies there are. Default: one.
    pub replies: Replies,
    /// Whether it may be carried out twice without harm. Default: it may not.
    pub repeat: Repeat,
    /// Upper bound of the reply's size in bytes, for the [`Window`]; `usize::MAX` if there is none. Default: 0, negligible.
    pub reply_bytes: usize,
    /// How long the reply may take while this command is the oldest on the wire; `Duration::MAX` for a command known to
    /// block the server. Default: [`Timeouts::reply`](crate::policy::Timeouts).
    pub reply_timeout: Option<Duration>,
    /// Whether the command waits for a resumed session when the connection is lost and the protocol holds calls
    /// ([`InFlight::Hold`](super::InFlight)); if not, it fails at the loss. Default: it waits.
    pub hold: bool,
}

impl<K> Expect<K> {
    /// One reply of negligible size, not to be repeated.
    pub const fn one(key: K) -> Self {
        Self { key, replies: Replies::One, repeat: Repeat::Unsafe, reply_bytes: 0, reply_timeout: None, hold: true }
    }

    /// Sets the number of replies.
    pub fn replies(mut self, replies: Replies) -> Self {
        self.replies = replies;
        self
    }

    /// Says whether the command may be carried out twice.
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    /// Bounds the size of the reply, in bytes.
    pub fn reply_bytes(mut self, bytes: usize) -> Self {
        self.reply_bytes = bytes;
        self
    }

    /// Says whether the command waits for a resumed session, where it is sent once more.
    pub fn hold(mut self, hold: bool) -> Self {
        self.hold = hold;
        self
    }

    /// Allows the reply this much time while this command is the oldest on the wire.
    pub fn reply_timeout(mut self, limit: Duration) -> Self {
        self.reply_timeout = Some(limit);
        self
    }
}
