//! A code of any table.

use super::code::Code;
use super::facts::{Facts, Origin, Outcome, Recovery};
use super::info::{CodeInfo, TableInfo, Value};
use super::kind::Kind;
use core::fmt;
use core::hash::{Hash, Hasher};

/// A code of any table, also of one that another crate generated.
///
/// Two are equal if table and value are. It compares with each table's enum directly:
///
/// ```
/// use statuswire::codes::{AnyCode, Kind, nemesis};
///
/// let code = AnyCode::of(nemesis::ErrorCode::NotExist);
/// assert_eq!(code, nemesis::ErrorCode::NotExist);
/// assert_eq!(code.kind(), Kind::NotFound);
/// assert_eq!(code.downcast(), Some(nemesis::ErrorCode::NotExist));
/// assert_eq!(code.to_string(), "nemesis 22 NotExist");
/// ```
#[derive(Clone, Copy)]
pub struct AnyCode {
    table: &'static TableInfo,
    value: Value,
    info: Option<&'static CodeInfo>,
    facts: Facts,
}

impl AnyCode {
    /// Forgets which table a code is of, for the compiler only.
    #[must_use]
    pub fn of<C: Code>(code: C) -> Self {
        Self { table: C::table(), value: code.to_value(), info: code.info(), facts: code.facts() }
    }

    /// The table.
    #[must_use]
    pub const fn table(&self) -> &'static TableInfo {
        self.table
    }

    /// The value on the wire.
    #[must_use]
    pub const fn value(&self) -> Value {
        self.value
    }

    /// The row; `None` for a value that the table does not list.
    #[must_use]
    pub const fn info(&self) -> Option<&'static CodeInfo> {
        self.info
    }

    /// Does the table list it?
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        self.info.is_some()
    }

    /// The name in the service's spelling; `Unlisted` for an unlisted value.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.info {
            Some(info) => info.name,
            None => "Unlisted",
        }
    }

    /// What one needs to know to act on it.
    #[must_use]
    pub const fn facts(&self) -> Facts {
        self.facts
    }

    /// What happened, for every service alike; `Unknown` for an unlisted value.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.facts.kind
    }

    /// What it says about its command; `Error` for an unlisted value.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.facts.outcome
    }

    /// What helps; `AskOperator` for an unlisted value.
    #[must_use]
    pub const fn recovery(&self) -> Recovery {
        self.facts.recovery
    }

    /// Who raises it; `Server` for an unlisted value.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.facts.origin
    }

    /// The HTTP status that says the same; `None` for an unlisted value.
    #[must_use]
    pub const fn http_status(&self) -> Option<u16> {
        self.facts.http_status
    }

    /// The code as one of its own table; `None` if it is of another one.
    #[must_use]
    pub fn downcast<C: Code>(self) -> Option<C> {
        if core::ptr::eq(self.table, C::table()) { C::try_from_value(self.value) } else { None }
    }
}

/// A row of a table is a code.
impl From<&'static CodeInfo> for AnyCode {
    fn from(info: &'static CodeInfo) -> Self {
        Self { table: info.table, value: info.value, info: Some(info), facts: info.facts() }
    }
}

impl PartialEq for AnyCode {
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self.table, other.table) && self.value == other.value
    }
}

impl Eq for AnyCode {}

impl<C: Code> PartialEq<C> for AnyCode {
    fn eq(&self, other: &C) -> bool {
        core::ptr::eq(self.table, C::table()) && self.value == other.to_value()
    }
}

impl Hash for AnyCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        core::ptr::hash(self.table, state);
        self.value.hash(state);
    }
}

/// Table, value and name: `nemesis 22 NotExist`, `nemesis 4711 Unlisted`.
impl fmt::Display for AnyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.table.name, self.value, self.name())
    }
}

impl fmt::Debug for AnyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyCode({self})")
    }
}
