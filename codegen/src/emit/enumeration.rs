//! The enum with its documentation, and the payload of an unlisted value.

use super::out::{DERIVES, Out, markdown};
use crate::table::{Code, Table};

pub(super) fn enumeration(out: &mut Out, table: &Table) {
    out.doc(&format!("A code of {}.", markdown(&table.title)));
    out.line(DERIVES);
    out.line("#[derive(::core::fmt::Debug)]");
    out.line("#[non_exhaustive]");
    out.block(format_args!("pub enum {}", table.type_name), |out| {
        table.codes.iter().for_each(|code| variant(out, table, code));
        out.doc("A value that the table does not list: [`value`](Self::value) tells it.");
        out.doc("");
        out.doc("Match it by its value, not by this variant: when the value gains a name, it leaves this variant.");
        out.line("Unlisted(Unlisted),");
    });
    out.blank();
    unlisted(out, table);
}

fn variant(out: &mut Out, table: &Table, code: &Code) {
    documentation(out, table, code);
    if let Some(note) = &code.deprecated {
        out.line(format_args!("#[deprecated = {note:?}]"));
    }
    out.line(format_args!("{},", code.identifier));
}

/// The documentation of a code.
pub(super) fn documentation(out: &mut Out, table: &Table, code: &Code) {
    let (value, meaning) = (table.repr.show(code.value), markdown(&code.meaning));
    if code.group.is_empty() {
        out.doc(&format!("**{value}**: {meaning}"));
    } else {
        out.doc(&format!("**{value}** ({}): {meaning}", markdown(&code.group)));
    }
    let commands = code.commands.join(", ");
    let details = [
        ("Name", Some(&code.name).filter(|name| **name != code.identifier)),
        ("Commands", Some(&commands).filter(|commands| !commands.is_empty())),
        ("Since", code.since.as_ref()),
    ];
    for (what, text) in details {
        if let Some(text) = text {
            out.doc("");
            out.doc(&format!("{what}: {}.", markdown(text)));
        }
    }
}

fn unlisted(out: &mut Out, table: &Table) {
    out.doc(&format!("What [`{}::Unlisted`] holds.", table.type_name));
    out.doc("");
    out.doc("It can neither be made nor read, so that no program comes to depend on a value having no name.");
    out.line(DERIVES);
    out.line(format_args!("pub struct Unlisted({});", table.repr.integer()));
    out.blank();
    out.block("impl ::core::fmt::Debug for Unlisted", |out| {
        out.block("fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result", |out| {
            out.line("::core::fmt::Debug::fmt(&self.0, f)");
        });
    });
    out.blank();
}
