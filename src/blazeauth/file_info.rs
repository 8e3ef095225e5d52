//! What the server knows about a file.

use serde::{Deserialize, Deserializer};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A file of the application.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FileInfo {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256 sum, in hexadecimal digits.
    pub checksum: String,
    /// How often it was transferred.
    pub transfer_count: u64,
    /// When it was transferred last, if ever.
    #[serde(default, deserialize_with = "unix_time")]
    pub last_transferred_at: Option<SystemTime>,
}

/// Decodes seconds since 1970.
fn unix_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
    let seconds = Option::deserialize(deserializer)?;
    Ok(seconds.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))))
}
