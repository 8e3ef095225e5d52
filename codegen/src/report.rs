//! What was read of a file, and what was not.

use crate::draft::Draft;
use crate::source::{Located, Place};
use crate::table::Table;
use std::path::PathBuf;

/// A table that was checked, with what was read and what was not.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The file.
    pub path: PathBuf,
    /// The table.
    pub table: Table,
    /// How many rows have a kind, of their own or by default.
    pub classified: usize,
    /// How many rows repeat the value and the name of another one, and were left out.
    pub duplicates: usize,
    /// How many rows have a name that was made from their meaning.
    pub named: usize,
    /// The tables and rows that hold no codes: where they stand, and why.
    pub left_out: Vec<(Place, String)>,
}

impl Report {
    pub(crate) fn new(draft: &Draft, table: Table, classified: usize) -> Self {
        let account = &draft.account;
        let place = |at: usize| {
            if at == Located::NOWHERE.start { Place { line: 1, column: 1 } } else { draft.source.place(at) }
        };
        Self {
            path: draft.source.path().to_owned(),
            table,
            classified,
            duplicates: account.duplicates,
            named: account.named,
            left_out: account.left_out.iter().map(|(range, why)| (place(range.start), why.clone())).collect(),
        }
    }

    /// Returns how many rows the table has, with those of its parts.
    #[must_use]
    pub fn rows(&self) -> usize {
        std::iter::once(&self.table).chain(&self.table.parts).map(|table| table.codes.len() + table.ranges.len()).sum()
    }

    /// Returns a note for the build.
    pub(crate) fn note(&self) -> Option<String> {
        (self.named > 0).then(|| {
            format!(
                "{}: {} of the {} codes of `{}` have no name; they are called by the first words of their meanings, or by their values (`statuswire-codes list` shows them, `[rename]` changes one)",
                self.path.display(),
                self.named,
                self.rows(),
                self.table.name,
            )
        })
    }
}
