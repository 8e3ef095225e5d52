//! Deprecated constants: aliases, and the codes that a table calls deprecated.
//!
//! The compiler reports a use of a deprecated item unless both were deprecated together, by the module around them. So
//! generated code never names a deprecated item outside its module, and a crate may forbid the lint. A deprecated code
//! itself is a hidden variant with a `_` behind its name.

use super::enumeration::documentation;
use super::out::{Out, markdown};
use crate::hash::Set;
use crate::table::{Code, Table};
use std::fmt::{self, Display};

/// The name by which generated code calls a code.
pub(super) struct Item<'a>(&'a Code);

pub(super) const fn item(code: &Code) -> Item<'_> {
    Item(code)
}

impl Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.identifier)?;
        if self.0.deprecated.is_some() { f.write_str("_") } else { Ok(()) }
    }
}

/// The path by which generated code calls a code of a plain table. With `Self` for the type, the compiler would search all
/// variants one by one.
pub(super) struct Path<'a> {
    type_name: &'a str,
    item: Item<'a>,
}

pub(super) fn path<'a>(table: &'a Table, code: &'a Code) -> Path<'a> {
    Path { type_name: &table.type_name, item: item(code) }
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.type_name, self.item)
    }
}

/// Writes a module for each note. A note is Markdown for rustdoc.
pub(super) fn constants(out: &mut Out, table: &Table) {
    let mut written = Set::default();
    let mut modules = 0;
    for code in &table.codes {
        if let Some(note) = &code.deprecated {
            module(out, table, &mut modules, &markdown(note).to_string(), |out| {
                documentation(out, table, code);
                constant(out, table, &code.identifier, code);
                vec![&code.identifier]
            });
        }
        let aliases: Vec<_> = code.aliases.iter().filter_map(|alias| alias.identifier.as_ref()).collect();
        let aliases: Vec<_> = aliases.into_iter().filter(|alias| written.insert(*alias)).collect();
        if aliases.is_empty() {
            continue;
        }
        module(out, table, &mut modules, &format!("the service calls it {}", markdown(&code.name)), |out| {
            for alias in &aliases {
                out.doc(format_args!("Another name of [`{0}`](Self::{0}).", code.identifier));
                constant(out, table, alias, code);
            }
            aliases
        });
    }
}

fn constant(out: &mut Out, table: &Table, identifier: &str, code: &Code) {
    out.line("#[allow(non_upper_case_globals)]");
    out.line(format_args!("pub const {identifier}: Self = {};", path(table, code)));
}

fn module<'a>(
    out: &mut Out,
    table: &Table,
    modules: &mut usize,
    note: &str,
    constants: impl FnOnce(&mut Out) -> Vec<&'a String>,
) {
    let type_name = &table.type_name;
    out.line(format_args!("#[deprecated = {note:?}]"));
    out.block(format_args!("mod deprecated_{modules}"), |out| {
        out.line(format_args!("use super::{type_name};"));
        out.blank();
        let mut identifiers = Vec::new();
        out.block(format_args!("impl {type_name}"), |out| identifiers = constants(out));
        out.blank();
        let uses: Vec<_> = identifiers.iter().map(|identifier| format!("{type_name}::{identifier}")).collect();
        out.line(format_args!("const _: &[{type_name}] = &[{}];", uses.join(", ")));
    });
    out.blank();
    *modules += 1;
}
