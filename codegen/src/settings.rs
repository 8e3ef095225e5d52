//! What a table file says about itself, in TOML: between the lines `+++` at the top of a page, in a file next to it
//! (`printer.fix.toml`), or around the codes of a TOML table.

use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Entry};
use crate::excerpt::quoted;
use crate::grid::{Cell, Grid, GridRow};
use crate::node::Node;
use crate::source::{Located, Source};
use crate::tree::{self, LEVELS};
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

/// Where settings stand, which decides what they may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Next to the codes.
    Beside,
    /// Around the codes, which are `[[code]]`, or tables under other keys than those of settings.
    Around,
}

/// Adds the settings in a range of the draft's source to the draft; what it has already holds. Returns the codes between
/// them. `None` if the TOML cannot be read: everything would be misunderstood.
pub(crate) fn read(
    draft: &mut Draft,
    range: Range<usize>,
    place: Place,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Grid>> {
    let source = draft.source.clone();
    let (table, errors) = DeTable::parse_recoverable(&source.text()[range.clone()]);
    if !errors.is_empty() {
        diagnostics.extend(errors.iter().map(|error| syntax_error(&source, &range, place, error)));
        return None;
    }
    Some(Reader { source: &source, start: range.start, place, diagnostics }.settings(draft, table.get_ref()))
}

/// Reports an error of the TOML in a range of the source.
pub(crate) fn syntax_error(source: &Source, toml: &Range<usize>, place: Place, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let is_page = is_front_matter(source, toml.start, place);
    let what = if is_page { "the front matter" } else { "the file" };
    Diagnostic::at(
        source,
        toml.start + span.start..toml.start + span.end,
        format!("{what} is not valid TOML: {}", error.message().trim_end().replace('\n', ", ")),
        "write it as `key = \"value\"` and `[table]` lines, each key once",
    )
}

/// Does the TOML stand in the page, and not in a file next to it?
fn is_front_matter(source: &Source, start: usize, place: Place) -> bool {
    place == Place::Beside && source.path_at(start) == source.path()
}

struct Reader<'a> {
    source: &'a Source,
    /// Where the TOML starts in the source.
    start: usize,
    place: Place,
    diagnostics: &'a mut Vec<Diagnostic>,
}

type TomlKey<'i> = Spanned<DeString<'i>>;
type TomlValue<'i> = Spanned<DeValue<'i>>;

