//! The text of a heading or an item: a code, what it is called, and what it means.

use crate::columns::{is_code, says_code, says_status};
use crate::grid::Cell;
use crate::hash::Set;
use std::ops::Range;

/// Returns where the text of an item starts: `- text`, `* text`, `1. text`.
pub(super) fn item(text: &str) -> Option<usize> {
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let ordered = number.strip_prefix(['.', ')']).filter(|_| (1..4).contains(&(text.len() - number.len())));
    let rest = ordered.or_else(|| text.strip_prefix(['-', '*', '+']))?;
    let inner = rest.trim_start();
    let inner = inner.strip_prefix("[ ] ").or_else(|| inner.strip_prefix("[x] ")).unwrap_or(inner);
    rest.starts_with([' ', '\t']).then(|| text.len() - inner.len())
}

/// Returns where the title of a component stands.
pub(super) fn title(tag: &str) -> Option<Range<usize>> {
    let start = tag.find(" title=\"")? + " title=\"".len();
    let is_component = tag[1..].starts_with(|c: char| c.is_ascii_uppercase());
    tag[start..].find('"').filter(|_| is_component).map(|length| start..start + length)
}

/// Is it a line in bold that starts with a code: `**1001 Tray empty**`?
pub(super) fn is_bold_code(text: &str) -> bool {
    let inner = text.strip_prefix("**").and_then(|text| text.strip_suffix("**")).filter(|text| !text.contains("**"));
    inner.is_some_and(|inner| is_code(parts(inner).0))
}

/// Is it a line with a number and what it is called: `1001 - Tray empty`, `404 Not Found`?
pub(super) fn is_code_with_title(text: &str) -> bool {
    let (code, title, _) = parts(text);
    text.starts_with(|c: char| c.is_ascii_digit()) && is_number(code) && !title.is_empty()
}

/// Splits `Cause: ...` at its colon.
pub(super) fn label(text: &str) -> Option<(&str, &str)> {
    let (label, rest) = text.split_once([':', '：'])?;
    let label = label.trim_matches(|c: char| c == '*' || c.is_whitespace());
    let is_label = label.starts_with(char::is_alphabetic) && label.split_whitespace().count() <= 3;
    is_label.then_some((label, rest.trim()))
}

/// Does a heading or a text speak of codes?
pub(super) fn speaks_of_codes(heading: &str) -> bool {
    says_status(heading) || says_code(&heading.to_lowercase())
}

/// Returns how a code looks: `A0000` for `E1001`.
pub(super) fn shape(code: &str) -> String {
    let kind = |c: char| match c {
        '0'..='9' => '0',
        'A'..='Z' => 'A',
        other => other,
    };
    code.chars().map(kind).collect()
}

/// Is it the code of what stands above: `Code: 1001`?
pub(super) fn is_label_of_code(label: &str, cell: &Cell) -> bool {
    (says_code(label) && !label.contains("http") || label == "value") && is_code(cell.text())
}

/// Splits `1001 - Invalid key: ...` and `Invalid key (1001)` into the code, what it is called, and what it means.
pub(super) fn parts(text: &str) -> (&str, &str, &str) {
    split(text, false)
}

/// Splits the texts of siblings. The number behind a name is its code if not all of them are statuses: `NOT_FOUND (404)` has
/// one, but not next to `NOT_STARTED (7)`.
pub(super) fn parts_of_siblings<'t>(texts: &[&'t str]) -> Vec<(&'t str, &'t str, &'t str)> {
    // `ok: 200`, each with a number of its own
    let turned = |text: &&'t str| {
        let (name, number) = at_separator(text);
        let is_constant = || name.len() > 1 && !name.contains(|c: char| c.is_lowercase() || c == ' ');
        let is_named = is_number(number) && !is_number(name);
        (is_named && (is_constant() || is_status(number) && !name.contains(' '))).then_some((number, name, ""))
    };
    let numbers: Option<Vec<_>> = texts.iter().map(turned).collect();
    if let Some(numbers) = numbers.filter(|all| all.len() > 2)
        && numbers.iter().map(|(number, ..)| number).collect::<Set<_>>().len() == numbers.len()
    {
        return numbers;
    }
    let named = |text: &&'t str| named_number(text).or_else(|| named_number(at_separator(without_words(text)).0));
    let are_codes = texts.iter().filter_map(named).any(|(_, number)| !is_status(number));
    texts.iter().map(|text| split(text, are_codes)).collect()
}

