//! How far a file has come, over all attempts: pure bookkeeping.

use super::digest::{Difference, Proven, Sum, Sums};
use bytes::{Buf, Bytes};
use sha2::Sha256;
use std::fmt;

/// A file on its way.
pub(super) struct Course {
    /// Bytes of the whole file, once the server has told.
    size: Option<u64>,
    /// Bytes from the file's beginning that have arrived.
    held: u64,
    /// Where the running stream is; behind `held` while it repeats what is there.
    at: u64,
    sums: Sums,
}

/// What is wrong with a stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server does not keep to its protocol.
    ProtocolViolation(String),
    /// It is not the file that the transfer began with.
    Changed(String),
    /// The sums differ.
    Differs(Difference),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProtocolViolation(reason) | Self::Changed(reason) => f.write_str(reason),
            Self::Differs(difference) => difference.fmt(f),
        }
    }
}

impl Course {
    /// A file of which nothing is there.
    pub(super) fn new() -> Self {
        Self { size: None, held: 0, at: 0, sums: Sums::new() }
    }

    /// A file of which the first `held` bytes are there; `hash` has hashed them, unless nobody knows them.
    pub(super) fn behind(held: u64, hash: Option<Sha256>, size: Option<u64>) -> Self {
        match held {
            0 => Self { size, ..Self::new() },
            _ => Self { size, held, at: held, sums: Sums::behind(hash) },
        }
    }

    /// Where to ask the server to begin. A server sends nothing from the file's end on: of a file that is there and not
    /// verified, the last byte is asked for again.
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

    /// Size and sum of what is there, if all of it was hashed.
    pub(super) fn mark(&self) -> Option<(u64, Sum)> {
        Some((self.size?, Sum::of(self.sums.file()?.clone())))
    }

    /// Whether the running stream does not begin with the file.
    pub(super) fn is_resumed(&self) -> bool {
        self.sums.has_range()
    }

    /// A stream begins where it was asked to.
    pub(super) fn begin(&mut self, size: Option<u64>) -> Result<(), Fault> {
        self.at = self.resume_at();
        self.sums.begin_range(self.held);
        if size.is_none() && self.size.is_none() {
            return Err(Fault::ProtocolViolation("the first frame of a transfer does not tell `file_size`".to_owned()));
        }
        self.told(size)?;
        match self.size {
            Some(size) if self.at > size => {
                Err(Fault::ProtocolViolation(format!("a transfer from byte {} of a file with {size} bytes", self.at)))
            }
            _ => Ok(()),
        }
    }

    /// A frame may tell the size again.
    pub(super) fn told(&mut self, size: Option<u64>) -> Result<(), Fault> {
        match (self.size, size) {
            (Some(known), Some(told)) if known != told => {
                Err(Fault::Changed(format!("the file had {known} bytes and has {told} bytes by now")))
            }
            (known, told) => {
                self.size = known.or(told);
                Ok(())
            }
        }
    }

    /// Takes the stream's next bytes, and leaves of them what was not there before.
    pub(super) fn take(&mut self, chunk: &mut Bytes) -> Result<(), Fault> {
        let end = self.at.saturating_add(chunk.len() as u64);
        if let Some(size) = self.size.filter(|&size| end > size) {
            let reason = format!("bytes up to {end} of a file that has only {size}");
            return Err(Fault::ProtocolViolation(reason));
        }
        let repeated = usize::try_from(self.held - self.at).map_or(chunk.len(), |known| known.min(chunk.len()));
        self.sums.update_again(&chunk[..repeated]);
        chunk.advance(repeated);
        self.sums.update(chunk);
        self.at = end;
        self.held = self.held.max(end);
        Ok(())
    }

    /// The stream is over and was successful, says the server: is the file complete, and the right one?
    pub(super) fn end(&self, range: Option<Sum>, file: Option<Sum>) -> Result<Proven, Fault> {
        let size = self.size.unwrap_or_default();
        if self.at != size {
            let reason = format!("the transfer ended as a success at byte {} of {size}", self.at);
            return Err(Fault::ProtocolViolation(reason));
        }
        self.sums.verify(range, file).map_err(Fault::Differs)
    }

    /// Throws everything away.
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
        Some(Sum::of(Sha256::new_with_prefix(bytes)))
    }

    #[test]
    fn what_is_complete_is_asked_for_from_the_last_byte() {
        let mut course = Course::behind(3, Some(Sha256::new_with_prefix("abc")), Some(3));
        assert_eq!(course.resume_at(), 2);
        course.begin(Some(3)).unwrap();
        let mut chunk = Bytes::from_static(b"c");
        course.take(&mut chunk).unwrap();
        assert!(chunk.is_empty());
        assert_eq!(course.end(sum(b"c"), sum(b"abc")), Ok(Proven::File));
        assert_eq!(Course::behind(0, None, Some(0)).resume_at(), 0);
    }

    #[test]
    fn faults_say_what_is_wrong() {
        let mut course = Course::new();
        assert!(matches!(course.begin(None), Err(Fault::ProtocolViolation(_))));
        course.begin(Some(4)).unwrap();
        assert!(matches!(course.told(Some(5)), Err(Fault::Changed(_))));
        let mut chunk = Bytes::from_static(b"abcde");
        assert_eq!(course.take(&mut chunk).unwrap_err().to_string(), "bytes up to 5 of a file that has only 4");
        course.take(&mut Bytes::from_static(b"abc")).unwrap();
        assert_eq!(course.end(None, None).unwrap_err().to_string(), "the transfer ended as a success at byte 3 of 4");
        course.take(&mut Bytes::from_static(b"d")).unwrap();
        assert!(matches!(course.end(sum(b"abcd"), sum(b"abcx")), Err(Fault::Differs(Difference::File { .. }))));
        assert!(matches!(course.end(sum(b"abcx"), sum(b"abcd")), Err(Fault::Differs(Difference::Range { .. }))));
        assert!(matches!(Course::behind(9, None, None).begin(Some(3)), Err(Fault::ProtocolViolation(_))));
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
            let mut course = Course::behind(known as u64, hash, Some(size));
            let mut got = file[..known].to_vec();
            for chunks in streams.iter().map(Some).chain([None]) {
                course.begin(Some(size)).unwrap();
                let begin = usize::try_from(course.resume_at()).unwrap();
                let mut rest = &file[begin..];
                let all = vec![7; file.len()];
                for length in chunks.unwrap_or(&all) {
                    let (chunk, behind) = rest.split_at((*length).min(rest.len()));
                    rest = behind;
                    let mut chunk = Bytes::copy_from_slice(chunk);
                    course.take(&mut chunk).unwrap();
                    got.extend_from_slice(&chunk);
                }
                prop_assert_eq!(course.held(), got.len() as u64);
                prop_assert_eq!(&got[..], &file[..got.len()]);
                if chunks.is_none() {
                    let proven = if hashed || known == 0 { Proven::File } else { Proven::Range };
                    prop_assert_eq!(course.end(sum(&file[begin..]), sum(&file)), Ok(proven));
                }
            }
        }
    }
}
