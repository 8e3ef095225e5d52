//! The enum with its documentation, and the payload of an unlisted value.

use super::out::{DERIVES, Out, markdown};
use crate::table::{Code, Table};

pub(super) fn enumeration(out: &mut Out, table: &Table) {
    out.doc(&format!("A code of {}.", markdown(&table.title)));
    out.line(DERIVES);
    out.line("#[derive(::core::fmt::Debug)]");
    out.line("#[non_exhaustive]");
    out.block("pub enum ErrorCode", |out| {
        table.codes.iter().for_each(|code| variant(out, code));
        out.doc("A value that the table does not list: [`value`](Self::value) tells it.");
        out.doc("");
        out.doc("Match it by its value, not by this variant: when the value gains a name, it leaves this variant.");
        out.line("Unlisted(Unlisted),");
    });
    out.blank();
    unlisted(out, table);
}

fn variant(out: &mut Out, code: &Code) {
    let meaning = markdown(&code.meaning);
    if code.group.is_empty() {
        out.doc(&format!("**{}**: {meaning}", code.value));
    } else {
        out.doc(&format!("**{}** ({}): {meaning}", code.value, markdown(&code.group)));
    }
    let facts = [
        ("Name", Some(&code.name).filter(|name| **name != code.identifier)),
        ("Commands", code.commands.as_ref()),
        ("Since", code.since.as_ref()),
    ];
    for (what, fact) in facts {
        if let Some(fact) = fact {
            out.doc("");
            out.doc(&format!("{what}: {}.", markdown(fact)));
        }
    }
    if let Some(note) = &code.deprecated {
        out.line(format_args!("#[deprecated = {note:?}]"));
    }
    out.line(format_args!("{},", code.identifier));
}

fn unlisted(out: &mut Out, table: &Table) {
    out.doc("What [`ErrorCode::Unlisted`] holds.");
    out.doc("");
    out.doc("It can neither be made nor read, so that no program comes to depend on a value having no name.");
    out.line(DERIVES);
    out.line(format_args!("pub struct Unlisted({});", table.repr));
    out.blank();
    out.block("impl ::core::fmt::Debug for Unlisted", |out| {
        out.block("fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result", |out| {
            out.line("::core::fmt::Debug::fmt(&self.0, f)");
        });
    });
    out.blank();
}
