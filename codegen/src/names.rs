//! Names for rows that have none: the first words of their meanings, else their values.

use crate::draft::{Draft, Entry};
use crate::hash::Map;
use crate::identifier::{self, LONGEST_NAME};
use crate::source::Located;
use crate::text::Text;
use crate::vocabulary::Key;

/// How many words of a meaning make a name.
const WORDS: usize = 6;

/// Words that end no name.
const WEAK: &[&str] = &[
    "a", "an", "the", "of", "to", "in", "on", "is", "are", "was", "for", "with", "and", "or", "by", "that", "this",
    "it", "be", "has", "because", "as", "at", "from",
];

/// Names the rows that have no name. Rows whose meanings begin alike get their values behind the name.
pub(crate) fn make(draft: &mut Draft) {
    let mut made: Map<Text, Vec<usize>> = Map::default();
    for (at, row) in draft.rows.iter_mut().enumerate() {
        if row.get(Key::Name).is_some() {
            continue;
        }
        let Some(meaning) = row.get(Key::Meaning) else { continue };
        let words = first_words(&meaning.text);
        let is_named_by_value = words.is_none();
        let Some(name) = words.or_else(|| of_value(row, &meaning.text)) else { continue };
        let range = meaning.range.clone();
        if let Some(identifier) = identifier::variant(&name) {
            made.entry(identifier).or_default().push(at);
        }
        row.words.push((Key::Name, Located { text: name.into(), range }));
        row.is_named = true;
        row.is_named_by_value = is_named_by_value;
        draft.account.named += 1;
    }
    for rows in made.into_values().filter(|rows| rows.len() > 1) {
        let is_repeated = rows.iter().all(|at| value(&draft.rows[*at]) == value(&draft.rows[rows[0]]));
        for at in rows.into_iter().filter(|_| !is_repeated) {
            let row = &mut draft.rows[at];
            let value = value(row).trim_start_matches("0x").to_owned();
            if let Some((_, name)) = row.words.iter_mut().find(|(key, _)| *key == Key::Name) {
                name.text = format!("{} {value}", name.text).into();
            }
        }
    }
}

fn value(row: &Entry) -> &str {
    row.get(Key::Value).map_or("", |value| &value.text)
}

/// Names a row after its value if its meaning is in a language without Latin letters, or JSON.
fn of_value(row: &Entry, meaning: &str) -> Option<String> {
    let is_foreign = meaning.contains(identifier::is_foreign);
    let value = value(row).trim_start_matches("0x");
    let is_name = row.is_text && value.starts_with(|c: char| c.is_ascii_alphabetic());
    let name = || if is_name { value.to_owned() } else { format!("Code {value}") };
    ((is_foreign || is_json(meaning)) && !value.is_empty()).then(name)
}

/// Is it a reply as a program gives it: `{"code": 404}`?
fn is_json(meaning: &str) -> bool {
    meaning.starts_with(['{', '[']) && meaning.contains('"') && meaning.contains(':')
}

/// Returns a text without the quotation marks around the whole of it.
pub(crate) fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"') && !inner.is_empty()).unwrap_or(text)
}

/// Returns the first words of a sentence up to its first pause, if they make an identifier.
fn first_words(meaning: &str) -> Option<String> {
    let meaning = unquoted(meaning);
    if is_json(meaning) {
        return None;
    }
    let pause = meaning.char_indices().find(|(at, c)| match c {
        '(' | '[' | '|' | ';' | '—' | '–' => true,
        ':' | ',' | '.' | '!' | '?' => {
            meaning[at + c.len_utf8()..].starts_with(char::is_whitespace) || at + c.len_utf8() == meaning.len()
        }
        '-' => meaning[..*at].ends_with(' ') && meaning[at + 1..].trim_start_matches('-').starts_with(' '),
        _ => false,
    });
    let clause = pause.map_or(meaning, |(at, _)| &meaning[..at]);
    let clause = if clause.contains(char::is_alphabetic) { clause } else { meaning };
    let mut words: Vec<_> = clause.split_whitespace().take(WORDS).collect();
    while words.len() > 1
        && clause.split_whitespace().count() > words.len()
        && words.last().is_some_and(|word| WEAK.contains(&word.to_lowercase().as_str()))
    {
        words.pop();
    }
    let name = words.join(" ");
    (name.chars().count() <= LONGEST_NAME && identifier::variant(&name).is_some()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::first_words;

    #[test]
    fn a_name_is_the_first_words_of_a_meaning() {
        for (meaning, name) in [
            ("Error with no operation", "Error with no operation"),
            ("Parse error: an error in the JSON", "Parse error"),
            ("Not found.", "Not found"),
            ("Not found -- there is no such page", "Not found"),
            ("The request could not be understood by the server", "The request could not be understood"),
            ("The value of the key is wrong", "The value of the key"),
            ("Busy (try again)", "Busy"),
            ("Version 1.2 is too old, sorry", "Version 1.2 is too old"),
            ("\"Not found\"", "Not found"),
        ] {
            assert_eq!(first_words(meaning).as_deref(), Some(name));
        }
        for meaning in ["", "404", "未找到", "- -", "{\"code\": 404, \"why\": \"none\"}"] {
            assert_eq!(first_words(meaning), None);
        }
    }
}
