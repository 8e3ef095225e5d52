//! Tables of HTML tags on a Markdown page.

use super::{html, inline};
use crate::grid::{Cell, GridRow};
use crate::source::Source;
use std::ops::Range;

/// A cell may stretch over this many rows, and up to this column. A larger number is a mistake.
const MOST_SPANNED: usize = 64;

/// Returns where the table that starts at an offset ends. `None` if it has no end, or another table inside: it is the layout of
/// the page then.
pub(super) fn end(text: &str, start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += text[at..].find('<')?;
        if starts_with(&text[at..], "</table") {
            return Some(text[at..].find('>').map_or(text.len(), |close| at + close + 1));
        }
        if starts_with(&text[at..], "<table") {
            return None;
        }
        at += 1;
    }
}

/// Does a text start with a tag, in any case?
pub(super) fn starts_with(text: &str, tag: &str) -> bool {
    text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
}

/// Has the table a cell that is a header?
pub(super) fn has_header(text: &str) -> bool {
    let is_header =
        |tag: &str| starts_with(tag, "<th") && tag[3..].starts_with(|c: char| c == '>' || c.is_whitespace());
    text.match_indices('<').any(|(at, _)| is_header(&text[at..]))
}

/// Reads the rows of the table in a range of the source. The first one is the header.
pub(super) fn read(source: &Source, range: Range<usize>) -> Vec<GridRow> {
    let mut reader = Reader { source, rows: Vec::new(), spanning: Vec::new(), cell: None };
    let mut at = range.start;
    while let Some(open) = source.text()[at..range.end].find('<') {
        at += open;
        let rest = &source.text()[at..range.end];
        if rest.starts_with("<!--") {
            at += rest.find("-->").map_or(rest.len(), |end| end + 3);
        } else if let Some(tag) = html::tag(rest) {
            reader.tag(&tag, &rest[..tag.length], at);
            at += tag.length;
        } else {
            at += 1;
        }
    }
    reader.close_cell(range.end);
    reader.rows.retain(|row| !row.cells.is_empty());
    reader.rows
}

struct Reader<'s> {
    source: &'s Source,
    rows: Vec<GridRow>,
    /// For each column, the cell that stretches into the next rows, and into how many.
    spanning: Vec<(usize, Option<Cell>)>,
    /// The open cell: where it starts, and over how many rows and columns it stretches.
    cell: Option<(usize, usize, usize)>,
}

impl Reader<'_> {
    fn tag(&mut self, tag: &html::Tag<'_>, text: &str, at: usize) {
        match tag.name.to_ascii_lowercase().as_str() {
            "tr" => {
                self.close_cell(at);
                self.spanned_cells();
                if !tag.is_closing {
                    self.rows.push(GridRow { range: at..at + text.len(), cells: Vec::new() });
                }
            }
            "td" | "th" => {
                self.close_cell(at);
                if !tag.is_closing {
                    self.cell = Some((at + text.len(), span(text, "rowspan="), span(text, "colspan=")));
                }
            }
            "thead" | "tbody" | "tfoot" | "table" => self.close_cell(at),
            _ => {}
        }
    }

    fn close_cell(&mut self, end: usize) {
        let Some((start, rows, columns)) = self.cell.take() else { return };
        self.spanned_cells();
        let Some(row) = self.rows.last_mut() else { return };
        let cell = inline::read(self.source, start..end);
        row.range.end = row.range.end.max(start + self.source.text()[start..end].trim_end().len());
        for column in 0..columns {
            let cell = if column == 0 { cell.clone() } else { Cell::new("", end..end) };
            let at = row.cells.len();
            if column > 0 && at >= MOST_SPANNED {
                break;
            }
            if rows > 1 {
                self.spanning.resize(self.spanning.len().max(at + 1), (0, None));
                self.spanning[at] = (rows - 1, Some(cell.clone()));
            }
            row.cells.push(cell);
        }
    }

    /// Repeats the cells of rows above that stretch to where the row goes on.
    fn spanned_cells(&mut self) {
        let Some(row) = self.rows.last_mut() else { return };
        while let Some((left, cell)) = self.spanning.get_mut(row.cells.len()) {
            let Some(spanned) = cell.clone().filter(|_| *left > 0) else { return };
            // The row that the cell stands in has it.
            row.cells.push(spanned);
            *left -= 1;
        }
    }
}

/// Returns the number of an attribute of a tag, such as `rowspan="2"`.
fn span(tag: &str, attribute: &str) -> usize {
    let lower = tag.to_ascii_lowercase();
    let number = lower.split_once(attribute).map_or("", |(_, value)| value.trim_start_matches(['"', '\'', '{']));
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse().unwrap_or(1).clamp(1, MOST_SPANNED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        let source = Source::new("x.md", text);
        let rows = read(&source, 0..text.len());
        rows.iter().map(|row| row.cells.iter().map(Cell::text).collect::<Vec<_>>().join("|")).collect()
    }

    #[test]
    fn rows_are_read_with_their_cells() {
        for (table, expected) in [
            (
                "<table><tr><td><b>Code</b></td><td>Text\n more</td></tr><tr><td>1</td><td/></tr></table>",
                "Code|Text more/1|",
            ),
            ("<TABLE><THEAD><TR><TH>A<TH>B<TBODY><TR><TD>1<TD>2</TABLE>", "A|B/1|2"),
            ("<table><tr><th>A</th><!-- <td>x</td> --><th>B</th></tr></table>", "A|B"),
            (
                "<table><tr><th>A</th><th>B</th></tr><tr><td rowspan=\"2\">1</td><td>x</td></tr><tr><td>y</td></tr><tr><td>2</td><td>z</td></tr></table>",
                "A|B/1|x/1|y/2|z",
            ),
            (
                "<table><tr><th>A</th><th>B</th></tr><tr><td>x</td><td rowspan=2>1</td></tr><tr><td>y</td></tr></table>",
                "A|B/x|1/y|1",
            ),
            ("<table><tr><th colspan=\"2\">A</th><th>B</th></tr></table>", "A||B"),
            ("<table></table>", ""),
        ] {
            assert_eq!(rows(table).join("/"), expected, "{table}");
        }
    }

    #[test]
    fn a_table_for_layout_has_no_end() {
        assert_eq!(end("<table><tr></TABLE>x", 0), Some(19));
        assert_eq!(end("<table><tr><table></table></table>", 0), None);
        assert_eq!(end("<table><tr>", 0), None);
    }
}
