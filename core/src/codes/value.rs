//! Values as they stand on the wire.

use super::text::Text;
use core::fmt;

/// A code's value as it stands on the wire. Values are ordered by their form first, in the order of the variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Value {
    /// An integer.
    Number(i64),
    /// Text of a fixed number of hexadecimal digits.
    Hex(Hex),
    /// An integer that `Number` cannot hold.
    Unsigned(u64),
    /// Other text.
    Text(Text),
}

/// A fixed number of hexadecimal digits. Displayed in lower case, read in either case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex {
    number: u32,
    digits: u8,
}

impl Hex {
    /// Makes a number of digits, from 1 to 8, with this value; `None` if they cannot hold it.
    #[must_use]
    pub const fn new(number: u32, digits: u8) -> Option<Self> {
        match digits {
            1..=7 if number >> (4 * digits) == 0 => Some(Self { number, digits }),
            8 => Some(Self { number, digits }),
            _ => None,
        }
    }

    /// Reads a text of exactly this number of digits.
    #[must_use]
    pub fn parse(text: &str, digits: u8) -> Option<Self> {
        if text.len() != usize::from(digits) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        Self::new(u32::from_str_radix(text, 16).ok()?, digits)
    }

    /// Returns the value of the digits.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Returns the number of digits.
    #[must_use]
    pub const fn digits(self) -> u8 {
        self.digits
    }
}

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text in full, so that a width given by the caller is kept.
        let mut text = [0; 8];
        let used = &mut text[..usize::from(self.digits)];
        let mut rest = self.number;
        for digit in used.iter_mut().rev() {
            *digit = b"0123456789abcdef"[(rest & 0xf) as usize];
            rest >>= 4;
        }
        f.pad(core::str::from_utf8(used).map_err(|_| fmt::Error)?)
    }
}

impl Value {
    /// Returns the number, whatever the form on the wire; `i64::MAX` for a larger one, and 0 for text that is no number.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Number(number) => number,
            Self::Hex(hex) => hex.number as i64,
            Self::Unsigned(_) => i64::MAX,
            Self::Text(_) => 0,
        }
    }
}

impl Value {
    /// Returns the number in full; `None` for text.
    pub(super) fn wide(self) -> Option<i128> {
        match self {
            Self::Unsigned(number) => Some(number.into()),
            Self::Text(_) => None,
            number => Some(number.number().into()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Hex(hex) => hex.fmt(f),
            Self::Unsigned(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or(Self::Unsigned(number), Self::Number)
    }
}

impl From<Hex> for Value {
    fn from(hex: Hex) -> Self {
        Self::Hex(hex)
    }
}

/// What the values of a table look like on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// Integers.
    Integer {
        /// The lowest that the type can hold.
        lowest: i64,
        /// The highest that the type can hold.
        highest: i64,
    },
    /// Text of hexadecimal digits.
    Hex {
        /// The number of digits.
        digits: u8,
    },
    /// Integers from 0 to `u64::MAX`.
    Unsigned,
    /// Text.
    Text {
        /// The highest number of characters.
        longest: u8,
    },
}

impl Form {
    /// Can a code have this value?
    #[must_use]
    pub fn holds(self, value: Value) -> bool {
        match (self, value) {
            (Self::Integer { lowest, highest }, Value::Number(number)) => (lowest..=highest).contains(&number),
            (Self::Hex { digits }, Value::Hex(hex)) => hex.digits() == digits,
            (Self::Unsigned, Value::Number(number)) => number >= 0,
            (Self::Unsigned, Value::Unsigned(_)) => true,
            (Self::Text { longest }, Value::Text(text)) => text.as_str().len() <= usize::from(longest),
            _ => false,
        }
    }

    /// Reads a value as it stands on the wire; an integer in decimal digits, without leading zeros. `None` if no code can
    /// have it.
    #[must_use]
    pub fn parse(self, text: &str) -> Option<Value> {
        match self {
            Self::Integer { .. } | Self::Unsigned => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                let is_padded = digits.len() > 1 && digits.starts_with('0');
                let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && !is_padded;
                let number = || text.parse().map(Value::Number).or_else(|_| text.parse().map(Value::Unsigned)).ok();
                let value = is_integer.then(number).flatten()?;
                self.holds(value).then_some(value)
            }
            Self::Hex { digits } => Hex::parse(text, digits).map(Value::Hex),
            Self::Text { .. } => Text::new(text).map(Value::Text).filter(|value| self.holds(*value)),
        }
    }
}
