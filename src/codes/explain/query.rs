//! The questions that a whole text can be.

use super::context::is_status_word;
use super::found::{Explanation, How, Match, Remark, Subject};
use super::names::is_compound;
use super::registry::{Registry, all, hex_digits, known, named, nearest, value};
use crate::codes::TableInfo;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Words of which a misspelt name may be made.
const WORDS_OF_A_NAME: usize = 4;

/// Digits of a number that are repeated to the reader.
const DIGITS: usize = 24;

impl Registry {
    /// Explains a text: a number, a name, a table with one of these, a reason, a reply, or a line of a log. The
    /// [module](super) lists the forms.
    #[must_use]
    pub fn explain<'t>(&self, text: &'t str) -> Explanation<'t> {
        let mut found = Explanation::default();
        let text = text.trim();
        if !self.whole_text(text, &mut found) {
            self.scan(text, &mut found);
        }
        found.finish();
        if found.matches.is_empty() && found.remarks.is_empty() {
            self.guess(text, &mut found);
        }
        found
    }

    /// Reads the text as one question. `false` if it is not a question.
    fn whole_text<'t>(&self, text: &'t str, found: &mut Explanation<'t>) -> bool {
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim_start();
        let table = self.table(first.trim_end_matches(':'));
        table.is_some_and(|table| in_table(table, rest, found))
            || self.value_or_name(text, found)
            || self.reason(text, found)
            || (!rest.is_empty() && self.value_with_reason(first, rest, found))
            || self.list(text, found)
    }

    fn value_or_name<'t>(&self, text: &'t str, found: &mut Explanation<'t>) -> bool {
        found.add_all(self.by_value(text), How::Value, text);
        if found.matches.is_empty() {
            found.add_all(self.by_name(text), How::Name, text);
        }
        !found.matches.is_empty()
    }

    /// The text of a reason alone.
    fn reason<'t>(&self, text: &'t str, found: &mut Explanation<'t>) -> bool {
        for row in self.tables().iter().flat_map(|table| table.codes) {
            if let Some(reading) = row.read_reason(text) {
                let subject = Subject::Code(row.into());
                found.add(Match { subject, how: How::Reason, text: text.into(), reading: Some(reading) });
            }
        }
        !found.matches.is_empty()
    }

    /// A close code and its reason. A reason that fits no template is ignored.
    fn value_with_reason<'t>(&self, first: &'t str, rest: &'t str, found: &mut Explanation<'t>) -> bool {
        let subjects = self.by_value(first);
        let has_reasons = |subject: &Subject| subject.row().is_some_and(|row| !row.reasons.is_empty());
        if !subjects.iter().any(has_reasons) {
            return false;
        }
        for subject in subjects {
            let reading = subject.row().and_then(|row| row.read_reason(rest));
            found.add(Match { subject, how: How::Value, text: first.into(), reading });
        }
        true
    }

    /// Reads a list of values and names, perhaps with punctuation around them. Each word must be one, or a number that no
    /// table lists.
    fn list<'t>(&self, text: &'t str, found: &mut Explanation<'t>) -> bool {
        let mut listed = Explanation::default();
        let is_between = |c: char| c.is_whitespace() || ",;".contains(c);
        let is_around = |c: char| "\"'`()[].".contains(c);
        let mut words = text.split(is_between).map(|word| word.trim_matches(is_around)).filter(|word| !word.is_empty());
        let is_list = words.all(|word| {
            let mut one = Explanation::default();
            let is_found = self.value_or_name(word, &mut one);
            listed.matches.extend(one.matches);
            if !is_found && is_number(word) {
                listed.remarks.push(Remark::InNoTable(bounded(word)));
                return true;
            }
            is_found
        });
        if is_list {
            listed.matches.into_iter().for_each(|one| found.add(one));
            found.remarks.extend(listed.remarks);
        }
        is_list && !(found.matches.is_empty() && found.remarks.is_empty())
    }

    /// Offers names that resemble the text or one of its words.
    fn guess(&self, text: &str, found: &mut Explanation<'_>) {
        let words: Vec<_> = text.split_whitespace().collect();
        if words.len() > WORDS_OF_A_NAME {
            return;
        }
        found.nearest = nearest(self.with_parts(), text);
        // Words such as `status` resemble names, but only label the number behind them.
        let is_label = |word: &str| is_status_word(word.trim_end_matches([':', ','])) && !is_compound(word);
        for word in words.into_iter().filter(|word| !is_label(word)) {
            if found.nearest.is_empty() {
                found.nearest = nearest(self.with_parts(), word);
            }
        }
    }
}

fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    hex_digits(word).is_some() || (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns a number as it is written, or the beginning of a long one.
fn bounded(number: &str) -> String {
    match number.get(..DIGITS) {
        Some(start) if start.len() < number.len() => format!("{start}…"),
        _ => number.into(),
    }
}

/// Reads a question about one table. `false` if several words that are not a name follow the table's name: then the text
/// may be a line of a log that begins with the name of a service.
fn in_table<'t>(table: &'static TableInfo, text: &'t str, found: &mut Explanation<'t>) -> bool {
    if text.is_empty() {
        found.add_all(all(table), How::Table, text);
        return true;
    }
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let asked = value(table, first);
    if let Some(code) = asked.and_then(|value| known(table, value)) {
        let subject = Subject::Code(code);
        let reading = subject.row().and_then(|row| row.read_reason(rest));
        found.add(Match { subject, how: How::Value, text: first.into(), reading });
        return true;
    }
    let tables = || core::iter::once(table).chain(table.parts.iter().copied());
    found.add_all(tables().flat_map(|table| named(table, text)), How::Name, text);
    if rest.is_empty() && found.matches.is_empty() {
        let parts = table.parts.iter().filter_map(|part| known(part, value(part, first)?));
        found.add_all(parts.map(Subject::Code), How::Value, first);
    }
    if !found.matches.is_empty() {
        return true;
    }
    if rest.is_empty() {
        found.remarks.push(asked.map_or(Remark::NotInTable(table), |value| Remark::NotListed(table, value)));
        found.nearest = nearest(tables(), text);
    }
    rest.is_empty()
}
