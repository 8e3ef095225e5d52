//! The cells of a line of a pipe table.

use std::ops::Range;

/// Splits a line at its pipes; `width` is the number of cells that the header has.
///
/// A pipe with a backslash before it belongs to its cell. One between backticks does too, if the row has too many cells
/// otherwise.
pub(super) fn split(line: &str, width: Option<usize>) -> Vec<Range<usize>> {
    let plain = split_at_pipes(line, false, width.unwrap_or(0));
    if width.is_some_and(|width| plain.len() > width) {
        let spared = split_at_pipes(line, true, 0);
        if spared.len() < plain.len() {
            return spared;
        }
    }
    plain
}

/// Is there a pipe that separates cells?
pub(super) fn has_pipe(line: &str) -> bool {
    pipes(line, false).next().is_some()
}

fn split_at_pipes(line: &str, spares_code: bool, expected: usize) -> Vec<Range<usize>> {
    let mut cells = Vec::with_capacity(expected);
    let (mut start, end) = (line.len() - line.trim_start().len(), line.trim_end().len());
    if line[start..].starts_with('|') {
        start += 1;
    }
    let first = start;
    for pipe in pipes(line, spares_code).skip_while(|pipe| *pipe < first) {
        cells.push(start..pipe);
        start = pipe + 1;
    }
    // A pipe at the end closes the last cell.
    if start < end || cells.is_empty() {
        cells.push(start..end.max(start));
    }
    cells
}

fn pipes(line: &str, spares_code: bool) -> impl Iterator<Item = usize> {
    let bytes = line.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let here = at;
            at += 1;
            match bytes[here] {
                b'\\' => at += 1,
                b'|' => return Some(here),
                b'`' if spares_code => {
                    let run = bytes[here..].iter().take_while(|byte| **byte == b'`').count();
                    at = here + run;
                    at = closing(&bytes[at..], run).map_or(at, |after| at + after);
                }
                _ => {}
            }
        }
        None
    })
}

/// Returns the offset behind a run of this number of backticks.
pub(super) fn closing(text: &[u8], length: usize) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        let run = text[at..].iter().take_while(|byte| **byte == b'`').count();
        if run == length {
            return Some(at + run);
        }
        at += run.max(1);
    }
    None
}

/// Is this the line between the header and the rows: `|---|:-:|`? Some editors write `|---+---|`.
pub(super) fn is_delimiter(line: &str) -> bool {
    let line = line.trim();
    if line.len() > 2 && line.starts_with("|-") && line.ends_with("-|") && line.contains("-+-") {
        return line.bytes().all(|byte| matches!(byte, b'|' | b'-' | b'+' | b':'));
    }
    let is_dashes = |cell: &str| {
        let cell = cell.trim();
        let dashes = cell.strip_prefix(':').unwrap_or(cell);
        let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
        !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-')
    };
    line.contains('|')
        && line.contains('-')
        && split_at_pipes(line, false, 0).into_iter().all(|cell| is_dashes(&line[cell]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(line: &str, width: usize) -> Vec<&str> {
        split(line, Some(width)).into_iter().map(|cell| line[cell].trim()).collect()
    }

    #[test]
    fn pipes_separate_cells() {
        assert_eq!(cells("| 1 | One | a |", 3), ["1", "One", "a"]);
        assert_eq!(cells("1|One|a", 3), ["1", "One", "a"]);
        assert_eq!(cells("|1||", 3), ["1", ""]);
        assert_eq!(cells("| a \\| b | c", 2), ["a \\| b", "c"]);
        assert_eq!(cells("| `a|b` | c |", 2), ["`a|b`", "c"]);
        assert_eq!(cells("| `a|b` | c |", 3), ["`a", "b`", "c"], "as many as the header has");
        assert_eq!(cells("|", 1), [""]);
    }

    #[test]
    fn delimiters_are_dashes() {
        for line in ["|---|---|", "---|---", " | :-: | --: |  ", "|-|", "|:--|", "|---+---|", "|---+:--+---|"] {
            assert!(is_delimiter(line), "{line}");
        }
        for line in ["---", "| - | x |", "|::|", "", "| |", "|", "|-+x+-|", "+---+---+"] {
            assert!(!is_delimiter(line), "{line}");
        }
    }
}
