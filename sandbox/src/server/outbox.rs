//! Bytes on their way to a client that the socket has not taken yet.
use std::io;

use bytes::{Buf, BytesMut};
use tokio::net::TcpStream;

/// A run of small replies is written at once.
const CORK: usize = 16 * 1024;

/// The buffer in front of the socket, with the limit of what may wait.
#[derive(Debug)]
pub(super) struct Outbox {
    waiting: BytesMut,
    limit: usize,
    /// How many bytes were pushed so far.
    end: u64,
}

impl Outbox {
    pub(super) fn new(limit: usize) -> Self {
        Self { waiting: BytesMut::new(), limit, end: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether more than the limit waits.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() > self.limit
    }

    /// Takes a frame; `Ok(false)` if more than the limit waits already: then the frame is lost. While the limit is not
    /// exceeded, a frame of any size passes.
    pub(super) fn offer(&mut self, frame: &[u8], stream: &TcpStream) -> io::Result<bool> {
        if self.is_full() {
            self.write(stream)?;
            if self.is_full() {
                return Ok(false);
            }
        }
        self.push(frame);
        if self.waiting.len() >= CORK {
            self.write(stream)?;
        }
        Ok(true)
    }

    /// Takes bytes, whether or not the limit is exceeded.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        self.end += bytes.len() as u64;
    }

    /// Where the next byte goes.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Drops what was pushed from this position on and is not written yet.
    pub(super) fn discard_from(&mut self, position: u64) {
        let later = usize::try_from(self.end.saturating_sub(position)).unwrap_or(usize::MAX);
        self.waiting.truncate(self.waiting.len().saturating_sub(later));
    }

    /// Writes what the socket takes without waiting.
    pub(super) fn write(&mut self, stream: &TcpStream) -> io::Result<()> {
        while !self.waiting.is_empty() {
            match stream.try_write(&self.waiting) {
                Ok(written) => self.waiting.advance(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        // The buffer of a burst is not kept.
        if self.waiting.capacity() > 4 * CORK {
            self.waiting = BytesMut::new();
        }
        Ok(())
    }

    /// Writes all.
    pub(super) async fn drain(&mut self, stream: &TcpStream) -> io::Result<()> {
        loop {
            self.write(stream)?;
            if self.waiting.is_empty() {
                return Ok(());
            }
            stream.writable().await?;
        }
    }
}
