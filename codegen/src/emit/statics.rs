//! The statics: the table, its rows and ranges, and the map of names.

use super::out::{Out, list, literal};
use super::perfect_hash::{self, Entries};
use crate::repr::Repr;
use crate::table::{Classification, Code, CodeRange, Piece, Table, Template};
use crate::text::Text;
use crate::vocabulary::{Kind, Origin, Outcome, Recovery};
use std::fmt::Display;

/// How many rows one constant holds. The compiler's work on a constant grows faster than the constant does.
const ROWS: usize = 64;

pub(super) fn statics(out: &mut Out, table: &Table) {
    table_info(out, table);
    code_infos(out, table);
    range_infos(out, table);
    names(out, table);
    if table.parts.is_empty() {
        columns(out, table);
    }
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
            out.line(format_args!("form: {},", form(table.repr)));
            out.line(format_args!("family: {},", option(table.family.as_ref().map(|family| format!("{family:?}")))));
            out.line(format_args!("members: {},", strings(&table.members)));
            out.line("codes: &CODES,");
            out.line(if table.ranges.is_empty() { "ranges: &[]," } else { "ranges: &RANGES," });
            let parts = list(table.parts.iter().map(|part| format!("&{}::TABLE", part.module)));
            out.line(format_args!("parts: {parts},"));
        },
        "});",
    );
    out.blank();
}

fn form(repr: Repr) -> String {
    match repr {
        Repr::Hex(digits) => format!("rt::Form::Hex {{ digits: {digits} }}"),
        Repr::Ascii(longest) => format!("rt::Form::Text {{ longest: {longest} }}"),
        Repr::U64 => "rt::Form::Unsigned".to_owned(),
        integer => {
            let (lowest, highest) = integer.range();
            format!("rt::Form::Integer {{ lowest: {lowest}, highest: {highest} }}")
        }
    }
}

/// Writes a value as the runtime states it.
fn value(repr: Repr, value: i128) -> String {
    match repr.digits() {
        Some(digits) => format!("rt::hex(0x{}, {digits})", repr.show(value)),
        None if value > i64::MAX.into() => format!("rt::Value::Unsigned({value})"),
        None => format!("rt::Value::Number({value})"),
    }
}

fn value_of(repr: Repr, code: &Code) -> String {
    code.text.as_ref().map_or_else(|| value(repr, code.value), |text| format!("rt::text({text:?})"))
}

fn code_infos(out: &mut Out, table: &Table) {
    let rows = |out: &mut Out, rows: &[Code]| rows.iter().for_each(|code| row(out, table, code, "rt::Row {", "},"));
    let pieces = pieces(out, "ROWS", "rt::Row", &table.codes, rows);
    out.line(format_args!("static CODES: [rt::CodeInfo; {}] = rt::code_infos(&TABLE, {pieces});", table.codes.len()));
    out.blank();
}

fn range_infos(out: &mut Out, table: &Table) {
    if table.ranges.is_empty() {
        return;
    }
    let rows = |out: &mut Out, ranges: &[CodeRange]| {
        for range in ranges {
            row(out, table, &range.row, &format!("({}, rt::Row {{", value(table.repr, range.last)), "}),");
        }
    };
    let pieces = pieces(out, "RANGE_ROWS", "(rt::Value, rt::Row)", &table.ranges, rows);
    let count = table.ranges.len();
    out.line(format_args!("static RANGES: [rt::RangeInfo; {count}] = rt::range_infos(&TABLE, {pieces});"));
    out.blank();
}

/// Writes rows as constants of a few rows each; returns the list of the constants.
fn pieces<T>(out: &mut Out, name: &str, of: &str, rows: &[T], write: impl Fn(&mut Out, &[T])) -> String {
    for (at, rows) in rows.chunks(ROWS).enumerate() {
        out.open(format_args!("const {name}_{at}: &[{of}] = &["), |out| write(out, rows), "];");
        out.blank();
    }
    list((0..rows.len().div_ceil(ROWS)).map(|at| format!("{name}_{at}")))
}

