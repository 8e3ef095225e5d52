//! Reads a table of CSV or TSV: a line of headers, and a line for each code.

use super::Page;
use crate::diagnostic::Diagnostic;
use crate::grid::{Cell, Grid, GridRow, trimmed};
use crate::source::Source;
use std::ops::Range;

/// Reads a file that ends at a byte offset of the source. Values are separated by commas, or by semicolons if the first line
/// has no comma; in TSV by tabs.
pub(super) fn read(source: &Source, end: usize, separator: u8, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    let text = &source.text()[..end];
    let top = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let first = text[top..].trim_start().lines().next().unwrap_or("");
    let separator = if separator == b',' && !first.contains(',') && first.contains(';') { b';' } else { separator };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(&text.as_bytes()[top..]);
    let mut records = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(end));
                records.push((top + start, record));
            }
            Err(error) => {
                let start = error.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(end));
                diagnostics.push(Diagnostic::at(
                    source,
                    top + start..top + start,
                    format!("the line cannot be read: {error}"),
                    "write it as CSV",
                ));
                return None;
            }
        }
    }
    let ends: Vec<_> = records.iter().skip(1).map(|(start, _)| *start).chain([end]).collect();
    let mut rows =
        records.into_iter().zip(ends).map(|((start, record), end)| row(source, start..end, &record, separator));
    let header = rows.next();
    let mut grid = Grid::of_keys(0..0);
    if let Some(header) = header {
        (grid.header, grid.range) = (header.cells, header.range);
    }
    grid.rows = rows.collect();
    Some(Page { settings: None, grids: vec![grid] })
}

/// Makes a row of a record that stands in a range of the source.
fn row(source: &Source, range: Range<usize>, record: &csv::StringRecord, separator: u8) -> GridRow {
    let range = trimmed_lines(source, range);
    let places = fields(&source.text()[range.clone()], separator);
    let cells = record.iter().enumerate().map(|(at, text)| {
        let place =
            places.get(at).map_or(range.end..range.end, |place| range.start + place.start..range.start + place.end);
        Cell::new(text.split_whitespace().collect::<Vec<_>>().join(" "), trimmed(source, place))
    });
    GridRow { cells: cells.collect(), range }
}

/// Returns the range without the line ends around it.
fn trimmed_lines(source: &Source, range: Range<usize>) -> Range<usize> {
    let text = &source.text()[range.clone()];
    let start = range.start + (text.len() - text.trim_start_matches(['\r', '\n']).len());
    (start.min(range.end))..(range.start + text.trim_end_matches(['\r', '\n']).len()).max(start)
}

/// Returns where the fields of a record stand, without the quotes around them.
fn fields(record: &str, separator: u8) -> Vec<Range<usize>> {
    let bytes = record.as_bytes();
    let mut fields = Vec::new();
    let (mut start, mut is_quoted) = (0, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            byte if *byte == separator && !is_quoted => {
                fields.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    fields.push(start..bytes.len());
    let unquoted = |field: Range<usize>| {
        let text = &record[field.clone()];
        if text.len() > 1 && text.starts_with('"') && text.ends_with('"') {
            field.start + 1..field.end - 1
        } else {
            field
        }
    };
    fields.into_iter().map(unquoted).collect()
}
