//! Tables that are printed in several columns: `Value | Name | Value | Name`.

use crate::grid::{Grid, GridRow};

/// Turns a table whose header is repeated into one with each part of a row as a row of its own.
pub(super) fn unfold(grid: &mut Grid) {
    let width = grid.header.len();
    let headers: Vec<_> = grid.header.iter().map(|cell| cell.text().to_lowercase()).collect();
    let is_period = |period: &usize| width.is_multiple_of(*period) && headers[*period..] == headers[..width - period];
    let Some(period) = (2..=width / 2).find(is_period) else { return };
    // A cell too many is reported for the row as it is.
    if grid.header.iter().any(|cell| cell.text().is_empty()) || grid.rows.iter().any(|row| row.cells.len() > width) {
        return;
    }
    grid.header.truncate(period);
    for row in std::mem::take(&mut grid.rows) {
        for cells in row.cells.chunks(period) {
            if cells.iter().all(|cell| cell.text().is_empty()) {
                continue;
            }
            let place = cells[0].all.range.start..cells[cells.len() - 1].all.range.end;
            let range = if place.start < place.end { place } else { row.range.clone() };
            grid.rows.push(GridRow { range, cells: cells.to_vec() });
        }
    }
}
