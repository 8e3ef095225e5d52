//! Reads a table of CSV or TSV: a line of headers, and a line for each code.

use super::Page;
use crate::diagnostic::Diagnostic;
use crate::grid::{Cell, Grid, GridRow, trimmed};
use crate::source::Source;
use std::ops::Range;

/// What may stand in front of the headers of columns of an exported file: the separator of its cells.
const SEPARATOR: &str = "sep=";

/// How many lines tell what separates the cells.
const LOOKED_AT: usize = 16;

/// Reads a file that ends at a byte offset of the source. Values of TSV are separated by tabs, those of CSV also by others.
pub(super) fn read(source: &Source, end: usize, separator: u8, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    let text = &source.text()[..end];
    let mut top = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    if text[top..].starts_with(SEPARATOR) {
        top += text[top..].find('\n').map_or(text.len() - top, |end| end + 1);
    }
    let separator = if separator == b',' { separator_of(&text[top..]) } else { separator };
    // Lines with `#` are comments, but a single one above the rows has the headers.
    let first = text[top..].trim_start();
    let has_comments = text[top..].contains("\n#") || !first.contains(separator as char);
    let is_header = first.strip_prefix('#').is_some_and(|rest| rest.as_bytes().first() == Some(&separator));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .comment((has_comments && !is_header).then_some(b'#'))
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
    let mut grid = Grid { may_lack_header: true, ..Grid::of_keys(0..0) };
    let mut titles = Vec::new();
    if let Some(header) = header(&mut rows, &mut titles) {
        (grid.header, grid.range) = (header.cells, header.range);
    }
    grid.rows = rows.collect();
    let left_out = titles.into_iter().map(|title| (title, "it stands above the headers of the columns")).collect();
    Some(Page { left_out, ..Page { grids: vec![grid], ..Page::default() } })
}

/// Returns what separates the cells: what splits the most lines into the same number of them.
fn separator_of(text: &str) -> u8 {
    let lines = || text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).take(LOOKED_AT);
    let alike = |separator: u8| {
        let widths: Vec<_> = lines().map(|line| fields(line, separator).len()).filter(|width| *width > 1).collect();
        widths.iter().map(|width| widths.iter().filter(|other| *other == width).count()).max().unwrap_or(0)
    };
    // Of several the first holds.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|separator| alike(*separator)).unwrap_or(b',')
}

/// Takes the headers of the columns from the rows. Lines above them, such as a title, have one cell.
fn header(rows: &mut impl Iterator<Item = GridRow>, titles: &mut Vec<Range<usize>>) -> Option<GridRow> {
    let mut first = None;
    for row in rows {
        let is_title = row.cells.iter().filter(|cell| !cell.text().is_empty()).count() < 2;
        if !is_title {
            return Some(row);
        }
        titles.push(row.range.clone());
        first.get_or_insert(row);
    }
    first
}

/// Makes a row of a record that stands in a range of the source.
fn row(source: &Source, range: Range<usize>, record: &csv::StringRecord, separator: u8) -> GridRow {
    let range = trimmed_lines(source, range);
    let places = fields(&source.text()[range.clone()], separator);
    let cells = record.iter().enumerate().map(|(at, text)| {
        let place =
            places.get(at).map_or(range.end..range.end, |place| range.start + place.start..range.start + place.end);
        // A formula keeps the zeros in front of a code: `="0001"`.
        let text = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')).unwrap_or(text);
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
