//! What is known about the table and its codes, and the map of names.

use super::out::{Out, list};
use crate::table::{Code, Table};

pub(super) fn statics(out: &mut Out, table: &Table) {
    table_info(out, table);
    code_infos(out, table);
    names(out, table);
}

fn table_info(out: &mut Out, table: &Table) {
    out.doc("The table: where it was read, and all its codes.");
    out.open(
        "pub static TABLE: rt::TableInfo = rt::table_info(rt::Table {",
        |out| {
            out.line(format_args!("name: {:?},", table.name));
            out.line(format_args!("title: {:?},", table.title));
            out.line(format_args!("source: {:?},", table.source));
            out.line(format_args!("revision: {:?},", table.revision));
            out.line("codes: &CODES,");
        },
        "});",
    );
    out.blank();
}

fn code_infos(out: &mut Out, table: &Table) {
    out.open(
        format_args!("static CODES: [rt::CodeInfo; {}] = [", table.codes.len()),
        |out| table.codes.iter().for_each(|code| code_info(out, code)),
        "];",
    );
    out.blank();
}

fn code_info(out: &mut Out, code: &Code) {
    out.open(
        "rt::code_info(&TABLE, rt::Row {",
        |out| {
            out.line(format_args!("value: {},", code.value));
            out.line(format_args!("name: {:?},", code.name));
            out.line(format_args!("group: {:?},", code.group));
            out.line(format_args!("meaning: {:?},", code.meaning));
            out.line(format_args!("kind: rt::Kind::{:?},", code.kind));
            out.line(format_args!("outcome: rt::Outcome::{:?},", code.outcome));
            out.line(format_args!("recovery: rt::Recovery::{:?},", code.recovery));
            out.line(format_args!("origin: rt::Origin::{:?},", code.origin));
            let http = code.http.map_or("None".to_owned(), |http| format!("Some({http})"));
            out.line(format_args!("http_status: ::core::option::Option::{http},"));
            out.line(format_args!("aliases: {},", list(code.aliases.iter().map(|alias| format!("{:?}", alias.name)))));
        },
        "}),",
    );
}

/// Every spelling, variant and alias.
fn names(out: &mut Out, table: &Table) {
    let mut map = phf_codegen::Map::new();
    map.phf_path("rt::phf");
    for code in &table.codes {
        let mut names = vec![code.name.as_str(), code.identifier.as_str()];
        for alias in &code.aliases {
            names.push(&alias.name);
            names.extend(alias.identifier.as_deref());
        }
        names.sort_unstable();
        names.dedup();
        for name in names {
            map.entry(name, format!("ErrorCode::{}", code.identifier));
        }
    }
    out.line(format_args!("static NAMES: rt::phf::Map<&'static str, ErrorCode> = {};", map.build()));
    out.blank();
}
