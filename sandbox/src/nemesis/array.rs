//! One array: its items, and what the families take for an item.
use std::cmp::Ordering;

use super::json::{Object, Value, to_text};

/// What the items of a family are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Items {
    Objects,
    Integers,
    Strings,
}

impl Items {
    fn default_item(self) -> Value {
        match self {
            Self::Objects => Value::Object(Object::new()),
            Self::Integers => Value::Int(0),
            Self::Strings => "".into(),
        }
    }

    /// A single item, whose type is checked; integers from 2^63 on become negative (observed).
    pub(super) fn single(self, item: Value) -> Option<Value> {
        match (self, item) {
            (Self::Objects, item @ Value::Object(_))
            | (Self::Strings, item @ Value::String(_))
            | (Self::Integers, item @ Value::Int(_)) => Some(item),
            (Self::Integers, Value::UInt(number)) => Some(Value::Int(number.cast_signed())),
            _ => None,
        }
    }

    /// An item of a range, which is converted where it can be (observed).
    pub(super) fn of_range(self, item: Value) -> Option<Value> {
        match (self, item) {
            (Self::Objects, item) => Some(item),
            (Self::Strings, item @ Value::String(_)) => Some(item),
            (Self::Strings, item) => Some(Value::String(to_text(&item))),
            (Self::Integers, Value::Float(number)) => Some(Value::Int(number as i64)),
            (Self::Integers, Value::Bool(flag)) => Some(Value::Int(flag.into())),
            (Self::Integers, Value::String(text)) => text.parse().ok().map(Value::Int),
            (Self::Integers, item) => self.single(item),
        }
    }
}

/// A fixed number of items and the counter up to which they count as filled; the counter may exceed the number.
#[derive(Debug)]
pub(super) struct Array {
    items: Vec<Value>,
    pub(super) used: usize,
}

impl Array {
    pub(super) fn new(kind: Items, len: usize) -> Self {
        Self { items: vec![kind.default_item(); len], used: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.used >= self.items.len()
    }

    pub(super) fn get(&self, position: usize) -> Option<&Value> {
        self.items.get(position)
    }

    /// Overwrites items from a position on, which must be inside, with their ends inside too.
    pub(super) fn write(&mut self, position: usize, items: Vec<Value>) {
        for (place, item) in self.items[position..].iter_mut().zip(items) {
            *place = item;
        }
    }

    /// Puts items, for which there must be room, behind the filled part and sorts it.
    pub(super) fn merge(&mut self, items: Vec<Value>) {
        let used = self.used + items.len();
        self.write(self.used, items);
        self.used = used;
        self.items[..used].sort_by(compare);
    }

    /// The filled items from `start` up to before `stop`.
    pub(super) fn filled(&self, start: usize, stop: usize) -> &[Value] {
        let stop = stop.min(self.used).min(self.items.len());
        &self.items[start.min(stop)..stop]
    }

    /// Removes filled items: they change places with those behind them, and stay readable by position (observed).
    pub(super) fn clear(&mut self, start: usize, stop: usize) {
        let removed = self.filled(start, stop).len();
        self.items[start..].rotate_left(removed);
        // Whatever the counter says, a full array is empty afterwards (observed).
        self.used = if removed == self.items.len() { 0 } else { self.used - removed };
    }

    /// The smallest items, ascending.
    pub(super) fn min(&self, count: usize) -> Value {
        self.filled(0, count).iter().cloned().collect()
    }

    /// The largest items, descending; read from the end of the places, filled or not (observed).
    pub(super) fn max(&self, count: usize) -> Value {
        self.items.iter().rev().take(count.min(self.used)).cloned().collect()
    }

    pub(super) fn swap(&mut self, a: usize, b: usize) {
        self.items.swap(a, b);
    }

    /// What both have, as often as both have it.
    pub(super) fn intersection(&self, other: &Self) -> Vec<Value> {
        let (mut mine, mut theirs) = (self.filled(0, usize::MAX), other.filled(0, usize::MAX));
        let mut common = Vec::new();
        while let ([a, rest @ ..], [b, others @ ..]) = (mine, theirs) {
            match compare(a, b) {
                Ordering::Less => mine = rest,
                Ordering::Greater => theirs = others,
                Ordering::Equal => {
                    common.push(a.clone());
                    (mine, theirs) = (rest, others);
                }
            }
        }
        common
    }
}

/// The order of sorted families: numbers by value, strings by their bytes.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}
