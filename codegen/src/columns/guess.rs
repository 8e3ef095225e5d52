//! What a person would take for the columns of a table whose headers are not known.

use super::{Columns, Form, Judge, shape, synonyms};
use crate::draft::Draft;
use crate::excerpt::quoted;
use crate::grid::{Cell, Grid};
use crate::vocabulary::Key;

/// How many headers of a table a message shows.
const SHOWN: usize = 6;

impl Judge<'_> {
    /// Returns the one column whose cells are all codes, if its header is not known and no other one says values.
    pub(super) fn only_codes(&self) -> Option<usize> {
        let says_value = |column| self.exact[column] == Some(Key::Value) || self.rank(column, Key::Value).is_some();
        if (0..self.headers.len()).any(says_value) {
            return None;
        }
        let mut columns = (0..self.headers.len()).filter(|column| {
            let stats = &self.stats[*column];
            let is_unknown = matches!(self.exact[*column], None | Some(Key::Http))
                && self.senses[*column].iter().all(|sense| sense.key == Key::Http);
            let rows = self.grids.iter().map(|grid| grid.rows.len()).sum::<usize>();
            // `E04` below `Error codes`, perhaps with more causes in the rows below it.
            let mut cells = self.grids.iter().flat_map(|grid| &grid.rows).filter_map(|row| row.cells.get(*column));
            let mut have_digits =
                || cells.all(|cell| cell.text().is_empty() || cell.text().contains(|c: char| c.is_ascii_digit()));
            let mut are_texts = || *column == 0 && stats.are_coded_names() && self.stand_under_codes() && have_digits();
            is_unknown
                && !synonyms::is_member(&self.headers[*column])
                && !synonyms::is_place(&self.headers[*column])
                && (stats.are_numbers() && !stats.counts && stats.filled == rows || are_texts())
                && stats.is_unique
                && rows > 1
                && shape::number(self.grids[0].header[*column].text(), false).is_none()
        });
        columns.next().filter(|_| columns.next().is_none())
    }

    /// Returns the lines of `[columns]` that the table lacks.
    fn missing(&self) -> Vec<(Key, usize)> {
        let columns = || 0..self.headers.len();
        let mut missing = Vec::new();
        let value = self.value(false).ok().or_else(|| {
            let are_numbers = |column: &usize| self.stats[*column].are_numbers();
            let are_unique = |column: &usize| are_numbers(column) && self.stats[*column].is_unique;
            let guess = columns()
                .find(|column| are_unique(column) && !self.stats[*column].counts)
                .or_else(|| columns().find(are_unique))
                .or_else(|| columns().find(|column| self.stats[*column].are_text_codes() && !are_numbers(column)))
                .or_else(|| columns().find(are_numbers))
                .or_else(|| {
                    let is_member = |column: &usize| synonyms::is_member(&self.headers[*column]);
                    columns().find(|column| self.stats[*column].are_single_words() && !is_member(column))
                });
            missing.extend(guess.map(|column| (Key::Value, column)));
            guess
        });
        let Some(value) = value else { return missing };
        let form = self.form(value, false).unwrap_or(Form::Number { is_hex: false });
        let name = self.name(value, form);
        let is_name = form == Form::Text && self.stats[value].are_words();
        if name.is_some() || is_name || self.meaning(value, None).is_some() {
            return missing;
        }
        let others = || columns().filter(|column| *column != value);
        let identifiers = others().find(|column| self.stats[*column].are_identifiers());
        let longest = || others().max_by_key(|column| self.length(*column)).filter(|column| self.length(*column) > 0);
        missing.extend(match identifiers {
            Some(column) => Some((Key::Name, column)),
            None => longest().map(|column| (Key::Meaning, column)),
        });
        missing
    }

    /// Returns how much text is in a column.
    fn length(&self, column: usize) -> usize {
        let cells = self.grids.iter().flat_map(|grid| &grid.rows).filter_map(|row| row.cells.get(column));
        cells.map(|cell| cell.text().len()).sum()
    }
}

