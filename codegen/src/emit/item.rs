//! How generated code names a code.

use super::out::Write;
use super::texts::Texts;
use crate::table::{Code, Table};
use std::fmt::{self, Display};

/// The name by which generated code calls a code.
#[derive(Clone, Copy)]
pub(super) struct Item<'a>(&'a Code);

pub(super) const fn item(code: &Code) -> Item<'_> {
    Item(code)
}

impl<'a> Item<'a> {
    /// Returns the identifier, and what stands behind it.
    fn parts(self) -> (&'a str, &'static str) {
        (&self.0.identifier, if self.0.deprecated.is_some() { "_" } else { "" })
    }
}

impl Write for Item<'_> {
    fn write(self, text: &mut String) {
        self.parts().write(text);
    }
}

impl Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (identifier, mark) = self.parts();
        f.write_str(identifier)?;
        f.write_str(mark)
    }
}

/// The path by which generated code calls a code of a plain table. With `Self` for the type, the compiler would search all
/// variants one by one.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    type_name: &'a str,
    item: Item<'a>,
}

pub(super) fn path<'a>(table: &'a Table, code: &'a Code) -> Path<'a> {
    Path { type_name: &table.type_name, item: item(code) }
}

/// Returns the paths of all codes of a plain table.
pub(super) fn paths(table: &Table) -> Texts {
    let mut paths = Texts::with_capacity(table.codes.len());
    for code in &table.codes {
        let (identifier, mark) = item(code).parts();
        paths.add(&[&table.type_name, "::", identifier, mark]);
    }
    paths
}

impl Write for Path<'_> {
    fn write(self, text: &mut String) {
        (self.type_name, "::", self.item).write(text);
    }
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.type_name, self.item)
    }
}
