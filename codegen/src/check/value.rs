//! The column `Value`: a value, or a range of values.

use super::{Checker, FIX};
use crate::excerpt::quoted;
use crate::hash::Map;
use crate::number::{integer, split_range};
use crate::repr::{Repr, digits_in_words};
use crate::source::Located;
use crate::text::Text;
use crate::vocabulary::Key;
use std::collections::BTreeMap;

/// What the column of a row says.
pub(super) struct Value {
    pub(super) value: i128,
    /// The value of a code that is text; its number is its place in the table.
    pub(super) text: Option<Text>,
    /// The last value of a range.
    pub(super) last: Option<i128>,
}

/// The values of a table so far, and where they stand.
pub(super) struct Values<'d> {
    /// The type of the values; `None` if it was reported.
    pub(super) repr: Option<Repr>,
    /// The values up to the first that is smaller than one before it. Most tables are in this order, and a large one does
    /// without a map.
    ascending: Vec<(i128, &'d Located)>,
    /// The other values.
    others: Map<i128, &'d Located>,
    /// The values that are text.
    texts: Map<&'d str, &'d Located>,
    /// Whole codes of a composed table have no ranges: their parts have them.
    takes_ranges: bool,
    /// The ranges by their first values.
    ranges: BTreeMap<i128, (i128, &'d Located)>,
}

impl<'d> Values<'d> {
    pub(super) fn new(repr: Option<Repr>, takes_ranges: bool) -> Self {
        Self {
            repr,
            ascending: Vec::new(),
            others: Map::default(),
            texts: Map::default(),
            takes_ranges,
            ranges: BTreeMap::new(),
        }
    }

    /// Makes room for the values of a number of rows.
    pub(super) fn reserve(&mut self, rows: usize) {
        if self.repr.is_some_and(Repr::is_text) { self.texts.reserve(rows) } else { self.ascending.reserve(rows) }
    }

    /// Forgets the values.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.repr, self.takes_ranges);
    }

    /// Is a value in a row, or in the range of one?
    pub(super) fn holds(&self, value: i128) -> bool {
        self.find(value).is_some() || self.overlap(value, value).is_some()
    }

    /// Returns the values that have rows, with their places.
    pub(super) fn listed(&self) -> impl Iterator<Item = (i128, &'d Located)> {
        self.ascending.iter().copied().chain(self.others.iter().map(|(value, at)| (*value, *at)))
    }

    /// Returns where a value stands.
    fn find(&self, value: i128) -> Option<&'d Located> {
        match self.ascending.binary_search_by_key(&value, |(value, _)| *value) {
            Ok(at) => Some(self.ascending[at].1),
            Err(_) => self.others.get(&value).copied(),
        }
    }

    /// Adds a value; returns where it stands already.
    fn add(&mut self, value: i128, at: &'d Located) -> Option<&'d Located> {
        if self.others.is_empty() && self.ascending.last().is_none_or(|(last, _)| *last < value) {
            self.ascending.push((value, at));
            return None;
        }
        let first = self.find(value);
        if first.is_none() {
            self.others.insert(value, at);
        }
        first
    }

    /// Returns a range that has values in common with this one.
    fn overlap(&self, first: i128, last: i128) -> Option<&'d Located> {
        // Ranges do not overlap each other, so the one that starts last before the end is the only candidate.
        let (_, (end, at)) = self.ranges.range(..=last).next_back()?;
        (*end >= first).then_some(*at)
    }

    /// Returns the value of a row, or the first and the last one of a range; `None` if a diagnostic was reported.
    pub(super) fn read(&mut self, checker: &mut Checker<'_>, at: &'d Located) -> Option<Value> {
        if let Some(Repr::Ascii(longest)) = self.repr {
            return self.text(checker, at, longest);
        }
        match split_range(&at.text) {
            Some((first, last)) => {
                let (value, last) = self.range(checker, at, first, last)?;
                Some(Value { value, text: None, last: Some(last) })
            }
            None => self.one(checker, at).map(|value| Value { value, text: None, last: None }),
        }
    }

    fn text(&mut self, checker: &mut Checker<'_>, at: &'d Located, longest: u32) -> Option<Value> {
        let is_text = at.text.len() <= longest as usize && at.text.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_text {
            let name = checker.quoted_word(Key::Name);
            checker.report(
                &at.range,
                format!("the value `{}` is no text of at most {longest} ASCII characters", quoted(&at.text)),
                format!("write the code without spaces, or give a longer `repr`: up to `ascii(63)`; to leave the page as it is, correct the row by its name in {FIX}: `[override.{name}]` with `value = \"...\"`, or `[drop]` with `{name} = \"why\"`"),
            );
            return None;
        }
        if let Some(first) = self.texts.get(at.text.as_str()) {
            let line = checker.line(", first in ", first, "");
            let help = checker.twice();
            checker.report(&at.range, format!("the value {} is given twice{line}", quoted(&at.text)), help);
            return None;
        }
        let value = self.texts.len() as i128;
        self.texts.insert(&at.text, at);
        Some(Value { value, text: Some(at.text.clone()), last: None })
    }

    fn one(&mut self, checker: &mut Checker<'_>, at: &'d Located) -> Option<i128> {
        let value = checker.value(at, &at.text, self.repr)?;
        if let Some(first) = self.add(value, at) {
            let shown = self.repr.map_or_else(|| value.to_string(), |repr| repr.show(value));
            let line = checker.line(", first in ", first, "");
            let help = checker.twice();
            checker.report(&at.range, format!("the value {shown} is given twice{line}"), help);
            return None;
        }
        Some(value)
    }

    fn range(&mut self, checker: &mut Checker<'_>, at: &'d Located, first: &str, last: &str) -> Option<(i128, i128)> {
        let ends = (checker.value(at, first, self.repr), checker.value(at, last, self.repr));
        let (Some(first), Some(last)) = ends else { return None };
        let overlapped = self.overlap(first, last);
        let (what, help) = if !self.takes_ranges {
            (
                format!("`{}` is a range of whole codes", quoted(&at.text)),
                "list whole codes one by one, or give the range to a part",
            )
        } else if first >= last {
            (
                format!("the range `{}` does not go upwards", quoted(&at.text)),
                "write the smaller value first; a single value is a row of its own",
            )
        } else if let Some(other) = overlapped {
            (
                format!(
                    "the range `{}` overlaps `{}`{}",
                    quoted(&at.text),
                    quoted(&other.text),
                    checker.line(" in ", other, "")
                ),
                "end one before the other begins: a value is in one range at most (a row of its own may be inside of one)",
            )
        } else {
            self.ranges.insert(first, (last, at));
            return Some((first, last));
        };
        checker.report(&at.range, what, help);
        None
    }
}

