//! Lines of logs: codes among other numbers and words.

use super::context::{Word, is_status, label, words};
use super::found::{Explanation, How, Match, Subject};
use super::json;
use super::names::{are_same, is_compound};
use super::registry::{Registry, hex_digits, rows};
use crate::codes::{AnyCode, Origin, TableInfo, Value};
use alloc::string::ToString;
use alloc::vec::Vec;
use serde_json::Value as Json;

/// Members that carry codes, whatever the tables say.
const MEMBERS: [&str; 3] = ["st", "status", "code"];

/// How many brackets that begin no JSON are tried: each may cost a read of the whole rest.
const ATTEMPTS: usize = 16;

impl Registry {
    /// Reads any text: JSON in it as JSON, the rest as words.
    pub(super) fn scan<'t>(&self, text: &'t str, found: &mut Explanation<'t>) {
        let mut start = 0;
        let mut at = 0;
        let mut failures = 0;
        while let Some(length) = text[at..].find(['{', '[']).filter(|_| failures < ATTEMPTS) {
            at += length;
            let json = json::read_prefix(&text[at..]);
            match json.as_ref().map(|(json, length)| (json::members(json), length)) {
                Some((members, length)) if !members.is_empty() => {
                    self.scan_words(&text[start..at], found);
                    self.scan_members(&members, found);
                    at += length;
                    start = at;
                }
                _ => {
                    at += 1;
                    failures += 1;
                }
            }
        }
        self.scan_words(&text[start..], found);
        self.scan_reasons(text, found);
    }

    /// Reads the members that carry codes. Without any, the JSON may be a line of a log: then its texts are read.
    fn scan_members(&self, members: &[(&str, &Json)], found: &mut Explanation<'_>) {
        let mut has_codes = false;
        for (key, value) in members.iter().filter(|(key, _)| self.carries_codes(key)) {
            let (text, subjects) = match value {
                Json::Number(number) => {
                    let text = number.to_string();
                    let subjects = self.by_value(&text);
                    (text, subjects)
                }
                // A number in quotation marks is no number; digits and names are text.
                Json::String(text) if text.parse::<i64>().is_ok() => (text.clone(), self.by_digits(text)),
                Json::String(text) => {
                    let digits = self.by_value(text);
                    (text.clone(), if digits.is_empty() { self.by_name(text) } else { digits })
                }
                _ => continue,
            };
            has_codes |= !subjects.is_empty();
            found.add_all(self.of_member(key, subjects), How::Member, text);
        }
        for text in members.iter().filter(|_| !has_codes).filter_map(|(_, value)| value.as_str()) {
            let mut inside = Explanation::default();
            self.scan_words(text, &mut inside);
            for Match { subject, how, text, .. } in inside.matches {
                found.add_all([subject], how, text.into_owned());
            }
        }
    }

    fn carries_codes(&self, key: &str) -> bool {
        MEMBERS.contains(&key) || self.tables().iter().any(|table| table.members.contains(&key))
    }

    /// Returns the codes that are text on the wire, where each digit counts.
    fn by_digits(&self, text: &str) -> Vec<Subject> {
        let mut subjects = self.by_value(text);
        subjects.retain(|subject| matches!(subject, Subject::Code(code) if is_text(code)));
        subjects
    }

    /// Keeps the codes of the tables that name this member, if there are any. Drops values of unused ranges, such as HTTP's
    /// 404 among close codes.
    fn of_member(&self, key: &str, mut subjects: Vec<Subject>) -> Vec<Subject> {
        let is_of_member = |subject: &Subject| table_of(subject).is_some_and(|table| table.members.contains(&key));
        subjects.retain(|subject| !is_in_unused_range(subject));
        if subjects.iter().any(is_of_member) {
            subjects.retain(is_of_member);
        }
        subjects
    }

    fn scan_words<'t>(&self, text: &'t str, found: &mut Explanation<'t>) {
        for line in text.split(['\n', '\r']) {
            let words = words(line);
            for at in 0..words.len() {
                self.scan_word(&words, at, found);
            }
        }
    }

    fn scan_word<'t>(&self, words: &[Word<'t>], at: usize, found: &mut Explanation<'t>) {
        let word = words[at].text;
        let is_status = is_status(words, at);
        if is_value(word) {
            let is_number = hex_digits(word).is_some() || word.parse::<i64>().is_ok();
            let mut subjects = self.by_value(word);
            if is_number && !is_status {
                subjects.retain(|subject| is_named_nearby(subject, words, at));
            }
            let label = label(words, at).map_or("", |(_, label)| label);
            found.add_all(self.of_member(label, subjects), How::Value, word);
        } else if is_status && self.is_spelled_so(word) {
            found.add_all(self.by_whole_name(word), How::Name, word);
        } else {
            for part in word.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|part| is_compound(part)) {
                found.add_all(self.by_whole_name(part), How::Name, part);
            }
        }
    }

    /// Is this word a name exactly as a table writes it? Others may be ordinary words.
    fn is_spelled_so(&self, word: &str) -> bool {
        self.tables().iter().copied().flat_map(rows).any(|row| row.is_called(word))
    }

    /// Returns the rows of whole codes with a name: the names of parts are ordinary words.
    fn by_whole_name(&self, name: &str) -> Vec<Subject> {
        let mut subjects = self.by_name(name);
        let is_whole = |subject: &Subject| {
            table_of(subject).is_some_and(|table| self.tables().iter().any(|whole| core::ptr::eq(*whole, table)))
        };
        subjects.retain(is_whole);
        subjects
    }

    /// Finds the reasons of closes anywhere in the text.
    fn scan_reasons<'t>(&self, text: &'t str, found: &mut Explanation<'t>) {
        for row in self.tables().iter().flat_map(|table| table.codes) {
            // A single word may stand in any line.
            let sentences = row.reasons.iter().filter(|reason| reason.text().contains(' '));
            for reading in sentences.filter_map(|reason| reason.find(text)) {
                let subject = Subject::Code(AnyCode::from(row));
                found.add(Match { subject, how: How::Reason, text: reading.text().into(), reading: Some(reading) });
            }
        }
    }
}

fn table_of(subject: &Subject) -> Option<&'static TableInfo> {
    match subject {
        Subject::Code(code) => Some(code.table()),
        Subject::Range(range) => Some(range.row.table),
    }
}

fn is_in_unused_range(subject: &Subject) -> bool {
    matches!(subject, Subject::Code(code) if code.range().is_some() && code.info().is_none() && code.origin() == Origin::Reserved)
}

fn is_text(code: &AnyCode) -> bool {
    matches!(code.value(), Value::Hex(_) | Value::Text(_))
}

/// A plain number, one with `0x`, or hexadecimal digits with at least one decimal digit among them.
fn is_value(word: &str) -> bool {
    if hex_digits(word).is_some() {
        return true;
    }
    let digits = word.strip_prefix('-').unwrap_or(word);
    digits.bytes().any(|byte| byte.is_ascii_digit())
        && (digits.bytes().all(|byte| byte.is_ascii_digit()) || word.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Is its own name, or a command that answers with it, next to the number?
fn is_named_nearby(subject: &Subject, words: &[Word<'_>], at: usize) -> bool {
    let Some(row) = subject.row() else { return false };
    let is_name = |word: &str| are_same(word, row.name) || row.aliases.iter().any(|alias| are_same(word, alias));
    let is_command = |word: &str| row.commands.iter().any(|command| command.eq_ignore_ascii_case(word));
    label(words, at).is_some_and(|(_, word)| is_name(word) || is_command(word))
        || words.get(at + 1).is_some_and(|word| is_name(word.text))
}