fn split(text: &str, are_codes: bool) -> (&str, &str, &str) {
    if let Some((title, code)) = named_number(text)
        && (are_codes || !is_code(title))
    {
        return (code, title, "");
    }
    let (code, title) = at_separator(without_words(text));
    // `EBUSY (16): ...`, but `NOT_FOUND (404): ...` has a status.
    if let Some((name, inner)) = code.strip_suffix(')').and_then(|code| code.split_once(" (")) {
        if is_number(inner) {
            return if is_status(inner) && !are_codes { (name, title, "") } else { (inner, name, title) };
        }
        // `EBUSY (Device busy): ...`
        let is_title = inner.starts_with(char::is_uppercase) && inner.contains(' ');
        if is_title && is_code(name) && !inner.contains(|c: char| c.is_ascii_digit()) {
            return (name, inner, title);
        }
    }
    // `404 Not Found - ...`, but not `1030 to 1039: ...`
    if let Some((number, name)) = code.split_once(' ').filter(|(number, _)| is_number(number) && !is_code(code)) {
        // `1001 (Tray empty)`
        let inner = name.strip_prefix('(').and_then(|name| name.strip_suffix(')'));
        return (number, inner.unwrap_or(name).trim(), title);
    }
    // `status 400, errno 106: ...`
    if let Some((words, number)) = code.rsplit_once(' ').filter(|(words, number)| is_number(number) && !is_code(words))
        && ["code", "errno"].iter().any(|word| words.to_lowercase().ends_with(word))
    {
        return (number, title, "");
    }
    // `OK - The page is printed.`
    let (title, meaning) = title.split_once(" - ").unwrap_or((title, ""));
    (code, title, meaning)
}

/// Splits `Invalid key (1001)` and `Reserved (20-29)`, also with a quotation mark behind it by mistake.
fn named_number(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_suffix('"').filter(|rest| !rest.contains('"')).unwrap_or(text);
    let (title, code) = text.strip_suffix(')')?.rsplit_once('(')?;
    let is_range = || code.split_once('-').is_some_and(|(first, last)| is_number(first) && is_number(last));
    (is_number(code) || is_range()).then(|| (title.trim(), code))
}

/// Is it a number: `1001`, `-1001`, `0x0F01`?
fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    match digits.strip_prefix("0x") {
        Some(hex) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Is it a status of HTTP?
fn is_status(number: &str) -> bool {
    number.len() == 3 && number.starts_with(|c: char| ('1'..='5').contains(&c))
}

/// Splits a text at the first mark between a code and what it means.
fn at_separator(text: &str) -> (&str, &str) {
    let separators = [": ", "：", " - ", " – ", " — ", " = "];
    let ends = separators.iter().filter_map(|mark| Some((text.find(mark)?, mark.len())));
    match ends.min() {
        Some((end, length)) => (text[..end].trim(), text[end + length..].trim()),
        None => (text.trim_end_matches(':'), ""),
    }
}

/// Returns a text without the words in front of a code: `Error code: 1001`, `HTTP 404`.
fn without_words(text: &str) -> &str {
    let mut rest = text;
    while let Some((word, behind)) = rest.split_once([' ', ':', '：'])
        && ["http", "error", "code", "status", "exit"].iter().any(|known| known.eq_ignore_ascii_case(word))
    {
        rest = behind.trim_start();
    }
    rest
}
