//! The bytes of a file and their checksum.
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

/// What a file holds. Cheap to clone.
#[derive(Clone)]
pub(super) struct Content {
    bytes: Bytes,
    checksum: Arc<OnceLock<String>>,
}

impl Content {
    pub(super) fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), checksum: Arc::default() }
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// SHA-256 of all bytes as 64 lower-case digits, computed at its first use.
    pub(super) fn checksum(&self) -> &str {
        self.checksum.get_or_init(|| sha256(&self.bytes))
    }

    /// The checksum of the bytes from here to the end.
    pub(super) fn checksum_from(&self, start: usize) -> String {
        if start == 0 { self.checksum().to_owned() } else { sha256(&self.bytes[start..]) }
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({} bytes)", self.bytes.len())
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_known_texts() {
        let empty = Content::new(&b""[..]);
        assert_eq!(empty.checksum(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let abc = Content::new(&b"abc"[..]);
        assert_eq!(abc.checksum(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(abc.checksum_from(3), empty.checksum());
        assert_eq!(abc.checksum_from(0), abc.checksum());
    }
}
