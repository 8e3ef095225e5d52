//! What is said of ranges of values.

use super::out::{Out, markdown};
use super::statics::{code_info, value};
use crate::table::Table;

pub(super) fn infos(out: &mut Out, table: &Table) {
    if table.ranges.is_empty() {
        return;
    }
    out.open(
        format_args!("static RANGES: [rt::RangeInfo; {}] = [", table.ranges.len()),
        |out| {
            for range in &table.ranges {
                let first = format!("rt::range_info({}, &TABLE, rt::Row {{", value(table.repr, range.last));
                code_info(out, table, &range.row, &first, "}),");
            }
        },
        "];",
    );
    out.blank();
}

/// The lookup, if there are ranges.
pub(super) fn lookup(out: &mut Out, table: &Table) {
    if table.ranges.is_empty() {
        return;
    }
    out.doc("The row of the range that the value is in; a value with a row of its own may be in one too.");
    for range in &table.ranges {
        let [first, last] = [range.row.value, range.last].map(|value| table.repr.show(value));
        out.doc("");
        let (name, meaning) = (markdown(&range.row.name), markdown(&range.row.meaning));
        out.doc(&format!("**{first} to {last}**, {name}: {meaning}"));
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
