//! Names that stand alone above their numbers, such as `ERROR_BUSY` above `170 (0xAA)`, with the texts below them.

use super::inline;
use super::outline::{CODE, COMPONENT, Depth, Piece};
use super::words::speaks_of_codes;
use crate::columns::is_code;
use crate::grid::{Cell, Grid, GridRow};
use crate::source::{Located, Source};

/// Fewer names are no list.
const FEWEST: usize = 3;

/// Reads the names below headings that speak of codes.
pub(super) fn read(source: &Source, pieces: &[Piece]) -> Vec<Grid> {
    let texts = pieces.iter().filter(|(depth, _)| *depth < CODE);
    let texts = texts.map(|(depth, range)| (*depth, inline::read(source, range.clone())));
    let texts: Vec<_> = texts.filter(|(_, cell)| !cell.text().is_empty()).collect();
    let mut grids: Vec<Grid> = Vec::new();
    let mut headings: Vec<(Depth, Located)> = Vec::new();
    let mut is_below_new = true;
    for (at, (depth, name)) in texts.iter().enumerate() {
        if *depth < COMPONENT {
            headings.retain(|(above, _)| above < depth);
            headings.push((*depth, name.all.clone()));
            is_below_new = true;
        }
        let number = texts.get(at + 1).map(|(_, cell)| cell).filter(|cell| is_name(name) && is_number(cell));
        let Some(number) = number.filter(|_| headings.iter().any(|(_, heading)| speaks_of_codes(&heading.text))) else {
            continue;
        };
        if std::mem::take(&mut is_below_new) {
            let headings = headings.iter().map(|(_, heading)| heading.clone()).collect();
            grids.push(Grid { headings, ..Grid::new(Vec::new(), name.all.range.clone()) });
        }
        let meaning = texts.get(at + 2).filter(|(depth, text)| *depth >= COMPONENT && !is_name(text));
        let cells = [("value", Some(number)), ("name", Some(name)), ("meaning", meaning.map(|(_, text)| text))];
        let mut row = GridRow { range: name.all.range.clone(), cells: Vec::new() };
        if let Some(grid) = grids.last_mut() {
            for (header, cell) in cells {
                cell.into_iter().for_each(|cell| grid.set(&mut row, header, cell.all.range.clone(), cell.clone()));
            }
            grid.rows.push(row);
        }
    }
    let count: usize = grids.iter().map(|grid| grid.rows.len()).sum();
    if count < FEWEST { Vec::new() } else { grids }
}

fn is_name(cell: &Cell) -> bool {
    cell.text().contains('_') && is_code(cell.text())
}

fn is_number(cell: &Cell) -> bool {
    cell.text().starts_with(|c: char| c.is_ascii_digit()) && is_code(cell.text())
}
