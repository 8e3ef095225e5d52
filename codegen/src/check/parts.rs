//! The parts of a composed code, and the rows for whole codes.

use super::Checker;
use super::section::Section;
use super::value::digits_in_words;
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, PartDraft};
use crate::identifier;
use crate::source::Located;
use crate::table::Table;
use crate::vocabulary::Repr;

/// What generated code calls its own types.
const RESERVED: [&str; 2] = ["ErrorCode", "Unlisted"];

/// One part, as far as it was understood.
pub(super) struct Part<'d> {
    draft: &'d PartDraft,
    /// The name, which is the field's and the module's, and the name of the type.
    names: Option<(String, String)>,
    pub(super) section: Section<'d>,
}

impl Part<'_> {
    /// Does this part take the rows of a group?
    pub(super) fn owns(&self, group: Option<&Located>) -> bool {
        match (&self.draft.name, group) {
            (Some(name), Some(group)) => name.text.eq_ignore_ascii_case(&group.text),
            _ => false,
        }
    }

    fn name(&self) -> &str {
        self.names.as_ref().map_or("", |(name, _)| name)
    }

    /// The part as a table by itself, with all that holds for the whole.
    pub(super) fn into_table(self, whole: &Table) -> Option<Table> {
        let (module, type_name) = self.names?;
        let name = &self.draft.name.as_ref()?.text;
        Some(Table {
            name: format!("{}/{name}", whole.name),
            title: format!("{}: {name}", whole.title),
            identifier: type_name.clone(),
            module,
            type_name,
            repr: self.section.repr?,
            codes: self.section.codes,
            ranges: self.section.ranges,
            source: whole.source.clone(),
            revision: whole.revision.clone(),
            family: None,
            members: Vec::new(),
            parts: Vec::new(),
        })
    }
}

impl Checker<'_> {
    /// The parts that the front matter describes, without rows yet.
    pub(super) fn parts<'d>(&mut self, draft: &'d Draft, repr: Option<Repr>) -> Vec<Part<'d>> {
        let mut parts: Vec<Part<'d>> = Vec::with_capacity(draft.parts.len());
        for part in &draft.parts {
            let names = self.part_names(part);
            if let (Some((name, _)), Some(at)) = (&names, &part.name)
                && parts.iter().any(|other| other.name() == name)
            {
                self.diagnostic(at, format!("the part `{name}` is given twice"), "give each part a name of its own");
            }
            let section = Section::new(self.part_repr(part));
            parts.push(Part { draft: part, names, section });
        }
        if let Some(repr) = repr.filter(|_| !parts.is_empty()) {
            self.sum_of_digits(draft, repr, &parts);
        }
        parts
    }

    fn part_names(&mut self, part: &PartDraft) -> Option<(String, String)> {
        let Some(name) = &part.name else {
            self.part_mistake(part, "the part has no name", "name it, such as `name = \"operation\"`");
            return None;
        };
        let names = identifier::module(&name.text).zip(identifier::variant(&name.text));
        match names {
            Some((_, type_name)) if RESERVED.contains(&type_name.as_str()) => {
                self.diagnostic(
                    name,
                    format!("the part name `{}` is reserved: generated code has a `{type_name}` of its own", name.text),
                    "use another name",
                );
                None
            }
            Some(names) => Some(names),
            None => {
                self.diagnostic(
                    name,
                    format!("the part name `{}` makes no name of a field", name.text),
                    "use lower-case ASCII letters, digits and `-`, a letter first, and no keyword of Rust",
                );
                None
            }
        }
    }

    fn part_repr(&mut self, part: &PartDraft) -> Option<Repr> {
        let Some(digits) = &part.digits else {
            self.part_mistake(part, "the part has no digits", "say how many it takes, such as `digits = 2`");
            return None;
        };
        let repr = digits.text.parse().ok().and_then(Repr::hex);
        if repr.is_none() {
            self.diagnostic(
                digits,
                format!("`{}` is no number of digits", digits.text),
                "give a number from 1 to 8; all parts together take at most 8",
            );
        }
        repr
    }

    fn sum_of_digits(&mut self, draft: &Draft, repr: Repr, parts: &[Part<'_>]) {
        let Some(at) = &draft.repr else { return };
        let Some(digits) = repr.digits() else {
            self.diagnostic(
                at,
                format!("a composed code cannot have the repr `{repr}`"),
                "its parts are hexadecimal digits: use `hex1` to `hex8`, or remove the parts",
            );
            return;
        };
        let counts: Option<Vec<u32>> = parts.iter().map(|part| part.section.repr.and_then(Repr::digits)).collect();
        let Some(sum) = counts.map(|counts| counts.iter().sum::<u32>()) else { return };
        if sum != digits {
            self.diagnostic(
                at,
                format!("the parts take {} together, the repr `{repr}` has {digits}", digits_in_words(sum)),
                "change `repr` or the `digits` of a part: each digit belongs to one part",
            );
        }
    }

    /// What can be said only when all rows are read.
    pub(super) fn parts_and_wholes(&mut self, draft: &Draft, parts: &[Part<'_>], wholes: &Section<'_>) {
        for part in parts.iter().filter(|part| !part.section.has_rows && !draft.has_unread_rows) {
            if let Some(name) = &part.draft.name {
                self.diagnostic(
                    name,
                    format!("no codes stand under a heading `{}`", name.text),
                    "put the part's rows under a heading that is called like the part",
                );
            }
        }
        let mut listed: Vec<_> = wholes.taken.listed().collect();
        listed.sort_unstable_by_key(|(_, at)| at.range.start);
        for (value, at) in listed {
            self.digits_are_listed(value, at, parts);
        }
    }

    /// A row for a whole code means something only if its digits do.
    fn digits_are_listed(&mut self, value: i64, at: &Located, parts: &[Part<'_>]) {
        let mut rest = value;
        for part in parts.iter().rev() {
            let Some((repr, digits)) = part.section.repr.and_then(|repr| Some((repr, repr.digits()?))) else { return };
            let own = rest & repr.range().1;
            rest >>= 4 * digits;
            if !part.section.taken.holds(own) && part.section.has_rows {
                self.diagnostic(
                    at,
                    format!(
                        "the digits `{}` of `{}` are no row of the part `{}`",
                        repr.show(own),
                        at.text,
                        part.name()
                    ),
                    "list them there first, or correct the value",
                );
            }
        }
    }

    fn part_mistake(&mut self, part: &PartDraft, what: &str, help: &str) {
        self.diagnostics.push(Diagnostic::at(self.source, part.range.clone(), what, help));
    }
}
