//! Checks drafts and turns them into tables.

mod classification;
mod head;
mod names;
mod parts;
mod row;
mod section;
mod template;
mod value;

use crate::diagnostic::{Diagnostic, Error, is_invisible};
use crate::draft::Draft;
use crate::identifier;
use crate::source::{Located, Source};
use crate::table::Table;
use classification::{Classification, Defaults};
use names::Names;
use section::Section;
use std::collections::HashMap;
pub(crate) use value::digits_in_words;

/// Checks drafts, each by itself and together, and makes tables of them.
///
/// # Errors
///
/// All diagnostics of all drafts.
pub fn check(drafts: &[Draft]) -> Result<Vec<Table>, Error> {
    let mut diagnostics = Vec::new();
    let tables = check_into(drafts, &mut diagnostics);
    Error::check(diagnostics)?;
    Ok(tables)
}

/// The tables that could be made, and the diagnostics; without diagnostics there is a table for each draft.
pub(crate) fn check_into(drafts: &[Draft], diagnostics: &mut Vec<Diagnostic>) -> Vec<Table> {
    name_clashes(drafts, diagnostics);
    drafts.iter().filter_map(|draft| Checker { source: &draft.source, diagnostics }.table(draft)).collect()
}

/// Two tables of one name would become two modules of one name, and two variants of the sum of all tables.
fn name_clashes(drafts: &[Draft], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = HashMap::new();
    for draft in drafts {
        let Some(name) = &draft.name else { continue };
        let Some(identifier) = identifier::variant(&name.text) else { continue };
        let Some((other, first)) = seen.insert(identifier, (&draft.source, name)) else { continue };
        let line = other.place(first.range.start).line;
        let diagnostic = Diagnostic::at(
            &draft.source,
            name.range.clone(),
            format!("the table name `{}` is taken", name.text),
            "a table's name becomes a module and a variant: give each table its own (`-` and `_` make no difference)",
        );
        diagnostics.push(diagnostic.note(format!("`{}` stands in {}:{line}", first.text, other.path().display())));
    }
}

/// What the checks of one draft share.
struct Checker<'a> {
    source: &'a Source,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    fn diagnostic(&mut self, at: &Located, what: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::at(self.source, at.range.clone(), what, help));
    }

    fn line(&self, of: &Located) -> usize {
        self.source.place(of.range.start).line
    }

    /// The text, if every character of it can be seen: it goes into names, documentation and messages.
    fn legible(&mut self, located: &Located) -> Option<String> {
        let Some(hidden) = located.text.chars().find(|c| is_invisible(*c)) else {
            return Some(located.text.clone());
        };
        self.diagnostic(
            located,
            format!("the invisible character U+{:04X} stands in this text", u32::from(hidden)),
            "remove it: what a table says must be what a reader sees",
        );
        None
    }

    fn table(&mut self, draft: &Draft) -> Option<Table> {
        let head = self.head(draft);
        let defaults = Defaults::check(self, draft);
        let mut parts = self.parts(draft, head.repr);
        let is_composed = !parts.is_empty();
        let mut whole = if is_composed { Section::of_wholes(head.repr) } else { Section::new(head.repr) };
        for row in &draft.rows {
            let part = parts.iter_mut().find(|part| part.owns(row.group.as_ref()));
            part.map_or(&mut whole, |part| &mut part.section).row(self, row, &defaults);
        }
        if is_composed {
            self.parts_and_wholes(draft, &parts, &whole);
        } else if !whole.has_rows && !draft.has_unread_rows {
            self.diagnostics.push(Diagnostic::at(
                self.source,
                draft.head.start..draft.head.start,
                "the table lists no codes",
                "add a table with the columns `Value`, `Name` and `Meaning` and at least one row",
            ));
        }
        let table = head.into_table(whole.codes, whole.ranges)?;
        let parts: Option<_> = parts.into_iter().map(|part| part.into_table(&table)).collect();
        Some(Table { parts: parts?, ..table })
    }
}