impl Reader<'_> {
    fn settings(&mut self, draft: &mut Draft, table: &DeTable<'_>) -> Vec<Grid> {
        let mut grids = Vec::new();
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
                "code" if self.place == Place::Around => {
                    let codes = self.array(key, value, "code", "with at least `value` and `name`");
                    grids.extend(codes.map(|codes| self.grid(key, codes)));
                }
                word if self.place == Place::Around && !is_key_of_head(word) => others.push((key, value)),
                word if is_front_matter(self.source, self.start, self.place) && is_of_site(word) => {}
                _ => self.word(&mut draft.head, Key::HEAD, key, value),
            }
        }
        if grids.is_empty()
            && others.iter().any(|(_, value)| matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_)))
        {
            return self.codes_by_key(draft, others);
        }
        let is_ours = |cell: &Cell| matches!(cell.text(), "value" | "name");
        if !grids.is_empty() && !grids.iter().flat_map(|grid| &grid.header).any(is_ours) {
            let left_out = others.into_iter().map(|(key, _)| self.unknown(&self.located(key.get_ref(), key.span())));
            draft.account.left_out.extend(left_out);
            return grids;
        }
        others.into_iter().for_each(|(key, value)| self.word(&mut draft.head, Key::HEAD, key, value));
        grids
    }

    /// Reads codes under other keys than `code`: `[404]`, `[errors.NotFound]`, `[[errors]]`.
    fn codes_by_key(&self, draft: &mut Draft, others: Vec<(&TomlKey<'_>, &TomlValue<'_>)>) -> Vec<Grid> {
        let (texts, codes): (Vec<_>, Vec<_>) = others
            .into_iter()
            .map(|(key, value)| self.member(key, value, LEVELS))
            .partition(|(_, node)| matches!(node, Node::Text(_)));
        draft.account.left_out.extend(texts.into_iter().map(|(key, _)| self.unknown(&key)));
        let start = self.start;
        tree::grids(&Node::table(codes, start..start))
    }

    /// Returns why a key is left out that other files have.
    fn unknown(&self, key: &Located) -> (Range<usize>, String) {
        (key.range.clone(), format!("the key `{}` is not known here", quoted(&key.text)))
    }

    fn member(&self, key: &TomlKey<'_>, value: &TomlValue<'_>, levels: usize) -> (Located, Node) {
        (self.located(key.get_ref(), key.span()), self.node(value, levels))
    }

    /// Reads a value, down to a number of levels.
    fn node(&self, value: &TomlValue<'_>, levels: usize) -> Node {
        let range = self.range(value.span());
        match value.get_ref() {
            DeValue::Array(_) | DeValue::Table(_) if levels == 0 => Node::Nothing,
            DeValue::Array(items) => Node::List(items.iter().map(|item| self.node(item, levels - 1)).collect(), range),
            DeValue::Table(table) => {
                Node::table(table.iter().map(|(key, value)| self.member(key, value, levels - 1)).collect(), range)
            }
            _ => Node::Text(Located { text: self.text(value).into(), range }),
        }
    }

    fn array<'t, 'i>(
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

    /// Makes a table of the codes: a column for each key that one of them has.
    fn grid(&mut self, key: &TomlKey<'_>, codes: &DeArray<'_>) -> Grid {
        let tables: Vec<_> =
            codes.iter().filter_map(|code| Some((self.range(code.span()), self.table(key, code)?))).collect();
        let mut grid = Grid::of_keys(self.range(key.span()));
        for (range, table) in tables {
            let mut row = GridRow { range, cells: Vec::new() };
            for (key, value) in table {
                let cell = match value.get_ref() {
                    DeValue::Array(items) => {
                        let items: Vec<_> = items.iter().filter_map(|item| self.string(key, item)).collect();
                        Cell::of_items(items, self.range(value.span()))
                    }
                    DeValue::Table(_) => continue,
                    _ => match self.string(key, value) {
                        Some(word) => Cell::new(word.text, word.range),
                        None => continue,
                    },
                };
                grid.set(&mut row, key.get_ref(), self.range(key.span()), cell);
            }
            grid.rows.push(row);
        }
        grid
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

    fn word(&mut self, entry: &mut Entry, known: &[Key], key: &TomlKey<'_>, value: &TomlValue<'_>) {
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

    fn table<'t, 'i>(&mut self, key: &TomlKey<'_>, value: &'t TomlValue<'i>) -> Option<&'t DeTable<'i>> {
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
    fn string(&mut self, key: &TomlKey<'_>, value: &TomlValue<'_>) -> Option<Located> {
        if let DeValue::Array(_) | DeValue::Table(_) = value.get_ref() {
            let what = format!("`{}` is no text", quoted(key.get_ref()));
            self.diagnostic(value.span(), what, "give it as a text in quotation marks");
            return None;
        }
        let text = self.text(value);
        (!text.is_empty()).then(|| self.located(&text, value.span()))
    }

    /// Returns the text of a string, with single spaces, or of another value as it is written.
    fn text(&self, value: &TomlValue<'_>) -> String {
        match value.get_ref() {
            DeValue::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => self.source.text()[self.range(value.span())].to_owned(),
        }
    }

    fn located(&self, text: &str, span: Range<usize>) -> Located {
        Located { text: text.into(), range: self.range(span) }
    }

    /// Returns the range in the source of a span in the TOML.
    fn range(&self, span: Range<usize>) -> Range<usize> {
        self.start + span.start..self.start + span.end
    }

    fn diagnostic(&mut self, span: Range<usize>, what: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::at(self.source, self.range(span), what, help));
    }

    fn in_words(&self, keys: &[Key]) -> String {
        let words: Vec<_> = keys.iter().map(|key| key.word()).collect();
        match words.split_last() {
            _ if keys == Key::HEAD => {
                let codes = if self.place == Place::Around { ", [[code]]" } else { "" };
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
