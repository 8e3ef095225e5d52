//! What the header of a column, or a heading over a table, says.

use super::known::{MEANING, NAME, TEXT_CODE, VALUE};
use super::languages;
use super::words::{CLASSES, CODE_WORDS, MEANING_ENDS, MEMBERS, NAME_ENDS, OF_MEMBERS, OTHER_CODES, VALUE_ENDS};
use crate::vocabulary::Key;

/// What a column holds according to its header, and how well the header says it: 0 is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sense {
    pub(super) key: Key,
    pub(super) rank: usize,
}

/// The rank of a header that only its first or its last word tells.
const BY_LAST_WORD: usize = 100;

/// Returns a header in lower case, without punctuation, and without an addition in parentheses.
pub(super) fn plain(header: &str) -> String {
    // `#Code`, but not `#`
    let header = header.strip_prefix('#').filter(|rest| !rest.is_empty()).unwrap_or(header);
    let without = match header.find('(') {
        Some(at) if at > 0 => &header[..at],
        _ => header,
    };
    // `errorCode`
    let mut lower = String::with_capacity(without.len() + 2);
    let mut before = ' ';
    for c in without.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            lower.push(' ');
        }
        before = c;
        lower.extend(c.to_lowercase());
    }
    let lower = lower.replace(['_', '-', '/', '.'], " ");
    let words: Vec<_> =
        lower.split_whitespace().map(|word| word.trim_matches(['.', ':', '*', '?', '"', '\'', ','])).collect();
    words.join(" ").trim().to_owned()
}

/// Returns what a plain header may mean; a header can have several senses.
pub(super) fn senses(header: &str) -> Vec<Sense> {
    let mut senses = Vec::new();
    let (first, last) = (header.split(' ').next().unwrap_or(""), header.rsplit(' ').next().unwrap_or(""));
    for (key, exact, foreign, starts, ends) in [
        (Key::Value, VALUE, languages::VALUE, languages::VALUE_STARTS, VALUE_ENDS),
        (Key::Name, NAME, languages::NAME, &[][..], NAME_ENDS),
        (Key::Meaning, MEANING, languages::MEANING, languages::MEANING_STARTS, MEANING_ENDS),
    ] {
        if key == Key::Value && (is_of_other_codes(header) || is_of_things(header)) {
            continue;
        }
        let rank = exact.iter().chain(foreign).position(|known| *known == header);
        let rank = rank.or_else(|| starts.iter().any(|start| is_start(header, first, start)).then_some(BY_LAST_WORD));
        let rank = rank.or_else(|| ends.iter().any(|end| is_end(header, last, end)).then_some(BY_LAST_WORD));
        let rank = rank.or_else(|| (key == Key::Meaning && header.starts_with("when ")).then_some(BY_LAST_WORD));
        senses.extend(rank.map(|rank| Sense { key, rank }));
    }
    if header.contains("http") {
        senses.push(Sense { key: Key::Http, rank: 0 });
    }
    senses
}

fn is_start(header: &str, first: &str, start: &str) -> bool {
    // Thai has no spaces between words.
    first == start || (start.chars().all(|c| c > '\u{dff}') && header.starts_with(start))
}

fn is_end(header: &str, last: &str, end: &str) -> bool {
    // `errordescription`, `Alarmbezeichnung`
    let is_long = end.len() > 7;
    last == end || ((is_long || end.chars().all(|c| c > '\u{2e7f}')) && header.ends_with(end))
}

/// Does a header say that its column holds codes?
pub(crate) fn says_code(header: &str) -> bool {
    CODE_WORDS.iter().any(|word| header.contains(word)) && !is_of_other_codes(header)
}

/// Does a header say that its column holds codes, and what they are codes of: `Reason code`?
pub(super) fn is_code_of_status(header: &str) -> bool {
    says_code(header)
        && ["error", "reason", "result", "return", "status", "fault"].iter().any(|word| header.contains(word))
}

fn is_of_other_codes(header: &str) -> bool {
    header.split(' ').any(|word| OTHER_CODES.contains(&word))
}

/// Does a header say that its column holds numbers of other things: `Card number`?
fn is_of_things(header: &str) -> bool {
    let things = ["card", "account", "phone", "port", "part", "serial", "model", "line", "page", "order", "version"];
    header.strip_suffix(" number").is_some_and(|of| things.iter().any(|thing| of.ends_with(thing)))
}

/// Does a header say that its column holds values that many errors share?
pub(super) fn is_shared(header: &str) -> bool {
    header.contains("close code")
        || header.contains("exit code")
        || header.contains("rpc code")
        || header.contains("rpc status")
}

