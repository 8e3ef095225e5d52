//! Checks drafts and makes tables of them.
//!
//! A word that is wrong is reported and counts as a neutral value, so that one run finds everything. The tables are of use
//! only if nothing was reported.

mod classification;
mod head;
mod infer;
mod names;
mod parts;
mod section;
mod template;
mod value;

use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Entry};
use crate::excerpt::quoted;
use crate::hash::{Map, Set};
use crate::identifier::{self, LONGEST_NAME, is_too_long};
use crate::invisible::hidden;
use crate::rules;
use crate::source::{Located, Source};
use crate::table::Table;
use crate::text::Text;
use crate::vocabulary::Key;
use classification::Defaults;
use section::Section;
use std::ops::Range;

/// Makes a table of each draft, with the number of rows that have a kind; adds what is wrong to the diagnostics. If it is
/// strict, every row needs a kind, and every table a source and a revision.
pub(crate) fn check(drafts: &[Draft], is_strict: bool, diagnostics: &mut Vec<Diagnostic>) -> Vec<(Table, usize)> {
    name_clashes(drafts, diagnostics);
    let checker = |draft| Checker { draft, is_strict, entry: &draft.head, diagnostics: &mut *diagnostics }.table();
    drafts.iter().map(checker).collect()
}

/// Two tables of one name would become two modules of one name, and two variants of the sum of all tables.
fn name_clashes(drafts: &[Draft], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = Map::default();
    for draft in drafts {
        let Some(name) = draft.head.get(Key::Name) else { continue };
        let Some(identifier) = identifier::variant(&name.text) else { continue };
        let Some((other, first)) = seen.insert(identifier, (&draft.source, name)) else { continue };
        let diagnostic = Diagnostic::at(
            &draft.source,
            name.range.clone(),
            format!("the table name `{}` is taken", quoted(&name.text)),
            "a table's name becomes a module and a variant: give each table its own (`-` and `_` make no difference)",
        );
        let line = line(other, &first.range).map_or_else(String::new, |line| format!(":{line}"));
        diagnostics.push(diagnostic.note(format!(
            "`{}` stands in {}{line}",
            quoted(&first.text),
            other.path().display()
        )));
    }
}

/// Where corrections stand.
const FIX: &str = "the front matter or in a file next to it that ends in `.fix.toml`";

/// How many words of a row tell it from others.
const WORDS: usize = 3;

/// Returns the line of a range; `None` if it stands nowhere.
fn line(source: &Source, range: &Range<usize>) -> Option<usize> {
    // A program that fills a draft gives an empty text.
    (*range != Located::NOWHERE && !source.text().is_empty()).then(|| source.place(range.start).line)
}

