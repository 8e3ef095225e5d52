//! How far a download is, and what it brought.

use std::path::PathBuf;

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that this download has received.
    pub received: u64,
    /// Bytes of the whole file.
    pub size: u64,
    /// Bytes at hand when it began. Zero again if it had to start over.
    pub resumed_from: u64,
}

impl Progress {
    /// Returns the bytes of the file that are at hand: received now or before.
    pub fn at_hand(&self) -> u64 {
        self.resumed_from + self.received
    }
}

/// A complete file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// Bytes of the whole file.
    pub size: u64,
    /// Bytes that this download has received; what was received again after an interruption counts once.
    pub received: u64,
    /// Bytes at hand when it began.
    pub resumed_from: u64,
    /// How often the file was asked for: once, and again after each interruption.
    pub attempts: u32,
    /// What was compared with the server's sums.
    pub verified: Verified,
    /// Where the file is, if it was saved to a path.
    pub path: Option<PathBuf>,
}

/// What the SHA-256 sums have proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verified {
    /// The whole file is the server's.
    File,
    /// The bytes from this offset on are the server's. Those before them are not known to the client.
    From(u64),
    /// Nothing: the server told no sum of bytes that are known to the client. It may have told that of the whole file, of
    /// which the beginning is not known.
    Nothing,
}
