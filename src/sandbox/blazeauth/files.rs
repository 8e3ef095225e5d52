//! Files of an application.
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// A file of an [`Application`](super::Application).
#[derive(Clone)]
pub struct File {
    pub(super) name: String,
    pub(super) content: Bytes,
    pub(super) checksum: String,
    pub(super) transfer_count: u32,
    /// Since the start of the sandbox.
    pub(super) last_transferred: Option<Duration>,
}

impl File {
    /// A file with this content, never transferred so far.
    pub fn new(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        let content = Bytes::from(content.into());
        let checksum = checksum(&content);
        Self { name: name.into(), content, checksum, transfer_count: 0, last_transferred: None }
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("name", &self.name).field("size", &self.content.len()).finish_non_exhaustive()
    }
}

/// SHA-256 in lower-case hexadecimal digits.
pub(super) fn checksum(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
