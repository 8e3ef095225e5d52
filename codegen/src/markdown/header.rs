//! The cells of a pipe table, and its header: which column holds what.

use super::marks;
use crate::diagnostic::Diagnostic;
use crate::draft::Entry;
use crate::excerpt::quoted;
use crate::source::{Located, Source};
use crate::vocabulary::Key;
use std::collections::HashSet;
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
        let mut seen = HashSet::new();
        for (column, cell) in columns.iter().zip(cells) {
            if column.is_some_and(|column| !seen.insert(column)) {
                diagnostics.push(Diagnostic::at(
                    source,
                    cell.all.range.clone(),
                    format!("the column `{}` stands here twice", quoted(&cell.all.text)),
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

    /// Does a column hold sentences?
    pub(super) fn is_prose(&self, column: usize) -> bool {
        matches!(self.columns.get(column), Some(Some(Key::Meaning | Key::Deprecated | Key::Reasons)))
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
            format!("`{}` stands beside the reasons", quoted(&plain.text)),
            "put each reason between backticks, with commas between them and nothing else",
        ));
    }
    cell.quoted
}

/// A heading or the cell of a table.
pub(super) struct Cell {
    /// All its text.
    pub(super) all: Located,
    /// The texts between backticks.
    pub(super) quoted: Vec<Located>,
    /// The texts outside of backticks, without white space and commas around them.
    pub(super) plain: Vec<Located>,
    /// Where the text behind the last backtick starts.
    unquoted: usize,
    /// Where a text in `<sup>` starts.
    superscript: Option<usize>,
}

impl Cell {
    pub(super) fn empty(range: Range<usize>) -> Self {
        Self {
            all: Located { text: String::new(), range },
            quoted: Vec::new(),
            plain: Vec::new(),
            unquoted: 0,
            superscript: None,
        }
    }

    pub(super) fn push(&mut self, piece: &str, range: Range<usize>) {
        self.extend(piece, range.clone());
        if let Some(mark) = marks::reference(&self.all.text[self.unquoted..]) {
            self.all.text.truncate(self.unquoted + mark);
        }
        let plain = piece.trim_matches(|c: char| c == ',' || c.is_whitespace() || marks::is_mark(c));
        if !plain.is_empty() {
            self.plain.push(Located { text: plain.to_owned(), range });
        }
    }

    pub(super) fn push_quoted(&mut self, piece: &str, range: Range<usize>) {
        self.extend(piece, range.clone());
        self.unquoted = self.all.text.len();
        self.quoted.push(Located { text: piece.to_owned(), range });
    }

    /// Adds what looks like a tag. It may be text, such as a type's parameters: nothing is lost.
    pub(super) fn push_tag(&mut self, tag: &str, range: Range<usize>) {
        match tag.to_ascii_lowercase().as_str() {
            "<sup>" => self.superscript = Some(self.all.text.len()),
            "</sup>" if self.superscript.is_some() => self.end_superscript(),
            tag if tag.starts_with("<!--") => {}
            tag if tag.starts_with("<br") => self.push(" ", range),
            _ => self.push(tag, range),
        }
    }

    fn end_superscript(&mut self) {
        let Some(start) = self.superscript.take() else { return };
        let raised = self.all.text.split_off(start.min(self.all.text.len()));
        let shown = marks::superscript(&raised).unwrap_or_else(|| format!("<sup>{raised}</sup>"));
        self.all.text.push_str(&shown);
    }

    fn extend(&mut self, piece: &str, range: Range<usize>) {
        if self.all.text.is_empty() {
            self.all.range = range;
        } else {
            self.all.range.end = range.end;
        }
        self.all.text.push_str(piece);
    }

    /// Removes the marks of footnotes, puts single spaces for white space, and leaves the white space around the text out of
    /// its range.
    pub(super) fn finished(mut self, source: &Source, is_prose: bool) -> Self {
        let text = marks::without_marks(&self.all.text, is_prose);
        self.all.text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.all.range = trimmed(source, self.all.range);
        self
    }
}

/// Returns the range without the white space around the text.
pub(super) fn trimmed(source: &Source, range: Range<usize>) -> Range<usize> {
    let text = &source.text()[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    let end = range.start + text.trim_end().len();
    if start < end { start..end } else { range.start..range.start }
}
