//! Reads a table of TOML: `[[code]]` for each code, and what other formats have in their front matter around them.

use super::Page;
use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::excerpt::quoted;
use crate::grid::{Cell, Grid, GridRow};
use crate::node::Node;
use crate::node::cells::cell_of_items;
use crate::settings::{Reader, single_spaced};
use crate::source::Located;
use crate::toml::{self, Members};
use crate::tree;
use crate::vocabulary::Key;
use std::ops::Range;

/// Reads a file that ends at a byte offset of the draft's source.
pub(super) fn read(draft: &mut Draft, end: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Page> {
    let source = draft.source.clone();
    let start = if source.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let members = toml::read(&source, start..end, "the file", diagnostics)?;
    let mut reader = Reader { source: &source, is_page: false, is_table: true, diagnostics };
    let others = reader.settings(draft, members);
    Some(Page { grids: grids(&mut reader, draft, others), ..Page::default() })
}

/// Returns the tables of codes among the keys that are no settings.
fn grids(reader: &mut Reader<'_>, draft: &mut Draft, others: Members) -> Vec<Grid> {
    let (codes, others): (Members, Members) = others.into_iter().partition(|(key, _)| key.text == "code");
    let mut grids = Vec::new();
    for (key, value) in &codes {
        let codes = reader.array(key, value, "code", "with at least `value` and `name`");
        grids.extend(codes.map(|codes| grid(reader, key, codes)));
    }
    if grids.is_empty() && others.iter().any(|(_, value)| !matches!(value, Node::Text(_))) {
        return codes_by_key(draft, others);
    }
    let is_ours = |cell: &Cell| matches!(cell.text(), "value" | "name");
    if !grids.is_empty() && !grids.iter().flat_map(|grid| &grid.header).any(is_ours) {
        draft.account.left_out.extend(others.iter().map(|(key, _)| unknown(key)));
        return grids;
    }
    others.iter().for_each(|(key, value)| reader.word(&mut draft.head, Key::HEAD, key, value));
    grids
}

/// Reads codes under other keys than `code`: `[404]`, `[errors.NotFound]`, `[[errors]]`.
fn codes_by_key(draft: &mut Draft, others: Members) -> Vec<Grid> {
    let (texts, codes): (Members, Members) = others.into_iter().partition(|(_, node)| matches!(node, Node::Text(_)));
    draft.account.left_out.extend(texts.iter().map(|(key, _)| unknown(key)));
    tree::grids(&with_single_spaces(Node::Table(codes, 0..0)))
}

/// Returns why a key is left out that other files have.
fn unknown(key: &Located) -> (Range<usize>, String) {
    (key.range.clone(), format!("the key `{}` is not known here", quoted(&key.text)))
}

fn with_single_spaces(node: Node) -> Node {
    match node {
        Node::Text(Located { text, range }) => Node::Text(Located { text: single_spaced(&text), range }),
        Node::List(items, range) => Node::List(items.into_iter().map(with_single_spaces).collect(), range),
        Node::Table(members, range) => {
            let members = members.into_iter().map(|(key, value)| (key, with_single_spaces(value)));
            Node::Table(members.collect(), range)
        }
        Node::Nothing => node,
    }
}

/// Makes a table of the codes: a column for each key that one of them has.
fn grid(reader: &mut Reader<'_>, key: &Located, codes: &[Node]) -> Grid {
    let mut grid = Grid::of_keys(key.range.clone());
    for code in codes {
        let Some(members) = reader.table(key, code) else { continue };
        let mut row = GridRow { range: code.range(), cells: Vec::new() };
        for (key, value) in members {
            let cell = match value {
                Node::List(items, range) => {
                    let items = items.iter().filter_map(|item| reader.string(key, item)).collect();
                    cell_of_items(items, range.clone())
                }
                Node::Table(..) => continue,
                _ => match reader.string(key, value) {
                    Some(word) => Cell::new(word.text, word.range),
                    None => continue,
                },
            };
            grid.set(&mut row, &key.text, key.range.clone(), cell);
        }
        grid.rows.push(row);
    }
    grid
}
