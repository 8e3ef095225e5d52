//! Framed bytes from callers to the connection's task.

use super::message::Outgoing;

/// How a transport frames a message. It runs in the caller's task, under the engine's lock.
pub(crate) trait Framing: Send + 'static {
    /// Appends the framed message.
    fn frame(&mut self, message: &Outgoing, bytes: &mut Vec<u8>);
}

/// Framed messages in the order of writing. Positions count the bytes since the connection began: after a loss they
/// tell which messages the socket was given.
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    end: u64,
    framing: Box<dyn Framing>,
}

impl Outbox {
    pub(super) fn new(framing: Box<dyn Framing>) -> Self {
        Self { bytes: Vec::new(), end: 0, framing }
    }

    /// Appends a message.
    pub(super) fn push(&mut self, message: &Outgoing) {
        let before = self.bytes.len();
        self.framing.frame(message, &mut self.bytes);
        self.end += (self.bytes.len() - before) as u64;
    }

    /// Returns the position of the next message.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Appends a framed message of the transport itself (a pong, a close).
    pub(crate) fn push_framed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.end += bytes.len() as u64;
    }

    /// Moves all bytes into `spare`, which must be empty, and reuses its memory for the next messages.
    pub(crate) fn take(&mut self, spare: &mut Vec<u8>) {
        debug_assert!(spare.is_empty());
        std::mem::swap(&mut self.bytes, spare);
    }

    /// Returns the number of bytes that were not taken yet.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Resets the outbox for another connection.
    pub(super) fn reset(&mut self) {
        self.bytes = Vec::new();
        self.end = 0;
    }
}
