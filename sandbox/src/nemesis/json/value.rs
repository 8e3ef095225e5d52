//! JSON values, with the numbers that the real server tells apart.
use std::collections::BTreeMap;
use std::sync::Arc;

/// Members of an object; sorted by name (byte order), as every reply shows them.
pub(in crate::nemesis) type Object = BTreeMap<String, Value>;

/// One JSON value.
#[derive(Clone, Debug)]
pub(in crate::nemesis) enum Value {
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
pub(in crate::nemesis) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::Array(items.into_iter().collect())
    }
}
