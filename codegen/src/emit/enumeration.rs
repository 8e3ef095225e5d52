//! The enum with its documentation, and the payload of an unlisted value.

use super::item::item;
use super::out::{DERIVES, Out, Write, markdown};
use crate::table::{Classification, Code, Table};

pub(super) fn enumeration(out: &mut Out, table: &Table) {
    out.doc(format_args!("A code of {}.", markdown(&table.title)));
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
        out.doc(format_args!("What [`{0}`](Self::{0}) holds.", code.identifier));
        out.line("#[doc(hidden)]");
    } else {
        documentation(out, table, code);
    }
    out.line((item(code), ","));
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
    let Code { group, meaning, .. } = code;
    let (before, behind) = if group.is_empty() { ("", "") } else { (" (", ")") };
    let colon = if meaning.is_empty() { "" } else { ": " };
    let (group, meaning) = (markdown(group), markdown(meaning));
    out.doc((("**", markdown(&table.show(code)), "**"), before, group, behind, (colon, meaning)));
    let Classification { kind, recovery, .. } = code.classification;
    out.doc("");
    out.doc(("Kind `", kind.word(), "`, recovery `", recovery.word(), "`."));
    for (text, address) in &code.links {
        let address = address.replace(['<', '>', '\\', '\n', ' '], "");
        detail(out, format_args!("[{}](<{address}>)", markdown(text)));
    }
    if code.name != code.identifier {
        detail(out, ("Name: ", markdown(&code.name), "."));
    }
    if !code.commands.is_empty() {
        detail(out, format_args!("Commands: {}.", markdown(&code.commands.join(", "))));
    }
    if let Some(since) = &code.since {
        detail(out, format_args!("Since: {}.", markdown(since)));
    }
}

fn detail(out: &mut Out, detail: impl Write) {
    out.doc("");
    out.doc(detail);
}

fn unlisted(out: &mut Out, table: &Table) {
    out.doc(format_args!("What [`{}::Unlisted`] holds.", table.type_name));
    out.doc("");
    out.doc("It can neither be made nor read, so that no program comes to depend on a value having no name.");
    out.line(DERIVES);
    let held = if table.repr.is_text() { "rt::Text" } else { table.repr.integer() };
    let Some(width) = width_of_tag(table) else {
        out.line(format_args!("pub struct Unlisted({held});"));
        out.blank();
        return debug_of_unlisted(out);
    };
    out.line(format_args!("pub struct Unlisted({held}, UnlistedTag);"));
    out.blank();
    out.line("// The values that this has not stand for the codes. So the compiler, which checks every constant, computes a code from");
    out.line("// its bits; without this it would search all codes for it.");
    out.line(DERIVES);
    out.line(format_args!("#[repr(u{width})]"));
    out.block("enum UnlistedTag", |out| out.line("Unlisted,"));
    out.blank();
    out.line("// A table that lists all values makes none of these.");
    out.line("const _: UnlistedTag = UnlistedTag::Unlisted;");
    out.blank();
    debug_of_unlisted(out);
}

/// Returns how many bits the tag of an unlisted value has; `None` if there are so few codes that a search is as fast.
fn width_of_tag(table: &Table) -> Option<u32> {
    match table.codes.len() {
        0..=255 => None,
        256..=65_000 => Some(16),
        _ => Some(32),
    }
}

/// Returns the expression that makes the code of an unlisted value.
pub(super) fn unlisted_of(table: &Table, value: &str) -> String {
    let tag = if width_of_tag(table).is_some() { ", UnlistedTag::Unlisted" } else { "" };
    format!("Self::Unlisted(Unlisted({value}{tag}))")
}

fn debug_of_unlisted(out: &mut Out) {
    out.block("impl ::core::fmt::Debug for Unlisted", |out| {
        out.block("fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result", |out| {
            out.line("::core::fmt::Debug::fmt(&self.0, f)");
        });
    });
    out.blank();
}
