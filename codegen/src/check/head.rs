//! The keys that describe a table as a whole.

use super::section::Section;
use super::{Checker, infer};
use crate::draft::Draft;
use crate::excerpt::quoted;
use crate::identifier;
use crate::repr::Repr;
use crate::source::Located;
use crate::table::{FOREIGN, Table};
use crate::vocabulary::Key;

impl Checker<'_> {
    /// Makes a table without rows and parts.
    pub(super) fn head<'d>(&mut self, draft: &'d Draft) -> Section<'d> {
        let name = self.required(draft, Key::Name, "name the table, such as `name = \"my-service\"`");
        let [title, source, revision] = [Key::Title, Key::Source, Key::Revision].map(|key| draft.head.get(key));
        if self.is_strict {
            self.required(draft, Key::Source, "say where the table was read: a document or a source file");
            self.required(draft, Key::Revision, "say which revision or date of the source was read");
        }
        let repr = match draft.head.get(Key::Repr) {
            Some(repr) => self.repr(repr),
            None => Some(infer::repr(&draft.rows)),
        };
        let mut text = |word: Option<&Located>| word.map(|word| self.legible(word)).unwrap_or_default();
        let table = Table {
            title: text(title.or(name)),
            source: text(source),
            revision: text(revision),
            module: name.map(|name| self.module(name)).unwrap_or_default().into(),
            identifier: name.and_then(|name| identifier::variant(&name.text)).unwrap_or_default(),
            name: name.map(|name| name.text.clone()).unwrap_or_default(),
            type_name: "ErrorCode".into(),
            repr: repr.unwrap_or(Repr::U32),
            family: self.optional(&draft.head, Key::Family),
            members: self.list(&draft.head, Key::Members, "member"),
            codes: Vec::new(),
            ranges: Vec::new(),
            parts: Vec::new(),
            rules: None,
        };
        Section::new(table, repr, draft.parts.is_empty(), None)
    }

    fn required<'d>(&mut self, draft: &'d Draft, key: Key, help: &str) -> Option<&'d Located> {
        let word = draft.head.get(key);
        if word.is_none() {
            self.report(&draft.head.start(), format!("the key `{key}` is missing or empty"), help);
        }
        word
    }

    fn module(&mut self, name: &Located) -> String {
        if !self.is_short(name) {
            return String::new();
        }
        if name.text == FOREIGN {
            self.report(
                &name.range,
                format!("the table name `{FOREIGN}` is reserved for codes of other tables"),
                "name the table after its service",
            );
        }
        identifier::module(&name.text).unwrap_or_else(|| {
            self.report(
                &name.range,
                format!("the table name `{}` makes no module name", quoted(&name.text)),
                "use lower-case ASCII letters, digits and `-`, a letter first, and no keyword of Rust",
            );
            String::new()
        })
    }

    fn repr(&mut self, repr: &Located) -> Option<Repr> {
        let known = Repr::from_word(&repr.text);
        if known.is_none() {
            self.report(
                &repr.range,
                format!("the repr `{}` is not known", quoted(&repr.text)),
                format!("use one of {}, or leave it out", Repr::WORDS),
            );
        }
        known
    }
}
