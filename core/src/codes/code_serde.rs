//! Reading codes from serde formats.

use super::code::Code;
use super::value::Value;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// Reads a code: by value or name where the format says what it holds, else as the integer that was written.
pub fn deserialize_code<'de, C, R, D>(deserializer: D) -> Result<C, D::Error>
where
    C: Code + From<R>,
    R: Deserialize<'de>,
    D: Deserializer<'de>,
{
    if deserializer.is_human_readable() {
        deserializer.deserialize_any(CodeVisitor(PhantomData))
    } else {
        R::deserialize(deserializer).map(C::from)
    }
}

/// Reads a code that is text in every format.
pub fn deserialize_text<'de, C: Code, D: Deserializer<'de>>(deserializer: D) -> Result<C, D::Error> {
    deserializer.deserialize_str(TextVisitor(PhantomData))
}

struct TextVisitor<C>(PhantomData<C>);

impl<C: Code> Visitor<'_> for TextVisitor<C> {
    type Value = C;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the text of a code or a name of the table `{}`", C::table().name)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<C, E> {
        // No code is as long, and the error copies what it quotes.
        let quoted = text.char_indices().nth(40).map_or(text, |(end, _)| &text[..end]);
        text.parse().map_err(|_| E::invalid_value(Unexpected::Str(quoted), &self))
    }
}

struct CodeVisitor<C>(PhantomData<C>);

impl<C: Code> Visitor<'_> for CodeVisitor<C> {
    type Value = C;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number or a name of the table `{}`", C::table().name)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<C, E> {
        C::try_from_value(Value::Number(number)).ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<C, E> {
        C::try_from_value(number.into()).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<C, E> {
        // No code is as long, and the error copies what it quotes.
        let quoted = text.char_indices().nth(40).map_or(text, |(end, _)| &text[..end]);
        text.parse().map_err(|_| E::invalid_value(Unexpected::Str(quoted), &self))
    }
}
