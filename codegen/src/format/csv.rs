//! Reads a table of CSV or TSV: a line of headers, and a line for each code.

use super::Page;
use crate::diagnostic::Diagnostic;
use crate::grid::{Cell, Grid, GridRow, trimmed};
use crate::source::Source;
use std::ops::Range;

/// Reads a file that ends at a byte offset of the source. Values are separated by commas, or by the first of `;`, tab and `|`
/// that the first line has if it has no comma; in TSV by tabs.
pub(super) fn read(source: &Source, end: usize, separator: u8, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    let text = &source.text()[..end];
    let top = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let first = text[top..].trim_start().lines().next().unwrap_or("");
    let is_in_first = |separator: &u8| first.as_bytes().contains(separator);
    let separator = match separator {
        b',' => [b',', b';', b'\t', b'|'].into_iter().find(is_in_first).unwrap_or(b','),
        separator => separator,
    };
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
    if let Some((start, _)) = records.last()
        && let Some(open) = open_quote(&text[*start..], separator).map(|open| start + open)
    {
        diagnostics.push(Diagnostic::at(
            source,
            open..open + 1,
            "the text in quotation marks has no end",
            "close it with a second `\"`; a `\"` inside of it is written twice",
        ));
        return None;
    }
    let ends: Vec<_> = records.iter().skip(1).map(|(start, _)| *start).chain([end]).collect();
    let mut rows =
        records.into_iter().zip(ends).map(|((start, record), end)| row(source, start..end, &record, separator));
    let header = rows.next();
    let mut grid = Grid { may_lack_header: true, ..Grid::of_keys(0..0) };
    if let Some(header) = header {
        (grid.header, grid.range) = (header.cells, header.range);
    }
    grid.rows = rows.collect();
    Some(Page::of(vec![grid]))
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

/// Returns where a text in quotation marks starts that the record does not end.
fn open_quote(record: &str, separator: u8) -> Option<usize> {
    let last = fields(record, separator).pop()?;
    let open = last.start.checked_sub(1).filter(|open| record.as_bytes()[*open] == b'"')?;
    closing(record.as_bytes(), open).is_none().then_some(open)
}

/// Returns where the fields of a record stand, without the quotation marks around them.
fn fields(record: &str, separator: u8) -> Vec<Range<usize>> {
    let bytes = record.as_bytes();
    let mut fields = Vec::new();
    let mut start = 0;
    loop {
        let end = if bytes.get(start) == Some(&b'"') {
            let close = closing(bytes, start).unwrap_or(bytes.len());
            fields.push(start + 1..close);
            close
        } else {
            start
        };
        let comma = bytes[end..].iter().position(|byte| *byte == separator).map(|comma| end + comma);
        if end == start {
            fields.push(start..comma.unwrap_or(bytes.len()));
        }
        match comma {
            Some(comma) => start = comma + 1,
            None => return fields,
        }
    }
}

/// Returns where the text in quotation marks ends that starts at an offset. Two marks inside of it are one of the text.
fn closing(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}
