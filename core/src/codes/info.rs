//! Tables and their rows as data.

use super::classification::{Classification, Origin, Outcome, Recovery};
use super::kind::Kind;
use super::template::{Reading, Template};
use super::value::{Form, Value};
use core::fmt;

/// A table of codes, and where it comes from.
#[non_exhaustive]
pub struct TableInfo {
    /// The name, such as `nemesis-sessions`; that of a part is such as `edgware/operation`.
    pub name: &'static str,
    /// What people call the service.
    pub title: &'static str,
    /// Where the table was read: a document or a source file.
    pub source: &'static str,
    /// Which revision or date of that.
    pub revision: &'static str,
    /// What a value looks like on the wire.
    pub form: Form,
    /// The word that the tables of several generations of one service share. They may give a value different meanings.
    pub family: Option<&'static str>,
    /// The members of a JSON object that carry the code, such as `st`; empty if any may.
    pub members: &'static [&'static str],
    /// The rows, in their order; of a composed code those for whole codes.
    pub codes: &'static [CodeInfo],
    /// The ranges of values, in the table's order; no two overlap.
    pub ranges: &'static [RangeInfo],
    /// The tables of a composed code's parts, from the first digit on; empty for a plain code.
    pub parts: &'static [&'static TableInfo],
}

impl TableInfo {
    /// Returns the row of a value.
    #[must_use]
    pub fn row(&self, value: Value) -> Option<&'static CodeInfo> {
        self.codes.iter().find(|row| row.value == value)
    }

    /// Returns the range that a value is in; a value with a row of its own may be in one too.
    #[must_use]
    pub fn range(&self, value: Value) -> Option<&'static RangeInfo> {
        self.ranges.iter().find(|range| range.contains(value))
    }
}

/// Shows the name and the number of codes, not the rows.
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
    /// What happened, in words that every service shares.
    pub kind: Kind,
    /// What it says about its command.
    pub outcome: Outcome,
    /// What helps.
    pub recovery: Recovery,
    /// Who raises it.
    pub origin: Origin,
    /// The HTTP status that says the same: the table's own, or that of the kind. Never `None` in a generated table.
    pub http_status: Option<u16>,
    /// Other names of the code.
    pub aliases: &'static [&'static str],
    /// The reasons that come with it, if it closes a connection.
    pub reasons: &'static [Template],
    /// The commands that answer with it, as far as they are known.
    pub commands: &'static [&'static str],
}

impl CodeInfo {
    /// Returns what the code means to a caller.
    #[must_use]
    pub const fn classification(&self) -> Classification {
        Classification {
            kind: self.kind,
            outcome: self.outcome,
            recovery: self.recovery,
            origin: self.origin,
            http_status: self.http_status,
        }
    }

    /// Reads the reason of a close, if it fits one of the row's templates.
    #[must_use]
    pub fn read_reason<'t>(&self, reason: &'t str) -> Option<Reading<'t>> {
        self.reasons.iter().find_map(|template| template.read(reason))
    }

    /// Is this the name or an alias of the code, in the service's spelling? Case matters.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

/// Shows the table's name only: the table holds this row again.
impl fmt::Debug for CodeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeInfo")
            .field("table", &self.table.name)
            .field("value", &self.value)
            .field("name", &self.name)
            .field("classification", &self.classification())
            .finish_non_exhaustive()
    }
}

/// A row for all values of a range that have no row of their own.
#[derive(Debug)]
#[non_exhaustive]
pub struct RangeInfo {
    /// The last value. The first one is the row's.
    pub last: Value,
    /// The row. Its value is the first of the range.
    pub row: CodeInfo,
}

impl RangeInfo {
    /// Returns the first value.
    #[must_use]
    pub const fn first(&self) -> Value {
        self.row.value
    }

    /// Is a value in the range?
    #[must_use]
    pub fn contains(&self, value: Value) -> bool {
        let ends = self.first().wide().zip(self.last.wide());
        ends.zip(value.wide()).is_some_and(|((first, last), value)| (first..=last).contains(&value))
    }
}

/// First and last value: `3000-3999`.
impl fmt::Display for RangeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first(), self.last)
    }
}
