//! What the text of a cell looks like: a code, an identifier, a sentence.

use super::prose::{is_rest, is_unit};
use crate::number::split_range;
use std::borrow::Cow;

/// A value as a page writes it, in the spelling that tables have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written<'t> {
    pub(super) value: Cow<'t, str>,
    /// Further values, if a cell lists several.
    pub(super) more: Vec<Cow<'t, str>>,
    /// The text next to the value, such as `Not Found` in `404 Not Found`.
    pub(super) beside: &'t str,
}

impl<'t> Written<'t> {
    pub(super) const fn one(value: Cow<'t, str>, beside: &'t str) -> Self {
        Self { value, more: Vec::new(), beside }
    }
}

/// Is it a range of numbers and nothing else: `0 - 255`?
pub(super) fn is_range(text: &str) -> bool {
    number(text, false).is_some_and(|written| written.beside.is_empty() && split_range(&written.value).is_some())
}

/// Reads the cell of a column of numbers. `None` if no number begins it, and none stands behind one name.
pub(super) fn number(text: &str, is_hex: bool) -> Option<Written<'_>> {
    // Most cells are seen at a glance.
    if !text.is_empty() && text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Written::one(Cow::Borrowed(text), ""));
    }
    if !is_hex && !text.bytes().any(|byte| byte.is_ascii_digit()) && !text.ends_with(['h', 'H']) {
        return None;
    }
    let text = text.trim_matches(['"', '\'', '“', '”', '`']).trim();
    // A formula: `$0$`
    let text = text.strip_prefix('$').and_then(|text| text.strip_suffix('$')).unwrap_or(text);
    let Some((first, rest)) = token(text, is_hex) else { return named(text) };
    let rest = rest.trim_start();
    if rest.is_empty() {
        return Some(Written::one(first, ""));
    }
    // `0A - Bad value` is no range, although `Bad` are hexadecimal digits.
    let is_end = |last: &str| last.len() == first.len() || last.contains(|c: char| c.is_ascii_digit());
    let last = after_range_mark(rest).and_then(|last| token(last, is_hex)).filter(|(last, _)| is_end(last));
    let (first, rest) = match last {
        Some((last, rest)) => (Cow::Owned(format!("{first}-{last}")), rest.trim_start()),
        None => (first, rest),
    };
    if rest.is_empty() {
        return Some(Written::one(first, ""));
    }
    // A list of values, or the same value in another spelling.
    if let Some(mut values) = list(text, is_hex) {
        let more = values.split_off(1);
        return Some(Written { more, ..Written::one(first, "") });
    }
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        // `0x71 ('q')`
        let is_character = inner.starts_with('\'') && inner.ends_with('\'') && inner.chars().count() == 3;
        let is_same = is_character || token(inner, is_hex).is_some_and(|(_, rest)| rest.is_empty());
        return Some(Written::one(first, if is_same { "" } else { inner.trim() }));
    }
    if rest.chars().all(|c| matches!(c, '.' | ':' | ';')) {
        return Some(Written::one(first, ""));
    }
    let beside = rest.trim_start_matches([':', '-', '–', '—', '=', '.', ',', ' ', '|', '/']).trim();
    let beside = beside.strip_prefix('(').map_or(beside, |inner| inner.trim_end_matches(')'));
    let starts_word = beside.starts_with(|c: char| c.is_alphabetic() || c == '\'' || c == '"');
    (starts_word && !is_unit(beside)).then(|| Written::one(first, beside))
}

/// Is it perhaps a number that is mistyped, or one of hexadecimal digits without a mark?
pub(super) fn may_be_number(text: &str) -> bool {
    if is_rest(text) {
        return false;
    }
    let is_hex = text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte));
    text.contains(|c: char| c.is_ascii_digit()) || (is_hex && !text.is_empty())
}

/// Reads `E_FAIL 0x80004005`, `E_FAIL 5 (0x5)`, `OK (0)`, `OK(0)` and `OTHER (5-11)`.
fn named(text: &str) -> Option<Written<'_>> {
    let end = text.find([' ', '('])?;
    let (name, value) = Some(text.split_at(end)).filter(|(name, _)| is_identifier(name))?;
    let value = value.trim();
    if ["http", "error", "code", "status", "exit"].iter().any(|word| word.eq_ignore_ascii_case(name)) {
        return token(value, false).and_then(|_| number(value, false));
    }
    let value = value.strip_prefix('(').and_then(|value| value.strip_suffix(')')).unwrap_or(value);
    // A name in front of it is read once.
    token(value, false)?;
    number(value, false).filter(|written| written.beside.is_empty()).map(|written| Written { beside: name, ..written })
}

