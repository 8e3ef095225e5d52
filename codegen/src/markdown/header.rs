//! The header of a pipe table: which column holds what.

use super::rows::Cell;
use super::split_list;
use crate::diagnostic::Diagnostic;
use crate::draft::{FactKey, RowDraft};
use crate::source::{Located, Source};
use std::ops::Range;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Value,
    Name,
    Meaning,
    Fact(FactKey),
    Aliases,
    Reasons,
    Commands,
    Since,
    Deprecated,
}

impl Column {
    /// Finds a column by its header, whatever its case.
    fn from_header(header: &str) -> Option<Self> {
        let word = header.to_lowercase();
        Some(match word.as_str() {
            "value" => Self::Value,
            "name" => Self::Name,
            "meaning" => Self::Meaning,
            "aliases" => Self::Aliases,
            "reasons" => Self::Reasons,
            "commands" => Self::Commands,
            "since" => Self::Since,
            "deprecated" => Self::Deprecated,
            word => Self::Fact(FactKey::from_word(word)?),
        })
    }
}

/// The columns of a table of codes, in their order; `None` is a column for readers only.
pub(super) struct Header {
    columns: Vec<Option<Column>>,
    pub(super) is_complete: bool,
}

impl Header {
    /// Understands a header. A table with neither `Value` nor `Name` is no table of codes: `None`.
    pub(super) fn read(
        source: &Source,
        cells: &[Cell],
        range: Range<usize>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let columns: Vec<_> = cells.iter().map(|cell| Column::from_header(&cell.all.text)).collect();
        let has = |column| columns.contains(&Some(column));
        if !has(Column::Value) && !has(Column::Name) {
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
        let required = [(Column::Value, "Value"), (Column::Name, "Name"), (Column::Meaning, "Meaning")];
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

    /// Puts the cells of a row where they belong.
    pub(super) fn row(
        &self,
        source: &Source,
        cells: Vec<Cell>,
        range: Range<usize>,
        group: Option<Located>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> RowDraft {
        let mut row = RowDraft::empty(range, group);
        for (column, cell) in self.columns.iter().zip(cells) {
            let Some(column) = column else { continue };
            if cell.all.text.is_empty() {
                continue;
            }
            match column {
                Column::Value => row.value = Some(cell.all),
                Column::Name => row.name = Some(cell.all),
                Column::Meaning => row.meaning = Some(cell.all),
                Column::Fact(fact) => *fact.of_mut(&mut row.classification) = Some(cell.all),
                Column::Aliases => row.aliases = split_list(&cell.all),
                Column::Reasons => row.reasons = reasons(source, cell, diagnostics),
                Column::Commands => row.commands = split_list(&cell.all),
                Column::Since => row.since = Some(cell.all),
                Column::Deprecated => row.deprecated = Some(cell.all),
            }
        }
        row
    }
}

/// Each text between backticks; without any, the whole cell.
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
