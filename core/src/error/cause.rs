//! What went wrong, with all known details.

use crate::codes::AnyCode;
use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use super::bounded::{EXCERPT, SHOWN, STORED, bounded};
use super::http_failure::HttpFailure;
use super::redaction::Masked;

/// What went wrong. Match on it for details; [`kind()`](super::Error::kind) and
/// [`recovery()`](super::Error::recovery) answer the common questions without a match.
#[derive(Clone)]
#[non_exhaustive]
pub enum Cause {
    /// The server answered the command with a status that is an error. The status itself is
    /// [`Error::code`](super::Error::code).
    Status(Box<ServerStatus>),
    /// The server closed the connection with a WebSocket close frame.
    Closed(CloseFrame),
    /// The server answered an HTTP request, or the upgrade to WebSocket, with a status that is an error.
    Http(Box<HttpFailure>),
    /// Connecting failed or the connection broke: name lookup, TCP, TLS, end of stream without a close frame. The
    /// reason is the error's source. It is shared, because one broken connection fails many calls.
    Transport(Arc<dyn StdError + Send + Sync>),
    /// A time limit passed.
    Timeout(Phase),
    /// A reply could not be decoded.
    Decode(Box<DecodeFailure>),
    /// The peer violated its protocol; the connection is closed.
    Protocol(ProtocolViolation),
    /// The call was invalid, and nothing was sent.
    InvalidRequest(InvalidRequest),
    /// Replies arrived faster than their consumer took them.
    Overflow(Overflow),
    /// A local file or writer failed. The reason is the error's source.
    Io(IoFailure),
    /// The client was shut down, or its last handle was dropped, before the call finished.
    Shutdown,
}

impl Cause {
    /// Makes a transport failure with its reason.
    pub fn transport(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::Transport(Arc::new(source))
    }
}

/// What a peer sent is cut: it may be long.
impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, it): (_, &dyn fmt::Debug) = match self {
            Self::Status(it) => ("Status", it),
            Self::Closed(it) => ("Closed", it),
            Self::Http(it) => ("Http", it),
            // By Display: the Debug of network libraries' errors may print requests with their credentials.
            Self::Transport(it) => ("Transport", &Masked(&bounded(it, SHOWN))),
            Self::Timeout(it) => ("Timeout", it),
            Self::Decode(it) => ("Decode", it),
            Self::Protocol(it) => ("Protocol", it),
            Self::InvalidRequest(it) => ("InvalidRequest", it),
            Self::Overflow(it) => ("Overflow", it),
            Self::Io(it) => ("Io", it),
            Self::Shutdown => return f.write_str("Shutdown"),
        };
        let shown = match f.alternate() {
            true => bounded(format_args!("{it:#?}"), SHOWN),
            false => bounded(format_args!("{it:?}"), SHOWN),
        };
        f.debug_tuple(name).field(&format_args!("{shown}")).finish()
    }
}

/// The content of a server's error answer, without its code.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ServerStatus {
    /// The server's message, if it sent one. Untrusted text of any length.
    pub message: Option<Arc<str>>,
    /// The body of the answer, if it was kept: JSON text of any length, for a service that speaks JSON. Decode it with
    /// `serde_json::from_str`, into a type that takes only what you need. As a `serde_json::Value` it can take a hundred
    /// times its length in memory. `Debug` shows its beginning, without secrets ([`Redaction`](super::Redaction)). Where the
    /// client hides secrets, they are `***` here too, also where a value only happens to be the same.
    pub body: Option<Arc<str>>,
    /// The codes of the single failures, if one answer reports several.
    pub children: Vec<AnyCode>,
    answer: Option<Answer>,
}

/// A value of a type that only the client and its users know. It is equal to its copies.
#[derive(Clone)]
struct Answer(Arc<dyn Any + Send + Sync>);

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl ServerStatus {
    /// Makes a status without message, body or children.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the server's message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Arc<str>>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Sets the body of the answer, as text.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Arc<str>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets the codes of the single failures.
    #[must_use]
    pub fn with_children(mut self, children: Vec<AnyCode>) -> Self {
        self.children = children;
        self
    }

    /// Sets the answer as the client read it. A client that hides secrets in the body reads the answer before: a secret
    /// may be any word or number of it. `Debug` does not show it.
    #[must_use]
    pub fn with_answer<T: Any + Send + Sync>(mut self, answer: T) -> Self {
        self.answer = Some(Answer(Arc::new(answer)));
        self
    }

    /// Returns the answer as the client read it, if that is a `T`.
    pub fn answer<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.answer.as_ref()?.0.downcast_ref()
    }
}

