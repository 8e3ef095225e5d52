//! TOML as the crate `toml` reads it.

use super::{Flaw, Members};
use crate::node::Node;
use crate::source::Located;
use ::toml::Spanned;
use ::toml::de::{DeString, DeTable, DeValue};
use std::ops::Range;

/// Reads the TOML in a range of a text.
pub(super) fn read(text: &str, range: Range<usize>) -> Result<Members, Vec<Flaw>> {
    let tree = Tree { text, start: range.start };
    let (table, errors) = DeTable::parse_recoverable(&text[range]);
    if errors.is_empty() {
        return Ok(tree.members(table.get_ref()));
    }
    let flaw = |error: &::toml::de::Error| {
        (tree.range(error.span().unwrap_or(0..0)), error.message().trim_end().replace('\n', ", "))
    };
    Err(errors.iter().map(flaw).collect())
}

struct Tree<'t> {
    text: &'t str,
    /// Where the TOML starts in it.
    start: usize,
}

impl Tree<'_> {
    fn members(&self, table: &DeTable<'_>) -> Members {
        let member = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| {
            (Located { text: key.get_ref().as_ref().into(), range: self.range(key.span()) }, self.value(value))
        };
        let mut members: Members = table.iter().map(member).collect();
        members.sort_by_key(|(key, _)| key.range.start);
        members
    }

    /// The depth of values has a limit: that of the crate.
    fn value(&self, value: &Spanned<DeValue<'_>>) -> Node {
        let range = self.range(value.span());
        match value.get_ref() {
            DeValue::Array(items) => Node::List(items.iter().map(|item| self.value(item)).collect(), range),
            DeValue::Table(table) => Node::Table(self.members(table), range),
            DeValue::String(text) => Node::Text(Located { text: text.as_ref().into(), range }),
            _ => Node::Text(Located { text: self.text[range.clone()].into(), range }),
        }
    }

    /// Returns the range in the text of a span in the TOML.
    fn range(&self, span: Range<usize>) -> Range<usize> {
        self.start + span.start..self.start + span.end
    }
}
