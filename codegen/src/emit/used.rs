//! A use of everything that a program may leave unused, so that a crate may forbid dead code.

use super::out::Out;
use crate::table::Table;

/// The constants and methods that no trait uses.
const ITEMS: [&str; 8] = ["ALL", "is_listed", "classification", "kind", "outcome", "recovery", "origin", "http_status"];
/// Those of an enum alone.
const ITEMS_OF_AN_ENUM: [&str; 2] = ["group", "meaning"];

pub(super) fn uses(out: &mut Out, table: &Table) {
    let mut items = ITEMS.to_vec();
    if table.parts.is_empty() {
        items.extend(ITEMS_OF_AN_ENUM);
    }
    if !table.ranges.is_empty() {
        items.push("range");
    }
    out.blank();
    write(out, &table.type_name, &items, None);
}

/// Writes the uses of items of a type, and of one more function.
pub(super) fn write(out: &mut Out, type_name: &str, items: &[&str], function: Option<&str>) {
    let uses = items.iter().map(|item| format!("{type_name}::{item}")).chain(function.map(str::to_owned));
    let uses = uses.collect::<Vec<_>>().join(", ");
    out.line("// No program uses everything.");
    out.open("const _: () = {", |out| out.line(format_args!("let _ = ({uses});")), "};");
}
