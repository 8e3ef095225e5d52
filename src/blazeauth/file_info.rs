//! What the server knows about a file.

use super::lenient::{Lenient, Unread};
use serde::Deserialize;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A file of the application.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Told")]
#[non_exhaustive]
pub struct FileInfo {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256 sum, in hexadecimal digits.
    pub checksum: String,
    /// How often it was transferred, if the server tells.
    pub transfer_count: Option<u64>,
    /// When it was transferred last, if ever.
    pub last_transferred_at: Option<SystemTime>,
    /// The names of the optional members that the server sent in a form that cannot be read.
    pub unread: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Told {
    size: u64,
    checksum: String,
    #[serde(default)]
    transfer_count: Lenient<u64>,
    /// Unix time.
    #[serde(default)]
    last_transferred_at: Lenient<u64>,
}

impl From<Told> for FileInfo {
    fn from(told: Told) -> Self {
        let mut unread = Unread::default();
        let last = unread.read("last_transferred_at", told.last_transferred_at);
        Self {
            size: told.size,
            checksum: told.checksum,
            transfer_count: unread.read("transfer_count", told.transfer_count),
            last_transferred_at: last.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
            unread: unread.told(),
        }
    }
}
