//! Tables and their rows as data.

use super::facts::{Facts, Origin, Outcome, Recovery};
use super::kind::Kind;
use core::fmt;

/// A code's value as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Value {
    /// An integer.
    Number(i64),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// A table of codes, and where it comes from.
#[non_exhaustive]
pub struct TableInfo {
    /// The name, such as `nemesis-sessions`.
    pub name: &'static str,
    /// What people call the service.
    pub title: &'static str,
    /// Where the table was read: a document or a source file.
    pub source: &'static str,
    /// Which revision or date of that.
    pub revision: &'static str,
    /// The rows, in their order.
    pub codes: &'static [CodeInfo],
}

/// The name and the number of codes; the rows themselves would fill pages.
impl fmt::Debug for TableInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableInfo").field("name", &self.name).field("codes", &self.codes.len()).finish_non_exhaustive()
    }
}

/// A row of a table.
#[non_exhaustive]
pub struct CodeInfo {
    /// The table that it stands in.
    pub table: &'static TableInfo,
    /// The value on the wire.
    pub value: Value,
    /// The name in the service's spelling.
    pub name: &'static str,
    /// The heading that the table lists it under.
    pub group: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What happened, for every service alike.
    pub kind: Kind,
    /// What it says about its command.
    pub outcome: Outcome,
    /// What helps.
    pub recovery: Recovery,
    /// Who raises it.
    pub origin: Origin,
    /// The HTTP status that says the same: the table's own, or that of the kind. Never `None` in a generated table.
    pub http_status: Option<u16>,
    /// Other names of it.
    pub aliases: &'static [&'static str],
}

impl CodeInfo {
    /// What one needs to know to act on it.
    #[must_use]
    pub const fn facts(&self) -> Facts {
        Facts {
            kind: self.kind,
            outcome: self.outcome,
            recovery: self.recovery,
            origin: self.origin,
            http_status: self.http_status,
        }
    }
}

/// Without the table behind it, which holds this row again.
impl fmt::Debug for CodeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeInfo")
            .field("table", &self.table.name)
            .field("value", &self.value)
            .field("name", &self.name)
            .field("facts", &self.facts())
            .finish_non_exhaustive()
    }
}
