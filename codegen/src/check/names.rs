//! Names and aliases: each must make an identifier, and each spelling and identifier must lead to one row.

use super::Checker;
use crate::draft::RowDraft;
use crate::identifier;
use crate::source::Located;
use std::collections::HashMap;

/// What generated code calls its own things.
const RESERVED: [&str; 2] = ["ALL", "Unlisted"];

/// The names of a table so far: every spelling and every identifier, with the row and the name that took it.
#[derive(Default)]
pub(super) struct Names<'d> {
    owners: HashMap<String, (usize, &'d Located)>,
    rows: usize,
}

impl<'d> Names<'d> {
    pub(super) fn register(&mut self, checker: &mut Checker<'_>, row: &'d RowDraft) {
        self.rows += 1;
        let Some(name) = &row.name else { return };
        self.register_name(checker, name);
        for (at, alias) in row.aliases.iter().enumerate() {
            if alias.text == name.text || row.aliases[..at].iter().any(|earlier| earlier.text == alias.text) {
                checker.diagnostic(
                    alias,
                    format!("the alias `{}` repeats another name of its row", alias.text),
                    "remove it: the code is found by that name already",
                );
            } else {
                self.register_name(checker, alias);
            }
        }
    }

    fn register_name(&mut self, checker: &mut Checker<'_>, name: &'d Located) {
        if checker.legible(name).is_none() {
            return;
        }
        let Some(identifier) = identifier::variant(&name.text) else {
            checker.diagnostic(
                name,
                format!("the name `{}` makes no identifier", name.text),
                "use ASCII letters, digits, spaces, `-` and `_`, with at least one letter",
            );
            return;
        };
        if RESERVED.contains(&identifier.as_str()) {
            checker.diagnostic(
                name,
                format!("the name `{}` is reserved: generated code has a `{identifier}` of its own", name.text),
                "use a longer name, such as `CodeUnlisted`",
            );
            return;
        }
        if let Some(first) = self.clash(&name.text).or_else(|| self.clash(&identifier)) {
            let line = checker.line(first);
            let what = if first.text == name.text {
                format!("the name `{}` is given twice, first in line {line}", name.text)
            } else {
                format!("the names `{}` (line {line}) and `{}` both become `{identifier}`", first.text, name.text)
            };
            checker.diagnostic(name, what, "a name or alias must lead to one row: rename one of the two");
            return;
        }
        self.owners.insert(name.text.clone(), (self.rows, name));
        self.owners.insert(identifier, (self.rows, name));
    }

    /// The name of another row that owns a spelling or identifier.
    fn clash(&self, key: &str) -> Option<&'d Located> {
        self.owners.get(key).filter(|(row, _)| *row != self.rows).map(|(_, name)| *name)
    }
}
