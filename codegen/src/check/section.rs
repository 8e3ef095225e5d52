//! A table of which the rows are being read: a whole one, or a part of a composed one.

use super::Checker;
use super::classification::Defaults;
use super::names::Names;
use super::value::Values;
use crate::draft::Entry;
use crate::source::Located;
use crate::table::{Code, CodeRange, Table};
use crate::vocabulary::{Key, Repr};

/// A table so far, and what its next rows must not repeat.
pub(super) struct Section<'d> {
    pub(super) table: Table,
    pub(super) values: Values<'d>,
    names: Names<'d>,
    /// The heading of a part's rows.
    heading: Option<&'d Located>,
    pub(super) has_rows: bool,
}

impl<'d> Section<'d> {
    /// Makes a section without rows. The repr is `None` if it was reported.
    pub(super) fn new(table: Table, repr: Option<Repr>, takes_ranges: bool, heading: Option<&'d Located>) -> Self {
        Self { table, values: Values::new(repr, takes_ranges), names: Names::default(), heading, has_rows: false }
    }

    /// Does a row stand under the heading of this part?
    pub(super) fn owns(&self, row: &Entry) -> bool {
        match (self.heading, &row.group) {
            (Some(heading), Some(group)) => heading.text.eq_ignore_ascii_case(&group.text),
            _ => false,
        }
    }

    /// Adds a row to the table.
    pub(super) fn row(&mut self, checker: &mut Checker<'_>, row: &'d Entry, defaults: &Defaults<'d>) {
        self.has_rows = true;
        let values = checker.cell(row, Key::Value, "fill its column `Value`");
        let values = values.and_then(|at| self.values.read(checker, at));
        let name = checker.cell(row, Key::Name, "fill its column `Name`");
        let meaning = checker.cell(row, Key::Meaning, "fill its column `Meaning`: it becomes documentation");
        let meaning = meaning.map(|meaning| checker.legible(meaning)).unwrap_or_default();
        let group = row.group.as_ref().map(|group| checker.legible(group)).unwrap_or_default();
        let reasons = checker.reasons(row);
        let commands = checker.list(row, Key::Commands, "command");
        let since = checker.optional(row, Key::Since);
        let deprecated = checker.optional(row, Key::Deprecated);
        let classification = checker.classification(row, defaults);
        let Some(name) = name else { return };
        let (identifier, aliases) = self.names.register(checker, row, name);
        let Some((value, last)) = values else { return };
        let code = Code {
            value,
            name: name.text.clone(),
            identifier,
            group,
            meaning,
            classification,
            aliases,
            reasons,
            commands,
            since,
            deprecated,
        };
        match last {
            None => self.table.codes.push(code),
            Some(last) => self.table.ranges.push(CodeRange { last, row: code }),
        }
    }
}

impl Checker<'_> {
    fn cell<'d>(&mut self, row: &'d Entry, key: Key, help: &str) -> Option<&'d Located> {
        let cell = row.get(key);
        if cell.is_none() {
            self.report(&row.range, format!("the row has no {key}"), help);
        }
        cell
    }
}
