//! Rules next to a table, in `NAME.rules.toml`: which answer without a code means which code.

mod check;
mod pattern;
mod reach;
mod read;

use crate::text::Text;
pub(crate) use check::check;
pub use pattern::Pattern;
use std::ops::RangeInclusive;

/// The rules of a table, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// What rules ask of the caller, in the order of the file.
    pub conditions: Vec<Condition>,
    /// The rules, in the order in which they are tried.
    pub rules: Vec<Rule>,
    /// The place in the table of the code for several errors at once.
    pub several: Option<usize>,
}

/// What neither request nor answer tells: the caller knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Condition {
    /// The name.
    pub name: Text,
    /// The variant.
    pub identifier: Text,
    /// When it holds.
    pub meaning: Text,
}

/// A rule. An empty list makes no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The line where it stands, from 1.
    pub line: usize,
    /// The statuses; one of them.
    pub statuses: Vec<RangeInclusive<u16>>,
    /// The methods; one of them.
    pub methods: Vec<Text>,
    /// The patterns of paths; one of them.
    pub paths: Vec<Text>,
    /// The patterns of texts; one of them.
    pub texts: Vec<Pattern>,
    /// The patterns of texts; none of them.
    pub not_texts: Vec<Pattern>,
    /// The places of the conditions; all of them.
    pub when: Vec<usize>,
    /// The place of the code in the table.
    pub code: usize,
}
