//! JSON as the real server reads and writes it (jsoncons with sorted objects).
//!
//! `serde_json` cannot stand in for it: it refuses comments and byte order marks, lets the last of two equal members
//! win, reports lone surrogates where jsoncons drops them, turns integers beyond 64 bits into floats, stops at 128
//! levels of nesting, and spells floats and control characters differently. A client would be tested against
//! answers that no server gives.
mod digits;
mod float;
mod read;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use read::parse;
pub(crate) use write::to_text;

/// Members of an object; sorted by name (byte order), as every reply shows them.
pub(crate) type Object = BTreeMap<String, Value>;

/// One JSON value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// An integer written with a minus sign.
    Int(i64),
    /// An integer written without one.
    UInt(u64),
    Float(f64),
    /// Also an integer beyond 64 bits: jsoncons keeps its digits and from then on treats it as a string.
    String(String),
    Array(Vec<Value>),
    Object(Object),
    /// Text that [`to_text`] wrote earlier, to be repeated as it is.
    Written(Arc<str>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::UInt(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::UInt(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::UInt(number as u64)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

/// An object of the given members.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::Array(items.into_iter().collect())
    }
}
