//! One row: its texts and its classification.

use super::value::{Taken, Values};
use super::{Checker, Classification, Defaults};
use crate::draft::RowDraft;
use crate::identifier;
use crate::source::Located;
use crate::table::{Alias, Code};

impl Checker<'_> {
    pub(super) fn row_values<'d>(&mut self, row: &'d RowDraft, taken: &mut Taken<'d>) -> Option<Values> {
        let at = self.cell(row, &row.value, "value", "fill its column `Value`")?;
        self.values(at, taken)
    }

    /// The code of a row, with a value that is still to be filled in; `None` if a diagnostic was reported.
    pub(super) fn row(&mut self, row: &RowDraft, defaults: &Defaults) -> Option<Code> {
        let name = self.cell(row, &row.name, "name", "fill its column `Name`");
        let meaning = self.cell(row, &row.meaning, "meaning", "fill its column `Meaning`: it becomes documentation");
        let meaning = meaning.and_then(|meaning| self.legible(meaning));
        let group = row.group.as_ref().map_or(Some(String::new()), |group| self.legible(group));
        let reasons = self.reasons(&row.reasons);
        let commands = self.list(&row.commands, "command");
        let since = self.optional(&row.since);
        let deprecated = self.optional(&row.deprecated);
        let Classification { kind, outcome, recovery, origin, http } = self.classification(row, defaults)?;
        let name = name?.text.clone();
        let identifier = identifier::variant(&name)?;
        Some(Code {
            value: 0,
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
            reasons: reasons?,
            commands: commands?,
            since: since?,
            deprecated: deprecated?,
        })
    }

    fn cell<'d>(&mut self, row: &RowDraft, cell: &'d Option<Located>, what: &str, help: &str) -> Option<&'d Located> {
        if cell.is_none() {
            self.diagnostic(&row.whole(), format!("the row has no {what}"), help);
        }
        cell.as_ref()
    }

    /// `None` for a diagnostic, `Some(None)` for an empty cell.
    pub(super) fn optional(&mut self, cell: &Option<Located>) -> Option<Option<String>> {
        match cell {
            Some(cell) => self.legible(cell).map(Some),
            None => Some(None),
        }
    }

    /// The items of a list, none of them twice.
    pub(super) fn list(&mut self, items: &[Located], what: &str) -> Option<Vec<String>> {
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            let text = self.legible(item)?;
            if texts.contains(&text) {
                self.diagnostic(item, format!("the {what} `{text}` stands here twice"), "remove one of the two");
                return None;
            }
            texts.push(text);
        }
        Some(texts)
    }
}

/// An alias that would be called like its own variant has no constant: only the lookup by name knows it.
fn resolve_alias(alias: &Located, variant: &str) -> Alias {
    let identifier = identifier::variant(&alias.text).filter(|identifier| identifier != variant);
    Alias { name: alias.text.clone(), identifier }
}
