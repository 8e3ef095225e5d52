//! The enum with its documentation, and the payload of an unlisted value.

use super::deprecated::item;
use super::out::{DERIVES, Out, markdown};
use crate::table::{Classification, Code, Table};

pub(super) fn enumeration(out: &mut Out, table: &Table) {
    out.doc(&format!("A code of {}.", markdown(&table.title)));
    out.line(DERIVES);
    out.line("#[non_exhaustive]");
    out.block(format_args!("pub enum {}", table.type_name), |out| {
        table.codes.iter().for_each(|code| variant(out, table, code));
        out.doc("A value that the table does not list: [`value`](Self::value) tells it.");
        out.doc("");
        out.doc("Match it by its value, not by this variant: when the value gains a name, it leaves this variant.");
        out.line("Unlisted(Unlisted),");
    });
    out.blank();
    debug(out, table);
    unlisted(out, table);
}

fn variant(out: &mut Out, table: &Table, code: &Code) {
    if code.deprecated.is_some() {
        out.doc(&format!("What [`{0}`](Self::{0}) holds.", code.identifier));
        out.line("#[doc(hidden)]");
    } else {
        documentation(out, table, code);
    }
    out.line(format_args!("{},", item(code)));
}

/// What a derive would write, with the names of the constants for hidden variants, and without a `match` on all codes.
fn debug(out: &mut Out, table: &Table) {
    out.block(format_args!("impl ::core::fmt::Debug for {}", table.type_name), |out| {
        out.block("fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result", |out| {
            out.block("match self", |out| {
                out.line("Self::Unlisted(unlisted) => f.debug_tuple(\"Unlisted\").field(unlisted).finish(),");
                if !table.codes.is_empty() {
                    out.line("listed => f.write_str(IDENTIFIERS[listed.index()]),");
                }
            });
        });
    });
    out.blank();
}

/// The documentation of a code.
pub(super) fn documentation(out: &mut Out, table: &Table, code: &Code) {
    let mut first = format!("**{}**", markdown(&table.show(code)));
    if !code.group.is_empty() {
        first += &format!(" ({})", markdown(&code.group));
    }
    if !code.meaning.is_empty() {
        first += &format!(": {}", markdown(&code.meaning));
    }
    out.doc(&first);
    let Classification { kind, recovery, .. } = code.classification;
    out.doc("");
    out.doc(&format!("Kind `{kind}`, recovery `{recovery}`."));
    let commands = code.commands.join(", ");
    let details = [
        ("Name", Some(&code.name).filter(|name| **name != code.identifier)),
        ("Commands", Some(&commands).filter(|commands| !commands.is_empty())),
        ("Since", code.since.as_ref()),
    ];
    for (text, address) in &code.links {
        out.doc("");
        out.doc(&format!("[{}](<{}>)", markdown(text), address.replace(['<', '>', '\\', '\n', ' '], "")));
    }
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
    let held = if table.repr.is_text() { "rt::Text" } else { table.repr.integer() };
    out.line(format_args!("pub struct Unlisted({held});"));
    out.blank();
    out.block("impl ::core::fmt::Debug for Unlisted", |out| {
        out.block("fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result", |out| {
            out.line("::core::fmt::Debug::fmt(&self.0, f)");
        });
    });
    out.blank();
}
