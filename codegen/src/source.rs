//! The texts of tables, and places in them.

use crate::text::Text;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A text, and the path that messages give for it. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    text: Arc<String>,
    /// A second file, whose text stands behind that of the first: its path, and where its text starts.
    beside: Option<(PathBuf, usize)>,
    /// Made for the first diagnostic: most texts have none.
    index: OnceLock<Index>,
}

/// Finds places in a text.
#[derive(Debug)]
struct Index {
    /// Where each line starts, in bytes: the place of a diagnostic is found without a search through the text.
    lines: Vec<usize>,
    /// How many characters start before each block of bytes: a column is found without a walk along its line.
    characters: Vec<usize>,
}

impl PartialEq for Inner {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.text, &self.beside) == (&other.path, &other.text, &other.beside)
    }
}

impl Eq for Inner {}

impl Index {
    fn of(text: &str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        let mut characters = vec![0];
        for block in text.as_bytes().chunks(BLOCK) {
            characters.push(characters[characters.len() - 1] + count_characters(block));
        }
        Self { lines, characters }
    }
}

/// The number of bytes in a block.
const BLOCK: usize = 256;

/// A piece of text and the byte range of its source that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The text, without the marks of the file format around it.
    pub text: Text,
    /// Where it stands in the source, in bytes; [`NOWHERE`](Self::NOWHERE) if it does not.
    pub range: Range<usize>,
}

impl Located {
    /// The range of a text that stands in no file. Diagnostics then quote the words of its row instead of a place.
    pub const NOWHERE: Range<usize> = usize::MAX..usize::MAX;

    /// Makes a text that stands in no file, such as one that a program composed.
    #[must_use]
    pub fn new(text: impl Into<Text>) -> Self {
        Self { text: text.into(), range: Self::NOWHERE }
    }
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
    /// Takes a text that was read already, or an empty one for a [`Draft`](crate::Draft) that was read from no text. Opens
    /// no file.
    ///
    /// LF, CRLF and CR end a line. A CR without an LF becomes an LF, which has the same length.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self::of(path.into(), with_line_feeds(text.into()), None)
    }

    /// Adds a second file, such as the one that corrects a page: one draft has words of both. Returns the source of both, and
    /// the range of the second text.
    pub(crate) fn with_beside(&self, path: &Path, text: &str) -> (Self, Range<usize>) {
        let mut both = self.text().to_owned();
        both.push('\n');
        let start = both.len();
        both += &with_line_feeds(text.to_owned());
        let end = both.len();
        (Self::of(self.path().to_owned(), both, Some((path.to_owned(), start))), start..end)
    }

    fn of(path: PathBuf, text: String, beside: Option<(PathBuf, usize)>) -> Self {
        Self(Arc::new(Inner { path, text: Arc::new(text), beside, index: OnceLock::new() }))
    }

    fn index(&self) -> &Index {
        self.0.index.get_or_init(|| Index::of(self.text()))
    }

    /// Returns the path as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Returns the path of the file that a byte offset is in.
    pub(crate) fn path_at(&self, offset: usize) -> &Path {
        match &self.0.beside {
            Some((path, start)) if offset >= *start => path,
            _ => self.path(),
        }
    }

    /// Returns the whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Returns the text in a range, which ends where characters do.
    pub(crate) fn part(&self, range: Range<usize>) -> Text {
        Text::part(&self.0.text, range)
    }

    /// Returns the place of a byte offset. An offset past the end, or inside a character, counts as the nearest one before it.
    #[must_use]
    pub fn place(&self, offset: usize) -> Place {
        let mut offset = offset.min(self.text().len());
        while !self.text().is_char_boundary(offset) {
            offset -= 1;
        }
        let (mut line, start) = self.line_at(offset);
        if let Some((_, beside)) = &self.0.beside
            && offset >= *beside
        {
            line -= self.line_at(*beside).0 - 1;
        }
        Place { line, column: self.characters_before(offset) - self.characters_before(start) + 1 }
    }

    /// Returns the line around a byte offset without its line end, and the offset at which it starts.
    #[must_use]
    pub fn line_around(&self, offset: usize) -> (&str, usize) {
        let (number, start) = self.line_at(offset);
        let end = self.index().lines.get(number).map_or(self.text().len(), |next| next - 1);
        let line = &self.text()[start..end];
        (line.strip_suffix('\r').unwrap_or(line), start)
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset - offset % BLOCK;
        self.index().characters[block / BLOCK] + count_characters(&self.text().as_bytes()[block..offset])
    }

    /// Returns the number of the line that an offset is in, from 1, and where that line starts.
    fn line_at(&self, offset: usize) -> (usize, usize) {
        let line = self.index().lines.partition_point(|start| *start <= offset);
        (line, self.index().lines[line - 1])
    }
}

fn with_line_feeds(text: String) -> String {
    if !text.contains('\r') {
        return text;
    }
    let mut characters = text.chars().peekable();
    let mut ended = String::with_capacity(text.len());
    while let Some(c) = characters.next() {
        ended.push(if c == '\r' && characters.peek() != Some(&'\n') { '\n' } else { c });
    }
    ended
}

/// Counts the bytes that start a character.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_not_bytes() {
        let source = Source::new("x.md", "é\n日本x\r\nend");
        assert_eq!(source.place(0), Place { line: 1, column: 1 });
        assert_eq!(source.place(3 + 6), Place { line: 2, column: 3 });
        assert_eq!(source.line_around(4), ("日本x", 3));
        assert_eq!(source.line_around(99), ("end", 12));
    }

    #[test]
    fn every_kind_of_line_end_ends_a_line() {
        let source = Source::new("x.md", "a\rb\r\nc\n\rd\r");
        let places: Vec<_> = "abcd".chars().map(|c| source.place(source.text().find(c).unwrap()).line).collect();
        assert_eq!(places, [1, 2, 3, 5]);
        assert_eq!(source.text(), "a\nb\r\nc\n\nd\n");
        assert_eq!(source.line_around(2), ("b", 2));
        assert_eq!(source.place(99), Place { line: 6, column: 1 });
    }

    #[test]
    fn columns_are_right_in_every_block_of_a_long_line() {
        let text = format!("é\n{}", "a日".repeat(2 * BLOCK));
        let source = Source::new("x.md", text.as_str());
        for (count, (offset, _)) in text[3..].char_indices().enumerate() {
            assert_eq!(source.place(3 + offset), Place { line: 2, column: count + 1 });
        }
    }

    #[test]
    fn an_offset_outside_or_inside_a_character_counts_as_the_one_before() {
        let source = Source::new("x.md", "日");
        assert_eq!(source.place(1), Place { line: 1, column: 1 });
        assert_eq!(source.place(99), Place { line: 1, column: 2 });
    }
}
