//! Tables whose rows are lists with a line of dashes between them, between `{% table %}` and `{% /table %}`.

use super::inline;
use crate::grid::{Cell, GridRow};
use crate::source::Source;
use std::ops::Range;

/// Returns the end of the tag that begins such a table, if a text starts with one.
pub(super) fn start(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("{%")?.trim_start().strip_prefix("table")?;
    let is_tag = inner.starts_with(|c: char| c.is_whitespace() || c == '%');
    inner.find("%}").filter(|_| is_tag).map(|end| text.len() - inner.len() + end + 2)
}

/// Returns where the rows end that start at an offset, and where the tag behind them ends. `None` if another table starts first.
pub(super) fn end(text: &str, start: usize) -> Option<(usize, usize)> {
    let mut tags = text[start..].match_indices("{%").map(|(at, _)| start + at);
    let is_end = |at: &usize| text[at + 2..].trim_start().starts_with("/table");
    let close = tags.find(|at| is_end(at) || self::start(&text[*at..]).is_some()).filter(is_end)?;
    Some((close, text[close..].find("%}").map_or(text.len(), |end| close + end + 2)))
}

/// Reads the rows in a range of the source; the first one is the header, unless a line of dashes stands above it.
pub(super) fn read(source: &Source, range: Range<usize>) -> Vec<GridRow> {
    let mut rows: Vec<Vec<Range<usize>>> = vec![Vec::new()];
    let mut margin = None;
    let mut at = range.start;
    for line in source.text()[range].split_inclusive('\n') {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        let is_item = text == "*" || text == "-" || text.starts_with("* ") || text.starts_with("- ");
        if text.len() > 2 && text.bytes().all(|byte| byte == b'-') {
            rows.push(Vec::new());
        } else if is_item && indent <= *margin.get_or_insert(indent) {
            rows.last_mut().into_iter().for_each(|row| row.push(at + indent + 1..at + line.len()));
        } else if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
            cell.end = at + line.len();
        }
        at += line.len();
    }
    let cell = |range: Range<usize>| -> Cell {
        // What a site says about the cell: `{% align="center" %}`.
        let text = &source.text()[range.clone()];
        let end = text.trim_end().strip_suffix("%}").and_then(|text| text.rfind("{%")).unwrap_or(text.len());
        inline::read(source, range.start..range.start + end)
    };
    let row = |cells: Vec<Range<usize>>| {
        let range = cells.first()?.start..cells.last()?.end;
        Some(GridRow { range: crate::grid::trimmed(source, range), cells: cells.into_iter().map(cell).collect() })
    };
    rows.into_iter().filter_map(row).collect()
}
