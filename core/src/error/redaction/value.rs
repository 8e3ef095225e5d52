//! Where the value of a secret member, parameter or header ends.

use super::prose;
use super::units::Units;
use std::ops::Range;

/// What precedes a value.
pub(super) struct Label<'a> {
    /// The quote that closes the name, as it is spelled; empty if there is no quote.
    pub(super) quote: &'a str,
    /// The value goes to the end of the line.
    pub(super) is_line: bool,
    /// A colon separates them, so that words may follow that are no value.
    pub(super) is_colon: bool,
}

/// Finds the value that begins at `at`. `text` ends where the value must end.
///
/// Returns its place, and the quote to write around what replaces it. A quoted value is returned without its quotes. If
/// it is not certain where a value ends, everything that it may be is returned.
pub(super) fn find<'a>(text: &str, at: usize, label: &Label<'a>) -> Option<(Range<usize>, &'a str)> {
    let is_named = !label.quote.is_empty();
    if label.is_colon && !is_named && prose::follows(&text[at..], label.is_line) {
        return None;
    }
    let mut units = Units::new(text, at);
    let first = units.find(|unit| match unit.byte {
        b' ' | b'\t' => unit.is_url_encoded(),
        b'\n' | b'\r' => !is_named,
        _ => true,
    })?;
    let from = first.place.start;
    match first.byte {
        b'\n' | b'\r' | b'&' => None,
        _ if first.is_url_encoded() => Some((from..bare_end(text, from, label), "")),
        quote @ (b'"' | b'\'') => {
            let from = first.place.end;
            Some((from..string_end(text, from, Level::of(&text[first.place]), quote), ""))
        }
        b'{' | b'[' => {
            let level = if is_named { Level::of(label.quote) } else { Level::Depth(0) };
            Some((from..bracket_end(text, first.place.end, level), label.quote))
        }
        b'}' | b']' | b',' if is_named => None,
        _ => Some((from..bare_end(text, from, label), label.quote)),
    }
}

/// How often the JSON that a quote belongs to was put into a JSON string.
#[derive(Clone, Copy)]
enum Level {
    /// With this number of backslashes before the quote.
    Depth(usize),
    /// The quote is spelled as a number.
    Unknown,
}

impl Level {
    fn of(quote: &str) -> Self {
        let backslashes = quote.bytes().take_while(|b| *b == b'\\').count();
        if backslashes + 1 == quote.len() { Self::Depth(backslashes) } else { Self::Unknown }
    }
}

/// What a quote in a value means.
#[derive(PartialEq, Eq)]
enum Quote {
    /// It begins or ends a string of the value's JSON.
    Own,
    /// It belongs to the value of such a string.
    Inner,
    /// It ends the string that the value's JSON is in.
    Outer,
}

impl Quote {
    fn after(backslashes: usize, depth: usize) -> Self {
        if backslashes < depth {
            Self::Outer
        } else if backslashes % (2 * (depth + 1)) == depth {
            Self::Own
        } else {
            Self::Inner
        }
    }
}

/// Calls `each` with the bytes from `from` and the number of backslashes before them, until it returns an end. If the
/// JSON is in a string, and a character is spelled as a number that need not be, it may be or make a quote: the value may
/// go on to the end of the string.
fn walk(text: &str, from: usize, depth: usize, mut each: impl FnMut(usize, u8, usize) -> Option<usize>) -> usize {
    let mut backslashes = 0;
    for (at, byte) in text.bytes().enumerate().skip(from) {
        match byte {
            b'\\' => {
                backslashes += 1;
                continue;
            }
            b'u' if is_escape(backslashes, depth) && !is_due(&text.as_bytes()[at + 1..]) => {
                return raw_string_end(text, at);
            }
            _ => {}
        }
        if let Some(end) = each(at, byte, backslashes) {
            return end;
        }
        backslashes = 0;
    }
    text.len()
}

/// Returns whether a letter after this number of backslashes is escaped, in the JSON or in a string around it. Each string
/// around it doubles the backslashes of the JSON, and adds one to those of its quotes (`depth`: 1, 3, 7...).
fn is_escape(backslashes: usize, depth: usize) -> bool {
    depth > 0 && backslashes > 0 && backslashes.trailing_zeros() <= (depth + 1).trailing_zeros()
}

/// Returns whether these digits are of a character that is spelled as a number for good reason.
fn is_due(digits: &[u8]) -> bool {
    let digits = digits.get(..4).and_then(|digits| std::str::from_utf8(digits).ok());
    digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).is_some_and(|number| !(0x20..0x7f).contains(&number))
}

/// Returns where the quote that closes a string begins.
pub(super) fn raw_string_end(text: &str, from: usize) -> usize {
    string_end(text, from, Level::Depth(0), b'"')
}

fn string_end(text: &str, from: usize, level: Level, quote: u8) -> usize {
    let Level::Depth(depth) = level else { return raw_string_end(text, from) };
    walk(text, from, depth, |at, byte, backslashes| match Quote::after(backslashes, depth) {
        _ if byte != quote => None,
        Quote::Own => Some(at - depth),
        Quote::Inner => None,
        Quote::Outer => Some(at - backslashes),
    })
}

/// Returns the end of an array or object whose content begins at `from`.
fn bracket_end(text: &str, from: usize, level: Level) -> usize {
    let Level::Depth(depth) = level else { return raw_string_end(text, from) };
    let (mut open, mut in_string) = (1_usize, false);
    walk(text, from, depth, |at, byte, backslashes| {
        match byte {
            b'"' => match Quote::after(backslashes, depth) {
                Quote::Own => in_string = !in_string,
                Quote::Inner => {}
                Quote::Outer => return Some(at - backslashes),
            },
            _ if in_string => {}
            b'{' | b'[' => open += 1,
            b'}' | b']' => open -= 1,
            _ => {}
        }
        (open == 0).then_some(at + 1)
    })
}

/// Returns the end of a value without quotes and brackets.
fn bare_end(text: &str, from: usize, label: &Label<'_>) -> usize {
    let is_json = !label.quote.is_empty();
    let mut is_line = label.is_line && !is_json;
    let (mut word, mut before, mut in_quotes) = (String::new(), 0, false);
    for unit in Units::new(text, from).filter(|unit| !unit.is_url_encoded()) {
        let ends = match unit.byte {
            b'\n' | b'\r' => true,
            b' ' | b'\t' if !is_line => {
                is_line = prose::is_scheme(&word);
                !is_line
            }
            b'"' if is_line && (in_quotes || before == b'=') => {
                in_quotes = !in_quotes;
                false
            }
            b'"' => true,
            b'&' | b'<' => !is_line,
            b',' | b'}' | b']' => is_json && !is_line,
            _ => false,
        };
        if ends {
            return unit.place.start;
        }
        if word.len() < 16 {
            word.push(char::from(unit.byte));
        }
        before = unit.byte;
    }
    text.len()
}
