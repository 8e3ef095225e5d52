//! A table of which the rows are being read: a whole one, or a part of a composed one.

use super::classification::Defaults;
use super::names::Names;
use super::value::Values;
use super::{Checker, FIX};
use crate::draft::Entry;
use crate::identifier;
use crate::repr::Repr;
use crate::source::Located;
use crate::table::{Code, CodeRange, Table};
use crate::vocabulary::Key;

/// A table so far, and what its next rows must not repeat.
pub(super) struct Section<'d> {
    pub(super) table: Table,
    pub(super) values: Values<'d>,
    names: Names<'d>,
    /// The heading of a part's rows.
    heading: Option<&'d Located>,
    pub(super) has_rows: bool,
    /// How many rows have a kind.
    pub(super) classified: usize,
}

impl<'d> Section<'d> {
    /// Makes a section without rows. The repr is `None` if it was reported.
    pub(super) fn new(table: Table, repr: Option<Repr>, takes_ranges: bool, heading: Option<&'d Located>) -> Self {
        let (values, names) = (Values::new(repr, takes_ranges), Names::default());
        Self { table, values, names, heading, has_rows: false, classified: 0 }
    }

    /// Makes room for rows, whose names are compared when all are read.
    pub(super) fn reserve(&mut self, rows: &[Entry]) {
        self.table.codes.reserve(rows.len());
        self.values.reserve(rows.len());
        self.names = Names::postponed(rows);
    }

    /// Has a name been repeated that was not looked for? The section is then without rows again, and looks for names.
    pub(super) fn begins_again(&mut self) -> bool {
        if self.names.are_distinct() {
            return false;
        }
        self.table.codes.clear();
        self.table.ranges.clear();
        self.values.clear();
        self.names = Names::default();
        self.classified = 0;
        true
    }

    /// Does a row stand under the heading of this part?
    pub(super) fn owns(&self, row: &Entry) -> bool {
        match (self.heading, &row.group) {
            (Some(heading), Some(group)) => {
                heading.text.eq_ignore_ascii_case(&group.text) || heading.text == identifier::table_name(&group.text)
            }
            _ => false,
        }
    }

    /// Adds a row to the table.
    pub(super) fn row(&mut self, checker: &mut Checker<'_>, row: &'d Entry, defaults: &Defaults<'d>) {
        self.has_rows = true;
        let values = checker.cell(row, Key::Value);
        let values = values.and_then(|at| self.values.read(checker, at));
        let name = checker.cell(row, Key::Name);
        let meaning = checker.optional(row, Key::Meaning).unwrap_or_default();
        let group = row.group.as_ref().map(|group| checker.legible(group)).unwrap_or_default();
        let reasons = checker.reasons(row);
        let commands = checker.list(row, Key::Commands, "command");
        let since = checker.optional(row, Key::Since);
        let deprecated = checker.optional(row, Key::Deprecated);
        let classification = checker.classification(row, defaults);
        let Some(name) = name else { return };
        let is_range = values.as_ref().is_some_and(|value| value.last.is_some());
        let value_of_row = row.get(Key::Value);
        let (identifier, aliases) = self.names.register(checker, row, name, value_of_row.filter(|_| !is_range));
        let Some(super::value::Value { value, text, last }) = values else { return };
        self.classified += usize::from(defaults.classify(row));
        let code = Code {
            value,
            text,
            links: row.links.clone(),
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
    fn cell<'d>(&mut self, row: &'d Entry, key: Key) -> Option<&'d Located> {
        let cell = row.get(key);
        if cell.is_none() {
            let help = if key == Key::Name {
                let value = self.quoted_word(Key::Value);
                format!(
                    "fill its column `Name`; to leave the page as it is, name it by its value in {FIX}: `[rename]` with `{value} = \"Name\"`"
                )
            } else {
                let name = self.quoted_word(Key::Name);
                format!(
                    "fill its column `Value`; to leave the page as it is, correct the row by its name in {FIX}: `[override.{name}]` with `value = \"...\"`, or `[drop]` with `{name} = \"why\"`"
                )
            };
            self.report(&row.range, format!("the row has no {key}"), help);
        }
        cell
    }
}