/// Reads the number that a text starts with, in the spelling that tables have; returns it with the rest of the text.
fn token(text: &str, is_hex: bool) -> Option<(Cow<'_, str>, &str)> {
    let (sign, digits) = match text.chars().next()? {
        c @ ('-' | '−' | '–') => ("-", &text[c.len_utf8()..]),
        // Most texts are words.
        c if !c.is_ascii_alphanumeric() => return None,
        _ => ("", text),
    };
    let end = digits.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(digits.len());
    let (word, rest) = digits.split_at(end);
    // `404Not` and `1.5` are no numbers.
    if rest.starts_with('.') && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        let hex = hex.strip_suffix(['L', 'l', 'U', 'u']).unwrap_or(hex);
        let is_number = !hex.is_empty() && hex.len() <= 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        return is_number.then(|| (Cow::Owned(format!("{sign}0x{hex}")), rest));
    }
    // Stars behind a longer number are the marks of a footnote.
    let stars = rest.bytes().take_while(|byte| *byte == b'*').count();
    if let Some(known) = pattern(&digits[..end + stars])
        && sign.is_empty()
        && known.bytes().all(|byte| byte.is_ascii_digit())
        && (stars == 0 || known.len() == 1)
    {
        let open = end + stars - known.len();
        let range = format!("{known}{}-{known}{}", "0".repeat(open), "9".repeat(open));
        return Some((Cow::Owned(range), &rest[stars..]));
    }
    // `50x`
    if let Some(known) = word.strip_suffix(['x', 'X'])
        && sign.is_empty()
        && known.len() == 2
        && known.starts_with(['1', '2', '3', '4', '5'])
        && known.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some((Cow::Owned(format!("{known}0-{known}9")), rest));
    }
    // `0503h`, `C0h`
    if let Some(hex) = word.strip_suffix(['h', 'H'])
        && (hex.starts_with(|c: char| c.is_ascii_digit()) || hex.len() == 2 && !hex.contains(char::is_lowercase))
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Some((Cow::Owned(format!("{sign}0x{hex}")), rest));
    }
    let is_number = !word.is_empty()
        && if is_hex {
            sign.is_empty() && word.len() <= 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        } else {
            word.bytes().all(|byte| byte.is_ascii_digit())
        };
    let value = || if sign.is_empty() { Cow::Borrowed(word) } else { Cow::Owned(format!("{sign}{word}")) };
    is_number.then(|| (value(), rest))
}

/// Returns the digits and letters that a pattern starts with: `4` of `4xx`, `08` of `08***`. It stands for several codes.
pub(super) fn pattern(text: &str) -> Option<&str> {
    let known = ['*', 'x', 'X'].iter().map(|open| text.trim_end_matches(*open)).min_by_key(|known| known.len())?;
    let open = text.len() - known.len();
    let is_known = known.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    (is_known && known.contains(|c: char| c.is_ascii_digit()) && open > 1 && text.len() <= 16).then_some(known)
}

/// Does it stand for any status: `XXX`?
pub(super) fn is_any_status(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| matches!(byte, b'x' | b'X' | b'*'))
}

/// Returns the text behind the mark of a range: `-`, `–`, `..`, `to`.
fn after_range_mark(text: &str) -> Option<&str> {
    ["...", "..=", "..", "-", "–", "—", "to ", "through ", "~"]
        .iter()
        .find_map(|mark| text.strip_prefix(mark))
        .map(str::trim_start)
}

/// Reads `500, 502, 503`, `500 / 502` and `500, 502 & 503`.
fn list(text: &str, is_hex: bool) -> Option<Vec<Cow<'_, str>>> {
    let parts =
        text.split([',', '/', ';', '&']).flat_map(|part| part.split(" and ")).flat_map(|part| part.split(" or "));
    // `500, 502, and 503`
    let parts = parts.map(str::trim).filter(|part| !part.is_empty());
    let items =
        parts.map(|part| token(part, is_hex).filter(|(_, rest)| rest.trim().is_empty()).map(|(value, _)| value));
    let mut values = items.collect::<Option<Vec<_>>>()?;
    // One value in two spellings: `16 / 0x10`.
    let numbers: Vec<_> = values.iter().map(|value| crate::number::number(value)).collect();
    if numbers[0].is_some() && numbers.iter().all(|number| *number == numbers[0]) {
        values.truncate(1);
        return Some(values);
    }
    // `1,000` may be one number.
    let is_one = text.contains(',') && !text.contains(", ") && values[1..].iter().all(|value| value.len() == 3);
    (values.len() > 1 && !is_one).then_some(values)
}

