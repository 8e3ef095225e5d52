//! The text of a heading or of a table's cell.

use crate::source::{Located, Source};
use std::ops::Range;

/// A heading or the cell of a table.
pub(super) struct Cell {
    /// All its text.
    pub(super) all: Located,
    /// The texts between backticks.
    pub(super) quoted: Vec<Located>,
    /// The texts outside of backticks, without white space and commas around them.
    pub(super) plain: Vec<Located>,
}

impl Cell {
    pub(super) fn empty(range: Range<usize>) -> Self {
        Self { all: Located { text: String::new(), range }, quoted: Vec::new(), plain: Vec::new() }
    }

    pub(super) fn push(&mut self, piece: &str, range: Range<usize>) {
        self.extend(piece, range.clone());
        let plain = piece.trim_matches(|c: char| c == ',' || c.is_whitespace());
        if !plain.is_empty() {
            self.plain.push(Located { text: plain.to_owned(), range });
        }
    }

    pub(super) fn push_quoted(&mut self, piece: &str, range: Range<usize>) {
        self.extend(piece, range.clone());
        self.quoted.push(Located { text: piece.to_owned(), range });
    }

    fn extend(&mut self, piece: &str, range: Range<usize>) {
        if self.all.text.is_empty() {
            self.all.range = range;
        } else {
            self.all.range.end = range.end;
        }
        self.all.text.push_str(piece);
    }

    /// Puts single spaces for white space, and leaves the white space around the text out of its range.
    pub(super) fn finished(mut self, source: &Source) -> Self {
        self.all.text = self.all.text.split_whitespace().collect::<Vec<_>>().join(" ");
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
