//! Words and their places in a file of rules.

use crate::diagnostic::Diagnostic;
use crate::excerpt::quoted;
use crate::invisible::hidden;
use crate::nearest::nearest;
use crate::source::{Located, Source};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

pub(super) type Key<'i> = Spanned<DeString<'i>>;
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    /// Where the TOML starts: behind a byte order mark.
    pub(super) start: usize,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    pub(super) fn report(&mut self, range: Range<usize>, what: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::at(self.source, range, what, help));
    }

    /// Returns the range in the source of a span in the TOML.
    pub(super) fn range(&self, span: Range<usize>) -> Range<usize> {
        self.start + span.start..self.start + span.end
    }

    pub(super) fn unknown_key(&mut self, key: &Key<'_>, known: &[&str]) {
        let name = key.get_ref();
        let meant = nearest(name, known.iter().copied()).map_or_else(String::new, |word| format!("is it `{word}`? "));
        let (last, rest) = known.split_last().unwrap_or((&"", &[]));
        self.report(
            self.range(key.span()),
            format!("the key `{}` is not known here", quoted(name)),
            format!("{meant}the keys known here are {} and {last}", rest.join(", ")),
        );
    }

    pub(super) fn table<'t, 'i>(
        &mut self,
        key: &Key<'_>,
        value: &'t Value<'i>,
        help: &'static str,
    ) -> Option<&'t DeTable<'i>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(table);
        }
        self.report(self.range(value.span()), format!("`{}` is no table", quoted(key.get_ref())), help);
        None
    }

    /// Reads a text, or each text of a list. A number counts as the text that is written.
    pub(super) fn texts(&mut self, key: &Key<'_>, value: &Value<'_>) -> Vec<Located> {
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.text(key, item)).collect(),
            _ => self.text(key, value).into_iter().collect(),
        }
    }

    /// Reads a text. Every character of it must be visible.
    pub(super) fn text(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<Located> {
        let range = self.range(value.span());
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(_) => self.source.text()[range.clone()].to_owned(),
            _ => {
                self.report(
                    range,
                    format!("`{}` is no text", quoted(key.get_ref())),
                    "give it as a text in quotation marks",
                );
                return None;
            }
        };
        if let Some(hidden) = hidden(&text) {
            self.report(
                range,
                format!("the invisible character U+{:04X} stands in this text", u32::from(hidden)),
                "remove it: what a file says must be what a reader sees",
            );
            return None;
        }
        Some(Located { text: text.into(), range })
    }
}
