//! The header of a pipe table: which column holds what.

use crate::draft::{FactKey, RowDraft};
use crate::mistake::Mistake;
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
        cells: &[Located],
        range: Range<usize>,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Self> {
        let columns: Vec<_> = cells.iter().map(|cell| Column::from_header(&cell.text)).collect();
        let has = |column| columns.contains(&Some(column));
        if !has(Column::Value) && !has(Column::Name) {
            return None;
        }
        for (at, (column, cell)) in columns.iter().zip(cells).enumerate() {
            if column.is_some() && columns[..at].contains(column) {
                mistakes.push(Mistake::at(
                    source,
                    cell.range.clone(),
                    format!("the column `{}` stands here twice", cell.text),
                    "keep one of the two, or rename the one that is for readers only",
                ));
            }
        }
        let required = [(Column::Value, "Value"), (Column::Name, "Name"), (Column::Meaning, "Meaning")];
        let missing: Vec<_> = required.into_iter().filter(|(column, _)| !has(*column)).collect();
        for (_, word) in &missing {
            mistakes.push(Mistake::at(
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
    pub(super) fn row(&self, cells: Vec<Located>, range: Range<usize>, group: Option<Located>) -> RowDraft {
        let mut row = RowDraft::empty(range, group);
        for (column, cell) in self.columns.iter().zip(cells) {
            let Some(column) = column else { continue };
            if cell.text.is_empty() {
                continue;
            }
            match column {
                Column::Value => row.value = Some(cell),
                Column::Name => row.name = Some(cell),
                Column::Meaning => row.meaning = Some(cell),
                Column::Fact(fact) => *fact.of_mut(&mut row.facts) = Some(cell),
                Column::Aliases => row.aliases = split_list(&cell),
                Column::Commands => row.commands = Some(cell),
                Column::Since => row.since = Some(cell),
                Column::Deprecated => row.deprecated = Some(cell),
            }
        }
        row
    }
}

/// The parts of a cell between commas; each keeps the place of the whole cell.
fn split_list(cell: &Located) -> Vec<Located> {
    let parts = cell.text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| Located { text: part.to_owned(), range: cell.range.clone() }).collect()
}
