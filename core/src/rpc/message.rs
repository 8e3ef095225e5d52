//! Messages in both directions.

use crate::error::bounded;
use bytes::Bytes;
use bytestring::ByteString;
use std::fmt;

/// More than an error keeps, so that secrets in what it keeps are whole, and can be hidden.
const REASON: usize = 8192;

/// A message from the server.
///
/// It may be kept: it keeps at most twice its own length in memory. A slice of it keeps all of it, so copy a part that is
/// much shorter than the message, or count the whole message in
/// [`Protocol::reply_bytes`](super::Protocol::reply_bytes) and [`Protocol::event_bytes`](super::Protocol::event_bytes).
#[derive(Clone, Debug)]
pub enum Message {
    /// Text, checked to be UTF-8.
    Text(ByteString),
    /// Binary data.
    Binary(Bytes),
}

impl Message {
    /// Returns the payload of either kind.
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// A message to the server. [`Protocol::encode`](super::Protocol::encode) fills it in.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outgoing {
    /// The payload. It must be UTF-8 unless [`binary`](Self::binary) is set.
    pub payload: Vec<u8>,
    /// Whether it is sent as a binary message. Default: as text.
    pub binary: bool,
}

/// Whether more replies follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// One of several replies; more may follow.
    Next,
    /// The last reply: ends the call, whatever was expected.
    Last,
}

/// A message that can be identified neither as an answer nor as an event.
///
/// With [`Matching::InOrder`](super::Matching::InOrder) it counts as the answer to the oldest command, which fails with
/// [`Cause::Decode`](crate::Cause::Decode). The connection is closed in any case, because later messages cannot be
/// trusted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unroutable {
    /// The path to the faulty place, for example `$.KV_GET_RSP`; empty for the message as a whole.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl Unroutable {
    /// Makes a failure of the message as a whole.
    ///
    /// The reason is cut after 8,192 bytes: it often quotes the message. What the error keeps of it is shorter.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self { path: String::new(), reason: bounded(reason, REASON) }
    }

    /// Sets the path to the faulty place.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }
}
