//! The header of a pipe table: which column holds what.

use super::cell::Cell;
use crate::diagnostic::Diagnostic;
use crate::draft::Entry;
use crate::source::{Located, Source};
use crate::vocabulary::Key;
use std::ops::Range;

/// The columns of a table of codes, in their order; `None` is a column for readers only.
pub(super) struct Header {
    columns: Vec<Option<Key>>,
    pub(super) is_complete: bool,
}

impl Header {
    /// Reads a header. A table with neither `Value` nor `Name` lists no codes: `None`.
    pub(super) fn read(
        source: &Source,
        cells: &[Cell],
        range: Range<usize>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let column = |cell: &Cell| Key::from_word(&cell.all.text.to_lowercase()).filter(|key| key.is_column());
        let columns: Vec<_> = cells.iter().map(column).collect();
        let has = |column| columns.contains(&Some(column));
        if !has(Key::Value) && !has(Key::Name) {
            return None;
        }
        for (at, (column, cell)) in columns.iter().zip(cells).enumerate() {
            if column.is_some() && columns[..at].contains(column) {
                diagnostics.push(Diagnostic::at(
                    source,
                    cell.all.range.clone(),
                    format!("the column `{}` stands here twice", cell.all.text),
                    "keep one of the two, or rename the one that is for readers only",
                ));
            }
        }
        let required = [(Key::Value, "Value"), (Key::Name, "Name"), (Key::Meaning, "Meaning")];
        let missing: Vec<_> = required.into_iter().filter(|(column, _)| !has(*column)).collect();
        for (_, word) in &missing {
            diagnostics.push(Diagnostic::at(
                source,
                range.clone(),
                format!("the column `{word}` is missing"),
                "a table of codes needs the columns `Value`, `Name` and `Meaning`, in any order",
            ));
        }
        Some(Self { columns, is_complete: missing.is_empty() })
    }

    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// Gives the cells of a row the keys of their columns.
    pub(super) fn row(
        &self,
        source: &Source,
        cells: Vec<Cell>,
        range: Range<usize>,
        group: Option<Located>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Entry {
        let mut row = Entry::new(range, group);
        for (column, cell) in self.columns.iter().zip(cells) {
            match column {
                Some(_) if cell.all.text.is_empty() => {}
                Some(Key::Reasons) => {
                    row.words
                        .extend(reasons(source, cell, diagnostics).into_iter().map(|reason| (Key::Reasons, reason)));
                }
                Some(key) => row.add(*key, cell.all),
                None => {}
            }
        }
        row
    }
}

/// Returns each text between backticks; without any, the whole cell.
fn reasons(source: &Source, cell: Cell, diagnostics: &mut Vec<Diagnostic>) -> Vec<Located> {
    if cell.quoted.is_empty() {
        return vec![cell.all];
    }
    for plain in cell.plain {
        diagnostics.push(Diagnostic::at(
            source,
            plain.range,
            format!("`{}` stands beside the reasons", plain.text),
            "put each reason between backticks, with commas between them and nothing else",
        ));
    }
    cell.quoted
}
