//! Codes that are text.

use core::fmt;

/// A code that is text: at most 63 ASCII characters, without spaces and control characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text {
    bytes: [u8; Self::LONGEST],
    length: u8,
}

impl Text {
    /// How long a code can be.
    pub const LONGEST: usize = 63;

    /// Takes a text; `None` if it is empty, too long, or has other characters.
    #[must_use]
    pub const fn new(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > Self::LONGEST {
            return None;
        }
        let mut bytes = [0; Self::LONGEST];
        let mut at = 0;
        while at < text.len() {
            bytes[at] = text.as_bytes()[at];
            if !bytes[at].is_ascii_graphic() {
                return None;
            }
            at += 1;
        }
        Some(Self { bytes, length: at as u8 })
    }

    /// Returns the text.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        // The bytes were checked when they were taken.
        match core::str::from_utf8(self.bytes.split_at(self.length as usize).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
