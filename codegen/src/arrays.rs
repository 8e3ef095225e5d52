//! Tables whose rows are arrays: `[["code", "name"], [404, "NOT_FOUND"]]`.

use crate::grid::{Cell, Grid, GridRow};
use crate::node::Node;
use crate::source::Located;
use std::ops::Range;

/// Finds the headers among the members next to the rows: `"columns": ["code", "name"]`, or a table for each column.
pub(crate) fn header(members: &[(Located, Node)], rows: &[Node]) -> Option<Vec<Cell>> {
    let width = rows.iter().filter_map(Node::items).map(<[Node]>::len).max()?;
    let mut lists = members.iter().filter_map(|(_, value)| value.items()).filter(|items| items.len() == width);
    lists.find_map(|items| items.iter().map(title).collect())
}

/// Returns what a header says: a text, or a table with the name of the column.
fn title(node: &Node) -> Option<Cell> {
    match node {
        Node::Text(_) => node.cell(),
        node => {
            let is_name = |key: &str| ["name", "title", "label", "key", "id", "header"].contains(&key);
            node.members()?.iter().find(|(key, _)| is_name(&key.text.to_ascii_lowercase()))?.1.cell()
        }
    }
}

/// Reads a row for each array. Without headers, the first row may have them.
pub(crate) fn rows(rows: &[Node], range: &Range<usize>, header: Option<Vec<Cell>>) -> Grid {
    let row = |node: &Node| {
        let cells = node.items()?.iter().map(|item| item.cell().unwrap_or_else(|| Cell::new("", node.range())));
        Some(GridRow { range: node.range(), cells: cells.collect() })
    };
    let mut grid = of_rows(rows.iter().filter_map(row).collect(), range);
    if let Some(header) = header {
        let first = std::mem::replace(&mut grid.header, header);
        grid.rows.insert(0, GridRow { range: grid.range.clone(), cells: first });
        grid.may_lack_header = false;
    }
    grid
}

/// Reads a row for each member with an array: `"404": ["NOT_FOUND", "There is no such page."]`.
pub(crate) fn by_key(members: &[(Located, Node)], range: &Range<usize>) -> Grid {
    let row = |(key, value): &(Located, Node)| {
        let items = value.items().unwrap_or_default().iter().filter_map(Node::cell);
        let cells = std::iter::once(Cell::new(key.text.as_str(), key.range.clone())).chain(items).collect();
        GridRow { range: value.range(), cells }
    };
    of_rows(members.iter().map(row).collect(), range)
}

/// Reads an array for each column, as a schema has them: `"enum": [0, 1], "x-enum-varnames": ["OK", "FAIL"]`.
pub(crate) fn columns(members: &[(Located, Node)], range: &Range<usize>) -> Option<Grid> {
    let (_, values) = members.iter().find(|(key, _)| key.text == "enum")?;
    let values = values.items()?;
    let names = |(key, value): &&(Located, Node)| {
        key.text.starts_with("x-") && value.items().is_some_and(|items| items.len() == values.len())
    };
    let columns: Vec<_> = members.iter().filter(names).collect();
    let header = |(key, value): &&(Located, Node)| {
        let word = if key.text.contains("desc") { "description" } else { "name" };
        Cell::new(word, value.range())
    };
    let mut grid = Grid::of_keys(range.start..range.start + 1);
    grid.header = std::iter::once(Cell::new("code", range.clone())).chain(columns.iter().map(header)).collect();
    for (at, value) in values.iter().enumerate() {
        let others = columns.iter().filter_map(|(_, column)| column.items()?.get(at));
        let cells =
            std::iter::once(value).chain(others).map(|node| node.cell().unwrap_or_else(|| Cell::new("", node.range())));
        grid.rows.push(GridRow { range: value.range(), cells: cells.collect() });
    }
    (!columns.is_empty()).then_some(grid)
}

fn of_rows(mut rows: Vec<GridRow>, range: &Range<usize>) -> Grid {
    let mut grid = Grid { may_lack_header: true, ..Grid::of_keys(range.start..range.start + 1) };
    if !rows.is_empty() {
        let first = rows.remove(0);
        (grid.header, grid.range) = (first.cells, first.range);
    }
    grid.rows = rows;
    grid
}
