//! Headings and pipe tables: the groups and the rows.

use super::header::{Cell, Header, trimmed};
use crate::check::{LONGEST_NAME, is_too_long};
use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::excerpt::quoted;
use crate::source::{Located, Source};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// Adds the rows in the body of a file to a draft. The body starts at a byte offset.
pub(super) fn read(draft: &mut Draft, start: usize, diagnostics: &mut Vec<Diagnostic>) {
    let source = draft.source.clone();
    let events =
        Parser::new_ext(&source.text()[start..], Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES).into_offset_iter();
    let mut reader =
        Reader { source: &source, draft, diagnostics, group: None, header: None, cells: Vec::new(), cell: None };
    for (event, range) in events {
        reader.event(event, start + range.start..start + range.end);
    }
}

struct Reader<'a> {
    source: &'a Source,
    draft: &'a mut Draft,
    diagnostics: &'a mut Vec<Diagnostic>,
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
                self.header = Header::read(self.source, &cells, range, self.diagnostics);
            }
            Event::End(TagEnd::TableRow) => self.row(range),
            Event::End(TagEnd::Table) => self.header = None,
            Event::Text(text) => self.push(&text, range),
            Event::Code(text) => {
                if let Some(cell) = &mut self.cell {
                    cell.push_quoted(&text, range);
                }
            }
            Event::SoftBreak | Event::HardBreak => self.push(" ", range),
            Event::InlineHtml(html) => {
                if let Some(cell) = &mut self.cell {
                    cell.push_tag(&html, range);
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, piece: &str, range: Range<usize>) {
        if let Some(cell) = &mut self.cell {
            cell.push(piece, range);
        }
    }

    fn take_cell(&mut self) -> Option<Cell> {
        let is_prose = self.header.as_ref().is_some_and(|header| header.is_prose(self.cells.len()));
        self.cell.take().map(|cell| cell.finished(self.source, is_prose))
    }

    fn row(&mut self, range: Range<usize>) {
        let cells = std::mem::take(&mut self.cells);
        let Some(header) = &self.header else { return };
        if !header.is_complete {
            self.draft.has_unread_rows = true;
            return;
        }
        let range = trimmed(self.source, range);
        if range.is_empty() {
            // The parser ends a table there, to bound the empty cells that it adds.
            self.diagnostics.push(Diagnostic::at(
                self.source,
                range,
                "the rows of this table leave out too many cells: it cannot be read from here on",
                "write every cell of a row, also empty ones, or remove columns",
            ));
            self.draft.has_unread_rows = true;
            return;
        }
        let count = count_cells(&self.source.text()[range.clone()]);
        if count > header.width() {
            self.diagnostics.push(Diagnostic::at(
                self.source,
                range.clone(),
                format!("the row has {count} cells under a header of {}", header.width()),
                "write a `|` inside a cell as `\\|`, or add the missing column to the header",
            ));
        }
        if let Some(group) = &mut self.group {
            cut_heading(group, self.source, self.diagnostics);
        }
        self.draft.rows.push(header.row(self.source, cells, range, self.group.clone(), self.diagnostics));
    }
}

/// Reports a heading that is too long to be repeated in each of its rows, once.
fn cut_heading(group: &mut Located, source: &Source, diagnostics: &mut Vec<Diagnostic>) {
    if !is_too_long(&group.text) {
        return;
    }
    let cut = quoted(&group.text).into_owned();
    diagnostics.push(Diagnostic::at(
        source,
        group.range.clone(),
        format!("the heading `{cut}` is too long for a group"),
        format!("use at most {LONGEST_NAME} characters"),
    ));
    group.text = cut;
}

/// Returns the number of cells that a row is written with: the parser drops those beyond the header.
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
