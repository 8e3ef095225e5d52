//! The texts of tables, and places in them.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A text, and the path that messages give for it. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    path: PathBuf,
    text: String,
    /// Where each line starts, in bytes: the place of a diagnostic is found without a search through the text.
    lines: Vec<usize>,
}

/// A piece of text and the byte range of its source that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The text, without the marks of the file format around it.
    pub text: String,
    /// Where it stands in the source, in bytes.
    pub range: Range<usize>,
}

/// A line and a column, as an editor counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters (Unicode scalar values), from 1.
    pub column: usize,
}

impl Source {
    /// Takes a text that was read already. Opens no file.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        Self(Arc::new(Inner { path: path.into(), text, lines }))
    }

    /// Returns the path as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Returns the whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Returns the place of a byte offset. An offset past the end, or inside a character, counts as the nearest one before it.
    #[must_use]
    pub fn place(&self, offset: usize) -> Place {
        let mut offset = offset.min(self.text().len());
        while !self.text().is_char_boundary(offset) {
            offset -= 1;
        }
        let (line, start) = self.line_at(offset);
        Place { line, column: self.text()[start..offset].chars().count() + 1 }
    }

    /// Returns the line around a byte offset without its line end, and the offset at which it starts.
    #[must_use]
    pub fn line_around(&self, offset: usize) -> (&str, usize) {
        let (_, start) = self.line_at(offset);
        let rest = &self.text()[start..];
        let line = rest.split('\n').next().unwrap_or(rest);
        (line.strip_suffix('\r').unwrap_or(line), start)
    }

    /// Returns the number of the line that an offset is in, from 1, and where that line starts.
    fn line_at(&self, offset: usize) -> (usize, usize) {
        let line = self.0.lines.partition_point(|start| *start <= offset);
        (line, self.0.lines[line - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_not_bytes() {
        let source = Source::new("x.md", "é\n日本x\r\nend");
        assert_eq!(source.place(0), Place { line: 1, column: 1 });
        assert_eq!(source.place(3 + 6), Place { line: 2, column: 3 });
        assert_eq!(source.line_around(4), ("日本x", 3));
    }

    #[test]
    fn an_offset_outside_or_inside_a_character_counts_as_the_one_before() {
        let source = Source::new("x.md", "日");
        assert_eq!(source.place(1), Place { line: 1, column: 1 });
        assert_eq!(source.place(99), Place { line: 1, column: 2 });
    }
}
