//! The tables that are searched.

use super::found::{Nearest, Subject};
use super::names::{Sought, are_same};
use crate::codes::{AnyCode, CodeInfo, Form, Origin, TableInfo, Value};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// How many names are offered for an unknown one.
const NEAREST: usize = 5;

/// Tables to search: those of this crate, and any others.
///
/// ```
/// # mod printer { pub use statuswire::codes::nemesis::TABLE; }
/// use statuswire::codes::explain::Registry;
///
/// let registry = Registry::empty().with(&printer::TABLE);
/// assert_eq!(registry.explain("22").matches.len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Registry {
    tables: Vec<&'static TableInfo>,
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl Registry {
    /// Makes a registry of the tables of this crate.
    #[must_use]
    pub fn new() -> Self {
        Self { tables: crate::codes::tables().to_vec() }
    }

    /// Makes a registry without tables.
    #[must_use]
    pub const fn empty() -> Self {
        Self { tables: Vec::new() }
    }

    /// Adds a table, such as the `TABLE` of a module that your build script generated. A table is never added twice.
    #[must_use]
    pub fn with(mut self, table: &'static TableInfo) -> Self {
        if !self.tables.iter().any(|known| core::ptr::eq(*known, table)) {
            self.tables.push(table);
        }
        self
    }

    /// Returns the tables, without those of parts.
    #[must_use]
    pub fn tables(&self) -> &[&'static TableInfo] {
        &self.tables
    }

    /// Returns all tables; the tables of its parts follow a composed one.
    pub fn with_parts(&self) -> impl Iterator<Item = &'static TableInfo> + '_ {
        self.tables.iter().flat_map(|table| core::iter::once(*table).chain(table.parts.iter().copied()))
    }

    /// Finds a table by its name, in either case.
    pub(super) fn table(&self, name: &str) -> Option<&'static TableInfo> {
        self.with_parts().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// Returns the codes of a number or of digits. Unused ranges are left out if there is anything else.
    pub(super) fn by_value(&self, text: &str) -> Vec<Subject> {
        let codes: Vec<AnyCode> = self.tables.iter().filter_map(|table| known(table, parse(table, text)?)).collect();
        let is_used = |code: &&AnyCode| code.info().is_some() || code.origin() != Origin::Reserved;
        let used: Vec<_> = codes.iter().filter(is_used).copied().map(Subject::Code).collect();
        if used.is_empty() { codes.into_iter().map(Subject::Code).collect() } else { used }
    }

    /// Returns the rows and ranges of a name.
    pub(super) fn by_name(&self, name: &str) -> Vec<Subject> {
        self.with_parts().flat_map(|table| named(table, name)).collect()
    }
}

/// Returns the names that resemble an unknown one.
pub(super) fn nearest(tables: impl Iterator<Item = &'static TableInfo>, name: &str) -> Vec<Nearest> {
    let sought = Sought::new(name);
    let mut near: Vec<(usize, Nearest)> = Vec::new();
    let mut known = BTreeMap::new();
    let mut offer = |name: &'static str, place: &dyn Fn() -> String| {
        let Some(distance) = sought.distance(name) else { return };
        let at = *known.entry(name).or_insert(near.len());
        match near.get_mut(at) {
            Some((_, known)) => known.places.push(place()),
            None => near.push((distance, Nearest { name, places: [place()].to_vec() })),
        }
    };
    for table in tables {
        offer(table.name, &|| "a table".to_string());
        for row in table.codes {
            names(row).for_each(|name| offer(name, &|| format!("{} {}", table.name, row.value)));
        }
        for range in table.ranges {
            names(&range.row).for_each(|name| offer(name, &|| format!("{} {range}", table.name)));
        }
    }
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(NEAREST).map(|(_, near)| near).collect()
}

/// Returns the code of a value, if the table has a row or a range for it.
pub(super) fn known(table: &'static TableInfo, value: Value) -> Option<AnyCode> {
    table.code(value).filter(is_known)
}

fn is_known(code: &AnyCode) -> bool {
    let has_parts = !code.table().parts.is_empty();
    code.info().is_some() || code.range().is_some() || (has_parts && code.parts().all(|part| is_known(&part)))
}

/// Returns the rows and ranges of a table with a name.
pub(super) fn named(table: &'static TableInfo, name: &str) -> Vec<Subject> {
    let codes = table.codes.iter().filter(|row| is_named(row, name)).map(|row| Subject::Code(AnyCode::from(row)));
    let ranges = table.ranges.iter().filter(|range| is_named(&range.row, name)).map(Subject::Range);
    codes.chain(ranges).collect()
}

fn is_named(row: &CodeInfo, name: &str) -> bool {
    names(row).any(|known| are_same(known, name))
}

/// Name and aliases.
fn names(row: &CodeInfo) -> impl Iterator<Item = &'static str> + use<> {
    core::iter::once(row.name).chain(row.aliases.iter().copied())
}

/// The rows of codes and of ranges.
pub(super) fn rows(table: &'static TableInfo) -> impl Iterator<Item = &'static CodeInfo> {
    table.codes.iter().chain(table.ranges.iter().map(|range| &range.row))
}

/// Returns all rows and ranges of a table.
pub(super) fn all(table: &'static TableInfo) -> impl Iterator<Item = Subject> {
    let codes = table.codes.iter().map(|row| Subject::Code(AnyCode::from(row)));
    codes.chain(table.ranges.iter().map(Subject::Range))
}

/// Returns the digits behind `0x`, if the text is a hexadecimal number.
pub(super) fn hex_digits(text: &str) -> Option<&str> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digits)
}

/// Reads a text as the table spells its values, or as a hexadecimal number with `0x`.
fn parse(table: &TableInfo, text: &str) -> Option<Value> {
    match (hex_digits(text), table.form) {
        (None, form) => form.parse(text),
        (Some(digits), form @ Form::Hex { .. }) => form.parse(digits),
        (Some(digits), form) => form.parse(&i64::from_str_radix(digits, 16).ok()?.to_string()),
    }
}

/// Reads a text as a value of the table, listed or not.
pub(super) fn value(table: &TableInfo, text: &str) -> Option<Value> {
    // What a person writes: digits in front may be left out, as in `3` for `03`. Not those of a composed code: `2` is a
    // part of one, and not `00002`.
    parse(table, text).or_else(|| match table.form {
        Form::Hex { digits } if table.parts.is_empty() && text.len() < usize::from(digits) => {
            table.form.parse(&format!("{text:0>width$}", width = usize::from(digits)))
        }
        _ => None,
    })
}
