//! The bytes and sums of a download over all attempts: pure bookkeeping.

use super::digest::{Fault, Sum, Sums};
use super::progress::Verified;
use bytes::{Buf, Bytes};
use sha2::Sha256;
use std::sync::Arc;

/// The bytes and the sums of one file.
pub(super) struct Account {
    /// The size of the whole file, once it is known.
    size: Option<u64>,
    /// Bytes at hand, from the beginning of the file.
    held: u64,
    /// The position of the current body; below `held` while it repeats bytes at hand.
    at: u64,
    sums: Sums,
    /// The version of the file, once the server told it.
    version: Option<Arc<str>>,
}

impl Account {
    /// Makes the account of a file without bytes at hand.
    pub(super) fn new() -> Self {
        Self { size: None, held: 0, at: 0, sums: Sums::new(), version: None }
    }

    /// Makes the account of a file with `held` bytes at hand. `hash` has hashed them, if they are known.
    pub(super) fn after(held: u64, hash: Option<Sha256>, size: Option<u64>) -> Self {
        match held {
            0 => Self { size, ..Self::new() },
            _ => Self { size, held, at: held, sums: Sums::after(hash), version: None },
        }
    }

    /// Sets the version of the file that the bytes at hand belong to.
    pub(super) fn with_version(mut self, version: Option<Arc<str>>) -> Self {
        self.version = version;
        self
    }

    /// Returns the offset for the next request. A server cannot send zero bytes: if all bytes are at hand and not
    /// verified, the last byte is requested again.
    pub(super) fn resume_at(&self) -> u64 {
        match self.size {
            Some(size) if self.held >= size => size.saturating_sub(1),
            _ => self.held,
        }
    }

    pub(super) fn held(&self) -> u64 {
        self.held
    }

    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    pub(super) fn version(&self) -> Option<&Arc<str>> {
        self.version.as_ref()
    }

    /// Returns the size and the sum of the bytes at hand, if all of them were hashed.
    pub(super) fn mark(&self) -> Option<(u64, Sum)> {
        Some((self.size?, self.sums.file()?))
    }

    /// Begins a body at [`resume_at`](Self::resume_at).
    pub(super) fn begin(&mut self) {
        self.at = self.resume_at();
        self.sums.begin_range(self.held);
    }

    /// Records the size that the server tells, which it may repeat.
    pub(super) fn told(&mut self, size: Option<u64>) -> Result<(), Fault> {
        if let (Some(known), Some(told)) = (self.size, size)
            && known != told
        {
            return Err(Fault::Changed(format!("the file had {known} bytes and now has {told}")));
        }
        self.size = self.size.or(size);
        match self.size {
            Some(size) if self.at > size => {
                Err(Fault::Violation(format!("a transfer from byte {} of a file with {size} bytes", self.at)))
            }
            _ => Ok(()),
        }
    }

