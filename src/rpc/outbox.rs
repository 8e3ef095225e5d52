//! The bytes that callers leave for the connection's task.

use super::message::Outgoing;

/// How a transport puts a message into its stream of bytes. It runs in the caller's task, under the lock of the engine.
pub(crate) trait Framing: Send + 'static {
    /// Appends the message.
    fn frame(&mut self, message: &Outgoing, bytes: &mut Vec<u8>);
}

/// Framed messages, in the order in which they will be written. Positions count the bytes since the connection began,
/// so that after a loss it is known which messages the socket layer was given.
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

    /// Where the next message will begin.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Appends what the transport itself has to say (a pong, a close), already framed.
    pub(crate) fn push_framed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.end += bytes.len() as u64;
    }

    /// Moves everything into `spare`, which must be empty, and keeps its memory for the next messages.
    pub(crate) fn take(&mut self, spare: &mut Vec<u8>) {
        debug_assert!(spare.is_empty());
        std::mem::swap(&mut self.bytes, spare);
    }

    /// Bytes not taken yet.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Begins anew for another connection.
    pub(super) fn reset(&mut self) {
        self.bytes = Vec::new();
        self.end = 0;
    }
}
