//! Tables that were written for this: their headers are the words of keys, among them `Value` and `Name`.

use crate::Repr;
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Entry};
use crate::excerpt::quoted;
use crate::grid::{Cell, Grid, GridRow, Marked};
use crate::hash::Set;
use crate::identifier::{LONGEST_NAME, is_too_long};
use crate::number::integer;
use crate::source::Located;
use crate::vocabulary::Key;
use std::sync::Arc;

/// Returns the key that is the header of a column.
pub(crate) fn key(grid: &Grid, header: &Cell) -> Option<Key> {
    let word = header.text().to_lowercase();
    let key = Key::from_word(&word).filter(|key| key.is_column());
    key.or_else(|| (grid.groups_are_cells && word == "group").then_some(Key::Group))
}

/// Returns the keys of the columns, if two of them are `Value` and `Name`.
pub(crate) fn keys(grid: &Grid) -> Option<Vec<Option<Key>>> {
    let keys: Vec<_> = grid.header.iter().map(|header| key(grid, header)).collect();
    [Key::Value, Key::Name].iter().all(|key| keys.contains(&Some(*key))).then_some(keys)
}

/// Reports headers that are given twice.
pub(crate) fn repeated_columns(draft: &Draft, grid: &Grid, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = Set::default();
    for cell in &grid.header {
        if key(grid, cell).is_some_and(|key| key != Key::Group && !seen.insert(key)) {
            diagnostics.push(Diagnostic::at(
                &draft.source,
                cell.all.range.clone(),
                format!("the column `{}` stands here twice", quoted(cell.text())),
                "keep one of the two, or rename the one that is for readers only; put pairs that stand side by side below each other",
            ));
        }
    }
}

/// Adds the rows of the tables that have the columns `Value` and `Name`.
#[cfg(not(feature = "pages"))]
pub(crate) fn read(draft: &mut Draft, grids: Vec<Grid>, diagnostics: &mut Vec<Diagnostic>) {
    if let Some((_, header)) = draft.columns.first().filter(|_| !grids.is_empty()) {
        diagnostics.push(Diagnostic::at(
            &draft.source,
            header.range.clone(),
            "columns with headers of their own are not read without a feature",
            "enable the feature `pages` of statuswire-codegen",
        ));
    }
    for grid in grids {
        repeated_columns(draft, &grid, diagnostics);
        match keys(&grid) {
            Some(keys) => {
                let are_texts = are_texts(draft, &grid, &keys);
                add(draft, grid, &keys, diagnostics, &mut |rows, row, group| rows.row(row, group, are_texts));
            }
            None => {
                let why =
                    "it lacks a column `Value` or `Name`; other headers need the feature `pages` of statuswire-codegen";
                draft.account.left_out.push((grid.range, why.to_owned()));
            }
        }
    }
}

/// Are the values of a table texts? The settings say it, or no value is an integer.
pub(crate) fn are_texts(draft: &Draft, grid: &Grid, keys: &[Option<Key>]) -> bool {
    match draft.head.get(Key::Repr).and_then(|repr| Repr::from_word(&repr.text)) {
        Some(repr) => repr.is_text(),
        None => !values(grid, keys).any(|value| integer(value).is_some()),
    }
}

/// Returns the cells of values that are not empty.
pub(crate) fn values<'g>(grid: &'g Grid, keys: &[Option<Key>]) -> impl Iterator<Item = &'g str> {
    let column = keys.iter().position(|key| *key == Some(Key::Value));
    let cells = grid.rows.iter().filter_map(move |row| row.cells.get(column?));
    cells.map(Cell::text).filter(|text| !text.is_empty())
}

