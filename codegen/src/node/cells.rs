//! What tables of codes are made of in a tree of values.

use super::Node;
use crate::grid::{Cell, Marked};
use crate::source::Located;
use std::ops::Range;

/// Makes the cell of a list.
pub(crate) fn cell_of_items(items: Vec<Located>, range: Range<usize>) -> Cell {
    let texts: Vec<_> = items.iter().map(|item| item.text.as_str()).collect();
    let cell = Cell::new(texts.join(", "), range);
    Cell { marked: Some(Box::new(Marked { quoted: items, ..Marked::default() })), ..cell }
}

impl Node {
    pub(crate) fn is_list_of_lists(&self) -> bool {
        self.items().is_some_and(|items| !items.is_empty() && items.iter().all(|item| item.items().is_some()))
    }

    pub(crate) fn is_list_of_tables(&self) -> bool {
        matches!(self, Self::List(items, _) if items.iter().any(|item| item.members().is_some()))
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Text(text) if text.text.parse::<i128>().is_ok() || text.text.starts_with("0x"))
    }

    /// Returns the cell of a value. Of a table it is the English one of its texts; `None` if it has none.
    pub(crate) fn cell(&self) -> Option<Cell> {
        match self {
            Self::Text(text) => Some(Cell::new(text.text.as_str(), text.range.clone())),
            Self::List(items, range) => {
                let items = items.iter().filter_map(|item| item.cell()).map(|cell| cell.all).collect();
                Some(cell_of_items(items, range.clone()))
            }
            Self::Table(members, _) => english(members)?.cell(),
            Self::Nothing => None,
        }
    }
}

/// Returns the English one of a text in several languages: `{ "de": "Kein Papier", "en-US": "No paper" }`.
fn english(members: &[(Located, Node)]) -> Option<&Node> {
    let are_texts = members.iter().all(|(_, value)| matches!(value, Node::Text(_) | Node::Nothing));
    in_english(members).filter(|_| are_texts)
}

/// Returns the English one of tables in several languages: `{ "de": { "1": "Kein Papier" }, "en": { "1": "No paper" } }`.
pub(crate) fn english_table(members: &[(Located, Node)]) -> Option<&Node> {
    let are_tables = members.iter().all(|(_, value)| value.members().is_some() || value.is_list_of_tables());
    in_english(members).filter(|_| are_tables && members.len() > 1)
}

fn in_english(members: &[(Located, Node)]) -> Option<&Node> {
    let is_language = |key: &str| key.len() == 2 || key.len() == 5 && key.contains(['-', '_']);
    let are_languages = members.iter().all(|(key, _)| is_language(&key.text));
    members.iter().find(|(key, _)| are_languages && key.text.starts_with("en")).map(|(_, value)| value)
}
