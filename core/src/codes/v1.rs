//! The runtime of generated code, format 1. Only generated code may use it.
//!
//! A change that breaks generated code goes into a new module `v2`, and the generator writes that name.

pub use super::any_code::AnyCode;
pub use super::classification::{Classification, Origin, Outcome, Recovery};
pub use super::code::{Code, ParseCodeError};
pub use super::info::{CodeInfo, RangeInfo, TableInfo};
pub use super::kind::Kind;
use super::rules::Pattern;
pub use super::rules::{Rule, Rules};
pub use super::template::{Hole, Piece, Template};
pub use super::text::Text;
pub use super::value::{Form, Hex, Value};
pub use crate::__statuswire_v1_impl_serde as impl_serde;
pub use crate::__statuswire_v1_impl_serde_as_text as impl_serde_as_text;
pub use phf;
#[cfg(feature = "serde")]
pub use {super::code_serde::deserialize_code, super::code_serde::deserialize_text, serde};

/// A table as generated code states it.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub title: &'static str,
    pub source: &'static str,
    pub revision: &'static str,
    pub form: Form,
    pub family: Option<&'static str>,
    pub members: &'static [&'static str],
    pub codes: &'static [CodeInfo],
    pub ranges: &'static [RangeInfo],
    pub parts: &'static [&'static TableInfo],
}

/// A row as generated code states it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub value: Value,
    pub name: &'static str,
    pub group: &'static str,
    pub meaning: &'static str,
    pub kind: Kind,
    pub outcome: Outcome,
    pub recovery: Recovery,
    pub origin: Origin,
    /// Only if it differs from the kind's.
    pub http_status: Option<u16>,
    pub aliases: &'static [&'static str],
    pub reasons: &'static [Template],
    pub commands: &'static [&'static str],
}

pub const fn table_info(table: Table) -> TableInfo {
    let Table { name, title, source, revision, form, family, members, codes, ranges, parts } = table;
    TableInfo { name, title, source, revision, form, family, members, codes, ranges, parts }
}

pub const fn code_info(table: &'static TableInfo, row: Row) -> CodeInfo {
    let Row { value, name, group, meaning, kind, outcome, recovery, origin, http_status, aliases, reasons, commands } =
        row;
    let http_status = match http_status {
        Some(stated) => Some(stated),
        None => Some(kind.http_status()),
    };
    CodeInfo {
        table,
        value,
        name,
        group,
        meaning,
        kind,
        outcome,
        recovery,
        origin,
        http_status,
        aliases,
        reasons,
        commands,
    }
}

/// Makes a range of values, from the row's to the last.
pub const fn range_info(last: Value, table: &'static TableInfo, row: Row) -> RangeInfo {
    RangeInfo { last, row: code_info(table, row) }
}

/// Makes the rows of a table from pieces of their list.
pub const fn code_infos<const N: usize>(table: &'static TableInfo, pieces: &[&[Row]]) -> [CodeInfo; N] {
    let mut codes = [const { code_info(&NO_TABLE, NO_ROW) }; N];
    let (mut count, mut piece) = (0, 0);
    while piece < pieces.len() {
        let mut at = 0;
        while at < pieces[piece].len() {
            codes[count] = code_info(table, pieces[piece][at]);
            count += 1;
            at += 1;
        }
        piece += 1;
    }
    codes
}

/// Makes the ranges of a table from pieces of their list.
pub const fn range_infos<const N: usize>(table: &'static TableInfo, pieces: &[&[(Value, Row)]]) -> [RangeInfo; N] {
    let mut ranges = [const { range_info(Value::Number(0), &NO_TABLE, NO_ROW) }; N];
    let (mut count, mut piece) = (0, 0);
    while piece < pieces.len() {
        let mut at = 0;
        while at < pieces[piece].len() {
            let (last, row) = pieces[piece][at];
            ranges[count] = range_info(last, table, row);
            count += 1;
            at += 1;
        }
        piece += 1;
    }
    ranges
}

/// Holds the place of a table until its rows are known.
static NO_TABLE: TableInfo = table_info(Table {
    name: "",
    title: "",
    source: "",
    revision: "",
    form: Form::Integer { lowest: 0, highest: 0 },
    family: None,
    members: &[],
    codes: &[],
    ranges: &[],
    parts: &[],
});

/// What a row has unless generated code states it; also holds the place of a row.
pub const NO_ROW: Row = Row {
    value: Value::Number(0),
    name: "",
    group: "",
    meaning: "",
    kind: Kind::Unknown,
    outcome: Outcome::Error,
    recovery: Recovery::Nothing,
    origin: Origin::Server,
    http_status: None,
    aliases: &[],
    reasons: &[],
    commands: &[],
};

/// Returns a row by its place; `None` behind the last one.
#[inline]
pub const fn code_at(codes: &'static [CodeInfo], at: usize) -> Option<&'static CodeInfo> {
    if at < codes.len() { Some(&codes[at]) } else { None }
}

/// A rule as generated code states it.
#[derive(Clone, Copy, Debug)]
pub struct RuleRow<C: 'static, K: 'static> {
    pub line: u32,
    pub statuses: &'static [(u16, u16)],
    pub methods: &'static [&'static str],
    pub paths: &'static [&'static str],
    pub texts: &'static [Pattern],
    pub not_texts: &'static [Pattern],
    pub when: &'static [K],
    pub code: C,
}