/// Reads the cell of a column of texts: a code, or `LOST / GONE` and `LOST, GONE`. `None` if it holds something else.
pub(super) fn texts(text: &str) -> Option<Vec<&str>> {
    if is_text_code(text) {
        // `P0117/P0118`, but not `auth/no-user`
        let parts = || text.split('/');
        return Some(if text.contains('/') && parts().all(is_fixed) { parts().collect() } else { vec![text] });
    }
    // `LOST (since 2.0)`
    if let Some((code, _)) = with_note(text) {
        return Some(vec![code]);
    }
    if ![", ", " / ", " · ", ";"].iter().any(|mark| text.contains(mark)) {
        return None;
    }
    let codes = || text.split(" / ").flat_map(|part| part.split([',', ';', '·'])).map(str::trim);
    codes().all(|code| is_text_code(code) && is_coded(code)).then(|| codes().collect())
}

/// Returns a code and what stands behind it in parentheses: `57014 (query_canceled)`.
pub(super) fn with_note(text: &str) -> Option<(&str, &str)> {
    let (code, note) = text.split_once(' ')?;
    let note = note.strip_prefix('(')?.strip_suffix(')')?;
    (is_text_code(code) && is_coded(code)).then_some((code, note))
}

/// Is the first word a code, and no word of a language?
pub(super) fn begins_with_code(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or("");
    is_text_code(word) && (word.contains('_') || is_fixed(word))
}

/// Does a text stand for several codes: `P0301-P0312`, `08***`?
pub(super) fn is_several_texts(text: &str) -> bool {
    let ends = text.split_once(['-', '–', '~']).map(|(first, last)| (first.trim(), last.trim()));
    // `W07461~07465`
    let is_short = |(first, last): (&str, &str)| {
        let digits = first.len() - first.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        digits < first.len()
            && digits == last.len()
            && digits > 1
            && is_fixed(first)
            && is_fixed(last)
            && first[first.len() - digits..] < *last
    };
    let are_ends = |(first, last): (&str, &str)| {
        first.len() == last.len()
            && first < last
            && first.starts_with(|c: char| c.is_ascii_uppercase())
            && first.as_bytes()[0] == last.as_bytes()[0]
            && is_fixed(first)
            && is_fixed(last)
    };
    // `4.10-4.11`
    let is_dotted = |text: &str| text.contains('.') && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let are_dotted = |(first, last): (&str, &str)| is_dotted(first) && is_dotted(last);
    pattern(text).is_some() || ends.is_some_and(|ends| are_ends(ends) || is_short(ends) || are_dotted(ends))
}

/// Is this a code that is text: `42P01`, `invalid_request`, `auth/user-not-found`, `AccessDenied`?
pub(super) fn is_text_code(text: &str) -> bool {
    text.len() <= crate::Repr::LONGEST_TEXT as usize
        && without_sign(text).starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./:".contains(&byte))
        && !text.ends_with(['.', ':'])
        && !text.contains("//")
}

