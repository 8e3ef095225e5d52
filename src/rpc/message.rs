//! Messages in both directions.

use bytes::Bytes;
use bytestring::ByteString;

/// A message from the server.
#[derive(Clone, Debug)]
pub enum Message {
    /// Text, known to be UTF-8. It is a slice of the read buffer: copy what is kept for long.
    Text(ByteString),
    /// Binary; a slice, too.
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

/// A message to the server, to be filled in by [`Protocol::encode`](super::Protocol::encode).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outgoing {
    /// The payload; must be UTF-8 unless [`binary`](Self::binary) is set.
    pub payload: Vec<u8>,
    /// Whether it is sent as a binary message. Default: as text.
    pub binary: bool,
}

/// Whether more replies follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Counts as one of [`Replies::Exactly`](super::Replies::Exactly), or as one more until the last.
    Next,
    /// Ends the call, whatever was expected.
    Last,
}

/// A message that does not say what it answers, nor that it is an event.
///
/// With [`Matching::InOrder`](super::Matching::InOrder) it still is the oldest command's answer, which fails with
/// [`Cause::Decode`](crate::Cause::Decode). In any case the connection is discarded, since what follows cannot be trusted.
#[derive(Clone, Debug)]
pub struct Unroutable {
    /// Where in the message, for example `$.KV_GET_RSP`; empty for the message itself.
    pub path: String,
    /// What was wrong there.
    pub reason: String,
}

impl Unroutable {
    /// The message as a whole is wrong.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { path: String::new(), reason: reason.into() }
    }
}