pub const fn rule<C: Copy, K: Copy>(row: RuleRow<C, K>) -> Rule<C, K> {
    let RuleRow { line, statuses, methods, paths, texts, not_texts, when, code } = row;
    Rule { line, statuses, methods, paths, texts, not_texts, when, code }
}

pub const fn rules<C: Copy + PartialEq, K: Copy>(rules: &'static [Rule<C, K>], several: Option<C>) -> Rules<C, K> {
    Rules::new(rules, several)
}

pub const fn template(text: &'static str, pieces: &'static [Piece]) -> Template {
    Template::new(text, pieces)
}

pub const fn hole(name: &'static str, hole: Hole) -> Piece {
    Piece::Hole { name, hole }
}

/// Makes a value of hexadecimal digits. The generator has checked that they can hold the number.
pub const fn hex(number: u32, digits: u8) -> Value {
    match Hex::new(number, digits) {
        Some(hex) => Value::Hex(hex),
        None => panic!("the number has more digits"),
    }
}

pub fn parse_hex<R: TryFrom<u32>>(text: &str, digits: u8) -> Option<R> {
    Hex::parse(text, digits).and_then(|hex| R::try_from(hex.number()).ok())
}

/// Returns the classification of a row, or of an unlisted value.
pub const fn classification(info: Option<&'static CodeInfo>) -> Classification {
    match info {
        Some(info) => info.classification(),
        None => Classification::UNLISTED,
    }
}

/// Returns the classification of a row, or of the range that an unlisted value is in.
pub const fn classification_in_range(
    info: Option<&'static CodeInfo>,
    range: Option<&'static RangeInfo>,
) -> Classification {
    match (info, range) {
        (None, Some(range)) => range.row.classification(),
        (info, _) => classification(info),
    }
}

/// Returns the classification of the row for a whole code, or the one that follows from its parts.
pub const fn classification_of_whole(info: Option<&'static CodeInfo>, parts: &[Classification]) -> Classification {
    match info {
        Some(info) => info.classification(),
        None => Classification::of_parts(parts),
    }
}

/// Returns the value as an integer of the table's own type, if that can hold it.
pub fn narrow<R: TryFrom<i64>>(value: Value) -> Option<R> {
    match value {
        Value::Number(number) => R::try_from(number).ok(),
        _ => None,
    }
}

/// The same for integers of 64 bits without a sign.
pub fn narrow_unsigned(value: Value) -> Option<u64> {
    match value {
        Value::Number(number) => u64::try_from(number).ok(),
        Value::Unsigned(number) => Some(number),
        _ => None,
    }
}

/// Makes a value of text. The generator has checked it.
pub const fn text(text: &str) -> Value {
    match Text::new(text) {
        Some(text) => Value::Text(text),
        None => panic!("the text is no code"),
    }
}

/// Takes the text of an unlisted code.
pub const fn unlisted_text(text: &str, longest: usize) -> Option<Text> {
    if text.len() > longest { None } else { Text::new(text) }
}

/// Returns the value of a number of hexadecimal digits as an integer.
pub fn narrow_hex<R: TryFrom<u32>>(value: Value, digits: u8) -> Option<R> {
    match value {
        Value::Hex(hex) if hex.digits() == digits => R::try_from(hex.number()).ok(),
        _ => None,
    }
}

pub const fn parse_code_error(table: &'static TableInfo) -> ParseCodeError {
    ParseCodeError::new(table)
}

/// Implements serde's traits if this crate, not the one that calls the macro, has the feature `serde`.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __statuswire_v1_impl_serde {
    ($code:ty, $repr:ty) => {
        /// Writes the value on the wire.
        impl $crate::__private::v1::serde::Serialize for $code {
            fn serialize<S>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::v1::serde::Serializer,
            {
                $crate::__private::v1::serde::Serialize::serialize(&self.value(), serializer)
            }
        }

        /// Reads the value on the wire; in formats that describe themselves also a name, or the value as text.
        impl<'de> $crate::__private::v1::serde::Deserialize<'de> for $code {
            fn deserialize<D>(deserializer: D) -> ::core::result::Result<Self, D::Error>
            where
                D: $crate::__private::v1::serde::Deserializer<'de>,
            {
                $crate::__private::v1::deserialize_code::<Self, $repr, D>(deserializer)
            }
        }
    };
}

/// The same for codes that are text on the wire.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __statuswire_v1_impl_serde_as_text {
    ($code:ty) => {
        /// Writes the digits as text.
        impl $crate::__private::v1::serde::Serialize for $code {
            fn serialize<S>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::v1::serde::Serializer,
            {
                serializer.collect_str(&$crate::__private::v1::Code::to_value(*self))
            }
        }

        /// Reads the digits, in either case, or a name.
        impl<'de> $crate::__private::v1::serde::Deserialize<'de> for $code {
            fn deserialize<D>(deserializer: D) -> ::core::result::Result<Self, D::Error>
            where
                D: $crate::__private::v1::serde::Deserializer<'de>,
            {
                $crate::__private::v1::deserialize_text(deserializer)
            }
        }
    };
}

/// Without the feature `serde` there is nothing to implement.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __statuswire_v1_impl_serde {
    ($code:ty, $repr:ty) => {};
}

/// Without the feature `serde` there is nothing to implement.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __statuswire_v1_impl_serde_as_text {
    ($code:ty) => {};
}
