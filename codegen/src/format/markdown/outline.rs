//! The headings, items, texts and lines of code of a page, each with its depth.

use super::words::{is_bold_code, is_code_with_title, item, label, parts, shape, speaks_of_codes, title};
use super::{inline, listing};
use crate::columns::is_code;
use crate::hash::{Map, Set};
use crate::source::Source;
use std::ops::Range;

/// How deep a piece of a page stands: what is deeper belongs to the piece above it. Headings have their levels.
pub(super) type Depth = usize;

/// A piece of a page: how deep it stands, and where.
pub(super) type Piece = (Depth, Range<usize>);

/// The depth of a component with a title: `<Accordion title="404 Not Found">`, and of a code in bold.
pub(super) const COMPONENT: Depth = 7;
/// The depth of a text at the margin.
pub(super) const TEXT: Depth = 8;
/// The depth of an item at the margin.
const ITEM: Depth = 9;

/// The depth of a line of code, and that of a table: nothing is below them.
pub(super) const CODE: Depth = Depth::MAX - 1;
pub(super) const TABLE: Depth = Depth::MAX;

/// From this column on a line may be code.
const TAB: usize = 4;

/// What stands further to the right is no deeper.
const MOST_COLUMNS: usize = 40;

/// The headings, items and texts of a page, in their order.
#[derive(Default)]
pub(super) struct Outline {
    pub(super) pieces: Vec<Piece>,
    /// The next line may go on with the last piece.
    is_open: bool,
    /// Whether the last item at the margin has a number.
    is_numbered: bool,
    /// Whether the title of the page speaks of codes. It stands in the front matter and is no heading.
    pub(super) is_of_codes: bool,
}

impl Outline {
    pub(super) fn heading(&mut self, level: usize, range: Range<usize>) {
        // The text over a line of dashes is a heading.
        self.pieces.pop_if(|(_, last)| last.start == range.start);
        self.pieces.push((level, range));
        self.is_open = false;
    }

    pub(super) fn title(&mut self, title: &str) {
        self.is_of_codes = speaks_of_codes(title);
    }

    /// Ends a text: what follows is no part of it.
    pub(super) fn end(&mut self) {
        self.is_open = false;
    }

    /// Adds a line that stands at a column.
    pub(super) fn line(&mut self, text: &str, mut range: Range<usize>, column: usize) {
        let is_open = std::mem::replace(&mut self.is_open, true);
        let column = column.min(MOST_COLUMNS);
        // A block of code may have nothing but its indent.
        let is_attribute = text.starts_with('[') && text.ends_with(")]");
        if column >= TAB && (is_attribute || listing::is_entry(text)) {
            return self.code(range);
        }
        let depth = match item(text) {
            None if is_bold_code(text) => {
                self.is_open = false;
                COMPONENT
            }
            Some(start) => {
                // Another mark begins another list.
                let is_numbered = text.starts_with(|c: char| c.is_ascii_digit());
                if column < 2 && std::mem::replace(&mut self.is_numbered, is_numbered) != is_numbered {
                    self.pieces.push((TEXT, range.start..range.start));
                }
                range.start += start;
                ITEM + column
            }
            // The definition of a term.
            None if text.starts_with(": ") => {
                self.pieces.last_mut().filter(|(depth, _)| *depth == TEXT).into_iter().for_each(|term| term.0 = ITEM);
                range.start += 1;
                ITEM + column + 1
            }
            None if column >= TAB && is_code_with_title(text) => ITEM + column,
            None if is_open && label(text).is_none() => {
                self.pieces.last_mut().into_iter().for_each(|(_, last)| last.end = range.end);
                return;
            }
            None if column < 2 => TEXT,
            None => ITEM + column,
        };
        self.pieces.push((depth, range));
    }

    /// Adds a line that starts with a tag, if it is one of a list of definitions, or has a title.
    pub(super) fn tag(&mut self, text: &str, range: Range<usize>, column: usize) {
        if text.starts_with("<span") && !text.ends_with('>') {
            return self.line(text, range, column);
        }
        let depth = ITEM + column.min(MOST_COLUMNS);
        if let Some(title) = title(text) {
            self.pieces.push((COMPONENT, range.start + title.start..range.start + title.end));
        }
        if text.starts_with("<dl") && column < 2 {
            self.pieces.push((TEXT, range.start..range.start));
        }
        let definition = text.find("<dd").map_or(range.end, |at| range.start + at);
        if text.starts_with("<dt") || text.starts_with("<li") {
            self.pieces.push((depth, range.start..definition));
        }
        if definition < range.end {
            self.pieces.push((depth + 1, definition..range.end));
        }
        self.is_open = definition < range.end || text.starts_with("<li");
    }

    /// Adds a line of a block of code.
    pub(super) fn code(&mut self, range: Range<usize>) {
        self.pieces.push((CODE, range));
        self.is_open = false;
    }

    /// Marks a table. The heading above it is no code, but names its rows.
    pub(super) fn table(&mut self) {
        self.pieces.push((TABLE, 0..0));
        self.is_open = false;
    }

    /// Returns how headings look that are numbered alike and have a title, such as `RS1001: ...`.
    pub(super) fn numbered(&self, source: &Source) -> Set<String> {
        let mut counts: Map<String, usize> = Map::default();
        for (_, range) in self.pieces.iter().filter(|(depth, _)| *depth < COMPONENT) {
            let cell = inline::read(source, range.clone());
            let (code, title, _) = parts(cell.text());
            let digits = code.bytes().filter(u8::is_ascii_digit).count();
            if !title.is_empty() && digits > 2 && digits < code.len() && !code.contains('.') && is_code(code) {
                *counts.entry(shape(code)).or_default() += 1;
            }
        }
        counts.into_iter().filter(|(_, count)| *count > 2).map(|(shape, _)| shape).collect()
    }

    /// Lifts the headings of codes that stand deeper than nearly all that look alike: that is a mistake.
    pub(super) fn lift(&mut self, source: &Source) {
        let mut alike: Map<String, Vec<&mut Depth>> = Map::default();
        for (depth, range) in self.pieces.iter_mut().filter(|(depth, _)| *depth < COMPONENT) {
            let cell = inline::read(source, range.clone());
            let code = parts(cell.text()).0;
            if code.contains(|c: char| c.is_ascii_digit()) && is_code(code) {
                alike.entry(shape(code)).or_default().push(depth);
            }
        }
        for depths in alike.into_values() {
            let count = |level: Depth| depths.iter().filter(|depth| ***depth == level).count();
            let usual = (1..COMPONENT).find(|level| count(*level) > 3 && (count(*level) + 1) * 10 > depths.len() * 9);
            if let Some(usual) = usual {
                depths.into_iter().for_each(|depth| *depth = (*depth).min(usual));
            }
        }
    }
}
