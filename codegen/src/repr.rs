//! The type that a code has on the wire.

use std::fmt;

/// The type that a code has on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repr {
    /// 0 to 255.
    U8,
    /// 0 to 65,535.
    U16,
    /// 0 to 4,294,967,295.
    U32,
    /// 0 to 18,446,744,073,709,551,615.
    U64,
    /// -128 to 127.
    I8,
    /// -32,768 to 32,767.
    I16,
    /// -2,147,483,648 to 2,147,483,647.
    I32,
    /// -9,223,372,036,854,775,808 to 9,223,372,036,854,775,807.
    I64,
    /// Text of one to eight hexadecimal digits.
    Hex(u32),
    /// Text of at most this number of ASCII characters, at most 63.
    Ascii(u32),
}

impl Repr {
    /// All integers.
    pub const INTEGERS: &'static [Self] =
        &[Self::U8, Self::U16, Self::U32, Self::U64, Self::I8, Self::I16, Self::I32, Self::I64];

    /// The longest text that a code can be.
    pub const LONGEST_TEXT: u32 = 63;

    /// All words, for a message.
    pub(crate) const WORDS: &'static str = "u8, u16, u32, u64, i8, i16, i32, i64, hex1 to hex8, ascii(1) to ascii(63)";

    /// Finds a word, such as `u16`, `hex2` or `ascii(5)`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        if let Some(digits) = word.strip_prefix("hex") {
            return digits.parse().ok().and_then(Self::hex);
        }
        if let Some(length) = word.strip_prefix("ascii(").and_then(|rest| rest.strip_suffix(')')) {
            let length = length.trim().parse().ok()?;
            return (1..=Self::LONGEST_TEXT).contains(&length).then_some(Self::Ascii(length));
        }
        Self::INTEGERS.iter().copied().find(|repr| repr.integer() == word)
    }

    /// Returns the repr for text of a number of hexadecimal digits, from 1 to 8.
    #[must_use]
    pub fn hex(digits: u32) -> Option<Self> {
        (1..=8).contains(&digits).then_some(Self::Hex(digits))
    }

    /// Returns the smallest and the largest value; for text the places that its codes can have in a table.
    #[must_use]
    pub fn range(self) -> (i128, i128) {
        match self {
            Self::U8 => (0, u8::MAX.into()),
            Self::U16 => (0, u16::MAX.into()),
            Self::U32 => (0, u32::MAX.into()),
            Self::U64 => (0, u64::MAX.into()),
            Self::I8 => (i8::MIN.into(), i8::MAX.into()),
            Self::I16 => (i16::MIN.into(), i16::MAX.into()),
            Self::I32 => (i32::MIN.into(), i32::MAX.into()),
            Self::I64 => (i64::MIN.into(), i64::MAX.into()),
            Self::Hex(digits) => (0, (1 << (4 * digits)) - 1),
            Self::Ascii(_) => (0, i128::MAX),
        }
    }

    /// Returns the number of hexadecimal digits; `None` for other codes.
    #[must_use]
    pub const fn digits(self) -> Option<u32> {
        match self {
            Self::Hex(digits) => Some(digits),
            _ => None,
        }
    }

    /// Is a code text other than digits?
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Ascii(_))
    }

    /// Returns the Rust type that holds a value.
    #[must_use]
    pub const fn integer(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Hex(0..=2) => "u8",
            Self::Hex(3..=4) => "u16",
            Self::Hex(_) => "u32",
            Self::Ascii(_) => "&str",
        }
    }

    /// Writes a number as it stands on the wire; an integer in decimal digits.
    #[must_use]
    pub fn show(self, value: i128) -> String {
        match self.digits() {
            Some(digits) => format!("{value:0width$x}", width = digits as usize),
            None => value.to_string(),
        }
    }
}

/// The word as tables write it.
impl fmt::Display for Repr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hex(digits) => write!(f, "hex{digits}"),
            Self::Ascii(length) => write!(f, "ascii({length})"),
            integer => f.write_str(integer.integer()),
        }
    }
}

/// Writes how many hexadecimal digits a value has.
pub(crate) fn digits_in_words(digits: u32) -> String {
    format!("{digits} hexadecimal digit{}", if digits == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::Repr;

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for word in ["u8", "i64", "u64", "hex1", "hex8", "ascii(5)", "ascii(63)"] {
            assert_eq!(Repr::from_word(word).map(|repr| repr.to_string()).as_deref(), Some(word));
        }
        for word in ["", "u128", "hex0", "hex9", "hex", "ascii", "ascii(0)", "ascii(64)", "&str", "U8"] {
            assert_eq!(Repr::from_word(word), None, "{word}");
        }
    }
}
