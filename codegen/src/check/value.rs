//! The first column: a value, or a range of values.

use super::Checker;
use crate::source::Located;
use crate::vocabulary::Repr;
use std::collections::{BTreeMap, HashMap};

/// What the first column of a row says.
#[derive(Clone, Copy)]
pub(super) enum Values {
    One(i64),
    /// From the first to the last, both included.
    Range(i64, i64),
}

/// The values of a table so far, and where they stand.
pub(super) struct Taken<'d> {
    /// The type of the values; `None` if it is a diagnostic itself.
    repr: Option<Repr>,
    listed: HashMap<i64, &'d Located>,
    takes_ranges: bool,
    /// The ranges by their first values.
    ranges: BTreeMap<i64, (i64, &'d Located)>,
}

impl<'d> Taken<'d> {
    pub(super) fn new(repr: Option<Repr>) -> Self {
        Self { repr, listed: HashMap::new(), takes_ranges: true, ranges: BTreeMap::new() }
    }

    /// Of whole codes, whose parts have the ranges.
    pub(super) fn of_wholes(repr: Option<Repr>) -> Self {
        Self { takes_ranges: false, ..Self::new(repr) }
    }

    /// Is a value in a row, or in the range of one?
    pub(super) fn holds(&self, value: i64) -> bool {
        self.listed.contains_key(&value) || self.overlap(value, value).is_some()
    }

    /// The values that have rows, with their places.
    pub(super) fn listed(&self) -> impl Iterator<Item = (i64, &'d Located)> {
        self.listed.iter().map(|(value, at)| (*value, *at))
    }

    /// A range that has values in common with this one.
    fn overlap(&self, first: i64, last: i64) -> Option<&'d Located> {
        // Ranges do not overlap each other, so the one that starts last before the end is the only candidate.
        let (_, (end, at)) = self.ranges.range(..=last).next_back()?;
        (*end >= first).then_some(*at)
    }
}

impl Checker<'_> {
    /// What the column says; `None` if a diagnostic was reported.
    pub(super) fn values<'d>(&mut self, at: &'d Located, taken: &mut Taken<'d>) -> Option<Values> {
        match split_range(&at.text) {
            Some((first, last)) => self.range(at, first, last, taken),
            None => self.one(at, taken),
        }
    }

    fn one<'d>(&mut self, at: &'d Located, taken: &mut Taken<'d>) -> Option<Values> {
        let value = self.value(at, &at.text, taken.repr)?;
        if let Some(first) = taken.listed.get(&value).copied() {
            self.diagnostic(
                at,
                format!("the value {} is given twice, first in line {}", shown(value, taken.repr), self.line(first)),
                "list a value once; a second name for it goes into the column `Aliases`",
            );
            return None;
        }
        taken.listed.insert(value, at);
        Some(Values::One(value))
    }

    fn range<'d>(&mut self, at: &'d Located, first: &str, last: &str, taken: &mut Taken<'d>) -> Option<Values> {
        let ends = (self.value(at, first, taken.repr), self.value(at, last, taken.repr));
        let (Some(first), Some(last)) = ends else { return None };
        if !taken.takes_ranges {
            self.diagnostic(
                at,
                format!("`{}` is a range of whole codes", at.text),
                "list whole codes one by one, or give the range to a part",
            );
            return None;
        }
        if first >= last {
            self.diagnostic(
                at,
                format!("the range `{}` does not go upwards", at.text),
                "write the smaller value first; a single value is a row of its own",
            );
            return None;
        }
        if let Some(other) = taken.overlap(first, last) {
            let line = self.line(other);
            self.diagnostic(
                at,
                format!("the range `{}` overlaps `{}` in line {line}", at.text, other.text),
                "end one before the other begins: a value is in one range at most (a row of its own may be inside of one)",
            );
            return None;
        }
        taken.ranges.insert(first, (last, at));
        Some(Values::Range(first, last))
    }

    fn value(&mut self, at: &Located, text: &str, repr: Option<Repr>) -> Option<i64> {
        if let Some(digits) = repr.and_then(Repr::digits) {
            return self.hex_value(at, text, digits);
        }
        if !is_integer(text) {
            self.diagnostic(
                at,
                format!("the value `{text}` is no integer"),
                "write it in decimal digits, such as 404 or -5; a range as two such values, such as 3000-3999",
            );
            return None;
        }
        // If the repr itself is a diagnostic, values can still be given twice.
        let (lowest, highest) = repr.map_or((i64::MIN, i64::MAX), Repr::range);
        // Digits that i64 cannot hold are outside every range too.
        let value = text.parse().ok().filter(|value| (lowest..=highest).contains(value));
        if value.is_none() {
            let (what, help) = match repr {
                Some(repr) => (
                    format!("the value {text} is outside the repr `{repr}`"),
                    format!("use a value from {lowest} to {highest}, or a wider `repr`"),
                ),
                None => (format!("the value {text} is outside every repr"), "use a smaller number".to_owned()),
            };
            self.diagnostic(at, what, help);
        }
        value
    }

    fn hex_value(&mut self, at: &Located, text: &str, digits: u32) -> Option<i64> {
        let value = (text.len() == digits as usize && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| i64::from_str_radix(text, 16).ok())
            .flatten();
        if value.is_none() {
            self.diagnostic(
                at,
                format!("the value `{text}` is not {}", digits_in_words(digits)),
                "write all digits, zeros in front too: the text must be as it stands on the wire",
            );
        }
        value
    }
}

pub(crate) fn digits_in_words(digits: u32) -> String {
    format!("{digits} hexadecimal digit{}", if digits == 1 { "" } else { "s" })
}

fn shown(value: i64, repr: Option<Repr>) -> String {
    repr.map_or_else(|| value.to_string(), |repr| repr.show(value))
}

/// The two ends of a range; `None` for a single value. A `-` at the start is a sign.
fn split_range(text: &str) -> Option<(&str, &str)> {
    let at = text.char_indices().skip(1).find(|(_, c)| *c == '-')?.0;
    let (first, last) = (text[..at].trim_end(), text[at + 1..].trim_start());
    (!first.is_empty() && !last.is_empty()).then_some((first, last))
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::split_range;

    #[test]
    fn a_minus_in_front_is_a_sign() {
        for (text, ends) in [
            ("5", None),
            ("-5", None),
            ("", None),
            ("-", None),
            ("5-", None),
            ("3000-3999", Some(("3000", "3999"))),
            ("3000 - 3999", Some(("3000", "3999"))),
            ("-5--1", Some(("-5", "-1"))),
            ("0a-ff", Some(("0a", "ff"))),
        ] {
            assert_eq!(split_range(text), ends, "{text}");
        }
    }
}