    /// Records the version that the server tells, which it may repeat.
    pub(super) fn told_version(&mut self, version: Option<Arc<str>>) -> Result<(), Fault> {
        match (&self.version, version) {
            (Some(known), Some(told)) if *known != told => {
                Err(Fault::Changed("the file at the server has another version than the bytes at hand".to_owned()))
            }
            (None, Some(told)) => {
                self.version = Some(told);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Records the next bytes of the body. Reduces `chunk` to the bytes that were not at hand.
    pub(super) fn take(&mut self, chunk: &mut Bytes) -> Result<(), Fault> {
        let size = self.known_size()?;
        let end = self.at.saturating_add(chunk.len() as u64);
        if end > size {
            return Err(Fault::Violation(format!("bytes up to {end} of a file with only {size}")));
        }
        let repeated = usize::try_from(self.held - self.at).map_or(chunk.len(), |known| known.min(chunk.len()));
        self.sums.update_again(&chunk[..repeated]);
        chunk.advance(repeated);
        self.sums.update(chunk);
        self.at = end;
        self.held = self.held.max(end);
        Ok(())
    }

    /// Ends a body that began at `begin` and that the server calls complete: checks the length and the sums.
    pub(super) fn end(&self, begin: u64, range: Option<Sum>, file: Option<Sum>) -> Result<Verified, Fault> {
        let size = self.known_size()?;
        if self.at != size {
            return Err(Fault::Violation(format!("the transfer ended as a success at byte {} of {size}", self.at)));
        }
        self.sums.verify(begin, range, file)
    }

    fn known_size(&self) -> Result<u64, Fault> {
        self.size.ok_or_else(|| Fault::Violation("the server did not tell the size of the file".to_owned()))
    }

    /// Resets the account to zero bytes.
    pub(super) fn restart(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sha2::Digest;

    fn sum(bytes: &[u8]) -> Option<Sum> {
        Some(Sum::of(bytes))
    }

    fn violation<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
        match result.unwrap_err() {
            Fault::Violation(reason) => reason,
            fault => panic!("{fault:?}"),
        }
    }

    #[test]
    fn what_is_complete_is_asked_for_from_the_last_byte() {
        let mut account = Account::after(3, Some(Sha256::new_with_prefix("abc")), Some(3));
        assert_eq!(account.resume_at(), 2);
        account.begin();
        account.told(Some(3)).unwrap();
        let mut chunk = Bytes::from_static(b"c");
        account.take(&mut chunk).unwrap();
        assert!(chunk.is_empty());
        assert_eq!(account.end(2, sum(b"c"), sum(b"abc")), Ok(Verified::File));
        assert_eq!(Account::after(0, None, Some(0)).resume_at(), 0);
    }

    #[test]
    fn faults_say_what_is_wrong() {
        let mut account = Account::new();
        account.begin();
        account.told(None).unwrap();
        assert_eq!(
            violation(account.take(&mut Bytes::from_static(b"a"))),
            "the server did not tell the size of the file"
        );
        account.told(Some(4)).unwrap();
        assert!(matches!(account.told(Some(5)), Err(Fault::Changed(_))));
        let mut chunk = Bytes::from_static(b"abcde");
        assert_eq!(violation(account.take(&mut chunk)), "bytes up to 5 of a file with only 4");
        account.take(&mut Bytes::from_static(b"abc")).unwrap();
        assert_eq!(violation(account.end(0, None, None)), "the transfer ended as a success at byte 3 of 4");
        account.take(&mut Bytes::from_static(b"d")).unwrap();
        assert!(matches!(account.end(0, sum(b"abcd"), sum(b"abcx")), Err(Fault::Corrupt(_))));
        assert!(matches!(account.end(0, sum(b"abcx"), sum(b"abcd")), Err(Fault::Corrupt(_))));
        assert!(matches!(Account::after(9, None, None).told(Some(3)), Err(Fault::Violation(_))));
    }

    proptest! {
        /// Streams that end anywhere, each followed by one that goes on.
        #[test]
        fn any_list_of_cuts_makes_the_same_file(
            file in proptest::collection::vec(any::<u8>(), 1..200),
            streams in proptest::collection::vec(proptest::collection::vec(1_usize..20, 0..6), 0..20),
            known in 0_usize..200,
            hashed: bool,
        ) {
            let known = known.min(file.len());
            let size = file.len() as u64;
            let hash = hashed.then(|| Sha256::new_with_prefix(&file[..known]));
            let mut account = Account::after(known as u64, hash, Some(size));
            let mut got = file[..known].to_vec();
            for chunks in streams.iter().map(Some).chain([None]) {
                account.begin();
                account.told(Some(size)).unwrap();
                let begin = usize::try_from(account.resume_at()).unwrap();
                let mut rest = &file[begin..];
                let all = vec![7; file.len()];
                for length in chunks.unwrap_or(&all) {
                    let (chunk, after) = rest.split_at((*length).min(rest.len()));
                    rest = after;
                    let mut chunk = Bytes::copy_from_slice(chunk);
                    account.take(&mut chunk).unwrap();
                    got.extend_from_slice(&chunk);
                }
                prop_assert_eq!(account.held(), got.len() as u64);
                prop_assert_eq!(&got[..], &file[..got.len()]);
                if chunks.is_none() {
                    let at = begin as u64;
                    let verified = if hashed || known == 0 { Verified::File } else { Verified::From(at) };
                    prop_assert_eq!(account.end(at, sum(&file[begin..]), sum(&file)), Ok(verified));
                }
            }
        }
    }
}