impl fmt::Debug for ServerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerStatus")
            .field("message", &self.message.as_deref().map(Masked))
            .field("body", &self.body.as_deref().map(Masked))
            .field("children", &self.children)
            .finish()
    }
}

/// A WebSocket close frame from the server.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseFrame {
    /// The close code; 1005 if the frame has none (RFC 6455, 7.4.1).
    pub code: u16,
    /// The server's reason, often empty. Untrusted text. In an error it has no secrets of the client
    /// ([`Protocol::redaction`](crate::rpc::Protocol::redaction)): what a client reads in it, such as
    /// [`Error::retry_after`](super::Error::retry_after), it has read before.
    pub reason: Arc<str>,
    /// The code in the service's table, if the service defines close codes.
    pub known: Option<AnyCode>,
}

impl CloseFrame {
    /// Makes a close frame without a code of the service's table.
    pub fn new(code: u16, reason: impl Into<Arc<str>>) -> Self {
        Self { code, reason: reason.into(), known: None }
    }

    /// Sets the code in the service's table.
    #[must_use]
    pub fn with_known(mut self, code: impl Into<AnyCode>) -> Self {
        self.known = Some(code.into());
        self
    }
}

impl fmt::Debug for CloseFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, reason, known } = self;
        f.debug_struct("CloseFrame").field("code", code).field("reason", &Masked(reason)).field("known", known).finish()
    }
}

/// A reply that could not be decoded.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeFailure {
    /// The path to the faulty place (`$.keys.a[3]`). Empty for the reply as a whole.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
    /// The beginning of the reply, without secrets ([`Redaction`](super::Redaction)).
    pub excerpt: String,
}

impl DecodeFailure {
    /// Makes a failure at `path` with its `reason`. Both are cut after 1,024 bytes, because they often quote what the
    /// peer sent: names of members, values of the wrong type. The excerpt is cut after 16 KiB; use
    /// [`Redaction::excerpt`](super::Redaction::excerpt).
    pub fn new(path: impl fmt::Display, reason: impl fmt::Display, excerpt: impl fmt::Display) -> Self {
        Self { path: bounded(path, STORED), reason: bounded(reason, STORED), excerpt: bounded(excerpt, EXCERPT) }
    }
}

impl fmt::Debug for DecodeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, reason, excerpt } = self;
        f.debug_struct("DecodeFailure")
            .field("path", &Masked(path))
            .field("reason", &Masked(reason))
            .field("excerpt", &Masked(excerpt))
            .finish()
    }
}

/// What the call was waiting for when its time limit passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Name lookup, TCP, TLS and upgrade.
    Connect,
    /// The exchange after the upgrade that must be done before commands may be sent.
    Handshake,
    /// Being sent: there was no connection, the window was full, or the socket was slow.
    Queue,
    /// The reply.
    Reply,
    /// Any data from the peer: the connection is considered dead.
    Idle,
    /// The client's own task, which does not run: its tokio runtime is blocked, or no longer driven.
    Runtime,
}

/// How the peer violated its protocol. The text is shared, because one violation fails many calls.
#[derive(Clone, PartialEq, Eq)]
pub struct ProtocolViolation(pub Arc<str>);

impl ProtocolViolation {
    /// Makes a violation. Its text is cut after 1,024 bytes, because it often quotes what the peer sent.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(bounded(reason, STORED).into())
    }
}

impl fmt::Debug for ProtocolViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProtocolViolation").field(&Masked(&self.0)).finish()
    }
}

/// Why the call is invalid, and how to correct it.
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidRequest(pub Arc<str>);

impl fmt::Debug for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InvalidRequest").field(&Masked(&self.0)).finish()
    }
}

/// A local file or writer failed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IoFailure {
    /// The operation, with the path if there is one: `writing /srv/.patch.part`.
    pub doing: String,
    /// The kind of the I/O error.
    pub kind: io::ErrorKind,
}

impl fmt::Debug for IoFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IoFailure").field("doing", &Masked(&self.doing)).field("kind", &self.kind).finish()
    }
}

/// Replies arrived faster than their consumer took them, and a limit for waiting replies was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overflow {
    /// The limit.
    pub limit: usize,
    /// What it counts.
    pub measure: Measure,
}

impl Overflow {
    /// Makes an overflow of the number of replies.
    pub fn new(limit: usize) -> Self {
        Self { limit, measure: Measure::Replies }
    }

    /// Makes an overflow of their size in bytes.
    pub fn bytes(limit: usize) -> Self {
        Self { limit, measure: Measure::Bytes }
    }
}

/// What a limit for waiting replies counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Measure {
    /// Replies.
    Replies,
    /// The bytes that they take.
    Bytes,
}