/// Adds the rows of a table to a draft, each by a function that gets its group.
pub(crate) fn add(
    draft: &mut Draft,
    grid: Grid,
    keys: &[Option<Key>],
    diagnostics: &mut Vec<Diagnostic>,
    add_row: &mut dyn FnMut(&mut Rows<'_>, GridRow, Option<Located>),
) {
    let headings: Vec<_> = grid.headings.into_iter().filter(|heading| !heading.text.is_empty()).collect();
    let mut group = headings.last().cloned();
    let mut rows = Rows { draft, keys, diagnostics };
    if let Some(group) = group.as_mut().filter(|_| !grid.rows.is_empty()) {
        rows.cut_heading(group);
    }
    let path: Arc<[String]> =
        headings.iter().chain(&grid.label).map(|heading| quoted(&heading.text).into_owned()).collect();
    for row in grid.rows {
        let first = rows.draft.rows.len();
        add_row(&mut rows, row, group.clone());
        rows.draft.rows[first..].iter_mut().for_each(|row| row.headings = Some(Arc::clone(&path)));
    }
}

/// The rows of a table, which are being added to a draft.
pub(crate) struct Rows<'a> {
    pub(crate) draft: &'a mut Draft,
    /// The key of each column; `None` is a column for readers only.
    pub(crate) keys: &'a [Option<Key>],
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Rows<'_> {
    /// Adds a row as it is written. What is wrong with it is reported when it is checked.
    pub(crate) fn row(&mut self, mut row: GridRow, group: Option<Located>, is_text: bool) {
        self.cells_beyond_the_header(&mut row);
        let mut entry = Entry::new(row.range, group);
        entry.is_text = is_text;
        entry.words.reserve_exact(row.cells.len());
        for (key, cell) in self.keys.iter().zip(row.cells) {
            if let Some(key) = key.filter(|_| !cell.text().is_empty()) {
                self.word(&mut entry, key, cell);
            }
        }
        self.draft.rows.push(entry);
    }

    /// Adds the word of a cell to an entry.
    pub(crate) fn word(&mut self, entry: &mut Entry, key: Key, mut cell: Cell) {
        match key {
            Key::Group => entry.group = Some(cell.all),
            Key::Reasons => entry.words.extend(self.reasons(cell).into_iter().map(|reason| (Key::Reasons, reason))),
            Key::Meaning => {
                entry.links.extend(cell.marked.iter_mut().flat_map(|marked| std::mem::take(&mut marked.links)));
                entry.words.push((key, cell.into_prose()));
            }
            Key::Deprecated => entry.words.push((key, cell.into_prose())),
            key => entry.add(key, cell.all),
        }
    }

    /// Reports a heading that is too long to be repeated in each of its rows, once.
    fn cut_heading(&mut self, group: &mut Located) {
        if !is_too_long(&group.text) {
            return;
        }
        let cut = quoted(&group.text).into_owned();
        self.diagnostics.push(Diagnostic::at(
            &self.draft.source,
            group.range.clone(),
            format!("the heading `{cut}` is too long for a group"),
            format!("use at most {LONGEST_NAME} characters"),
        ));
        group.text = cut.into();
    }

    /// Joins cells behind the last column to it, if that holds sentences; reports them otherwise.
    pub(crate) fn cells_beyond_the_header(&mut self, row: &mut GridRow) {
        let (count, width) = (row.cells.len(), self.keys.len());
        if count <= width {
            return;
        }
        let more = row.cells.split_off(width);
        let last = row.cells.last_mut().filter(|_| self.keys.last() == Some(&Some(Key::Meaning)));
        if let Some(last) = last {
            for cell in more.into_iter().filter(|cell| !cell.text().is_empty()) {
                last.all.text = format!("{} | {}", last.all.text, cell.text()).into();
                last.all.range.end = cell.all.range.end;
                last.marked.iter_mut().for_each(|marked| marked.prose = None);
            }
        } else if more.iter().any(|cell| !cell.text().is_empty()) {
            let extension = self.draft.source.path().extension().and_then(|extension| extension.to_str());
            let way_out = match extension {
                Some("csv") => "put a cell with a comma between quotation marks",
                Some("tsv") => "put a cell with a tab between quotation marks",
                _ => "write a `|` inside a cell as `\\|`",
            };
            self.diagnostics.push(Diagnostic::at(
                &self.draft.source,
                row.range.clone(),
                format!("the row has {count} cells under a header of {width}"),
                format!("{way_out}, or add the missing column to the header"),
            ));
        }
    }

    /// Returns each text between backticks; without any, the whole cell.
    fn reasons(&mut self, cell: Cell) -> Vec<Located> {
        let Some(Marked { quoted, plain, .. }) = cell.marked.as_deref().filter(|marked| !marked.quoted.is_empty())
        else {
            return vec![cell.into_prose()];
        };
        for plain in plain {
            self.diagnostics.push(Diagnostic::at(
                &self.draft.source,
                plain.range.clone(),
                format!("`{}` is outside the backticks around the reasons", crate::excerpt::quoted(&plain.text)),
                "put each reason between backticks, with commas between them and nothing else",
            ));
        }
        quoted.clone()
    }
}
