//! One row: its value, its texts, its facts.

use super::{Checker, Defaults, Facts};
use crate::draft::RowDraft;
use crate::identifier;
use crate::source::Located;
use crate::table::{Alias, Code};
use crate::vocabulary::Repr;
use std::collections::HashMap;

impl Checker<'_> {
    /// The code of a row; `None` if a mistake was reported.
    pub(super) fn row<'d>(
        &mut self,
        row: &'d RowDraft,
        repr: Option<Repr>,
        defaults: &Defaults,
        values: &mut HashMap<i64, &'d Located>,
    ) -> Option<Code> {
        let value =
            self.cell(row, &row.value, "value", "fill its column `Value`").and_then(|at| self.value(at, repr, values));
        let name = self.cell(row, &row.name, "name", "fill its column `Name`");
        let meaning = self.cell(row, &row.meaning, "meaning", "fill its column `Meaning`: it becomes documentation");
        let meaning = meaning.and_then(|meaning| self.legible(meaning));
        let group = row.group.as_ref().map_or(Some(String::new()), |group| self.legible(group));
        let commands = self.optional(&row.commands);
        let since = self.optional(&row.since);
        let deprecated = self.optional(&row.deprecated);
        let Facts { kind, outcome, recovery, origin, http } = self.facts(row, defaults)?;
        let name = name?.text.clone();
        let identifier = identifier::variant(&name)?;
        Some(Code {
            value: value?,
            aliases: row.aliases.iter().map(|alias| resolve_alias(alias, &identifier)).collect(),
            name,
            identifier,
            group: group?,
            meaning: meaning?,
            kind,
            outcome,
            recovery,
            origin,
            http,
            commands: commands?,
            since: since?,
            deprecated: deprecated?,
        })
    }

    fn cell<'d>(&mut self, row: &RowDraft, cell: &'d Option<Located>, what: &str, help: &str) -> Option<&'d Located> {
        if cell.is_none() {
            self.mistake(&row.whole(), format!("the row has no {what}"), help);
        }
        cell.as_ref()
    }

    /// `None` for a mistake, `Some(None)` for an empty cell.
    fn optional(&mut self, cell: &Option<Located>) -> Option<Option<String>> {
        match cell {
            Some(cell) => self.legible(cell).map(Some),
            None => Some(None),
        }
    }

    fn value<'d>(
        &mut self,
        at: &'d Located,
        repr: Option<Repr>,
        values: &mut HashMap<i64, &'d Located>,
    ) -> Option<i64> {
        if !is_integer(&at.text) {
            self.mistake(
                at,
                format!("the value `{}` is no integer", at.text),
                "write it in decimal digits, such as 404 or -5",
            );
            return None;
        }
        // If the repr itself is a mistake, values can still be given twice.
        let (lowest, highest) = repr.map_or((i64::MIN, i64::MAX), Repr::range);
        // Digits that i64 cannot hold are outside every range too.
        let Some(value) = at.text.parse().ok().filter(|value| (lowest..=highest).contains(value)) else {
            let (what, help) = match repr {
                Some(repr) => (
                    format!("the value {} is outside the repr `{repr}`", at.text),
                    format!("use a value from {lowest} to {highest}, or a wider `repr`"),
                ),
                None => (format!("the value {} is outside every repr", at.text), "use a smaller number".to_owned()),
            };
            self.mistake(at, what, help);
            return None;
        };
        if let Some(first) = values.get(&value).copied() {
            self.mistake(
                at,
                format!("the value {value} is given twice, first in line {}", self.line(first)),
                "list a value once; a second name for it goes into the column `Aliases`",
            );
            return None;
        }
        values.insert(value, at);
        Some(value)
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// An alias that would be called like its own variant has no constant: only the lookup by name knows it.
fn resolve_alias(alias: &Located, variant: &str) -> Alias {
    let identifier = identifier::variant(&alias.text).filter(|identifier| identifier != variant);
    Alias { name: alias.text.clone(), identifier }
}
