//! Names and aliases: each must make an identifier, and each spelling and identifier must lead to one row.

use super::Checker;
use crate::draft::Entry;
use crate::excerpt::quoted;
use crate::identifier;
use crate::source::Located;
use crate::table::Alias;
use crate::vocabulary::Key;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The names of generated items.
const RESERVED: [&str; 2] = ["ALL", "Unlisted"];

/// The names of a table so far: every spelling and every identifier, with the row and the name that took it.
#[derive(Default)]
pub(super) struct Names<'d> {
    owners: HashMap<Cow<'d, str>, (usize, &'d Located)>,
    rows: usize,
}

impl<'d> Names<'d> {
    /// Takes the name and the aliases of a row; returns the name's identifier and the aliases with theirs.
    pub(super) fn register(
        &mut self,
        checker: &mut Checker<'_>,
        row: &'d Entry,
        name: &'d Located,
    ) -> (String, Vec<Alias>) {
        self.rows += 1;
        let variant = self.register_name(checker, name).unwrap_or_default();
        let mut aliases = Vec::new();
        let mut spellings = HashSet::from([name.text.as_str()]);
        for alias in row.all(Key::Aliases) {
            if !spellings.insert(&alias.text) {
                checker.report(
                    &alias.range,
                    format!("the alias `{}` repeats another name of its row", quoted(&alias.text)),
                    "remove it: the code is found by that name already",
                );
                continue;
            }
            // An alias with the identifier of its variant has no constant: only the lookup by name knows it.
            let identifier = self.register_name(checker, alias).filter(|identifier| *identifier != variant);
            aliases.push(Alias { name: alias.text.clone(), identifier });
        }
        (variant, aliases)
    }

    fn register_name(&mut self, checker: &mut Checker<'_>, name: &'d Located) -> Option<String> {
        let before = checker.diagnostics.len();
        checker.legible(name);
        if checker.diagnostics.len() > before || !checker.is_short(name) {
            return None;
        }
        let Some(identifier) = identifier::variant(&name.text) else {
            checker.report(
                &name.range,
                format!("the name `{}` makes no identifier", quoted(&name.text)),
                "use ASCII letters, digits, spaces, `-` and `_`, with at least one letter",
            );
            return None;
        };
        if RESERVED.contains(&identifier.as_str()) {
            checker.report(
                &name.range,
                format!(
                    "the name `{}` is reserved: generated code has a `{identifier}` of its own",
                    quoted(&name.text)
                ),
                "use a longer name, such as `CodeUnlisted`",
            );
            return None;
        }
        if let Some(first) = self.clash(&name.text).or_else(|| self.clash(&identifier)) {
            let what = if first.text == name.text {
                let line = checker.line(", first in ", first, "");
                format!("the name `{}` is given twice{line}", quoted(&name.text))
            } else {
                let line = checker.line(" (", first, ")");
                let (one, other) = (quoted(&first.text), quoted(&name.text));
                format!("the names `{one}`{line} and `{other}` both become `{}`", quoted(&identifier))
            };
            checker.report(&name.range, what, "a name or alias must lead to one row: rename one of the two");
            return None;
        }
        self.owners.insert(Cow::Borrowed(&name.text), (self.rows, name));
        if identifier != name.text {
            self.owners.insert(Cow::Owned(identifier.clone()), (self.rows, name));
        }
        Some(identifier)
    }

    /// Returns the name of another row that owns a spelling or identifier.
    fn clash(&self, key: &str) -> Option<&'d Located> {
        self.owners.get(key).filter(|(row, _)| *row != self.rows).map(|(_, name)| *name)
    }
}
