//! Words and their places in a file of rules.

use crate::diagnostic::Diagnostic;
use crate::excerpt::quoted;
use crate::invisible::hidden;
use crate::nearest::nearest;
use crate::node::Node;
use crate::source::{Located, Source};
use std::ops::Range;

pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    pub(super) fn report(&mut self, range: Range<usize>, what: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::at(self.source, range, what, help));
    }

    pub(super) fn unknown_key(&mut self, key: &Located, known: &[&str]) {
        let name = &key.text;
        let meant = nearest(name, known.iter().copied()).map_or_else(String::new, |word| format!("is it `{word}`? "));
        let (last, rest) = known.split_last().unwrap_or((&"", &[]));
        self.report(
            key.range.clone(),
            format!("the key `{}` is not known here", quoted(name)),
            format!("{meant}the keys known here are {} and {last}", rest.join(", ")),
        );
    }

    pub(super) fn table<'n>(
        &mut self,
        key: &Located,
        value: &'n Node,
        help: &'static str,
    ) -> Option<&'n [(Located, Node)]> {
        if value.members().is_none() {
            self.report(value.range(), format!("`{}` is no table", quoted(&key.text)), help);
        }
        value.members()
    }

    /// Reads a text, or each text of a list. A number counts as the text that is written.
    pub(super) fn texts(&mut self, key: &Located, value: &Node) -> Vec<Located> {
        match value.items() {
            Some(items) => items.iter().filter_map(|item| self.text(key, item)).collect(),
            None => self.text(key, value).into_iter().collect(),
        }
    }

    /// Reads a text. Every character of it must be visible.
    pub(super) fn text(&mut self, key: &Located, value: &Node) -> Option<Located> {
        let Node::Text(text) = value else {
            let what = format!("`{}` is no text", quoted(&key.text));
            self.report(value.range(), what, "give it as a text in quotation marks");
            return None;
        };
        if let Some(hidden) = hidden(&text.text) {
            self.report(
                text.range.clone(),
                format!("the invisible character U+{:04X} stands in this text", u32::from(hidden)),
                "remove it: what a file says must be what a reader sees",
            );
            return None;
        }
        Some(text.clone())
    }
}
