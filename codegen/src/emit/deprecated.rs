//! Deprecated constants: aliases, and the codes that a table calls deprecated.
//!
//! The compiler reports a use of a deprecated item unless both were deprecated together, by an item around the use. So
//! generated code never names a deprecated item outside of itself, and a crate may forbid the lint. A deprecated code itself is
//! a hidden variant with a `_` behind its name.

use super::enumeration::documentation;
use super::item::path;
use super::out::{Out, literal, markdown};
use crate::hash::Set;
use crate::table::{Code, Table};

/// Writes a constant for each alias and each deprecated code.
pub(super) fn constants(out: &mut Out, table: &Table) {
    let has_alias = |code: &Code| code.aliases.iter().any(|alias| alias.identifier.is_some());
    if !table.codes.iter().any(|code| code.deprecated.is_some() || has_alias(code)) {
        return;
    }
    // One block for all: the compiler searches every block for each use of a constant.
    out.line("#[allow(non_upper_case_globals)]");
    out.block(format_args!("impl {}", table.type_name), |out| {
        for code in &table.codes {
            if let Some(note) = &code.deprecated {
                documentation(out, table, code);
                constant(out, table, &code.identifier, code, &markdown(note).to_string());
            }
            let mut written = Set::default();
            for alias in code.aliases.iter().filter_map(|alias| alias.identifier.as_ref()) {
                if code.aliases.len() == 1 || written.insert(alias) {
                    let identifier = &code.identifier;
                    out.doc(("Another name of [`", identifier, "`](Self::", identifier, ")."));
                    constant(out, table, alias, code, &format!("the service calls it {}", markdown(&code.name)));
                }
            }
        }
    });
    out.blank();
}

/// Writes a constant. A note is Markdown for rustdoc. No program uses every constant, and a crate may forbid dead code: so each
/// has a use inside of itself.
fn constant(out: &mut Out, table: &Table, identifier: &str, code: &Code, note: &str) {
    let type_name = &table.type_name;
    let path = path(table, code);
    out.line(("#[deprecated = ", literal(note), "]"));
    let own = (("{ const _: ", type_name, " = "), type_name, "::", identifier, "; ");
    out.line(("pub const ", identifier, ": Self = ", own, (path, " };")));
}