/// What the checks of one draft share.
struct Checker<'a> {
    draft: &'a Draft,
    is_strict: bool,
    /// The row that is being checked, or the head.
    entry: &'a Entry,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    fn table(mut self) -> (Table, usize) {
        let draft = self.draft;
        let mut whole = self.head(draft);
        let mut parts = self.parts(draft, &whole);
        let defaults = Defaults::check(&mut self, draft);
        if parts.is_empty() {
            whole.reserve(&draft.rows);
        }
        let reported = self.diagnostics.len();
        self.rows(&mut parts, &mut whole, &defaults);
        if whole.begins_again() {
            self.diagnostics.truncate(reported);
            self.rows(&mut parts, &mut whole, &defaults);
        }
        self.entry = &draft.head;
        if parts.is_empty() {
            if !whole.has_rows && !draft.has_unread_rows {
                self.report(&draft.head.start(), "the table lists no codes", self.what_was_left_out());
            }
        } else {
            self.parts_and_wholes(draft, &parts, &whole);
        }
        let classified = parts.iter().map(|part| part.classified).sum::<usize>() + whole.classified;
        let mut table = Table { parts: parts.into_iter().map(|part| part.table).collect(), ..whole.table };
        table.rules = draft.rules.as_ref().and_then(|source| rules::check(source, draft, &table, self.diagnostics));
        (table, classified)
    }

    fn rows<'d>(&mut self, parts: &mut [Section<'d>], whole: &mut Section<'d>, defaults: &Defaults<'d>)
    where
        'a: 'd,
    {
        for row in &self.draft.rows {
            self.entry = row;
            let part = parts.iter_mut().find(|part| part.owns(row));
            part.unwrap_or(whole).row(self, row, defaults);
        }
    }

    /// Returns what to do about a file without codes.
    fn what_was_left_out(&self) -> String {
        let extension = self.draft.source.path().extension().and_then(|extension| extension.to_str());
        let mut help = match extension {
            Some("json" | "jsonc") => "write the codes as an array of objects: `[{ \"value\": 1, \"name\": \"Ok\" }]`",
            Some("toml") => "begin each code with a line `[[code]]`, with `value` and `name`",
            _ => "add a table with the columns `Value` and `Name` and at least one row",
        }
        .to_owned();
        if let Some(advice) = &self.draft.account.advice {
            help += &format!("; {advice}");
        } else if let Some((range, why)) = self.draft.account.left_out.first() {
            let line = line(&self.draft.source, range).map_or_else(String::new, |line| format!("line {line} "));
            help += &format!("; {line}was left out: {why}");
        } else {
            help += "; no table was found in the file";
        }
        help
    }

    /// Reports what is wrong at a range, else at its row, else with the words of its row.
    fn report(&mut self, range: &Range<usize>, what: impl Into<String>, help: impl Into<String>) {
        let source = &self.draft.source;
        let place = [range, &self.entry.range].into_iter().find(|range| line(source, range).is_some());
        let diagnostic = match place {
            Some(place) => Diagnostic::at(source, place.clone(), what, help),
            None => Diagnostic::at(source, Located::NOWHERE, what, help).note(self.words_of_entry()),
        };
        self.diagnostics.push(diagnostic);
    }

    /// Returns the first words of the row, which stands nowhere.
    fn words_of_entry(&self) -> String {
        let words = self.entry.words.iter().take(WORDS);
        let words: Vec<_> = words.map(|(key, word)| format!("{key} `{}`", quoted(&word.text))).collect();
        let what = if std::ptr::eq(self.entry, &self.draft.head) { "table" } else { "row" };
        if words.is_empty() {
            format!("in a {what} without words")
        } else {
            format!("in the {what} with {}", words.join(", "))
        }
    }

    /// Returns a word of the row in quotation marks, as a correction names the row.
    fn quoted_word(&self, key: Key) -> String {
        let word = match key {
            Key::Name => self.entry.distinction(),
            key => self.entry.get(key).map(|word| word.text.as_str()),
        };
        let is_short = |word: &&str| quoted(word) == **word && hidden(word).is_none();
        word.filter(is_short).map_or_else(|| format!("\"{key}\""), |word| format!("{word:?}"))
    }

    /// Returns the line of a text with words around it; nothing if it stands nowhere.
    fn line(&self, before: &str, of: &Located, behind: &str) -> String {
        line(&self.draft.source, &of.range).map_or_else(String::new, |line| format!("{before}line {line}{behind}"))
    }

    /// Returns a text, as [`is_legible`](Self::is_legible) checks it.
    fn legible(&mut self, located: &Located) -> Text {
        self.is_legible(located);
        located.text.clone()
    }

    /// Reports a character that is not visible: texts go into names, documentation and messages.
    fn is_legible(&mut self, located: &Located) -> bool {
        let hidden = hidden(&located.text);
        if let Some(hidden) = hidden {
            self.report(
                &located.range,
                format!("the invisible character U+{:04X} stands in this text", u32::from(hidden)),
                "remove it: what a table says must be what a reader sees",
            );
        }
        hidden.is_none()
    }

    /// Reports a name that is too long.
    fn is_short(&mut self, name: &Located) -> bool {
        let is_too_long = is_too_long(&name.text);
        if is_too_long {
            self.report(
                &name.range,
                format!("the name `{}` is too long", quoted(&name.text)),
                format!("use at most {LONGEST_NAME} characters"),
            );
        }
        !is_too_long
    }

    fn optional(&mut self, entry: &Entry, key: Key) -> Option<Text> {
        entry.get(key).map(|word| self.legible(word))
    }

    /// Returns the items of a list; reports one that is given twice.
    fn list(&mut self, entry: &Entry, key: Key, what: &str) -> Vec<Text> {
        let mut texts = Vec::new();
        let mut seen = Set::default();
        for item in entry.all(key) {
            if !seen.insert(item.text.as_str()) {
                self.report(
                    &item.range,
                    format!("the {what} `{}` stands here twice", quoted(&item.text)),
                    "remove one of the two",
                );
                break;
            }
            texts.push(self.legible(item));
        }
        texts
    }
}