/// Is it a code of letters and digits of a fixed width: `42P01`?
pub(super) fn is_fixed(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// Does it look like a code, and not like a word of a language?
pub(crate) fn is_coded(text: &str) -> bool {
    let letters = || text.chars().filter(char::is_ascii_alphabetic);
    text.bytes().any(|byte| byte.is_ascii_digit())
        || letters().skip(1).any(|c| c.is_ascii_uppercase())
        || is_letter(text)
        || text.contains(['_', '-', '/', '.']) && !text.contains("//")
}

/// Has it a digit that is more than a part of a word: `E1001`, but not `UTF8_NOT_VALID`?
pub(super) fn has_number(text: &str) -> bool {
    let is_word = |part: &str| part.len() > 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    text.contains(|c: char| c.is_ascii_digit()) && !text.rsplit_once(['_', '-']).is_some_and(|(_, last)| is_word(last))
}

/// Is it one capital letter? Banks have such codes.
pub(super) fn is_letter(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

pub(super) fn is_identifier(text: &str) -> bool {
    without_sign(text).starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/'))
        && !text.ends_with(['.', ':'])
        && !text.contains("//")
}

/// Elixir and Ruby write names such as `:not_found`, and kernels return `-EPERM`.
fn without_sign(text: &str) -> &str {
    let is_error =
        |name: &&str| name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let name = text.strip_prefix(':').filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
    name.or_else(|| text.strip_prefix("-E").filter(is_error)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::super::prose::{is_nothing, is_title, is_type_of_data};
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        let values = |written: &Written<'_>| [std::slice::from_ref(&written.value), &written.more].concat().join("+");
        number(text, false).map(|written| (values(&written), written.beside.to_owned()))
    }

    #[test]
    fn numbers_are_read_as_a_person_would() {
        for (text, values, beside) in [
            ("404", "404", ""),
            ("-1", "-1", ""),
            ("−1", "-1", ""),
            ("0x80", "0x80", ""),
            ("0x80 (128)", "0x80", ""),
            ("\"00000\"", "00000", ""),
            ("404 Not Found", "404", "Not Found"),
            ("404 - Not Found", "404", "Not Found"),
            ("404: Not Found", "404", "Not Found"),
            ("404.", "404", ""),
            ("HTTP 404 Not Found", "404", "Not Found"),
            ("Error 17", "17", ""),
            ("404 Not Found (again)", "404", "Not Found (again)"),
            ("404 (Not Found)", "404", "Not Found"),
            ("0x00000000 ERROR_SUCCESS", "0x00000000", "ERROR_SUCCESS"),
            ("3000-3999", "3000-3999", ""),
            ("3000 – 3999", "3000-3999", ""),
            ("3000 to 3999", "3000-3999", ""),
            ("-5--1", "-5--1", ""),
            ("4xx", "400-499", ""),
            ("45XX", "4500-4599", ""),
            ("4**", "400-499", ""),
            ("5xx Server Error", "500-599", "Server Error"),
            ("500, 502, 503", "500+502+503", ""),
            ("500/502", "500+502", ""),
            ("500 & 502", "500+502", ""),
            ("500, 502, and 503", "500+502+503", ""),
            ("50X Server Error", "500-509", "Server Error"),
            ("16 / 0x10", "16", ""),
            ("E_FAIL 0x80004005L", "0x80004005", "E_FAIL"),
            ("OK (0)", "0", "OK"),
            ("OK(0)", "0", "OK"),
            ("0Ah", "0x0A", ""),
            ("C0h", "0xC0", ""),
            ("FFh", "0xFF", ""),
            ("80h-BEh", "0x80-0xBE", ""),
            ("200-299 Permission", "200-299", "Permission"),
            ("OTHER_1..7 (5-11)", "5-11", "OTHER_1..7"),
            ("E_LOST 1702 (0x6A6)", "1702", "E_LOST"),
        ] {
            let expected = (!values.is_empty()).then(|| (values.to_owned(), beside.to_owned()));
            assert_eq!(read(text), expected, "{text}");
        }
        for text in [
            "",
            "x",
            "1.5",
            "12abc",
            "twelve",
            "twelve is 12",
            "-",
            "4O4",
            "1 2",
            "10%",
            "10 s",
            "64 KB",
            "2x",
            "x4x",
            "4x*",
            "404**",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(number("0B", true).map(|written| written.value), Some("0B".into()));
        assert_eq!(number("0B", false), None);
        assert_eq!(number("0A - Bad value", true).map(|written| written.beside), Some("Bad value"));
    }

    #[test]
    fn texts_have_shapes() {
        for code in ["42P01", "invalid_request", "auth/user-not-found", "AccessDenied", "a.b.c"] {
            assert!(is_text_code(code), "{code}");
        }
        for text in ["two words", "", "sentence.", "(x)", "-", "https://example.com"] {
            assert!(!is_text_code(text), "{text}");
        }
        assert_eq!(texts("NO_INK / NO_PAPER, JAM"), Some(vec!["NO_INK", "NO_PAPER", "JAM"]));
        assert_eq!(texts("P01;P02"), Some(vec!["P01", "P02"]));
        assert_eq!((texts("and, or"), texts("two words")), (None, None));
        assert_eq!((texts("P01/P02"), texts("auth/no-user")), (Some(vec!["P01", "P02"]), Some(vec!["auth/no-user"])));
        assert_eq!((texts("NO_INK (old)"), texts("Ink (old)")), (Some(vec!["NO_INK"]), None));
        for (text, is_several) in [
            ("P0301-P0312", true),
            ("W07461~07465", true),
            ("SIGHUP（終-端關閉）", false),
            ("AUTH-0001", false),
            ("08***", true),
            ("4.10-4.11", true),
            ("ORA-00001", false),
            ("A1-B2", false),
            ("P0301", false),
        ] {
            assert_eq!(is_several_texts(text), is_several, "{text}");
        }
        assert!(is_identifier("INVALID_KEY") && !is_identifier("Not Found") && !is_identifier("404"));
        assert!(is_identifier("std::io::Error") && !is_identifier("https://example.com/404"));
        assert!(is_type_of_data("String") && is_type_of_data("uint8[]") && !is_type_of_data("api_error"));
        assert!(is_title("I'm a teapot") && !is_title("The request was refused."));
        assert_eq!((pattern("08***"), pattern("57Pxx"), pattern("57P03")), (Some("08"), Some("57P"), None));
        assert!(is_nothing("-") && is_nothing("") && is_nothing("N/A") && !is_nothing("0"));
    }
}
