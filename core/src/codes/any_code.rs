//! A code of any table.

use super::classification::{Classification, Origin, Outcome, Recovery};
use super::code::Code;
use super::info::{CodeInfo, RangeInfo, TableInfo};
use super::kind::Kind;
use super::value::{Form, Hex, Value};
use core::fmt;
use core::hash::{Hash, Hasher};

/// A code of any table, also of one that another crate generated.
///
/// Two codes are equal if their tables and values are. It compares with each table's enum directly:
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
    classification: Classification,
}

impl AnyCode {
    const fn new(
        table: &'static TableInfo,
        value: Value,
        info: Option<&'static CodeInfo>,
        classification: Classification,
    ) -> Self {
        Self { table, value, info, classification }
    }

    /// Makes an `AnyCode` from a code of one table.
    #[must_use]
    pub fn of<C: Code>(code: C) -> Self {
        Self::new(C::table(), code.to_value(), code.info(), code.classification())
    }

    /// Returns the code as one of its own table; `None` if it is of another one.
    #[must_use]
    pub fn downcast<C: Code>(self) -> Option<C> {
        if core::ptr::eq(self.table(), C::table()) { C::try_from_value(self.value()) } else { None }
    }

    /// Makes a code of a value that the table's codes can have.
    fn in_table(table: &'static TableInfo, value: Value) -> Self {
        let info = table.row(value);
        let unlisted = Self::new(table, value, info, Classification::UNLISTED);
        let classification = match (info, table.range(value)) {
            (Some(row), _) => row.classification(),
            (None, Some(range)) => range.row.classification(),
            (None, None) => unlisted.classification_of_parts(),
        };
        Self { classification, ..unlisted }
    }

    /// Returns the table.
    #[must_use]
    pub const fn table(&self) -> &'static TableInfo {
        self.table
    }

    /// Returns the value on the wire.
    #[must_use]
    pub const fn value(&self) -> Value {
        self.value
    }

    /// Returns the row; `None` for a value that the table does not list, and for a composed code of which only the parts have rows.
    #[must_use]
    pub const fn info(&self) -> Option<&'static CodeInfo> {
        self.info
    }

    /// Returns the range that the value is in; a value with a row of its own may be in one too.
    #[must_use]
    pub fn range(&self) -> Option<&'static RangeInfo> {
        self.table.range(self.value)
    }

    /// Returns the parts of a composed code, each a code of its own table, from the first on. A plain code has none.
    pub fn parts(&self) -> impl Iterator<Item = Self> + use<> {
        let number = u32::try_from(self.value.number()).unwrap_or(0);
        let mut bits = match self.value {
            Value::Hex(hex) => 4 * u32::from(hex.digits()),
            _ => 0,
        };
        self.table.parts.iter().filter_map(move |part| {
            let Form::Hex { digits } = part.form else { return None };
            bits = bits.checked_sub(4 * u32::from(digits))?;
            let own = (u64::from(number) >> bits) & ((1 << (4 * u32::from(digits))) - 1);
            let value = Hex::new(u32::try_from(own).ok()?, digits)?;
            Some(Self::in_table(part, value.into()))
        })
    }

    fn classification_of_parts(&self) -> Classification {
        // A code has at most eight digits, so it has at most eight parts.
        let mut classification = [Classification::UNLISTED; 8];
        let mut count = 0;
        for (known, part) in classification.iter_mut().zip(self.parts()) {
            *known = part.classification;
            count += 1;
        }
        Classification::of_parts(&classification[..count])
    }

    /// Does the table list the value, or, for a composed code, does it list all parts?
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.info.is_some() || (!self.table.parts.is_empty() && self.parts().all(|part| part.is_listed()))
    }

    /// Returns the name in the service's spelling; `Composed` for a code of which only the parts have names, `Unlisted` for an
    /// unlisted value.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.info {
            Some(info) => info.name,
            None if self.is_listed() => "Composed",
            None => "Unlisted",
        }
    }

    /// Returns the name for people: that of the row, else those of the parts.
    pub fn label(&self) -> impl fmt::Display + use<> {
        Label(*self)
    }

    /// Returns what the code means to a caller.
    #[must_use]
    pub const fn classification(&self) -> Classification {
        self.classification
    }

    /// Returns what happened, in words that every service shares; `Unknown` for an unlisted value.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.classification.kind
    }

    /// Returns what it says about its command; `Error` for an unlisted value.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.classification.outcome
    }

    /// Returns what helps; `AskOperator` for an unlisted value.
    #[must_use]
    pub const fn recovery(&self) -> Recovery {
        self.classification.recovery
    }

    /// Returns who raises it; `Server` for an unlisted value.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.classification.origin
    }

    /// Returns the HTTP status that says the same; `None` for an unlisted value.
    #[must_use]
    pub const fn http_status(&self) -> Option<u16> {
        self.classification.http_status
    }
}

impl TableInfo {
    /// Returns the code of a value; `None` if the codes of this table cannot have it. An unlisted value has a code too.
    #[must_use]
    pub fn code(&'static self, value: Value) -> Option<AnyCode> {
        self.form.holds(value).then(|| AnyCode::in_table(self, value))
    }
}

/// A row of a table is a code.
impl From<&'static CodeInfo> for AnyCode {
    fn from(info: &'static CodeInfo) -> Self {
        Self { table: info.table, value: info.value, info: Some(info), classification: info.classification() }
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
        core::ptr::eq(self.table(), C::table()) && self.value() == other.to_value()
    }
}

impl Hash for AnyCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        core::ptr::hash(self.table, state);
        self.value.hash(state);
    }
}

struct Label(AnyCode);

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(code) = self;
        if code.info.is_some() || code.table.parts.is_empty() {
            return f.write_str(code.name());
        }
        for (at, part) in code.parts().enumerate() {
            let space = if at == 0 { "" } else { " " };
            match part.info {
                Some(info) => write!(f, "{space}{}", info.name)?,
                None => write!(f, "{space}{}", part.value)?,
            }
        }
        Ok(())
    }
}

/// Table, value and name, or the names of the parts: `nemesis 22 NotExist`, `edgware 2030d Action Deregister User`,
/// `nemesis 4711 Unlisted`.
impl fmt::Display for AnyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.table.name, self.value, self.label())
    }
}

impl fmt::Debug for AnyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyCode({self})")
    }
}
