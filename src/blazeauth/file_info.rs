//! What the server knows about a file.

use super::lenient::{Lenient, Unread, told};
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

told! {
    /// What the server tells about a file.
    Told {
        size: u64,
        checksum: String,
    }
    optionally {
        transfer_count: u64,
        // Unix time.
        last_transferred_at: u64,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_there_twice_counts_as_one_that_cannot_be_read() {
        let read =
            |members: &str| serde_json::from_str::<FileInfo>(&format!(r#"{{"size":1,"checksum":"a",{members}}}"#));
        let info = read(r#""transfer_count":1,"transfer_count":1,"last_transferred_at":7,"x":1,"x":2"#).unwrap();
        assert_eq!((info.size, info.transfer_count, info.unread), (1, None, vec!["transfer_count"]));
        assert!(info.last_transferred_at.is_some());
        // Without these there is nothing to tell.
        assert!(read(r#""size":1"#).unwrap_err().to_string().contains("duplicate field `size`"));
        assert!(read(r#""checksum":"a""#).unwrap_err().to_string().contains("duplicate field `checksum`"));
    }
}
