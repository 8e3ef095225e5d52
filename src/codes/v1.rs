//! What generated code of format 1 is written against. Not for people: its only promise is to that code.
//!
//! A change that generated code would notice makes a `v2` beside it, and the generator writes that name.

pub use super::any_code::AnyCode;
pub use super::code::{Code, ParseCodeError};
pub use super::facts::{Facts, Origin, Outcome, Recovery};
pub use super::info::{CodeInfo, TableInfo, Value};
pub use super::kind::Kind;
pub use crate::__statuswire_v1_impl_serde as impl_serde;
pub use phf;
#[cfg(feature = "serde")]
pub use {super::code_serde::deserialize_code, serde};

/// A table as generated code states it.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub title: &'static str,
    pub source: &'static str,
    pub revision: &'static str,
    pub codes: &'static [CodeInfo],
}

/// A row as generated code states it.
#[derive(Debug)]
pub struct Row {
    pub value: i64,
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
}

pub const fn table_info(table: Table) -> TableInfo {
    let Table { name, title, source, revision, codes } = table;
    TableInfo { name, title, source, revision, codes }
}

pub const fn code_info(table: &'static TableInfo, row: Row) -> CodeInfo {
    let Row { value, name, group, meaning, kind, outcome, recovery, origin, http_status, aliases } = row;
    let http_status = match http_status {
        Some(stated) => Some(stated),
        None => Some(kind.http_status()),
    };
    let value = Value::Number(value);
    CodeInfo { table, value, name, group, meaning, kind, outcome, recovery, origin, http_status, aliases }
}

/// The facts of a row, or of an unlisted value.
pub const fn facts(info: Option<&'static CodeInfo>) -> Facts {
    match info {
        Some(info) => info.facts(),
        None => Facts::UNLISTED,
    }
}

/// The value as an integer of the table's own type, if that can hold it.
pub fn narrow<R: TryFrom<i64>>(value: Value) -> Option<R> {
    match value {
        Value::Number(number) => R::try_from(number).ok(),
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

/// Without the feature `serde` there is nothing to implement.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __statuswire_v1_impl_serde {
    ($code:ty, $repr:ty) => {};
}
