//! The trait of all enums of codes.

use super::any_code::AnyCode;
use super::classification::Classification;
use super::info::{CodeInfo, TableInfo};
use super::value::Value;
use core::fmt;
use core::hash::Hash;
use core::str::FromStr;

/// A code of one table. Generated code implements it, for generic code to use.
///
/// ```
/// use statuswire::codes::{Code, Kind};
///
/// fn is_missing<C: Code>(code: C) -> bool {
///     code.classification().kind == Kind::NotFound
/// }
/// ```
pub trait Code:
    Copy
    + Eq
    + Hash
    + fmt::Debug
    + fmt::Display
    + FromStr<Err = ParseCodeError>
    + Into<AnyCode>
    + PartialEq<AnyCode>
    + Send
    + Sync
    + 'static
{
    /// Returns the table.
    fn table() -> &'static TableInfo;

    /// Returns the code of a value; `None` only if the table's type cannot hold the value. An unlisted value has a code too.
    fn try_from_value(value: Value) -> Option<Self>;

    /// Returns the value on the wire.
    fn to_value(self) -> Value;

    /// Returns the row; `None` for a value that the table does not list, and for a composed code of which only the parts have rows.
    fn info(self) -> Option<&'static CodeInfo>;

    /// Returns what the code means to a caller, from its row, else from the range that the value is in, else from the parts,
    /// else that of an unlisted value.
    fn classification(self) -> Classification;
}

/// A text that is neither a name nor a number of a table.
#[derive(Clone, Copy, Debug)]
pub struct ParseCodeError {
    table: &'static TableInfo,
}

impl ParseCodeError {
    pub(super) const fn new(table: &'static TableInfo) -> Self {
        Self { table }
    }

    /// Returns the table that was searched.
    #[must_use]
    pub const fn table(&self) -> &'static TableInfo {
        self.table
    }
}

impl fmt::Display for ParseCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the text is neither a name in the table `{}` nor a number that its codes can have", self.table.name)
    }
}

impl core::error::Error for ParseCodeError {}
