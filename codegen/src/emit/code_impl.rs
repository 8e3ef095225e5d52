//! The methods of a code.

use super::by_value::{ARMS, ByValue};
use super::enumeration::unlisted_of;
use super::item::paths;
use super::out::{Out, markdown};
use super::texts::Texts;
use crate::repr::{Repr, digits_in_words};
use crate::table::Table;

pub(super) fn inherent(out: &mut Out, table: &Table) {
    let paths = paths(table);
    out.block(format_args!("impl {}", table.type_name), |out| {
        all(out, &paths);
        from_value(out, table, &paths);
        value(out, table);
        from_name(out);
        info(out, &paths);
        is_listed(out);
        range(out, table);
        texts(out);
        classification(
            out,
            if table.ranges.is_empty() {
                "rt::classification(self.info())"
            } else {
                "rt::classification_in_range(self.info(), self.range())"
            },
        );
    });
    out.blank();
}

fn all(out: &mut Out, paths: &Texts) {
    out.doc("Every code that the table lists, in its order.");
    out.list("pub const ALL: &'static [Self] = &[", paths.iter(), "];");
    out.blank();
}

fn from_value(out: &mut Out, table: &Table, paths: &Texts) {
    let integer = table.repr.integer();
    if let Repr::Ascii(longest) = table.repr {
        out.doc(format_args!(
            "The code of a text; `None` if that is empty, longer than {longest} characters, or has others than"
        ));
        out.doc("visible ones of ASCII. What the table does not list is [`Unlisted`](Self::Unlisted).");
        out.line("#[must_use]");
        out.block("pub fn from_value(value: &str) -> ::core::option::Option<Self>", |out| {
            out.block("match TEXTS.get(value)", |out| {
                out.line("::core::option::Option::Some(at) => ::core::option::Option::Some(Self::ALL[*at]),");
                out.line(format_args!("::core::option::Option::None => match rt::unlisted_text(value, {longest}) {{"));
                let unlisted = unlisted_of(table, "text");
                out.line(format_args!(
                    "    ::core::option::Option::Some(text) => ::core::option::Option::Some({unlisted}),"
                ));
                out.line("    ::core::option::Option::None => ::core::option::Option::None,");
                out.line("},");
            });
        });
        out.blank();
        return;
    }
    let (lowest, highest) = table.repr.range();
    // The compiler would call one more arm of a table of all 256 bytes unreachable.
    let is_full = !has_more_room(table.repr) && table.codes.len() as i128 == highest - lowest + 1;
    let other = unlisted_of(table, "value");
    let code = ByValue {
        name: "from_value",
        integer,
        result: "Self",
        other: (!is_full).then_some(&other),
        arms: table.codes.iter().map(|code| code.value).zip(paths.iter()).collect(),
    };
    if let Some(digits) = table.repr.digits() {
        out.doc(format_args!("The code of a value; `None` if that has more than {}.", digits_in_words(digits)));
        out.doc("What the table does not list is [`Unlisted`](Self::Unlisted).");
        out.line("#[must_use]");
        code.write(out, |out, code| {
            out.block(
                format_args!("pub const fn from_value(value: {integer}) -> ::core::option::Option<Self>"),
                |out| {
                    refuse_more_digits(out, table.repr);
                    out.open("::core::option::Option::Some({", code, "})");
                },
            );
        });
    } else {
        out.doc(
            "The code of a value. Every value has one: what the table does not list is [`Unlisted`](Self::Unlisted).",
        );
        out.line("#[must_use]");
        code.write(out, |out, code| {
            out.block(format_args!("pub const fn from_value(value: {integer}) -> Self"), code);
        });
    }
    out.blank();
}

/// Has the integer room for more digits?
fn has_more_room(repr: Repr) -> bool {
    matches!(repr.digits(), Some(1 | 3 | 5 | 6 | 7))
}

/// Returns `None` for a value that has too many digits.
pub(super) fn refuse_more_digits(out: &mut Out, repr: Repr) {
    if has_more_room(repr) {
        out.block(format_args!("if value > {:#x}", repr.range().1), |out| {
            out.line("return ::core::option::Option::None;")
        });
    }
}

fn value(out: &mut Out, table: &Table) {
    out.doc("The value on the wire.");
    out.line("#[must_use]");
    let (this, unlisted) = if table.repr.is_text() { ("&self", "unlisted.0.as_str()") } else { ("self", "unlisted.0") };
    out.block(format_args!("pub const fn value({this}) -> {}", table.repr.integer()), |out| {
        out.block("match self", |out| {
            out.line(format_args!("Self::Unlisted(unlisted) => {unlisted},"));
            if !table.codes.is_empty() {
                out.line("listed => VALUES[listed.index()],");
            }
        });
    });
    out.blank();
}

pub(super) fn from_name(out: &mut Out) {
    out.doc("The code of a name: as the service spells it, as the variant is called, or an alias; case matters.");
    out.line("#[must_use]");
    out.block("pub fn from_name(name: &str) -> ::core::option::Option<Self>", |out| {
        out.block("match NAMES.get(name)", |out| {
            out.line("::core::option::Option::Some(at) => ::core::option::Option::Some(Self::ALL[*at]),");
            out.line("::core::option::Option::None => ::core::option::Option::None,");
        });
    });
    out.blank();
}

