//! JSON values, with the numbers that the real servers tell apart.
use std::sync::Arc;

use indexmap::IndexMap;
use indexmap::map::IntoIter;

/// Members of an object, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(in crate::nemesis) struct Object(IndexMap<String, Value>);

impl Object {
    pub(in crate::nemesis) fn new() -> Self {
        Self::default()
    }

    pub(in crate::nemesis) fn len(&self) -> usize {
        self.0.len()
    }

    pub(in crate::nemesis) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::nemesis) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(in crate::nemesis) fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0.get_mut(name)
    }

    pub(in crate::nemesis) fn contains_key(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Adds a member, or replaces its value, which keeps its place.
    pub(in crate::nemesis) fn insert(&mut self, name: String, value: Value) {
        self.0.insert(name, value);
    }

    /// Adds a member unless it is there.
    pub(in crate::nemesis) fn insert_new(&mut self, name: String, value: Value) {
        self.0.entry(name).or_insert(value);
    }

    pub(in crate::nemesis) fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }

    pub(in crate::nemesis) fn pop_first(&mut self) -> Option<(String, Value)> {
        self.0.shift_remove_index(0)
    }

    /// Sorts the members by name (byte order), as the objects of the current server always are.
    pub(in crate::nemesis) fn sorted(mut self) -> Self {
        self.0.sort_unstable_keys();
        self
    }

    pub(in crate::nemesis) fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = IntoIter<String, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(String, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl<const N: usize> From<[(String, Value); N]> for Object {
    fn from(members: [(String, Value); N]) -> Self {
        Self(members.into())
    }
}

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
    /// Text that [`to_text`](super::to_text) wrote earlier, to be repeated as it is.
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
