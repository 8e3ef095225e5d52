//! The parts of a composed code, and the rows for whole codes.

use super::Checker;
use super::section::Section;
use crate::draft::{Draft, Entry};
use crate::excerpt::quoted;
use crate::identifier;
use crate::repr::{Repr, digits_in_words};
use crate::source::Located;
use crate::table::Table;
use crate::text::Text;
use crate::vocabulary::Key;

/// A code has at most eight digits, and a part at least one.
const MOST_PARTS: usize = 8;

/// The names of generated types.
const RESERVED: [&str; 2] = ["ErrorCode", "Unlisted"];

impl Checker<'_> {
    /// Makes the tables of the parts that the front matter describes, without rows.
    pub(super) fn parts<'d>(&mut self, draft: &'d Draft, whole: &Section<'_>) -> Vec<Section<'d>> {
        let mut parts: Vec<Section<'d>> = Vec::new();
        for entry in draft.parts.iter().take(MOST_PARTS) {
            let part = self.part(entry, &whole.table);
            let Table { module, type_name, .. } = &part.table;
            let is_taken = |other: &Section<'_>| other.table.module == *module || other.table.type_name == *type_name;
            if let Some(name) = entry.get(Key::Name)
                && !module.is_empty()
                && let Some(other) = parts.iter().find(|other| is_taken(other))
            {
                let other = &other.table.module;
                let what = if other == module {
                    format!("the part `{}` is given twice", quoted(module))
                } else {
                    format!(
                        "the parts `{}` and `{}` both become `{}`",
                        quoted(other),
                        quoted(module),
                        quoted(type_name)
                    )
                };
                self.report(&name.range, what, "give each part a name of its own");
            }
            parts.push(part);
        }
        if let Some(ninth) = draft.parts.get(MOST_PARTS) {
            self.report(
                &ninth.range,
                format!("the code has {} parts", draft.parts.len()),
                "a code has at most eight digits: describe at most eight parts",
            );
        } else if let (Some(repr), Some(at)) = (whole.values.repr, draft.head.get(Key::Repr))
            && !parts.is_empty()
        {
            self.sum_of_digits(at, repr, &parts);
        }
        parts
    }

    /// Makes a part: a table of its own, with all that holds for the whole.
    fn part<'d>(&mut self, entry: &'d Entry, whole: &Table) -> Section<'d> {
        let heading = entry.get(Key::Name);
        if heading.is_none() {
            self.report(&entry.range, "the part has no name", "name it, such as `name = \"operation\"`");
        }
        let (module, type_name) = heading.and_then(|name| self.part_names(name)).unwrap_or_default();
        let name = heading.map_or("", |name| &name.text);
        let repr = self.part_repr(entry);
        let table = Table {
            name: format!("{}/{name}", whole.name).into(),
            title: format!("{}: {name}", whole.title).into(),
            module: module.into(),
            identifier: type_name.clone(),
            type_name,
            repr: repr.unwrap_or(Repr::U32),
            source: whole.source.clone(),
            revision: whole.revision.clone(),
            family: None,
            members: Vec::new(),
            codes: Vec::new(),
            ranges: Vec::new(),
            parts: Vec::new(),
            rules: None,
        };
        Section::new(table, repr, true, heading)
    }

    /// Returns the name of the field and module, and the name of the type.
    fn part_names(&mut self, name: &Located) -> Option<(String, Text)> {
        if !self.is_short(name) {
            return None;
        }
        let Some(names) = identifier::field(&name.text).zip(identifier::variant(&name.text)) else {
            self.report(
                &name.range,
                format!("the part name `{}` makes no name of a field", quoted(&name.text)),
                "use lower-case ASCII letters, digits and `-`, a letter first",
            );
            return None;
        };
        if RESERVED.contains(&names.1.as_str()) {
            self.report(
                &name.range,
                format!(
                    "the part name `{}` is reserved: generated code has a `{}` of its own",
                    quoted(&name.text),
                    names.1
                ),
                "use another name",
            );
            return None;
        }
        Some(names)
    }

    fn part_repr(&mut self, part: &Entry) -> Option<Repr> {
        let Some(digits) = part.get(Key::Digits) else {
            self.report(&part.range, "the part has no digits", "say how many it takes, such as `digits = 2`");
            return None;
        };
        let repr = digits.text.parse().ok().and_then(Repr::hex);
        if repr.is_none() {
            self.report(
                &digits.range,
                format!("`{}` is no number of digits", quoted(&digits.text)),
                "give a number from 1 to 8; all parts together take at most 8",
            );
        }
        repr
    }

    fn sum_of_digits(&mut self, at: &Located, repr: Repr, parts: &[Section<'_>]) {
        let Some(digits) = repr.digits() else {
            self.report(
                &at.range,
                format!("a composed code cannot have the repr `{repr}`"),
                "its parts are hexadecimal digits: use `hex1` to `hex8`, or remove the parts",
            );
            return;
        };
        let counts: Option<Vec<u32>> = parts.iter().map(|part| part.values.repr.and_then(Repr::digits)).collect();
        let Some(sum) = counts.map(|counts| counts.iter().sum::<u32>()) else { return };
        if sum != digits {
            self.report(
                &at.range,
                format!("the parts take {} together, the repr `{repr}` has {digits}", digits_in_words(sum)),
                "change `repr` or the `digits` of a part: each digit belongs to one part",
            );
        }
    }

    /// Checks what can be checked only when all rows are read.
    pub(super) fn parts_and_wholes(&mut self, draft: &Draft, parts: &[Section<'_>], wholes: &Section<'_>) {
        for (part, entry) in parts.iter().zip(&draft.parts) {
            if let Some(name) = entry.get(Key::Name)
                && !part.has_rows
                && !draft.has_unread_rows
            {
                self.report(
                    &name.range,
                    format!("no codes stand under a heading `{}`", quoted(&name.text)),
                    "put the part's rows under a heading that is called like the part",
                );
            }
        }
        let mut listed: Vec<_> = wholes.values.listed().collect();
        listed.sort_unstable_by_key(|(_, at)| at.range.start);
        for (value, at) in listed {
            self.digits_are_listed(value, at, parts);
        }
    }

    /// Reports the digits of a whole code that no row of their part lists.
    fn digits_are_listed(&mut self, value: i128, at: &Located, parts: &[Section<'_>]) {
        let mut rest = value;
        for part in parts.iter().rev() {
            let Some((repr, digits)) = part.values.repr.and_then(|repr| Some((repr, repr.digits()?))) else { return };
            let own = rest & repr.range().1;
            rest >>= 4 * digits;
            if part.has_rows && !part.values.holds(own) {
                let (own, name) = (repr.show(own), &part.table.module);
                self.report(
                    &at.range,
                    format!("the digits `{own}` of `{}` are no row of the part `{}`", at.text, quoted(name)),
                    "list them there first, or correct the value",
                );
            }
        }
    }
}
