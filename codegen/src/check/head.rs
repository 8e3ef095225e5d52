//! The keys that describe a table as a whole.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::identifier;
use crate::source::Located;
use crate::table::{Code, CodeRange, Table};
use crate::vocabulary::Repr;

/// The name that the sum of all tables gives to codes of other tables.
const FOREIGN: &str = "foreign";

/// What was understood of the keys; `None` was reported.
pub(super) struct Head {
    name: Option<(String, String)>,
    title: Option<String>,
    pub(super) repr: Option<Repr>,
    provenance: Option<String>,
    revision: Option<String>,
    family: Option<Option<String>>,
    members: Option<Vec<String>>,
}

impl Head {
    /// The table, still without parts.
    pub(super) fn into_table(self, codes: Vec<Code>, ranges: Vec<CodeRange>) -> Option<Table> {
        let (name, module) = self.name?;
        Some(Table {
            identifier: identifier::variant(&name)?,
            name,
            module,
            type_name: "ErrorCode".to_owned(),
            title: self.title?,
            repr: self.repr?,
            source: self.provenance?,
            revision: self.revision?,
            family: self.family?,
            members: self.members?,
            codes,
            ranges,
            parts: Vec::new(),
        })
    }
}

impl Checker<'_> {
    pub(super) fn head(&mut self, draft: &Draft) -> Head {
        let name = self.required(draft, &draft.name, "name", "name the table, such as `name = \"my-service\"`");
        let title = self.required(draft, &draft.title, "title", "say what people call the service");
        let repr = self.required(draft, &draft.repr, "repr", "say which type the code has, such as `repr = \"u16\"`");
        let provenance = self.required(
            draft,
            &draft.provenance,
            "source",
            "say where the table was read: a document or a source file",
        );
        let revision =
            self.required(draft, &draft.revision, "revision", "say which revision or date of the source was read");
        Head {
            name: name.and_then(|name| self.table_name(name)),
            title: title.and_then(|title| self.legible(title)),
            repr: repr.and_then(|repr| self.repr(repr)),
            provenance: provenance.and_then(|provenance| self.legible(provenance)),
            revision: revision.and_then(|revision| self.legible(revision)),
            family: self.optional(&draft.family),
            members: self.list(&draft.members, "member"),
        }
    }

    fn required<'d>(&mut self, draft: &Draft, key: &'d Option<Located>, word: &str, help: &str) -> Option<&'d Located> {
        if key.is_none() {
            let start = draft.head.start;
            self.diagnostics.push(Diagnostic::at(
                self.source,
                start..start,
                format!("the key `{word}` is missing or empty"),
                help,
            ));
        }
        key.as_ref()
    }

    /// The name and the module's name.
    fn table_name(&mut self, name: &Located) -> Option<(String, String)> {
        if name.text == FOREIGN {
            self.diagnostic(
                name,
                format!("the table name `{FOREIGN}` is reserved for codes of other tables"),
                "name the table after its service",
            );
            return None;
        }
        let module = identifier::module(&name.text);
        if module.is_none() {
            self.diagnostic(
                name,
                format!("the table name `{}` makes no module name", name.text),
                "use lower-case ASCII letters, digits and `-`, a letter first, and no keyword of Rust",
            );
        }
        Some((name.text.clone(), module?))
    }

    fn repr(&mut self, repr: &Located) -> Option<Repr> {
        let known = Repr::from_word(&repr.text);
        if known.is_none() {
            let all: Vec<_> = Repr::ALL.iter().map(|repr| repr.word()).collect();
            self.diagnostic(
                repr,
                format!("the repr `{}` is not known", repr.text),
                format!("use one of {}", all.join(", ")),
            );
        }
        known
    }
}