fn info(out: &mut Out, paths: &Texts) {
    out.doc("The row of the table; `None` for an unlisted value.");
    out.line("#[must_use]");
    info_at_index(out);
    index(out, paths);
}

/// The only match on all codes: whatever else one has goes by its place. The optimiser makes it a subtraction.
///
/// A long one is written in pieces that pass on what they do not know: the compiler's work on a `match` grows with the square
/// of its arms.
fn index(out: &mut Out, paths: &Texts) {
    let count = paths.len();
    let last = count.div_ceil(ARMS).max(1) - 1;
    for piece in 0..=last {
        let name = if piece == 0 { String::new() } else { format!("_{piece}") };
        out.block(format_args!("const fn index{name}(self) -> usize"), |out| {
            out.block("match self", |out| {
                for at in (piece * ARMS..count).take(ARMS) {
                    out.line((paths.get(at), " => ", at, ","));
                }
                match (piece, last) {
                    (0, 0) => out.line(format_args!("Self::Unlisted(_) => {count},")),
                    _ if piece == last => out.line(format_args!("_ => {count},")),
                    _ => out.line(format_args!("_ => self.index_{}(),", piece + 1)),
                }
            });
        });
        out.blank();
    }
}

/// The row at the place that `index` returns.
pub(super) fn info_at_index(out: &mut Out) {
    out.block("pub const fn info(self) -> ::core::option::Option<&'static rt::CodeInfo>", |out| {
        out.line("rt::code_at(&CODES, self.index())");
    });
    out.blank();
}

fn is_listed(out: &mut Out) {
    out.doc("Does the table list it?");
    out.line("#[must_use]");
    out.block("pub const fn is_listed(self) -> bool", |out| {
        out.line("!::core::matches!(self, Self::Unlisted(_))");
    });
    out.blank();
}

/// The lookup of a range, if there are any.
fn range(out: &mut Out, table: &Table) {
    if table.ranges.is_empty() {
        return;
    }
    out.doc("The row of the range that the value is in; a value with a row of its own may be in one too.");
    for range in &table.ranges {
        let [first, last] = [range.row.value, range.last].map(|value| table.repr.show(value));
        out.doc("");
        let (name, meaning) = (markdown(&range.row.name), markdown(&range.row.meaning));
        out.doc(format_args!("**{first} to {last}**, {name}: {meaning}"));
    }
    out.line("#[must_use]");
    // The ranges may leave nothing for a last arm.
    out.line("#[allow(unreachable_patterns)]");
    out.block("pub const fn range(self) -> ::core::option::Option<&'static rt::RangeInfo>", |out| {
        out.block("match self.value()", |out| {
            for (at, range) in table.ranges.iter().enumerate() {
                let (first, last) = (range.row.value, range.last);
                out.line(format_args!("{first}..={last} => ::core::option::Option::Some(&RANGES[{at}]),"));
            }
            out.line("_ => ::core::option::Option::None,");
        });
    });
    out.blank();
}

/// The texts of a row, with a fixed word for unlisted values.
fn texts(out: &mut Out) {
    for (field, doc, unlisted) in [
        (
            "name",
            "The name in the service's spelling; `Unlisted`, which is no code's name, for an unlisted value.",
            "Unlisted",
        ),
        ("group", "The heading that the table lists it under; empty for an unlisted value.", ""),
        ("meaning", "What it means, in a sentence.", "the table does not list this value"),
    ] {
        out.doc(doc);
        out.line("#[must_use]");
        out.block(format_args!("pub const fn {field}(self) -> &'static str"), |out| {
            out.block("match self.info()", |out| {
                out.line(format_args!("::core::option::Option::Some(info) => info.{field},"));
                out.line(format_args!("::core::option::Option::None => {unlisted:?},"));
            });
        });
        out.blank();
    }
}

/// The classification, which an unlisted value has too. The expression computes it.
pub(super) fn classification(out: &mut Out, classification: &str) {
    out.doc("All that one needs to know to act on it.");
    out.line("#[must_use]");
    out.block("pub const fn classification(self) -> rt::Classification", |out| {
        out.line(classification);
    });
    for (field, result, doc) in [
        ("kind", "rt::Kind", "What happened, for every service alike; `Unknown` for an unlisted value."),
        ("outcome", "rt::Outcome", "What it says about its command; `Error` for an unlisted value."),
        ("recovery", "rt::Recovery", "What helps; `AskOperator` for an unlisted value."),
        ("origin", "rt::Origin", "Who raises it; `Server` for an unlisted value."),
        (
            "http_status",
            "::core::option::Option<u16>",
            "The HTTP status that says the same; `None` for an unlisted value.",
        ),
    ] {
        out.blank();
        out.doc(doc);
        out.line("#[must_use]");
        out.block(format_args!("pub const fn {field}(self) -> {result}"), |out| {
            out.line(format_args!("self.classification().{field}"));
        });
    }
}
