//! Tells ordinary words after `name:` from a secret.

use super::units::Units;

/// Words in front of credentials.
const SCHEMES: [&str; 5] = ["basic", "bearer", "digest", "negotiate", "token"];

/// The number of letters from which a word may be a secret.
const LONG: usize = 16;

/// The number of characters up to which a value is not a secret.
const SHORT: usize = 3;

/// The bytes of a word that are looked at: it is long, whatever punctuation is around it.
const LOOKED_AT: usize = 8 * LONG;

/// Returns whether a text after a name and a colon reads as words, not as a secret. `is_line`: the name is of a header
/// whose value may begin with any scheme.
pub(super) fn follows(text: &str, is_line: bool) -> bool {
    let words = words(text);
    let [first, second, third] = words.each_ref().map(String::as_str);
    if !text.starts_with([' ', '\t']) {
        let value = first.trim_end_matches(is_punctuation);
        return !value.is_empty() && value.chars().count() <= SHORT && value.chars().all(char::is_alphanumeric);
    }
    let has_scheme = is_scheme(first);
    // `Bearer` and one more word are credentials.
    let is_header = has_scheme && first.starts_with(char::is_uppercase) && !second.is_empty() && third.is_empty();
    !is_header && is_ordinary(first) && (!(is_line || has_scheme) || is_ordinary(second))
}

/// Returns whether a word is one that stands in front of credentials.
pub(super) fn is_scheme(word: &str) -> bool {
    SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(word))
}

/// Returns the first words of the line, or fewer if a quote ends it. Those that are missing are empty.
fn words(text: &str) -> [String; 3] {
    let mut words: [Vec<u8>; 3] = Default::default();
    let mut at = 0;
    for unit in Units::new(text, 0) {
        let word = &mut words[at];
        match unit.byte {
            // URL encoding is not ordinary.
            _ if unit.is_url_encoded() => word.push(b'%'),
            b'\n' | b'\r' => break,
            b' ' | b'\t' if word.is_empty() => {}
            b' ' | b'\t' if at == 2 => break,
            b' ' | b'\t' => at += 1,
            b'"' if word.first() == Some(&b'"') => {
                word.push(b'"');
                break;
            }
            b'"' | b'<' | b'&' if !word.is_empty() => break,
            byte => word.push(byte),
        }
        if words[at].len() == LOOKED_AT {
            break;
        }
    }
    words.map(|word| String::from_utf8_lossy(&word).into_owned())
}

fn is_ordinary(word: &str) -> bool {
    if let Some(quote @ ('"' | '\'')) = word.chars().next() {
        // A sign, as in `unexpected token: ')'`.
        let content = word[1..].trim_end_matches(is_punctuation).strip_suffix(quote);
        return content.is_some_and(|it| it.chars().count() <= SHORT && !it.contains(char::is_alphanumeric));
    }
    let word = word.trim_start_matches('(').trim_end_matches(|c| is_punctuation(c) || c == '\'');
    let is_word = |c: char| c.is_alphabetic() || matches!(c, '\'' | '\u{2019}');
    let has_usual_case = !word.chars().skip(1).any(char::is_uppercase) || !word.contains(char::is_lowercase);
    word.chars().count() < LONG && word.chars().all(is_word) && has_usual_case
}

fn is_punctuation(c: char) -> bool {
    matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '\u{2026}' | ')' | ']' | '}')
}
