//! Codes in a block of code: an enum, constants or macros, each line with a name and its value.

use crate::grid::{Cell, Grid, GridRow};
use crate::source::Source;
use std::ops::Range;

/// Reads lines of code.
pub(super) fn read(source: &Source, lines: impl Iterator<Item = Range<usize>>) -> Grid {
    let mut grid = Grid::new(Vec::new(), 0..0);
    // A comment above a name is its meaning.
    let mut comment = None;
    for range in lines {
        let line = &source.text()[range.clone()];
        let (code, behind) = split(line);
        let behind = behind.map(|text| Cell::new(text, range.clone())).filter(|cell| !cell.text().is_empty());
        let Some((name, value)) = entry(code) else {
            comment = if code.trim().is_empty() { behind.or(comment) } else { None };
            continue;
        };
        let mut row = GridRow { range: range.clone(), cells: Vec::new() };
        let above = comment.take();
        let texts = [("value", Cell::new(value, range.clone())), ("name", Cell::new(name, range.clone()))];
        let meaning = behind.or(above).map(|meaning| ("meaning", meaning));
        texts.into_iter().chain(meaning).for_each(|(header, cell)| grid.set(&mut row, header, range.clone(), cell));
        grid.rows.push(row);
    }
    if let Some(first) = grid.rows.first() {
        grid.range = first.range.clone();
    }
    grid
}

/// Splits a line into code and the text of its comment.
fn split(line: &str) -> (&str, Option<&str>) {
    let marks = ["//", "/*", "--", "#"];
    let start = marks.iter().filter_map(|mark| line.find(mark)).filter(|at| !line[*at..].starts_with("#define")).min();
    let is_inside = line.trim_start().starts_with("* ") || line.trim() == "*";
    match start.or_else(|| is_inside.then_some(0)) {
        Some(at) => {
            let is_mark = |c: char| matches!(c, '/' | '*' | '-' | '#' | '!' | '<') || c.is_whitespace();
            (&line[..at], Some(line[at..].trim_matches(is_mark)))
        }
        None => (line, None),
    }
}

/// Is it such a line?
pub(super) fn is_entry(line: &str) -> bool {
    entry(split(line).0).is_some()
}

/// Reads `NAME = 16`, `const NAME: u32 = 0x10;` and `#define NAME 16`. Names start with a capital letter.
fn entry(code: &str) -> Option<(&str, &str)> {
    let code = code.trim().trim_end_matches([',', ';']);
    let (name, value) = match code.strip_prefix("#define ") {
        Some(define) => define.trim().split_once(char::is_whitespace)?,
        None => code.split_once('=')?,
    };
    let name = name.split(':').next()?.trim();
    let name = name.rsplit(char::is_whitespace).next()?;
    let value = value.trim().trim_matches(['(', ')']);
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_number = match digits.strip_prefix("0x") {
        Some(hex) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
    };
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_name && is_number).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_names_and_values() {
        for (line, expected) in [
            ("  PAPER_OUT = 16, // no paper", Some(("PAPER_OUT", "16"))),
            ("const PaperOut: u32 = 0x10;", Some(("PaperOut", "0x10"))),
            ("public static final int PAPER_OUT = -1;", Some(("PAPER_OUT", "-1"))),
            ("#define PAPER_OUT (16) /* no paper */", Some(("PAPER_OUT", "16"))),
            ("timeout = 30", None),
            ("NAME = \"16\"", None),
            ("if (A == 16)", None),
            ("enum Fault {", None),
        ] {
            assert_eq!(entry(split(line).0), expected, "{line}");
        }
        assert_eq!(split("A = 1, /// no paper").1, Some("no paper"));
        assert_eq!(split("/* no paper */"), ("", Some("no paper")));
    }
}
