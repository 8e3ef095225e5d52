//! What a table file says about itself, in TOML: between the lines `+++` at the top of a page, in a file next to it
//! (`printer.fix.toml`), or around the codes of a TOML table.

use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Entry};
use crate::excerpt::quoted;
use crate::source::{Located, Source};
use crate::vocabulary::Key;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

/// The keys that name a column of a page.
const COLUMNS: &[Key] = &[Key::Value, Key::Name, Key::Meaning];
/// The keys that correct a row.
const OVERRIDES: &[Key] = &[
    Key::Value,
    Key::Name,
    Key::Meaning,
    Key::Kind,
    Key::Outcome,
    Key::Recovery,
    Key::Origin,
    Key::Http,
    Key::Aliases,
    Key::Reasons,
    Key::Commands,
    Key::Since,
    Key::Deprecated,
];

/// What documentation sites write into a front matter of TOML.
const OF_SITES: &[&str] = &[
    "aliases",
    "author",
    "authors",
    "cascade",
    "categories",
    "date",
    "description",
    "draft",
    "expirydate",
    "extra",
    "icon",
    "keywords",
    "lastmod",
    "layout",
    "linktitle",
    "menu",
    "menus",
    "outputs",
    "page_template",
    "params",
    "publishdate",
    "sidebar",
    "slug",
    "sort_by",
    "summary",
    "tags",
    "taxonomies",
    "template",
    "toc",
    "type",
    "updated",
    "url",
    "weight",
];

/// Adds the settings in a range of the draft's source to the draft; what it has already holds. `None` if the TOML cannot be
/// read: everything would be misunderstood.
pub(crate) fn read(draft: &mut Draft, range: Range<usize>, diagnostics: &mut Vec<Diagnostic>) -> Option<()> {
    let source = draft.source.clone();
    let is_page = source.path_at(range.start) == source.path();
    let what = if is_page { "the front matter" } else { "the file" };
    let table = parse(&source, range.clone(), what, diagnostics)?;
    let mut reader = Reader { source: &source, start: range.start, is_page, is_table: false, diagnostics };
    reader.settings(draft, table.get_ref());
    Some(())
}

/// Reads the TOML in a range of the source; reports what is no TOML.
pub(crate) fn parse<'s>(
    source: &'s Source,
    range: Range<usize>,
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Spanned<DeTable<'s>>> {
    let (table, errors) = DeTable::parse_recoverable(&source.text()[range.clone()]);
    if errors.is_empty() {
        return Some(table);
    }
    diagnostics.extend(errors.iter().map(|error| {
        let span = error.span().unwrap_or(0..0);
        Diagnostic::at(
            source,
            range.start + span.start..range.start + span.end,
            format!("{what} is not valid TOML: {}", error.message().trim_end().replace('\n', ", ")),
            "write it as `key = \"value\"` and `[table]` lines, each key once",
        )
    }));
    None
}

/// Reads settings.
pub(crate) struct Reader<'a> {
    pub(crate) source: &'a Source,
    /// Where the TOML starts in the source.
    pub(crate) start: usize,
    /// It stands in the page, and not in a file next to it.
    pub(crate) is_page: bool,
    /// It is a table of codes, which have other keys.
    pub(crate) is_table: bool,
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
}

pub(crate) type TomlKey<'i> = Spanned<DeString<'i>>;
pub(crate) type TomlValue<'i> = Spanned<DeValue<'i>>;