/// Finds the column of values in the one of the tables that has only codes in a column.
pub(super) fn only_table(draft: &Draft, grids: &[(Grid, String)]) -> Option<(usize, Columns)> {
    let found = grids.iter().enumerate().filter_map(|(at, (grid, _))| {
        let grids = [grid];
        let mut judge = Judge::new(draft, &grids, None);
        let column = judge.only_codes()?;
        judge.exact[column] = Some(Key::Value);
        Some((at, judge.verdict().ok()?))
    });
    let mut found: Vec<_> = found.collect();
    if found.len() > 1 {
        found.retain(|(at, _)| says_status(&grids[*at].0));
    }
    found.pop().filter(|_| found.is_empty())
}

/// Finds the column of values in a table whose header is not known, but speaks of errors: `<protocol_error>`.
pub(super) fn column_of_errors(draft: &Draft, grid: &Grid) -> Option<Columns> {
    let says_error = |cell: &Cell| synonyms::says_error(&synonyms::plain(cell.text()));
    if !grid.header.iter().any(says_error) {
        return None;
    }
    let grids = [grid];
    let mut judge = Judge::new(draft, &grids, None);
    let column = judge.only_codes().filter(|column| says_error(&grid.header[*column]))?;
    judge.exact[column] = Some(Key::Value);
    judge.verdict().ok()
}

/// Does what stands over a table, or its header, say that it holds codes?
fn says_status(grid: &Grid) -> bool {
    let headers = grid.header.iter().map(|cell| &cell.all);
    grid.titles().next_back().into_iter().chain(headers).any(|text| synonyms::says_status(&text.text))
}

/// Returns what to write so that one of the tables that were left out is read; `None` if there are none.
pub(super) fn advice(draft: &Draft, grids: &[(Grid, String)]) -> Option<String> {
    let lacks = |(grid, _): &&(Grid, String)| !Judge::new(draft, &[grid], None).missing().is_empty();
    let lacking = || grids.iter().filter(lacks);
    let (grid, why) = lacking().find(|(grid, _)| says_status(grid)).or_else(|| lacking().next()).or(grids.first())?;
    Some(advice_on(draft, grid, why))
}

fn advice_on(draft: &Draft, grid: &Grid, why: &str) -> String {
    let line = draft.source.place(grid.range.start).line;
    // Rows of other formats name their columns.
    let extension = draft.source.path().extension().and_then(|extension| extension.to_str());
    let is_first_line = matches!(extension, Some("csv" | "tsv"));
    let is_code = |text: &str| shape::is_coded(text) && !text.contains(|c: char| c.is_ascii_lowercase() || c == ' ');
    let has_digit = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    // `GQL` over `52N30` is a word of a header.
    let is_over_digits =
        |column: usize| grid.rows.iter().filter_map(|row| row.cells.get(column)).any(|cell| has_digit(cell.text()));
    let has_values = |(column, cell): (usize, &Cell)| {
        let text = cell.text();
        shape::number(text, false).is_some() || is_code(text) && (has_digit(text) || !is_over_digits(column))
    };
    if is_first_line && grid.header.iter().enumerate().any(has_values) {
        return format!(
            "line {line} is read as the headers of the columns, but looks like a code: put a line of headers above it, such as `value` and `meaning`"
        );
    }
    if grid.rows.is_empty() {
        return format!("the table in line {line} has no rows");
    }
    let missing = Judge::new(draft, &[grid], None).missing();
    let line_of = |(key, column): &(Key, usize)| format!("`{key} = {:?}`", quoted(grid.header[*column].text()));
    let lines: Vec<_> = missing.iter().map(line_of).collect();
    let left_out = format!("the table in line {line} was left out: {why}");
    if lines.is_empty() {
        let headers = grid.header.iter().filter(|cell| !cell.text().is_empty()).take(SHOWN);
        let headers: Vec<_> = headers.map(|cell| format!("`{}`", quoted(cell.text()))).collect();
        return format!("{left_out}; none of its columns {} looks like one of codes", headers.join(", "));
    }
    format!(
        "{left_out}; if it holds codes, name its columns: `[columns]` with {} in the front matter, or in a file next to it that ends in `.fix.toml`",
        lines.join(" and ")
    )
}
