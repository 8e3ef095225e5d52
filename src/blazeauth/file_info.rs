//! What the server knows about a file.

use super::reply::Body;
use crate::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A file of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileInfo {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256 sum, in hexadecimal digits.
    pub checksum: String,
    /// How often it was transferred.
    pub transfer_count: u64,
    /// When it was transferred last, if ever.
    pub last_transferred_at: Option<SystemTime>,
}

impl FileInfo {
    pub(super) fn read(body: &Body<'_>) -> Result<Self, Error> {
        let last = body.optional::<u64>("last_transferred_at")?;
        Ok(Self {
            size: body.required("size")?,
            checksum: body.required("checksum")?,
            transfer_count: body.required("transfer_count")?,
            last_transferred_at: last.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
        })
    }
}
