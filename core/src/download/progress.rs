//! The progress and the result of a download.

use std::path::PathBuf;

/// The progress of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that this download has received.
    pub received: u64,
    /// The size of the whole file.
    pub size: u64,
    /// Bytes at hand when it began. Reset to zero if it had to start over.
    pub resumed_from: u64,
}

impl Progress {
    /// Returns the bytes of the file at hand, received now or before.
    pub fn at_hand(&self) -> u64 {
        self.resumed_from + self.received
    }
}

/// A complete download.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// The size of the file.
    pub size: u64,
    /// Bytes that this download has received; bytes received twice count once.
    pub received: u64,
    /// Bytes at hand when it began.
    pub resumed_from: u64,
    /// The number of requests: one, and one after each interruption.
    pub attempts: u32,
    /// What the server's sums have verified.
    pub verified: Verified,
    /// The path of the file, if it was saved to a path.
    pub path: Option<PathBuf>,
}

/// What the SHA-256 sums have verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verified {
    /// The whole file.
    File,
    /// The bytes from this offset on. The client does not know the bytes before.
    From(u64),
    /// Nothing: the server sent no sum, or only the sum of the whole file while the client does not know its beginning.
    Nothing,
}