impl Reader<'_> {
    /// Adds settings to a draft; returns what else stands in a table of codes.
    pub(crate) fn settings<'t, 'i>(
        &mut self,
        draft: &mut Draft,
        table: &'t DeTable<'i>,
    ) -> Vec<(&'t TomlKey<'i>, &'t TomlValue<'i>)> {
        let mut others = Vec::new();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "part" => {
                    let parts = self.array(key, value, "part", "in the order of the digits");
                    draft.parts.extend(parts.into_iter().flatten().map(|part| self.entry(None, Key::PART, key, part)));
                }
                "default" => {
                    let defaults = self.entry(None, Key::CLASSIFICATION, key, value);
                    draft.defaults.range = defaults.range;
                    draft.defaults.words.extend(defaults.words);
                }
                "group" => draft.groups.extend(self.entries(Key::CLASSIFICATION, key, value)),
                "columns" => draft.columns.extend(self.entry(None, COLUMNS, key, value).words),
                "rename" => draft.fixes.rename.extend(self.texts(key, value)),
                "drop" => draft.fixes.drop.extend(self.texts(key, value)),
                "override" => draft.fixes.overrides.extend(self.entries(OVERRIDES, key, value)),
                word if self.is_table && !is_key_of_head(word) => others.push((key, value)),
                word if self.is_page && is_of_site(word) => {}
                _ => self.word(&mut draft.head, Key::HEAD, key, value),
            }
        }
        others
    }

    pub(crate) fn array<'t, 'i>(
        &mut self,
        key: &TomlKey<'_>,
        value: &'t TomlValue<'i>,
        line: &str,
        how: &str,
    ) -> Option<&'t DeArray<'i>> {
        if let DeValue::Array(array) = value.get_ref() {
            return Some(array);
        }
        self.diagnostic(
            value.span(),
            format!("`{}` is no list", quoted(key.get_ref())),
            format!("begin each {line} with a line `[[{line}]]`, {how}"),
        );
        None
    }

    /// Reads the entries of a TOML table of TOML tables.
    fn entries(&mut self, known: &[Key], key: &TomlKey<'_>, value: &TomlValue<'_>) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (name, value) in self.table(key, value).into_iter().flatten() {
            let name_of_entry = self.located(name.get_ref(), name.span());
            entries.push(self.entry(Some(name_of_entry), known, name, value));
        }
        entries
    }

    /// Reads pairs of texts.
    fn texts(&mut self, key: &TomlKey<'_>, value: &TomlValue<'_>) -> Vec<(Located, Located)> {
        let mut texts = Vec::new();
        for (key, value) in self.table(key, value).into_iter().flatten() {
            let text = self.string(key, value).unwrap_or_else(|| self.located("", value.span()));
            texts.push((self.located(key.get_ref(), key.span()), text));
        }
        texts
    }

    /// Reads the words of a TOML table.
    fn entry(&mut self, group: Option<Located>, known: &[Key], key: &TomlKey<'_>, value: &TomlValue<'_>) -> Entry {
        let mut entry = Entry::new(self.range(value.span()), group);
        for (key, value) in self.table(key, value).into_iter().flatten() {
            self.word(&mut entry, known, key, value);
        }
        entry
    }

    pub(crate) fn word(&mut self, entry: &mut Entry, known: &[Key], key: &TomlKey<'_>, value: &TomlValue<'_>) {
        match Key::from_word(key.get_ref()).filter(|key| known.contains(key)) {
            Some(known) => self.string(key, value).into_iter().for_each(|word| entry.add(known, word)),
            None => {
                let keys = self.in_words(known);
                self.diagnostic(
                    key.span(),
                    format!("the key `{}` is not known here", quoted(key.get_ref())),
                    format!("the keys known here are {keys}"),
                );
            }
        }
    }

    pub(crate) fn table<'t, 'i>(&mut self, key: &TomlKey<'_>, value: &'t TomlValue<'i>) -> Option<&'t DeTable<'i>> {
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
    pub(crate) fn string(&mut self, key: &TomlKey<'_>, value: &TomlValue<'_>) -> Option<Located> {
        if let DeValue::Array(_) | DeValue::Table(_) = value.get_ref() {
            let what = format!("`{}` is no text", quoted(key.get_ref()));
            self.diagnostic(value.span(), what, "give it as a text in quotation marks");
            return None;
        }
        let text = self.text(value);
        (!text.is_empty()).then(|| self.located(&text, value.span()))
    }

    /// Returns the text of a string, with single spaces, or of another value as it is written.
    pub(crate) fn text(&self, value: &TomlValue<'_>) -> String {
        match value.get_ref() {
            DeValue::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => self.source.text()[self.range(value.span())].to_owned(),
        }
    }

    pub(crate) fn located(&self, text: &str, span: Range<usize>) -> Located {
        Located { text: text.into(), range: self.range(span) }
    }

    /// Returns the range in the source of a span in the TOML.
    pub(crate) fn range(&self, span: Range<usize>) -> Range<usize> {
        self.start + span.start..self.start + span.end
    }

    fn diagnostic(&mut self, span: Range<usize>, what: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::at(self.source, self.range(span), what, help));
    }

    fn in_words(&self, keys: &[Key]) -> String {
        let words: Vec<_> = keys.iter().map(|key| key.word()).collect();
        match words.split_last() {
            _ if keys == Key::HEAD => {
                let codes = if self.is_table { ", [[code]]" } else { "" };
                format!(
                    "{}{codes}, [[part]], [default], [group.\"...\"], [columns], [rename], [drop] and [override.\"...\"]",
                    words.join(", ")
                )
            }
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        }
    }
}

fn is_of_site(word: &str) -> bool {
    OF_SITES.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn is_key_of_head(word: &str) -> bool {
    Key::from_word(word).is_some_and(|key| Key::HEAD.contains(&key))
}
