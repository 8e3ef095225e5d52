//! SHA-256 sums of the whole file and of the part that one body sends.
//!
//! `sha2` uses the processor's SHA instructions if it has them (SHA-NI on x86, detected at run time).

use super::progress::Verified;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256 sum. As text and in serde formats it is 64 hexadecimal digits in either case.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sum([u8; 32]);

impl Sum {
    /// Computes the sum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::finish(Sha256::new_with_prefix(bytes))
    }

    pub(super) fn finish(state: Sha256) -> Self {
        Self(state.finalize().into())
    }

    /// Parses a sum; `None` if the text is not 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut sum = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != sum.len() || !rest.is_empty() {
            return None;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        for (byte, [high, low]) in sum.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(sum))
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for Sum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hex;
        impl Visitor<'_> for Hex {
            type Value = Sum;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a SHA-256 sum of 64 hexadecimal digits")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Sum, E> {
                Sum::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Hex)
    }
}

/// The fault of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The server sent more or less than it announced.
    Violation(String),
    /// The file at the server has changed since the download began.
    Changed(String),
    /// The sums differ.
    Corrupt(String),
}

/// The running sums. A body that begins at the start of the file is hashed only once.
pub(super) struct Sums {
    /// The sum of the file so far, if its beginning is known.
    file: Option<Sha256>,
    /// The sum of the current body, if it differs from `file`.
    range: Option<Sha256>,
}

impl Sums {
    /// Makes the sums of a file from its beginning.
    pub(super) fn new() -> Self {
        Self { file: Some(Sha256::new()), range: None }
    }

    /// Makes the sums of a file whose beginning `prefix` has hashed; `None` if those bytes are unknown.
    pub(super) fn after(prefix: Option<Sha256>) -> Self {
        Self { file: prefix, range: Some(Sha256::new()) }
    }

    /// Starts a body with `held` bytes of the file at hand.
    pub(super) fn begin_range(&mut self, held: u64) {
        self.range = (held > 0).then(Sha256::new);
    }

