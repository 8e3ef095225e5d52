//! A part of a table that has values and names of its own: all of a plain table, each part of a composed one.

use super::value::{Taken, Values};
use super::{Checker, Defaults, Names};
use crate::draft::RowDraft;
use crate::table::{Code, CodeRange};
use crate::vocabulary::Repr;

/// What was read so far.
pub(super) struct Section<'d> {
    pub(super) repr: Option<Repr>,
    pub(super) taken: Taken<'d>,
    names: Names<'d>,
    pub(super) codes: Vec<Code>,
    pub(super) ranges: Vec<CodeRange>,
    pub(super) has_rows: bool,
}

impl<'d> Section<'d> {
    pub(super) fn new(repr: Option<Repr>) -> Self {
        Self::with(repr, Taken::new(repr))
    }

    /// For the whole codes of a composed table.
    pub(super) fn of_wholes(repr: Option<Repr>) -> Self {
        Self::with(repr, Taken::of_wholes(repr))
    }

    fn with(repr: Option<Repr>, taken: Taken<'d>) -> Self {
        Self { repr, taken, names: Names::default(), codes: Vec::new(), ranges: Vec::new(), has_rows: false }
    }

    pub(super) fn row(&mut self, checker: &mut Checker<'_>, row: &'d RowDraft, defaults: &Defaults) {
        self.has_rows = true;
        let values = checker.row_values(row, &mut self.taken);
        let code = checker.row(row, defaults);
        self.names.register(checker, row);
        match (values, code) {
            (Some(Values::One(value)), Some(code)) => self.codes.push(Code { value, ..code }),
            (Some(Values::Range(first, last)), Some(code)) => {
                self.ranges.push(CodeRange { last, row: Code { value: first, ..code } });
            }
            _ => {}
        }
    }
}
