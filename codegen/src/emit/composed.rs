//! A composed code: a struct with a field for each part.

use super::by_value::ByValue;
use super::code_impl::{classification, from_name, info_at_index, refuse_more_digits};
use super::enumeration::documentation;
use super::item::item;
use super::out::{DERIVES, Out, list, markdown};
use crate::hash::Map;
use crate::repr::digits_in_words;
use crate::table::{Code, Table};

/// A part with the place of its digits in the whole.
struct Field<'a> {
    part: &'a Table,
    /// How many bits stand behind it.
    shift: u32,
}

/// The fields, from the first digit on.
fn fields(table: &Table) -> Vec<Field<'_>> {
    let mut shift = 0;
    let mut fields: Vec<_> = table
        .parts
        .iter()
        .rev()
        .map(|part| {
            let field = Field { part, shift };
            shift += 4 * part.repr.digits().unwrap_or(0);
            field
        })
        .collect();
    fields.reverse();
    fields
}

pub(super) fn structure(out: &mut Out, table: &Table) {
    out.doc(format_args!("A code of {}: {} as text.", markdown(&table.title), digits_in_words(digits(table))));
    out.doc("");
    out.doc("Its parts say what it means, from the first on: the first that is no success and of which more is known");
    out.doc("than that decides. A row for the whole code goes before.");
    out.line(DERIVES);
    out.line("#[derive(::core::fmt::Debug)]");
    out.block("pub struct ErrorCode", |out| {
        for part in &table.parts {
            out.doc(format_args!("The {}: {}.", markdown(&part.module), digits_in_words(digits(part))));
            out.line(format_args!("pub {}: {},", part.module, part.type_name));
        }
    });
    out.blank();
}

fn digits(table: &Table) -> u32 {
    table.repr.digits().unwrap_or(0)
}

pub(super) fn inherent(out: &mut Out, table: &Table) {
    out.block("impl ErrorCode", |out| {
        all(out, table);
        wholes(out, table);
        from_value(out, table);
        value(out, table);
        from_name(out);
        info(out, table);
        is_listed(out, table);
        let parts = list(table.parts.iter().map(|part| format!("self.{}.classification()", part.module)));
        classification(out, &format!("rt::classification_of_whole(self.info(), {parts})"));
    });
    out.blank();
}

fn all(out: &mut Out, table: &Table) {
    out.doc("Every whole code that has a row of its own, in the table's order.");
    let all = table.codes.iter().map(|code| format!("Self::{}", item(code)));
    out.list("pub const ALL: &'static [Self] = &[", all, "];");
    out.blank();
}

/// A constant for each whole code that has a row.
fn wholes(out: &mut Out, table: &Table) {
    let fields: Vec<_> = fields(table).into_iter().map(|field| (field.listed(), field)).collect();
    for code in &table.codes {
        let visibility = if code.deprecated.is_some() {
            ""
        } else {
            documentation(out, table, code);
            "pub "
        };
        out.line("#[allow(non_upper_case_globals)]");
        let fields: Vec<_> = fields.iter().map(|(listed, field)| field.constant(code, listed)).collect();
        out.line(format_args!("{visibility}const {}: Self = Self {{ {} }};", item(code), fields.join(", ")));
        out.blank();
    }
}

impl<'a> Field<'a> {
    /// Returns the variants of the part by their values.
    fn listed(&self) -> Map<i128, &'a Code> {
        self.part.codes.iter().map(|code| (code.value, code)).collect()
    }

    /// The digits of this part in a whole value.
    fn digits_of(&self, whole: i128) -> i128 {
        (whole >> self.shift) & self.part.repr.range().1
    }

    fn constant(&self, code: &Code, listed: &Map<i128, &Code>) -> String {
        let Table { module, type_name, .. } = self.part;
        let value = self.digits_of(code.value);
        match listed.get(&value) {
            Some(listed) => format!("{module}: {type_name}::{}", item(listed)),
            // A value in a range of the part's, whose code has no name.
            None => format!(
                "{module}: match {type_name}::from_value({value}) {{ ::core::option::Option::Some(part) => part, ::core::option::Option::None => ::core::unreachable!() }}"
            ),
        }
    }
}

fn from_value(out: &mut Out, table: &Table) {
    let integer = table.repr.integer();
    out.doc(format_args!("The code of a value; `None` if that has more than {}.", digits_in_words(digits(table))));
    out.line("#[must_use]");
    out.block(format_args!("pub const fn from_value(value: {integer}) -> ::core::option::Option<Self>"), |out| {
        refuse_more_digits(out, table.repr);
        // A part may have the name of anything, also of `value`.
        for (at, Field { part, shift }) in fields(table).into_iter().enumerate() {
            let digits = format!("{} & {:#x}", shifted("value", ">>", shift), part.repr.range().1);
            let own = part.repr.integer();
            let digits = if own == integer { digits } else { format!("({digits}) as {own}") };
            let type_name = &part.type_name;
            out.line(format_args!(
                "let ::core::option::Option::Some(part_{at}) = {type_name}::from_value({digits}) else {{"
            ));
            out.line("    return ::core::option::Option::None;");
            out.line("};");
        }
        let parts = table.parts.iter().enumerate().map(|(at, part)| format!("{}: part_{at}", part.module));
        out.line(format_args!("::core::option::Option::Some(Self {{ {} }})", parts.collect::<Vec<_>>().join(", ")));
    });
    out.blank();
}

fn value(out: &mut Out, table: &Table) {
    let integer = table.repr.integer();
    out.doc("The value of the digits.");
    out.line("#[must_use]");
    out.block(format_args!("pub const fn value(self) -> {integer}"), |out| {
        let parts: Vec<_> = fields(table)
            .iter()
            .map(|Field { part, shift }| {
                let value = format!("self.{}.value()", part.module);
                let value = if part.repr.integer() == integer { value } else { format!("({value} as {integer})") };
                shifted(&value, "<<", *shift)
            })
            .collect();
        out.line(parts.join(" | "));
    });
    out.blank();
}

/// A shift, unless it is by nothing.
fn shifted(value: &str, shift: &str, bits: u32) -> String {
    if bits == 0 { value.to_owned() } else { format!("({value} {shift} {bits})") }
}

fn info(out: &mut Out, table: &Table) {
    out.doc("The row for the whole code; `None` if only its parts have rows.");
    out.line("#[must_use]");
    info_at_index(out);
    let none = table.codes.len().to_string();
    let index = ByValue {
        name: "index_of",
        integer: table.repr.integer(),
        result: "usize",
        other: Some(&none),
        arms: table.codes.iter().enumerate().map(|(at, code)| (code.value, at)).collect(),
    };
    index.write(out, |out, index| {
        out.block("const fn index(self) -> usize", |out| {
            out.line("let value = self.value();");
            index(out);
        });
    });
    out.blank();
}

fn is_listed(out: &mut Out, table: &Table) {
    out.doc("Does the table list it, or each of its parts?");
    out.line("#[must_use]");
    out.block("pub const fn is_listed(self) -> bool", |out| {
        let parts: Vec<_> = table.parts.iter().map(|part| format!("self.{}.is_listed()", part.module)).collect();
        out.line(format_args!("self.info().is_some() || ({})", parts.join(" && ")));
    });
    out.blank();
}
