//! The words of a line of text, and whether the words around a number say that it is a status.

use alloc::vec::Vec;

/// Words behind which a number or a word is a status.
const STATUS_WORDS: &str = "\
    answer answered answers close closed closes closing closure code codes denied disconnect disconnected \
    err error errors failed failing fails failure rc refused rejected replied replies reply responded \
    responds response result ret retcode return returned returns said says st status warning";

/// Words that may stand between such a word and its number.
const CONNECTORS: &str = "= == : a an as by for is no nr number of the was with";

/// Words in front of which a number is an amount.
const UNITS: &str = "\
    attempt attempts b byte bytes client clients command commands connection connections d day days element \
    elements entries file files gb gib h hour hours hrs item items kb key keys kib line lines m mb message \
    messages mib millis milliseconds min mins minute minutes ms ns of packet packets percent records request \
    requests retries row rows s sec second seconds secs session sessions time times tries us user users \
    value values week weeks µs";

fn is_in(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known.eq_ignore_ascii_case(word))
}

/// A word of a line.
#[derive(Clone, Copy)]
pub(super) struct Word<'t> {
    /// Without the punctuation around it.
    pub(super) text: &'t str,
    /// Only white space is between it and the word before.
    follows: bool,
}

/// Splits a line at white space, quotation marks, brackets, commas, and backslashes, which escape the quotation marks of
/// JSON in a text. `=` and arrows are words. A date, a time, an address or a decimal number stays one word.
pub(super) fn words(line: &str) -> Vec<Word<'_>> {
    let is_separator = |c: char| c.is_whitespace() || "\"'`()[]{}<>,;|\\".contains(c);
    let mut words = Vec::new();
    let mut follows = true;
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if is_separator(first) && !rest.starts_with("->") {
            follows &= first.is_whitespace();
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let length = if rest.starts_with("->") || rest.starts_with("=>") {
            2
        } else if first == '=' || first == '→' {
            first.len_utf8()
        } else {
            rest.char_indices()
                .find(|(at, c)| is_separator(*c) || "=→".contains(*c) || rest[*at..].starts_with("->"))
                .map_or(rest.len(), |(at, _)| at)
        };
        push(&mut words, &rest[..length], follows);
        follows = true;
        rest = &rest[length..];
    }
    words
}

/// Splits `status:22`, and removes punctuation from the end.
fn push<'t>(words: &mut Vec<Word<'t>>, word: &'t str, mut follows: bool) {
    let mut rest = word.trim_end_matches(['.', ':', '!', '?']);
    // A loop, no recursion: a word may have any number of colons.
    loop {
        rest = rest.trim_start_matches('#');
        let (text, behind) = match rest.split_once(':') {
            // Not `10.0.0.7:80`, `node1:80` or `12:30`.
            Some((label, value)) if label.chars().all(|c| c.is_alphabetic() || c == '_' || c == '-') => (label, value),
            _ => (rest, ""),
        };
        if !text.is_empty() {
            words.push(Word { text, follows });
        }
        if behind.is_empty() {
            return;
        }
        follows = false;
        rest = behind;
    }
}

/// Does the line say that the word at this place is a status?
pub(super) fn is_status(words: &[Word<'_>], at: usize) -> bool {
    if words.get(at + 1).is_some_and(is_unit) {
        return false;
    }
    let Some((place, label)) = label(words, at) else { return false };
    if is_arrow(label) {
        return place
            .checked_sub(1)
            .is_some_and(|before| !words[before].text.starts_with(|c: char| c.is_ascii_digit()));
    }
    let about = place.checked_sub(1).map_or("", |before| words[before].text);
    is_status_word(label) && ![label, about].into_iter().any(is_of_something_else)
}

/// Returns the word before a word, without connectors, and its place.
pub(super) fn label<'t>(words: &[Word<'t>], at: usize) -> Option<(usize, &'t str)> {
    let place = (0..at).rev().take(4).find(|place| !is_in(CONNECTORS, words[*place].text))?;
    Some((place, words[place].text))
}

fn is_unit(word: &Word<'_>) -> bool {
    word.follows && is_in(UNITS, word.text)
}

fn is_arrow(word: &str) -> bool {
    matches!(word, "->" | "=>" | "→")
}

/// `status`, `error_code`, `statusCode`, `err.code`.
pub(super) fn is_status_word(word: &str) -> bool {
    let last = word.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or(word);
    let hump = last.rfind(|c: char| c.is_uppercase()).map_or(last, |at| &last[at..]);
    is_in(STATUS_WORDS, last) || is_in(STATUS_WORDS, hump)
}

/// HTTP, processes and operating systems (`os error 111`) have statuses of their own.
fn is_of_something_else(word: &str) -> bool {
    let starts_with = |start: &str| word.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start));
    starts_with("http") || starts_with("exit") || starts_with("process") || word.eq_ignore_ascii_case("os")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<&str> {
        words(line).iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_keep_what_belongs_together() {
        let line = "2026-03-01T10:22:31.5Z [kv] 10.0.0.22:1987 node1:22 st=41, status:26 (KeyNotExist) -> 22. a->b";
        let expected = [
            "2026-03-01T10:22:31.5Z",
            "kv",
            "10.0.0.22:1987",
            "node1:22",
            "st",
            "=",
            "41",
            "status",
            "26",
            "KeyNotExist",
            "->",
            "22",
            "a",
            "->",
            "b",
        ];
        assert_eq!(texts(line), expected);
        assert_eq!(texts("\"st\":26"), ["st", "26"]);
        assert_eq!(texts(r#"{\"st\":26}"#), ["st", "26"]);
        assert_eq!(texts(" :.= "), ["="]);
    }

    #[test]
    fn colons_without_end_are_no_problem() {
        assert_eq!(words(&"a:".repeat(100_000)).len(), 100_000);
    }

    #[test]
    fn a_status_is_told_from_an_amount() {
        for line in [
            "status 22",
            "status=22",
            "st: 22",
            "error code is 22",
            "closed with code 22",
            "the server said 22",
            "KV_SAVE -> 22",
            "statusCode=22",
            "error_code: 22",
            "it failed with 22",
            "err.code=22",
            "code \"22\"",
        ] {
            let words = words(line);
            let at = words.iter().position(|word| word.text == "22").unwrap();
            assert!(is_status(&words, at), "{line}");
        }
        for line in [
            "port 22",
            "localhost:22",
            "wrote 22 keys",
            "22",
            "after 22 ms",
            "failed 22 times",
            "closed after 22 s",
            "http status 22",
            "HTTP/1.1 error 22",
            "exit status 22",
            "exit code: 22",
            "connection refused (os error 22)",
            "[Errno 22] invalid argument",
            "80 -> 22",
            "retry 22 of 30",
            "error in line 22",
        ] {
            let words = words(line);
            let is_found = words.iter().position(|word| word.text == "22").is_some_and(|at| is_status(&words, at));
            assert!(!is_found, "{line}");
        }
    }
}