/// Does a header say only that its column holds values, which may be any?
pub(super) fn is_any_value(header: &str) -> bool {
    let last = header.rsplit(' ').next();
    let is_number = matches!(last, Some("id" | "value" | "number" | "no" | "nr" | "decimal" | "dec" | "hex"));
    (is_number || matches!(header, "wert" | "valor" | "值" | "数值" | "値" | "값"))
        && header != "return value"
        && !says_code(header)
}

pub(super) fn is_text_code(header: &str) -> bool {
    let last = header.rsplit(' ').next().unwrap_or("");
    TEXT_CODE.contains(&header) || matches!(last, "error" | "errors" | "exception" | "exceptions")
}

/// Does a header say that its column holds places in a message or steps, and no codes?
pub(super) fn is_place(header: &str) -> bool {
    let is_word =
        |word| matches!(word, "index" | "offset" | "byte" | "bytes" | "bit" | "bits" | "position" | "step" | "page");
    header.split(|c: char| !c.is_alphanumeric()).any(is_word)
}

/// Does a header say that its column holds programs or checks that were run, with what they returned?
pub(super) fn is_run(header: &str) -> bool {
    matches!(header, "command" | "test" | "test case" | "tool" | "check" | "attempt" | "run")
}

pub(super) fn is_class(header: &str) -> bool {
    CLASSES.contains(&header)
}

pub(super) fn is_member(header: &str) -> bool {
    MEMBERS.contains(&header)
}

pub(super) fn is_of_members(header: &str) -> bool {
    OF_MEMBERS.contains(&header)
}

/// Does a heading say that what stands below is no list of codes, but of settings of something?
pub(super) fn is_of_settings(heading: &str) -> bool {
    let is_word = |word: &str| is_member(word) || matches!(word, "config" | "configuration" | "limits" | "defaults");
    words(heading).any(|word| is_word(&word)) && !says_status(heading)
}

/// Does a heading say that an example stands below?
pub(super) fn is_of_example(heading: &str) -> bool {
    words(heading).any(|word| matches!(word.as_str(), "example" | "examples" | "sample")) && !says_status(heading)
}

fn words(heading: &str) -> impl Iterator<Item = String> {
    heading.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase)
}

pub(crate) fn says_status(heading: &str) -> bool {
    let known = [
        "error", "code", "status", "result", "fault", "reason", "fehler", "störung", "erro", "código", "codigo",
        "codice", "codici", "hata", "kod", "błęd", "lỗi", "ошиб", "код",
    ];
    let foreign = ["错误", "状态", "码", "エラー", "状態", "コード", "오류", "상태", "코드"];
    words(heading).any(|word| known.iter().any(|known| word.starts_with(known)))
        || foreign.iter().any(|known| heading.contains(known))
}

/// Does a heading speak of errors?
pub(super) fn says_error(heading: &str) -> bool {
    words(heading)
        .any(|word| matches!(word.as_str(), "error" | "errors" | "codes" | "exceptions" | "faults" | "fehler"))
}

pub(super) fn is_hex(header: &str) -> bool {
    let header = header.to_lowercase();
    header.contains("hex") && !header.contains("dec")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_without_their_punctuation() {
        for (header, key) in [
            ("NUMERIC CODE", Key::Value),
            ("Code:", Key::Value),
            ("No.", Key::Value),
            ("Error Code (decimal)", Key::Value),
            ("Kafka error code", Key::Value),
            ("CONSTANT", Key::Name),
            ("error_name", Key::Name),
            ("errorName", Key::Name),
            ("ErrorCode", Key::Value),
            ("error.code", Key::Value),
            ("When it can be returned", Key::Meaning),
            ("When this happens", Key::Meaning),
            ("HTTP Status", Key::Http),
            ("错误码", Key::Value),
            ("返回码", Key::Value),
            ("错误代码", Key::Value),
            ("错误名称", Key::Name),
            ("错误描述", Key::Meaning),
            ("エラーコード", Key::Value),
            ("説明", Key::Meaning),
            ("오류 코드", Key::Value),
            ("설명", Key::Meaning),
            ("Fehlercode", Key::Value),
            ("Bedeutung", Key::Meaning),
            ("Código de error", Key::Value),
            ("Descripción", Key::Meaning),
            ("Code d'erreur", Key::Value),
            ("Signification", Key::Meaning),
            ("Nom", Key::Name),
            ("Descrição", Key::Meaning),
        ] {
            assert!(senses(&plain(header)).iter().any(|sense| sense.key == key), "{header}");
        }
        assert!(senses(&plain("Packets")).is_empty());
        assert!(senses(&plain("Currency code")).is_empty() && !says_code(&plain("Currency code")));
    }
}
