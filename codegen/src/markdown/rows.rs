//! Headings and pipe tables: the groups and the rows.

use super::header::Header;
use crate::diagnostic::Diagnostic;
use crate::draft::RowDraft;
use crate::source::{Located, Source};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// What the body of a file holds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) rows: Vec<RowDraft>,
    /// A table of codes lacks a column, so that its rows were passed over.
    pub(super) has_unread: bool,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Reads the body of a file, which starts at a byte offset.
pub(super) fn read(source: &Source, start: usize) -> Found {
    let mut reader =
        Reader { source, found: Found::default(), group: None, header: None, cells: Vec::new(), cell: None };
    let events = Parser::new_ext(&source.text()[start..], Options::ENABLE_TABLES).into_offset_iter();
    for (event, range) in events {
        reader.event(event, start + range.start..start + range.end);
    }
    reader.found
}

/// A heading or the cell of a table.
pub(super) struct Cell {
    /// All its text.
    pub(super) all: Located,
    /// What stands between backticks in it.
    pub(super) quoted: Vec<Located>,
    /// What stands outside of backticks, without white space and commas around it.
    pub(super) plain: Vec<Located>,
}

impl Cell {
    fn empty(range: Range<usize>) -> Self {
        Self { all: Located { text: String::new(), range }, quoted: Vec::new(), plain: Vec::new() }
    }
}

struct Reader<'a> {
    source: &'a Source,
    found: Found,
    /// The text of the latest heading.
    group: Option<Located>,
    /// The columns of the table that is being read, if it holds codes.
    header: Option<Header>,
    cells: Vec<Cell>,
    /// The heading or cell that is being read.
    cell: Option<Cell>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::TableCell) => {
                self.cell = Some(Cell::empty(range));
            }
            Event::End(TagEnd::Heading(_)) => {
                self.group = self.take_cell().map(|cell| cell.all).filter(|group| !group.text.is_empty());
            }
            Event::End(TagEnd::TableCell) => {
                let cell = self.take_cell();
                self.cells.extend(cell);
            }
            Event::End(TagEnd::TableHead) => {
                let cells = std::mem::take(&mut self.cells);
                let range = trimmed(self.source, range);
                self.header = Header::read(self.source, &cells, range, &mut self.found.diagnostics);
            }
            Event::End(TagEnd::TableRow) => self.row(range),
            Event::End(TagEnd::Table) => self.header = None,
            Event::Text(text) => self.push(&text, range),
            Event::Code(text) => self.push_quoted(&text, range),
            Event::SoftBreak | Event::HardBreak => self.push(" ", range),
            Event::InlineHtml(html) if html.to_ascii_lowercase().starts_with("<br") => self.push(" ", range),
            // What looks like a tag may be text, such as a type's parameters: nothing is lost.
            Event::InlineHtml(html) => self.push(&html, range),
            _ => {}
        }
    }

    fn push(&mut self, piece: &str, range: Range<usize>) {
        let Some(cell) = &mut self.cell else { return };
        extend(&mut cell.all, piece, range.clone());
        let plain = piece.trim_matches(|c: char| c == ',' || c.is_whitespace());
        if !plain.is_empty() {
            cell.plain.push(Located { text: plain.to_owned(), range });
        }
    }

    fn push_quoted(&mut self, piece: &str, range: Range<usize>) {
        let Some(cell) = &mut self.cell else { return };
        extend(&mut cell.all, piece, range.clone());
        cell.quoted.push(Located { text: piece.to_owned(), range });
    }

    /// What was read, with single spaces for white space.
    fn take_cell(&mut self) -> Option<Cell> {
        let Cell { all: Located { text, range }, quoted, plain } = self.cell.take()?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(Cell { all: Located { text, range: trimmed(self.source, range) }, quoted, plain })
    }

    fn row(&mut self, range: Range<usize>) {
        let cells = std::mem::take(&mut self.cells);
        let Some(header) = &self.header else { return };
        if !header.is_complete {
            self.found.has_unread = true;
            return;
        }
        let range = trimmed(self.source, range);
        let count = count_cells(&self.source.text()[range.clone()]);
        if count > header.width() {
            self.found.diagnostics.push(Diagnostic::at(
                self.source,
                range.clone(),
                format!("the row has {count} cells under a header of {}", header.width()),
                "write a `|` inside a cell as `\\|`, or add the missing column to the header",
            ));
        }
        let row = header.row(self.source, cells, range, self.group.clone(), &mut self.found.diagnostics);
        self.found.rows.push(row);
    }
}

/// Adds a piece to a text.
fn extend(text: &mut Located, piece: &str, range: Range<usize>) {
    if text.text.is_empty() {
        text.range = range;
    } else {
        text.range.end = range.end;
    }
    text.text.push_str(piece);
}

/// The range without the white space around the text.
fn trimmed(source: &Source, range: Range<usize>) -> Range<usize> {
    let text = &source.text()[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    let end = range.start + text.trim_end().len();
    if start < end { start..end } else { range.start..range.start }
}

/// The number of cells that a row is written with: the parser passes over those beyond the header.
fn count_cells(row: &str) -> usize {
    let row = row.strip_prefix('|').unwrap_or(row);
    let mut cells = 1;
    let mut escaped = false;
    let mut last_pipe = None;
    for (at, c) in row.char_indices() {
        if c == '|' && !escaped {
            cells += 1;
            last_pipe = Some(at);
        }
        escaped = c == '\\' && !escaped;
    }
    let is_closed = last_pipe.is_some_and(|at| at + 1 == row.len());
    if is_closed { cells - 1 } else { cells }
}
