//! What a message shows of a text: a piece of bounded length, with nothing in it that would move or hide the rest.

use crate::invisible::is_invisible;
use crate::source::{Place, Source};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What a tab is printed as, so that carets stand under the right text.
const TAB: &str = "    ";

/// What stands for text that was cut off.
const CUT: &str = "…";

/// How many columns of a line are shown before its caret, and how many from the caret on.
const COLUMNS: (usize, usize) = (60, 100);

/// How many characters a message quotes of a text.
const QUOTED: usize = 100;

/// Returns the beginning of a text, for a message that quotes it.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => Cow::Owned(format!("{}{CUT}", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Writes the place and the line around it with a caret under it; returns the margin that the following lines keep.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, source: &Source, range: &Range<usize>) -> Result<String, fmt::Error> {
    let Place { line, column } = source.place(range.start);
    let (text, start) = source.line_around(range.start);
    let from = boundary(text, range.start.saturating_sub(start));
    let to = boundary(text, range.end.saturating_sub(start)).max(from);
    let left = from - beginning(text[..from].chars().rev(), COLUMNS.0);
    let left = left + text[left..from].find(|c: char| c.width() != Some(0)).unwrap_or(0);
    let right = from + beginning(text[from..].chars(), COLUMNS.1);
    let before = format!("{}{}", if left > 0 { CUT } else { "" }, shown(&text[left..from]));
    let behind = format!("{}{}", shown(&text[from..right]), if right < text.len() { CUT } else { "" });

    let margin = " ".repeat(line.to_string().len());
    writeln!(f, "{margin}--> {}:{line}:{column}", source.path_at(range.start).display())?;
    writeln!(f, "{margin} |")?;
    writeln!(f, "{}", format!("{line} | {before}{behind}").trim_end())?;
    let indent = " ".repeat(before.width());
    let carets = "^".repeat(shown(&text[from..to.min(right)]).width().max(1));
    writeln!(f, "{margin} | {indent}{carets}")?;
    Ok(margin)
}

/// Returns the offset, or the nearest one before it that is in the text and not inside a character.
fn boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Returns the length of the first characters that take at most this number of columns. A character without width counts as
/// one column: any number of them would fit otherwise.
fn beginning(characters: impl Iterator<Item = char>, columns: usize) -> usize {
    let mut used = 0;
    characters
        .take_while(|c| {
            used += if *c == '\t' { TAB.len() } else { c.width().unwrap_or(1).max(1) };
            used <= columns
        })
        .map(char::len_utf8)
        .sum()
}

/// Returns the text as it is printed: tabs as spaces, and characters that would move or hide the rest replaced.
fn shown(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        match c {
            '\t' => shown.push_str(TAB),
            c if c.width().is_none() || is_invisible(c) => shown.push('\u{fffd}'),
            c => shown.push(c),
        }
        shown
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::diagnostic::Diagnostic;
    use crate::source::Source;

    #[test]
    fn the_caret_is_under_its_text_in_a_cut_line() {
        // What the line is filled with, how that is printed, and how many columns it takes.
        for (filler, printed, columns) in [
            ("a", "a", 1),
            ("é", "é", 1),
            ("日", "日", 2),
            ("🦀", "🦀", 2),
            ("e\u{301}", "e\u{301}", 1),
            ("日\u{301}\u{302}", "日\u{301}\u{302}", 2),
            ("\u{301}", "\u{301}", 0),
            ("\t", "    ", 4),
            ("\u{200b}", "\u{fffd}", 1),
        ] {
            let filled = filler.repeat(200);
            let source = Source::new("x.md", format!("first\n{filled}TARGET{filled}\nlast"));
            let start = "first\n".len() + filled.len();
            let message = Diagnostic::at(&source, start..start + "TARGET".len(), "", "").to_string();
            let lines: Vec<_> = message.lines().collect();
            assert_eq!(lines[1], format!(" --> x.md:2:{}", 200 * filler.chars().count() + 1));
            let (before, behind) = lines[3].strip_prefix("2 | …").unwrap().split_once("TARGET").unwrap();
            let count = before.matches(printed).count();
            assert!(count > 10 && before == printed.repeat(count) && behind.ends_with('…'), "{message}");
            assert_eq!(lines[4], format!("  | {}^^^^^^", " ".repeat(1 + count * columns)), "{message}");
        }
    }
}
