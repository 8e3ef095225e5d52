//! Headings and tables that begin with a tag.

use super::blocks::{Line, Reader};
use super::html::tag;
use super::{cells, html_table, list_table};
use crate::grid::{Grid, GridRow};
use std::ops::Range;

impl Reader<'_> {
    /// Reads the heading or the table that begins in a line; returns whether there is one.
    pub(super) fn tags(&mut self, line: &Line<'_>) -> bool {
        self.html_table(line) || self.list_table(line) || self.html_heading(line)
    }

    /// Reads a table of tags that begins in a line; returns whether there is one.
    fn html_table(&mut self, line: &Line<'_>) -> bool {
        let tag = line.text.match_indices('<').map(|(at, _)| at);
        let mut tags = tag.filter(|at| html_table::starts_with(&line.text[*at..], "<table"));
        let Some(start) = tags.next().map(|at| line.range.start + at) else { return false };
        let Some(end) = html_table::end(&self.source.text()[..self.end], start) else { return false };
        if self.source.text()[start..end].lines().any(cells::is_delimiter) {
            return false;
        }
        let may_lack_header = !html_table::has_header(&self.source.text()[start..end]);
        let rows = html_table::read(self.source, start..end);
        self.rows(rows, may_lack_header, end);
        true
    }

    /// Reads a table of lists that begins in a line; returns whether there is one.
    fn list_table(&mut self, line: &Line<'_>) -> bool {
        let Some(start) = list_table::start(line.text).map(|length| line.range.start + length) else { return false };
        let Some((close, end)) = list_table::end(&self.source.text()[..self.end], start) else { return false };
        let text = &self.source.text()[start..close];
        if text.lines().any(cells::is_delimiter) {
            return false;
        }
        let rows = list_table::read(self.source, start..close);
        self.rows(rows, text.trim_start().starts_with("---"), end);
        true
    }

    /// Adds a table of rows, the first of which is the header. It ends at an offset.
    fn rows(&mut self, rows: Vec<GridRow>, may_lack_header: bool, end: usize) {
        self.read_to = end;
        let mut rows = rows.into_iter();
        let Some(GridRow { cells: header, range }) = rows.next() else { return };
        self.outline.table();
        let (headings, label) = (self.path(), self.labels.of_table(self.source));
        let rows = rows.collect();
        self.grids.push(Grid { headings, label, rows, may_lack_header, ..Grid::new(header, range) });
    }

    /// Reads a heading of tags, which may stand on several lines; returns whether there is one.
    fn html_heading(&mut self, line: &Line<'_>) -> bool {
        let start = line.range.start;
        let Some((level, inner, end)) = heading(&self.source.text()[start..self.end]) else { return false };
        self.heading(level, start + inner.start..start + inner.end, line.is_quoted);
        self.read_to = start + end;
        true
    }
}

/// The closing tag of a heading stands within this many bytes.
const LONGEST_HEADING: usize = 1024;

/// Reads a heading at the start of a text: `<h2 id="keys">Keys</h2>`. Returns its level, where its text stands, and where it
/// ends.
fn heading(text: &str) -> Option<(usize, Range<usize>, usize)> {
    let level = text.strip_prefix("<h").or_else(|| text.strip_prefix("<H"))?.chars().next()?.to_digit(10)?;
    let tag = tag(text).filter(|tag| tag.name.len() == 2 && (1..=6).contains(&level))?;
    let closing = format!("</h{level}");
    let mut ends = text.as_bytes()[tag.length..].windows(closing.len()).take(LONGEST_HEADING);
    let close = tag.length + ends.position(|end| end.eq_ignore_ascii_case(closing.as_bytes()))?;
    let end = text[close..].find('>').map_or(text.len(), |end| close + end + 1);
    Some((level as usize, tag.length..close, end))
}
