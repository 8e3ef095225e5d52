//! What went wrong, with all that is known about it.

use crate::codes::AnyCode;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use super::Redaction;
use super::http_failure::HttpFailure;

/// What went wrong. Match on it for particulars; [`kind()`](super::Error::kind) and
/// [`recovery()`](super::Error::recovery) answer the everyday questions without a match.
#[derive(Clone)]
#[non_exhaustive]
pub enum Cause {
    /// The server answered the command with a status that is an error. The status itself is
    /// [`Error::code`](super::Error::code).
    Status(Box<ServerStatus>),
    /// The server closed the connection with a WebSocket close frame.
    Closed(CloseFrame),
    /// An HTTP request failed by its status; also an upgrade to WebSocket that the server refused.
    Http(Box<HttpFailure>),
    /// The connection could not be made, or it broke: name lookup, TCP, TLS, end of stream without a close frame. The
    /// reason is the error's source. It is shared, since one broken connection fails many calls.
    Transport(Arc<dyn StdError + Send + Sync>),
    /// Time ran out.
    Timeout(Phase),
    /// A reply came and could not be understood.
    Decode(Box<DecodeFailure>),
    /// The peer broke the rules of its own protocol; the connection is not used any further.
    Protocol(ProtocolViolation),
    /// The call was wrong before anything was sent.
    InvalidRequest(InvalidRequest),
    /// Replies came faster than their consumer took them.
    Overflow(Overflow),
    /// Something on this side failed, beside the connection: a file, a writer. The reason is the error's source.
    Io(IoFailure),
    /// The client was shut down, or its last handle was dropped, before the call was done.
    Shutdown,
}

impl Cause {
    /// A transport failure with its reason.
    pub fn transport(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::Transport(Arc::new(source))
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(it) => f.debug_tuple("Status").field(it).finish(),
            Self::Closed(it) => f.debug_tuple("Closed").field(it).finish(),
            Self::Http(it) => f.debug_tuple("Http").field(it).finish(),
            // By Display: the Debug of network libraries' errors may print requests with their credentials.
            Self::Transport(it) => f.debug_tuple("Transport").field(&format_args!("{it}")).finish(),
            Self::Timeout(it) => f.debug_tuple("Timeout").field(it).finish(),
            Self::Decode(it) => f.debug_tuple("Decode").field(it).finish(),
            Self::Protocol(it) => f.debug_tuple("Protocol").field(it).finish(),
            Self::InvalidRequest(it) => f.debug_tuple("InvalidRequest").field(it).finish(),
            Self::Overflow(it) => f.debug_tuple("Overflow").field(it).finish(),
            Self::Io(it) => f.debug_tuple("Io").field(it).finish(),
            Self::Shutdown => f.write_str("Shutdown"),
        }
    }
}

/// A server's answer that is an error, beside its code.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ServerStatus {
    /// The server's own words, if it sent any. Untrusted text of any length.
    pub message: Option<String>,
    /// The whole body of the answer, if it was kept. `Debug` hides members that commonly hold secrets.
    pub body: Option<serde_json::Value>,
    /// Codes of the parts, where one answer reports several failures.
    pub children: Vec<AnyCode>,
}

impl ServerStatus {
    /// A status without message, body or parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the server's own words.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Keeps the body of the answer.
    #[must_use]
    pub fn with_body(mut self, body: serde_json::Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Sets the codes of the parts.
    #[must_use]
    pub fn with_children(mut self, children: Vec<AnyCode>) -> Self {
        self.children = children;
        self
    }
}

impl fmt::Debug for ServerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = Redaction::default();
        f.debug_struct("ServerStatus")
            .field("message", &self.message.as_deref().map(|message| whole.excerpt(message, usize::MAX)))
            .field("body", &self.body.as_ref().map(|body| whole.excerpt(&body.to_string(), usize::MAX)))
            .field("children", &self.children)
            .finish()
    }
}

/// A WebSocket close frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseFrame {
    /// The close code. 1005 stands for a close frame without one (RFC 6455, 7.4.1).
    pub code: u16,
    /// The reason that the server gave; often empty. Untrusted text.
    pub reason: Arc<str>,
    /// The code in the table of the service, if the service gives a meaning to close codes.
    pub known: Option<AnyCode>,
}

impl CloseFrame {
    /// A close frame without a meaning of the service's own.
    pub fn new(code: u16, reason: impl Into<Arc<str>>) -> Self {
        Self { code, reason: reason.into(), known: None }
    }

    /// Sets the code of the service's table that this close stands for.
    #[must_use]
    pub fn with_known(mut self, code: impl Into<AnyCode>) -> Self {
        self.known = Some(code.into());
        self
    }
}

/// A reply that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeFailure {
    /// Where in the reply, as a path (`$.keys.a[3]`). Empty if it is the reply as a whole.
    pub path: String,
    /// What was wrong there.
    pub reason: String,
    /// The beginning of the reply, made presentable by [`Redaction`].
    pub excerpt: String,
}

impl DecodeFailure {
    /// A reply that could not be understood at `path` for `reason`.
    pub fn new(path: impl Into<String>, reason: impl Into<String>, excerpt: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into(), excerpt: excerpt.into() }
    }
}

/// What the call was waiting for when its time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Name lookup, TCP, TLS and upgrade.
    Connect,
    /// The exchange after the upgrade that must be done before commands may be sent.
    Handshake,
    /// A place on the wire: the connection was away, the window full or the socket slow.
    Queue,
    /// The reply.
    Reply,
    /// Any sign of life from the peer: the connection is taken for dead.
    Idle,
}

/// How the peer broke its protocol, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolViolation(pub String);

/// Why a call was refused before anything was sent, and what to do about it, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRequest(pub String);

/// A file or a writer on this side failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IoFailure {
    /// What was being done, with the path if there is one: `writing /srv/.patch.part`.
    pub doing: String,
    /// The kind of the I/O error.
    pub kind: io::ErrorKind,
}

/// Replies came faster than their consumer took them, and the bound for waiting ones was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overflow {
    /// The bound: how much may wait.
    pub limit: usize,
    /// What it counts.
    pub measure: Measure,
}

impl Overflow {
    /// A bound for the number of replies was reached.
    pub fn new(limit: usize) -> Self {
        Self { limit, measure: Measure::Replies }
    }

    /// A bound for their size was reached.
    pub fn bytes(limit: usize) -> Self {
        Self { limit, measure: Measure::Bytes }
    }
}

/// What a bound for waiting replies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Measure {
    /// Replies.
    Replies,
    /// The bytes that they take.
    Bytes,
}
