//! Names and aliases: each must make an identifier, and each spelling and identifier must lead to one row.

use super::{Checker, FIX};
use crate::draft::Entry;
use crate::excerpt::quoted;
use crate::hash::{Map, Set};
use crate::identifier;
use crate::source::Located;
use crate::table::Alias;
use crate::text::Text;
use crate::vocabulary::Key;

/// The names of generated items.
const RESERVED: [&str; 2] = ["ALL", "Unlisted"];

/// The words that pages put in place of names.
const PLACEHOLDERS: [&str; 7] = ["reserved", "unassigned", "unused", "undefined", "deprecated", "obsolete", "private"];

/// Is it a text for people, which several codes may share, and not an identifier?
fn is_title(name: &str) -> bool {
    let word = name.trim_matches(['(', ')']);
    name.trim().contains(' ') || PLACEHOLDERS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// The names of a table so far: every spelling and every identifier, with the row and the name that took it.
#[derive(Default)]
pub(super) struct Names<'d> {
    owners: Map<Text, (usize, &'d Located)>,
    rows: usize,
}

impl<'d> Names<'d> {
    /// Makes room for the names of rows. A growing map would be copied.
    pub(super) fn reserve(&mut self, rows: &[Entry]) {
        let names = rows.iter().map(|row| row.all(Key::Name).count() + row.all(Key::Aliases).count()).sum::<usize>();
        // Each has a spelling and an identifier.
        self.owners.reserve(2 * names);
    }

    /// Takes the name and the aliases of a row; returns the name's identifier and the aliases with theirs. The value is that
    /// of the row; `None` for a range, which makes no variant.
    pub(super) fn register(
        &mut self,
        checker: &mut Checker<'_>,
        row: &'d Entry,
        name: &'d Located,
        value: Option<&Located>,
    ) -> (Text, Vec<Alias>) {
        self.rows += 1;
        let variant = match self.shared(name, value) {
            Some(identifier) => identifier,
            None => self.register_name(checker, name).unwrap_or_default(),
        };
        let mut aliases = Vec::with_capacity(row.all(Key::Aliases).count());
        let mut spellings = Set::default();
        for alias in row.all(Key::Aliases) {
            if alias.text == name.text || !spellings.insert(&alias.text) {
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

    /// Returns the identifier of a row with the title of an earlier one, such as `Reserved`: it has the value at its end.
    fn shared(&mut self, name: &'d Located, value: Option<&Located>) -> Option<Text> {
        if !is_title(&name.text) {
            return None;
        }
        let identifier = identifier::variant(&name.text)?;
        self.clash(&name.text).or_else(|| self.clash(&identifier))?;
        let Some(value) = value else { return Some(identifier) };
        let own = identifier::variant(&format!("{} {}", name.text, value.text.replace('-', " minus ")))?;
        if self.clash(&own).is_some() {
            return None;
        }
        self.owners.insert(own.clone(), (self.rows, name));
        Some(own)
    }

    fn register_name(&mut self, checker: &mut Checker<'_>, name: &'d Located) -> Option<Text> {
        if !checker.is_legible(name) || !checker.is_short(name) {
            return None;
        }
        let Some(identifier) = identifier::variant(&name.text) else {
            let value = checker.quoted_word(Key::Value);
            checker.report(
                &name.range,
                format!("the name `{}` makes no identifier", quoted(&name.text)),
                format!("use ASCII letters, digits, spaces, `-` and `_`, with at least one letter; to leave the page as it is, name the row by its value in {FIX}: `[rename]` with `{value} = \"Name\"`"),
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
        if let Some(first) = self.take(&name.text, name).or_else(|| self.take_identifier(&identifier, name)) {
            let what = if first.text == name.text {
                let line = checker.line(", first in ", first, "");
                format!("the name `{}` is given twice{line}", quoted(&name.text))
            } else {
                let line = checker.line(" (", first, ")");
                let (one, other) = (quoted(&first.text), quoted(&name.text));
                format!("the names `{one}`{line} and `{other}` both become `{}`", quoted(&identifier))
            };
            let value = checker.quoted_word(Key::Value);
            checker.report(&name.range, what, format!("a name or alias must lead to one row: rename one of the two; to leave the page as it is, do so by its value in {FIX}: `[rename]` with `{value} = \"Name\"`"));
            return None;
        }
        Some(identifier)
    }

    fn take_identifier(&mut self, identifier: &Text, name: &'d Located) -> Option<&'d Located> {
        if *identifier == name.text { None } else { self.take(identifier, name) }
    }

    /// Takes a spelling or identifier for the row; returns the name of another row that owns it.
    fn take(&mut self, key: &Text, name: &'d Located) -> Option<&'d Located> {
        let (row, first) = self.owners.entry(key.clone()).or_insert((self.rows, name));
        (*row != self.rows).then_some(*first)
    }

    /// Returns the name of another row that owns a spelling or identifier.
    fn clash(&self, key: &str) -> Option<&'d Located> {
        self.owners.get(key).filter(|(row, _)| *row != self.rows).map(|(_, name)| *name)
    }
}