impl Checker<'_> {
    /// Returns what to do about a row with the value of another one.
    fn twice(&self) -> String {
        let name = self.quoted_word(Key::Name);
        format!(
            "list a value once; a second name for it goes into the column `Aliases`; to leave the page as it is, correct a row by its name in {FIX}: `[drop]` with `{name} = \"why\"`, or `[override.{name}]` with `value = \"...\"`"
        )
    }

    fn value(&mut self, at: &Located, text: &str, repr: Option<Repr>) -> Option<i128> {
        if let Some(digits) = repr.and_then(Repr::digits) {
            return self.hex_value(at, text, digits);
        }
        let Some(value) = integer(text) else {
            let name = self.quoted_word(Key::Name);
            self.report(
                &at.range,
                format!("the value `{}` is no integer", quoted(text)),
                format!("write it in decimal digits, such as 404 or -5, or as 0x194; a range as two such values, such as 3000-3999; to leave the page as it is, correct the row by its name in {FIX}: `[override.{name}]` with `value = \"...\"`, or `[drop]` with `{name} = \"why\"`, or with the heading over a table that holds no codes"),
            );
            return None;
        };
        // If the repr itself was reported, values are still compared with each other.
        let (lowest, highest) = repr.map_or((i64::MIN.into(), u64::MAX.into()), Repr::range);
        // Digits that i128 cannot hold are outside every range too.
        let value = value.filter(|value| (lowest..=highest).contains(value));
        if value.is_none() {
            let (what, help) = match repr {
                Some(repr) => (
                    format!("the value {} is outside the repr `{repr}`", quoted(text)),
                    match repr {
                        Repr::I64 | Repr::U64 => format!("use a value from {lowest} to {highest}"),
                        _ => format!("use a value from {lowest} to {highest}, or a wider `repr`"),
                    },
                ),
                None => {
                    (format!("the value {} is outside every repr", quoted(text)), "use a smaller number".to_owned())
                }
            };
            self.report(&at.range, what, help);
        }
        value
    }

    fn hex_value(&mut self, at: &Located, text: &str, digits: u32) -> Option<i128> {
        let bare = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        let value = (bare.len() == digits as usize && bare.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| i128::from_str_radix(bare, 16).ok())
            .flatten();
        if value.is_none() {
            self.report(
                &at.range,
                format!("the value `{}` is not {}", quoted(text), digits_in_words(digits)),
                "write all digits, zeros in front too: the text must be as it stands on the wire",
            );
        }
        value
    }
}