    /// Adds new bytes of the body.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.file.iter_mut().chain(&mut self.range).for_each(|state| state.update(bytes));
    }

    /// Adds bytes of the body that the file already has.
    pub(super) fn update_again(&mut self, bytes: &[u8]) {
        self.range.iter_mut().for_each(|state| state.update(bytes));
    }

    /// Returns the sum of the file so far; `None` if its beginning is unknown.
    pub(super) fn file(&self) -> Option<Sum> {
        self.file.clone().map(Sum::finish)
    }

    /// Compares the sums with those that the server sent for a body that began at `begin`.
    pub(super) fn verify(&self, begin: u64, range: Option<Sum>, file: Option<Sum>) -> Result<Verified, Fault> {
        if let (Some(sent), Some(state)) = (range, self.range.as_ref().or(self.file.as_ref())) {
            let arrived = Sum::finish(state.clone());
            if sent != arrived {
                return Err(Fault::Corrupt(format!(
                    "the server sent a part with the SHA-256 {sent}, but the received part has {arrived}"
                )));
            }
        }
        match (file, self.file()) {
            (Some(there), Some(here)) if there != here => {
                let reason = format!("the whole file has the SHA-256 {there} at the server, but {here} here");
                // The earlier bytes came from another request: the file may have changed since.
                Err(if self.range.is_some() { Fault::Changed(reason) } else { Fault::Corrupt(reason) })
            }
            (Some(_), Some(_)) => Ok(Verified::File),
            // Nothing was at hand: the body was the whole file.
            _ if range.is_some() && self.range.is_none() => Ok(Verified::File),
            _ if range.is_some() => Ok(Verified::From(begin)),
            _ => Ok(Verified::Nothing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &[u8] = &[0x61, 0x62, 0x7d, 0x7b, 0x00, 0xff, 0x20, 0x63, 0x64, 0x65];
    const FILE_SUM: &str = "61a003b4394ce412b3ab105f4d8335377702e008380067fe998834dc0589aede";
    const FROM_4: &str = "18fd1bfa1685be135597700349e94a7e959d005abcc832d75f2240a5f179ce7d";

    fn sum(text: &str) -> Option<Sum> {
        Some(Sum::parse(text).unwrap())
    }

    #[test]
    fn sums_are_read_in_either_case() {
        assert_eq!(sum(FILE_SUM), sum(&FILE_SUM.to_uppercase()));
        assert_eq!(sum(FILE_SUM).unwrap().to_string(), FILE_SUM);
        for wrong in ["", "61", &FILE_SUM[1..], &format!("{FILE_SUM}0"), &FILE_SUM.replace('6', "g"), &"é".repeat(32)]
        {
            assert!(Sum::parse(wrong).is_none(), "{wrong}");
        }
        let error = serde_json::from_str::<Sum>("\"61\"").unwrap_err();
        assert!(error.to_string().contains("64 hexadecimal digits"), "{error}");
    }

    #[test]
    fn whole_files_and_parts_verify() {
        let mut sums = Sums::new();
        sums.update(&FILE[..4]);
        let prefix = sums.file.clone();
        sums.update(&FILE[4..]);
        assert_eq!(sums.verify(4, sum(FILE_SUM), sum(FILE_SUM)), Ok(Verified::File));

        let mut resumed = Sums::after(prefix);
        resumed.update(&FILE[4..]);
        assert_eq!(resumed.verify(4, sum(FROM_4), sum(FILE_SUM)), Ok(Verified::File));

        let mut unknown = Sums::after(None);
        unknown.update(&FILE[4..]);
        assert_eq!(unknown.verify(4, sum(FROM_4), sum(FILE_SUM)), Ok(Verified::From(4)));
        assert_eq!(unknown.verify(4, None, sum(FILE_SUM)), Ok(Verified::Nothing));
    }

    #[test]
    fn a_part_from_the_first_byte_on_is_the_whole_file() {
        let mut sums = Sums::new();
        sums.begin_range(0);
        sums.update(FILE);
        assert_eq!(sums.verify(0, sum(FILE_SUM), None), Ok(Verified::File));
        assert!(matches!(sums.verify(0, sum(FROM_4), None), Err(Fault::Corrupt(_))));
    }

    #[test]
    fn the_difference_says_which_sum_it_is() {
        let mut sums = Sums::after(Some(Sha256::new_with_prefix(b"abx}")));
        sums.update(&FILE[4..]);
        assert!(matches!(sums.verify(4, sum(FROM_4), sum(FILE_SUM)), Err(Fault::Changed(_))));
        sums.update(b"!");
        assert!(matches!(sums.verify(4, sum(FROM_4), sum(FILE_SUM)), Err(Fault::Corrupt(_))));
    }

    #[test]
    fn bytes_at_hand_count_for_the_range_only() {
        let mut sums = Sums::after(Some(Sha256::new_with_prefix(FILE)));
        sums.update_again(&FILE[4..]);
        assert_eq!(sums.verify(4, sum(FROM_4), sum(FILE_SUM)), Ok(Verified::File));
    }

    proptest! {
        #[test]
        fn the_cuts_do_not_matter(
            file in proptest::collection::vec(any::<u8>(), 0..300),
            cuts in proptest::collection::vec(1_usize..40, 0..40),
            start in 0_usize..300,
        ) {
            let start = start.min(file.len());
            let whole = Some(Sum::of(&file));
            let range = Some(Sum::of(&file[start..]));
            let mut sums = Sums::after(Some(Sha256::new_with_prefix(&file[..start])));
            let mut rest = &file[start..];
            for cut in cuts {
                let (chunk, after) = rest.split_at(cut.min(rest.len()));
                sums.update(chunk);
                rest = after;
            }
            sums.update(rest);
            prop_assert_eq!(sums.verify(start as u64, range, whole), Ok(Verified::File));
        }
    }
}
