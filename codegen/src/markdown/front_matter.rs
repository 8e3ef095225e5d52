//! The TOML between the lines `+++` at the top of a file.

use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Entry};
use crate::excerpt::quoted;
use crate::source::{Located, Source};
use crate::vocabulary::Key;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

const FENCE: &str = "+++";

/// Reads the front matter; returns a draft without rows, and where the body starts. `None` if it is not legible.
pub(super) fn read(source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Option<(Draft, usize)> {
    let (toml, body) = split(source).map_err(|diagnostic| diagnostics.push(diagnostic)).ok()?;
    let (table, errors) = DeTable::parse_recoverable(&source.text()[toml.clone()]);
    if !errors.is_empty() {
        diagnostics.extend(errors.iter().map(|error| syntax_error(source, &toml, error)));
        return None;
    }
    let draft = Reader { source, start: toml.start, diagnostics }.draft(table.get_ref(), toml);
    Some((draft, body))
}

/// Returns the range of the TOML, and where the text behind the closing fence starts.
fn split(source: &Source) -> Result<(Range<usize>, usize), Diagnostic> {
    let text = source.text();
    let top = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = text[top..].split_inclusive('\n').scan(top, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    let first = lines.next().unwrap_or((top, ""));
    if first.1.trim_end() != FENCE {
        return Err(Diagnostic::at(
            source,
            top..top + first.1.trim_end().len(),
            "the file does not begin with a front matter",
            "put `name`, `title`, `repr`, `source` and `revision` between two lines `+++` at its top",
        ));
    }
    let toml = top + first.1.len();
    match lines.find(|(_, line)| line.trim_end() == FENCE) {
        Some((start, line)) => Ok((toml..start, start + line.len())),
        None => Err(Diagnostic::at(
            source,
            top..top + FENCE.len(),
            "the front matter has no end",
            "put a second line `+++` behind its last key",
        )),
    }
}

fn syntax_error(source: &Source, toml: &Range<usize>, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    Diagnostic::at(
        source,
        toml.start + span.start..toml.start + span.end,
        format!("the front matter is not valid TOML: {}", error.message().trim_end().replace('\n', ", ")),
        "write it as `key = \"value\"` and `[table]` lines, each key once",
    )
}

struct Reader<'a> {
    source: &'a Source,
    /// Where the TOML starts in the source.
    start: usize,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn draft(&mut self, table: &DeTable<'_>, head: Range<usize>) -> Draft {
        let mut draft = Draft::new(self.source.clone(), head);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "part" => draft.parts = self.parts(key, value),
                "default" => draft.defaults = self.entry(None, Key::CLASSIFICATION, key, value),
                "group" => draft.groups = self.groups(key, value),
                _ => self.word(&mut draft.head, Key::HEAD, key, value),
            }
        }
        draft
    }

    fn parts(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Vec<Entry> {
        let DeValue::Array(parts) = value.get_ref() else {
            self.diagnostic(
                value.span(),
                format!("`{}` is no list", quoted(key.get_ref())),
                "begin each part with a line `[[part]]`, in the order of the digits",
            );
            return Vec::new();
        };
        parts.iter().map(|part| self.entry(None, Key::PART, key, part)).collect()
    }

    fn groups(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Vec<Entry> {
        let mut groups = Vec::new();
        for (name, value) in self.table(key, value).into_iter().flatten() {
            let group = self.located(name.get_ref(), name.span());
            groups.push(self.entry(Some(group), Key::CLASSIFICATION, name, value));
        }
        groups
    }

    /// Reads the words of a TOML table.
    fn entry(
        &mut self,
        group: Option<Located>,
        known: &[Key],
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Entry {
        let mut entry = Entry::new(self.range(value.span()), group);
        for (key, value) in self.table(key, value).into_iter().flatten() {
            self.word(&mut entry, known, key, value);
        }
        entry
    }

    fn word(&mut self, entry: &mut Entry, known: &[Key], key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        match Key::from_word(key.get_ref()).filter(|key| known.contains(key)) {
            Some(known) => self.string(key, value).into_iter().for_each(|word| entry.add(known, word)),
            None => self.diagnostic(
                key.span(),
                format!("the key `{}` is not known here", quoted(key.get_ref())),
                format!("the keys known here are {}", in_words(known)),
            ),
        }
    }

    fn table<'t, 'i>(
        &mut self,
        key: &Spanned<DeString<'_>>,
        value: &'t Spanned<DeValue<'i>>,
    ) -> Option<&'t DeTable<'i>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(table);
        }
        self.diagnostic(
            value.span(),
            format!("`{}` is no table", quoted(key.get_ref())),
            "give it as a table, such as `[default]` or `[group.\"Keys\"]`, with lines such as `kind = \"INTERNAL\"`",
        );
        None
    }

    /// Returns a string, or a number, date or boolean as it is written. An empty string counts as left out.
    fn string(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Option<Located> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            DeValue::Array(_) | DeValue::Table(_) => {
                let what = format!("`{}` is no text", quoted(key.get_ref()));
                self.diagnostic(value.span(), what, "give it as a text in quotation marks");
                return None;
            }
            _ => self.source.text()[self.range(value.span())].to_owned(),
        };
        (!text.is_empty()).then(|| self.located(&text, value.span()))
    }

    fn located(&self, text: &str, span: Range<usize>) -> Located {
        Located { text: text.to_owned(), range: self.range(span) }
    }

    /// Returns the range in the source of a span in the TOML.
    fn range(&self, span: Range<usize>) -> Range<usize> {
        self.start + span.start..self.start + span.end
    }

    fn diagnostic(&mut self, span: Range<usize>, what: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::at(self.source, self.range(span), what, help));
    }
}

fn in_words(keys: &[Key]) -> String {
    let words: Vec<_> = keys.iter().map(|key| key.word()).collect();
    match words.split_last() {
        _ if keys == Key::HEAD => format!("{}, [[part]], [default] and [group.\"...\"]", words.join(", ")),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
