//! What a table file says about itself, in TOML: between the lines `+++` at the top of a page, in a file next to it
//! (`printer.fix.toml`), or around the codes of a TOML table.

use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Entry};
use crate::excerpt::quoted;
use crate::node::Node;
use crate::source::{Located, Source};
use crate::text::Text;
use crate::toml::{self, Members};
use crate::vocabulary::Key;
use std::ops::Range;

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
    let members = toml::read(&source, range, what, diagnostics)?;
    Reader { source: &source, is_page, is_table: false, diagnostics }.settings(draft, members);
    Some(())
}

/// Reads settings.
pub(crate) struct Reader<'a> {
    pub(crate) source: &'a Source,
    /// It stands in the page, and not in a file next to it.
    pub(crate) is_page: bool,
    /// It is a table of codes, which have other keys.
    pub(crate) is_table: bool,
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Adds settings to a draft; returns what else stands in a table of codes.
    pub(crate) fn settings(&mut self, draft: &mut Draft, members: Members) -> Members {
        let mut others = Members::new();
        for (key, value) in members {
            match key.text.as_str() {
                "part" => {
                    let parts = self.array(&key, &value, "part", "in the order of the digits");
                    draft.parts.extend(parts.into_iter().flatten().map(|part| self.entry(None, Key::PART, &key, part)));
                }
                "default" => {
                    let defaults = self.entry(None, Key::CLASSIFICATION, &key, &value);
                    draft.defaults.range = defaults.range;
                    draft.defaults.words.extend(defaults.words);
                }
                "group" => draft.groups.extend(self.entries(Key::CLASSIFICATION, &key, &value)),
                "columns" => draft.columns.extend(self.entry(None, COLUMNS, &key, &value).words),
                "rename" => draft.fixes.rename.extend(self.texts(&key, &value)),
                "drop" => draft.fixes.drop.extend(self.texts(&key, &value)),
                "override" => draft.fixes.overrides.extend(self.entries(OVERRIDES, &key, &value)),
                word if self.is_table && !is_key_of_head(word) => others.push((key, value)),
                word if self.is_page && is_of_site(word) => {}
                _ => self.word(&mut draft.head, Key::HEAD, &key, &value),
            }
        }
        others
    }

    pub(crate) fn array<'n>(&mut self, key: &Located, value: &'n Node, line: &str, how: &str) -> Option<&'n [Node]> {
        if value.items().is_none() {
            self.diagnostic(
                value.range(),
                format!("`{}` is no list", quoted(&key.text)),
                format!("begin each {line} with a line `[[{line}]]`, {how}"),
            );
        }
        value.items()
    }

    /// Reads the entries of a TOML table of TOML tables.
    fn entries(&mut self, known: &[Key], key: &Located, value: &Node) -> Vec<Entry> {
        let members = self.table(key, value).into_iter().flatten();
        members.map(|(name, value)| self.entry(Some(name.clone()), known, name, value)).collect()
    }

    /// Reads pairs of texts.
    fn texts(&mut self, key: &Located, value: &Node) -> Vec<(Located, Located)> {
        let mut texts = Vec::new();
        for (key, value) in self.table(key, value).into_iter().flatten() {
            let text = self.string(key, value);
            texts.push((key.clone(), text.unwrap_or_else(|| Located { text: "".into(), range: value.range() })));
        }
        texts
    }

    /// Reads the words of a TOML table.
    fn entry(&mut self, group: Option<Located>, known: &[Key], key: &Located, value: &Node) -> Entry {
        let mut entry = Entry::new(value.range(), group);
        for (key, value) in self.table(key, value).into_iter().flatten() {
            self.word(&mut entry, known, key, value);
        }
        entry
    }

    pub(crate) fn word(&mut self, entry: &mut Entry, known: &[Key], key: &Located, value: &Node) {
        match Key::from_word(&key.text).filter(|key| known.contains(key)) {
            Some(known) => self.string(key, value).into_iter().for_each(|word| entry.add(known, word)),
            None => {
                let keys = self.in_words(known);
                self.diagnostic(
                    key.range.clone(),
                    format!("the key `{}` is not known here", quoted(&key.text)),
                    format!("the keys known here are {keys}"),
                );
            }
        }
    }

    pub(crate) fn table<'n>(&mut self, key: &Located, value: &'n Node) -> Option<&'n [(Located, Node)]> {
        if value.members().is_none() {
            self.diagnostic(
                value.range(),
                format!("`{}` is no table", quoted(&key.text)),
                "give it as a table, such as `[default]` or `[group.\"Keys\"]`, with lines such as `kind = \"INTERNAL\"`",
            );
        }
        value.members()
    }

    /// Returns a text with single spaces, or a number, date or boolean as it is written. An empty text counts as left out.
    pub(crate) fn string(&mut self, key: &Located, value: &Node) -> Option<Located> {
        let Node::Text(Located { text, range }) = value else {
            let what = format!("`{}` is no text", quoted(&key.text));
            self.diagnostic(value.range(), what, "give it as a text in quotation marks");
            return None;
        };
        let text = single_spaced(text);
        (!text.is_empty()).then(|| Located { text, range: range.clone() })
    }

    fn diagnostic(&mut self, range: Range<usize>, what: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::at(self.source, range, what, help));
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

/// Returns a text with single spaces.
pub(crate) fn single_spaced(text: &str) -> Text {
    text.split_whitespace().collect::<Vec<_>>().join(" ").into()
}

fn is_of_site(word: &str) -> bool {
    OF_SITES.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn is_key_of_head(word: &str) -> bool {
    Key::from_word(word).is_some_and(|key| Key::HEAD.contains(&key))
}
