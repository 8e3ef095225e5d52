//! The TOML between the lines `+++` at the top of a file.

use super::split_list;
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, FactKey, FactsDraft, GroupDraft, PartDraft};
use crate::source::{Located, Source};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

const FENCE: &str = "+++";

/// Reads the front matter: a draft without rows, where the body starts, and the diagnostics that leave it legible.
pub(super) fn read(source: &Source) -> Result<(Draft, usize, Vec<Diagnostic>), Vec<Diagnostic>> {
    let (toml, body) = split(source).map_err(|diagnostic| vec![diagnostic])?;
    let (table, errors) = DeTable::parse_recoverable(&source.text()[toml.clone()]);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| syntax_mistake(source, &toml, error)).collect());
    }
    let mut reader = Reader { source, start: toml.start, diagnostics: Vec::new() };
    let draft = reader.draft(table.get_ref(), toml);
    Ok((draft, body, reader.diagnostics))
}

/// The range of the TOML, and where the text behind the closing fence starts.
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

fn syntax_mistake(source: &Source, toml: &Range<usize>, error: &toml::de::Error) -> Diagnostic {
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
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn draft(&mut self, table: &DeTable<'_>, head: Range<usize>) -> Draft {
        let mut draft = Draft::empty(self.source.clone(), head);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => draft.name = self.string(key, value),
                "title" => draft.title = self.string(key, value),
                "repr" => draft.repr = self.string(key, value),
                "source" => draft.provenance = self.string(key, value),
                "revision" => draft.revision = self.string(key, value),
                "family" => draft.family = self.string(key, value),
                "members" => draft.members = self.string(key, value).as_ref().map(split_list).unwrap_or_default(),
                "part" => draft.parts = self.parts(key, value),
                "default" => draft.defaults = self.classification(key, value),
                "group" => draft.groups = self.groups(key, value),
                _ => self.unknown_key(
                    key,
                    "name, title, repr, source, revision, family, members, [[part]], [default] and [group.\"...\"]",
                ),
            }
        }
        draft
    }

    fn parts(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Vec<PartDraft> {
        let DeValue::Array(parts) = value.get_ref() else {
            self.diagnostic(
                value.span(),
                format!("`{}` is no list", key.get_ref()),
                "begin each part with a line `[[part]]`, in the order of the digits",
            );
            return Vec::new();
        };
        parts.iter().map(|part| self.part(key, part)).collect()
    }

    fn part(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> PartDraft {
        let mut draft = PartDraft { range: self.range(value.span()), name: None, digits: None };
        for (key, value) in self.table(key, value).into_iter().flatten() {
            match key.get_ref().as_ref() {
                "name" => draft.name = self.string(key, value),
                "digits" => draft.digits = self.string(key, value),
                _ => self.unknown_key(key, "name and digits"),
            }
        }
        draft
    }

    fn groups(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Vec<GroupDraft> {
        let Some(groups) = self.table(key, value) else { return Vec::new() };
        groups
            .iter()
            .map(|(name, classification)| GroupDraft {
                name: self.located(name.get_ref(), name.span()),
                defaults: self.classification(name, classification),
            })
            .collect()
    }

    fn classification(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> FactsDraft {
        let mut classification = FactsDraft::default();
        for (key, value) in self.table(key, value).into_iter().flatten() {
            match FactKey::from_word(key.get_ref()) {
                Some(fact) => *fact.of_mut(&mut classification) = self.string(key, value),
                None => self.unknown_key(key, "kind, outcome, recovery, origin and http"),
            }
        }
        classification
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
            format!("`{}` is no table", key.get_ref()),
            "give it as a table, such as `[default]` or `[group.\"Keys\"]`, with lines such as `kind = \"INTERNAL\"`",
        );
        None
    }

    /// A string, or a number, date or boolean as it is written; an empty string counts as left out.
    fn string(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Option<Located> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            DeValue::Array(_) | DeValue::Table(_) => {
                let what = format!("`{}` is no text", key.get_ref());
                self.diagnostic(value.span(), what, "give it as a text in quotation marks");
                return None;
            }
            _ => self.source.text()[self.range(value.span())].to_owned(),
        };
        (!text.is_empty()).then(|| self.located(&text, value.span()))
    }

    fn unknown_key(&mut self, key: &Spanned<DeString<'_>>, known: &str) {
        self.diagnostic(
            key.span(),
            format!("the key `{}` is not known here", key.get_ref()),
            format!("the keys known here are {known}"),
        );
    }

    fn located(&self, text: &str, span: Range<usize>) -> Located {
        Located { text: text.to_owned(), range: self.range(span) }
    }

    /// The range in the source of a span in the TOML.
    fn range(&self, span: Range<usize>) -> Range<usize> {
        self.start + span.start..self.start + span.end
    }

    fn diagnostic(&mut self, span: Range<usize>, what: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::at(self.source, self.range(span), what, help));
    }
}
