//! Reads a table of TOML: `[[code]]` for each code, and what other formats have in their front matter around them.

use super::Page;
use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::excerpt::quoted;
use crate::grid::{Cell, Grid, GridRow};
use crate::node::{Node, cell_of_items};
use crate::settings::{self, Reader, TomlKey, TomlValue};
use crate::source::Located;
use crate::tree::{self, LEVELS};
use crate::vocabulary::Key;
use std::ops::Range;
use toml::de::{DeArray, DeValue};

/// Reads a file that ends at a byte offset of the draft's source.
pub(super) fn read(draft: &mut Draft, end: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    let source = draft.source.clone();
    let start = if source.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let toml = settings::parse(&source, start..end, "the file", diagnostics)?;
    let mut reader = Reader { source: &source, start, is_page: false, is_table: true, diagnostics };
    let others = reader.settings(draft, toml.get_ref());
    Some(Page { grids: grids(&mut reader, draft, others), ..Page::default() })
}

/// Returns the tables of codes among the keys that are no settings.
fn grids(reader: &mut Reader<'_>, draft: &mut Draft, others: Vec<(&TomlKey<'_>, &TomlValue<'_>)>) -> Vec<Grid> {
    let (codes, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|(key, _)| key.get_ref() == "code");
    let mut grids = Vec::new();
    for (key, value) in codes {
        let codes = reader.array(key, value, "code", "with at least `value` and `name`");
        grids.extend(codes.map(|codes| grid(reader, key, codes)));
    }
    if grids.is_empty()
        && others.iter().any(|(_, value)| matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_)))
    {
        return codes_by_key(reader, draft, others);
    }
    let is_ours = |cell: &Cell| matches!(cell.text(), "value" | "name");
    if !grids.is_empty() && !grids.iter().flat_map(|grid| &grid.header).any(is_ours) {
        let left_out = others.into_iter().map(|(key, _)| unknown(&reader.located(key.get_ref(), key.span())));
        draft.account.left_out.extend(left_out);
        return grids;
    }
    others.into_iter().for_each(|(key, value)| reader.word(&mut draft.head, Key::HEAD, key, value));
    grids
}

/// Reads codes under other keys than `code`: `[404]`, `[errors.NotFound]`, `[[errors]]`.
fn codes_by_key(reader: &Reader<'_>, draft: &mut Draft, others: Vec<(&TomlKey<'_>, &TomlValue<'_>)>) -> Vec<Grid> {
    let (texts, codes): (Vec<_>, Vec<_>) = others
        .into_iter()
        .map(|(key, value)| member(reader, key, value, LEVELS))
        .partition(|(_, node)| matches!(node, Node::Text(_)));
    draft.account.left_out.extend(texts.into_iter().map(|(key, _)| unknown(&key)));
    tree::grids(&table(codes, reader.start..reader.start))
}

/// Returns why a key is left out that other files have.
fn unknown(key: &Located) -> (Range<usize>, String) {
    (key.range.clone(), format!("the key `{}` is not known here", quoted(&key.text)))
}

fn member(reader: &Reader<'_>, key: &TomlKey<'_>, value: &TomlValue<'_>, levels: usize) -> (Located, Node) {
    (reader.located(key.get_ref(), key.span()), node(reader, value, levels))
}

/// Makes a table of members in the order of the file.
fn table(mut members: Vec<(Located, Node)>, range: Range<usize>) -> Node {
    members.sort_by_key(|(key, _)| key.range.start);
    Node::Table(members, range)
}

/// Reads a value, down to a number of levels.
fn node(reader: &Reader<'_>, value: &TomlValue<'_>, levels: usize) -> Node {
    let range = reader.range(value.span());
    match value.get_ref() {
        DeValue::Array(_) | DeValue::Table(_) if levels == 0 => Node::Nothing,
        DeValue::Array(items) => Node::List(items.iter().map(|item| node(reader, item, levels - 1)).collect(), range),
        DeValue::Table(table) => {
            self::table(table.iter().map(|(key, value)| member(reader, key, value, levels - 1)).collect(), range)
        }
        _ => Node::Text(Located { text: reader.text(value).into(), range }),
    }
}

/// Makes a table of the codes: a column for each key that one of them has.
fn grid(reader: &mut Reader<'_>, key: &TomlKey<'_>, codes: &DeArray<'_>) -> Grid {
    let tables: Vec<_> =
        codes.iter().filter_map(|code| Some((reader.range(code.span()), reader.table(key, code)?))).collect();
    let mut grid = Grid::of_keys(reader.range(key.span()));
    for (range, table) in tables {
        let mut row = GridRow { range, cells: Vec::new() };
        for (key, value) in table {
            let cell = match value.get_ref() {
                DeValue::Array(items) => {
                    let items: Vec<_> = items.iter().filter_map(|item| reader.string(key, item)).collect();
                    cell_of_items(items, reader.range(value.span()))
                }
                DeValue::Table(_) => continue,
                _ => match reader.string(key, value) {
                    Some(word) => Cell::new(word.text, word.range),
                    None => continue,
                },
            };
            grid.set(&mut row, key.get_ref(), reader.range(key.span()), cell);
        }
        grid.rows.push(row);
    }
    grid
}
