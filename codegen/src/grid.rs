//! A table as a reader of a format finds it: cells with their places. What the columns hold is decided later.

use crate::source::{Located, Source};
use crate::text::Text;
use std::ops::Range;

/// A table of a file.
pub(crate) struct Grid {
    /// The headings over it, from the outermost on.
    pub(crate) headings: Vec<Located>,
    /// The latest line in bold below them. It tells tables of one heading apart, but is no heading of the page.
    pub(crate) label: Option<Located>,
    /// The names of the columns.
    pub(crate) header: Vec<Cell>,
    /// Where the header stands.
    pub(crate) range: Range<usize>,
    pub(crate) rows: Vec<GridRow>,
    /// Whether a column `group` stands for headings, which the format does not have.
    pub(crate) groups_are_cells: bool,
    /// Whether the header may be the first row of the table.
    #[cfg(feature = "pages")]
    pub(crate) may_lack_header: bool,
}

/// A row of a grid. It may have fewer cells than the header, or more.
pub(crate) struct GridRow {
    pub(crate) range: Range<usize>,
    pub(crate) cells: Vec<Cell>,
}

/// A heading or the cell of a table.
#[derive(Clone)]
pub(crate) struct Cell {
    /// All its text, without the marks of the format, with single spaces.
    pub(crate) all: Located,
    /// What few cells have. Large tables have many cells.
    pub(crate) marked: Option<Box<Marked>>,
}

/// What the marks in a cell say.
#[derive(Clone, Default)]
pub(crate) struct Marked {
    /// The texts between backticks, or the items of a list.
    pub(crate) quoted: Vec<Located>,
    /// The texts outside of backticks, without white space and commas around them; empty without backticks.
    pub(crate) plain: Vec<Located>,
    /// The same text with exponents: a superscript digit in a sentence is no mark of a footnote.
    pub(crate) prose: Option<Text>,
    /// The texts of its links, and the absolute addresses behind them.
    pub(crate) links: Vec<(Text, Text)>,
}

impl Cell {
    pub(crate) fn new(text: impl Into<Text>, range: Range<usize>) -> Self {
        Self { all: Located { text: text.into(), range }, marked: None }
    }

    /// Returns the text with its exponents, and its place.
    pub(crate) fn into_prose(self) -> Located {
        let prose = self.marked.and_then(|marked| marked.prose);
        Located { text: prose.unwrap_or(self.all.text), range: self.all.range }
    }

    pub(crate) fn text(&self) -> &str {
        &self.all.text
    }
}

impl Grid {
    /// Makes a grid without rows.
    pub(crate) fn new(header: Vec<Cell>, range: Range<usize>) -> Self {
        Self {
            headings: Vec::new(),
            label: None,
            header,
            range,
            rows: Vec::new(),
            groups_are_cells: false,
            #[cfg(feature = "pages")]
            may_lack_header: false,
        }
    }
}

#[cfg(feature = "pages")]
impl Grid {
    /// Makes a grid of a format whose rows name their columns.
    #[cfg(any(feature = "csv", feature = "json", feature = "toml"))]
    pub(crate) fn of_keys(range: Range<usize>) -> Self {
        Self { groups_are_cells: true, ..Self::new(Vec::new(), range) }
    }

    /// Returns what stands over it: the headings, from the outermost on, and the label.
    pub(crate) fn titles(&self) -> impl DoubleEndedIterator<Item = &Located> {
        self.headings.iter().chain(&self.label)
    }

    /// Returns all texts that are read of it.
    pub(crate) fn texts(&mut self) -> impl Iterator<Item = &mut Text> {
        let headings = self.headings.iter_mut().chain(&mut self.label).map(|heading| &mut heading.text);
        let cells = self.header.iter_mut().chain(self.rows.iter_mut().flat_map(|row| &mut row.cells));
        headings.chain(cells.flat_map(|cell| {
            let prose = cell.marked.as_mut().and_then(|marked| marked.prose.as_mut());
            std::iter::once(&mut cell.all.text).chain(prose)
        }))
    }

    /// Sets the cell of a row in the column of a key, which is added if it is new. Columns beyond the first 64 are left out:
    /// none of them is one of codes.
    pub(crate) fn set(&mut self, row: &mut GridRow, key: &str, range: Range<usize>, cell: Cell) {
        let column = match self.header.iter().position(|column| column.text() == key) {
            Some(column) => column,
            None if self.header.len() < MOST_COLUMNS => {
                self.header.push(Cell::new(key, range));
                self.header.len() - 1
            }
            None => return,
        };
        while row.cells.len() <= column {
            row.cells.push(Cell::new("", row.range.clone()));
        }
        row.cells[column] = cell;
    }
}

#[cfg(feature = "pages")]
const MOST_COLUMNS: usize = 64;

/// Returns the range without the white space around the text.
pub(crate) fn trimmed(source: &Source, range: Range<usize>) -> Range<usize> {
    let text = &source.text()[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    let end = range.start + text.trim_end().len();
    if start < end { start..end } else { range.start..range.start }
}
