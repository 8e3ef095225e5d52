//! The vocabularies: enums whose variants are words.

use core::fmt;

/// A text that is not a word of a vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseWordError {
    vocabulary: &'static str,
}

impl ParseWordError {
    pub(super) const fn new(vocabulary: &'static str) -> Self {
        Self { vocabulary }
    }
}

impl fmt::Display for ParseWordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the text names no {}", self.vocabulary)
    }
}

impl core::error::Error for ParseWordError {}

/// Defines a vocabulary: the enum, `ALL`, `as_str`, `Display` and `FromStr`.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $name {
            /// All values.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the word, as tables write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::codes::ParseWordError;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.iter().copied().find(|known| known.as_str() == word);
                found.ok_or($crate::codes::ParseWordError::new($what))
            }
        }
    };
}
pub(super) use vocabulary;
