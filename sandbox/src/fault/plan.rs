//! What happens when a rule applies.
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::message::Message;

/// When a rule can apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Accept,
    Upgrade,
    Message,
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
    Message(Message),
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
    Change(Change),
    Twice,
    Flood {
        with: Flood,
        count: usize,
    },
    Oversized(usize),
    /// Replies are kept back until there are `count`.
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

/// What follows a part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Then {
    /// The connection ends, over WebSocket without a close frame.
    Eof,
    /// The connection is reset. The client may lose what was sent before.
    Reset,
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

/// What becomes of a reply's text.
#[derive(Clone)]
pub(crate) struct Change(pub(crate) Arc<dyn Fn(&str) -> String + Send + Sync>);

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Change")
    }
}

impl Plan {
    /// Whether the request must be carried out for this plan.
    pub(crate) fn needs_reply(&self) -> bool {
        use Reaction::{Change, Flood, Gather, HalfReply, Reply, Split, StopReading, Twice};
        self.carry_out
            || matches!(
                self.reaction,
                Reply
                    | HalfReply { .. }
                    | Change(_)
                    | Twice
                    | Flood { .. }
                    | Gather { .. }
                    | Split { .. }
                    | StopReading
            )
    }
}
