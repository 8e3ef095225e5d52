//! Headers that do not stand where they should, or stand in several languages.

use super::{shape, synonyms};
use crate::grid::{Cell, Grid, GridRow};

/// Takes the first row for the header if the header is empty, and makes one for a table that has none. Afterwards a table lacks
/// its header only if it was made.
pub(super) fn complete(grid: &mut Grid) {
    if grid.header.iter().all(|cell| cell.text().is_empty()) && !grid.rows.is_empty() {
        let width = grid.header.len();
        let first = grid.rows.remove(0);
        (grid.header, grid.range) = (first.cells, first.range);
        grid.header.resize(width.max(grid.header.len()), Cell::new("", grid.range.clone()));
        grid.may_lack_header = false;
    } else if grid.may_lack_header {
        grid.may_lack_header = make(grid);
    }
}

/// Makes the header of a table without one: a number stands over numbers, as in no header. Returns whether it did.
fn make(grid: &mut Grid) -> bool {
    let is_number = |cell: &Cell| shape::number(cell.text(), false).is_some_and(|written| written.beside.is_empty());
    let column = |column: usize| grid.rows.iter().map(move |row| row.cells.get(column));
    let are_numbers = |at: usize| is_number(&grid.header[at]) && column(at).all(|cell| cell.is_some_and(is_number));
    let columns = 0..grid.header.len();
    let mut values = columns.clone().filter(|at| are_numbers(*at));
    // Of two columns of numbers, a person has to say which one is of codes.
    let (Some(value), None) = (values.next().filter(|_| !grid.rows.is_empty()), values.next()) else {
        return false;
    };
    let are_identifiers = |at: &usize| {
        let mut cells = column(*at).flatten().chain([&grid.header[*at]]);
        *at != value && cells.all(|cell| shape::is_identifier(cell.text()))
    };
    let name = columns.clone().find(are_identifiers);
    let length = |at: &usize| column(*at).flatten().map(|cell| cell.text().len()).sum::<usize>();
    let meaning = columns.filter(|at| *at != value && Some(*at) != name).max_by_key(length);
    let range = grid.range.clone();
    let word = |at| match Some(at) {
        known if known == Some(value) => "value",
        known if known == name => "name",
        known if known == meaning => "meaning",
        _ => "",
    };
    let header = (0..grid.header.len()).map(|at| Cell::new(word(at), range.clone())).collect();
    let cells = std::mem::replace(&mut grid.header, header);
    grid.rows.insert(0, GridRow { range, cells });
    true
}

/// Leaves one plain header of those over the same text in several languages, such as `Text (DE)` and `Text (EN)`.
pub(super) fn in_english(plain: &mut [String], headers: &[Cell]) {
    let full: Vec<_> = headers.iter().map(|header| synonyms::plain(&header.text().replace(['(', ')'], " "))).collect();
    for (text, _) in full.iter().filter_map(|header| in_language(header)).filter(|(_, language)| is_english(language)) {
        for (plain, header) in plain.iter_mut().zip(&full) {
            match in_language(header) {
                Some((other, language)) if other == text && is_english(language) => text.clone_into(plain),
                Some((other, _)) if other == text => plain.clear(),
                _ => {}
            }
        }
    }
}

/// Splits `text en` into the text and its language.
fn in_language(header: &str) -> Option<(&str, &str)> {
    let (text, language) = header.rsplit_once(' ')?;
    let is_short = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_language =
        is_short || is_english(language) || matches!(language, "german" | "french" | "spanish" | "chinese");
    is_language.then_some((text, language))
}

fn is_english(language: &str) -> bool {
    matches!(language, "en" | "eng" | "english")
}