fn row(out: &mut Out, table: &Table, code: &Code, first: &str, last: &str) {
    out.open(
        first,
        |out| {
            out.line(("value: ", value_of(table.repr, code), ","));
            out.line(("name: ", literal(&code.name), ","));
            // The compiler's work grows with the fields that a row states.
            if !code.group.is_empty() {
                out.line(("group: ", literal(&code.group), ","));
            }
            if !code.meaning.is_empty() {
                out.line(("meaning: ", literal(&code.meaning), ","));
            }
            let Classification { kind, outcome, recovery, origin, http } = code.classification;
            if kind != Kind::Unknown {
                out.line(format_args!("kind: rt::Kind::{kind:?},"));
            }
            if outcome != Outcome::Error {
                out.line(format_args!("outcome: rt::Outcome::{outcome:?},"));
            }
            if recovery != Recovery::Nothing {
                out.line(format_args!("recovery: rt::Recovery::{recovery:?},"));
            }
            if origin != Origin::Server {
                out.line(format_args!("origin: rt::Origin::{origin:?},"));
            }
            if http.is_some() {
                out.line(format_args!("http_status: {},", option(http)));
            }
            if !code.aliases.is_empty() {
                out.list("aliases: &[", code.aliases.iter().map(|alias| literal(&alias.name)), "],");
            }
            if !code.reasons.is_empty() {
                out.list("reasons: &[", code.reasons.iter().map(template), "],");
            }
            if !code.commands.is_empty() {
                out.list("commands: &[", code.commands.iter().map(|command| literal(command)), "],");
            }
            out.line("..rt::NO_ROW");
        },
        last,
    );
}

fn template(template: &Template) -> String {
    let pieces = template.pieces.iter().map(|piece| match piece {
        Piece::Literal(text) => format!("rt::Piece::Literal({text:?})"),
        Piece::Hole { name, hole } => format!("rt::hole({name:?}, rt::Hole::{hole:?})"),
    });
    format!("rt::template({:?}, {})", template.text, list(pieces))
}

fn option(value: Option<impl Display>) -> String {
    match value {
        Some(value) => format!("::core::option::Option::Some({value})"),
        None => "::core::option::Option::None".to_owned(),
    }
}

fn strings(texts: &[Text]) -> String {
    list(texts.iter().map(|text| literal(text)))
}

/// The places of the codes in the table by every spelling, variant and alias. A title that several codes share finds the
/// first.
fn names(out: &mut Out, table: &Table) {
    let spellings = table.codes.iter().map(|code| 2 * (1 + code.aliases.len())).sum();
    let mut names = Entries::with_capacity(spellings);
    for (at, code) in table.codes.iter().enumerate() {
        let mut add = |name: &Text, identifier: Option<&Text>| {
            names.add(name, at);
            identifier.filter(|other| *other != name).into_iter().for_each(|other| names.add(other, at));
        };
        add(&code.name, Some(&code.identifier));
        code.aliases.iter().for_each(|alias| add(&alias.name, alias.identifier.as_ref()));
    }
    perfect_hash::map(out, "NAMES", &names);
}

/// What codes have, by their places in the table; for text also the places by the values.
fn columns(out: &mut Out, table: &Table) {
    let texts = || table.codes.iter().filter_map(|code| code.text.as_deref());
    if table.repr.is_text() {
        let mut entries = Entries::with_capacity(table.codes.len());
        texts().zip(0..).for_each(|(text, at)| entries.add(text, at));
        perfect_hash::map(out, "TEXTS", &entries);
    }
    if table.codes.is_empty() {
        return;
    }
    let count = table.codes.len();
    let values = format!("static VALUES: [{}; {count}] = [", table.repr.integer());
    if table.repr.is_text() {
        out.list(values, texts().map(literal), "];");
    } else {
        out.list(values, table.codes.iter().map(|code| code.value), "];");
    }
    out.blank();
    let identifiers = table.codes.iter().map(|code| literal(&code.identifier));
    out.list(format_args!("static IDENTIFIERS: [&str; {count}] = ["), identifiers, "];");
    out.blank();
}
