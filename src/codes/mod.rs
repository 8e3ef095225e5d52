//! What the tables become, and the vocabulary they share.
use core::fmt;
use core::hash::Hash;
use core::str::FromStr;

/// The canonical set of RPC codes (google.rpc.Code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Kind {
    Ok,
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}
/// What a status means for the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Outcome {
    Success,
    Progress,
    Warning,
    Error,
}
/// What helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Recovery {
    Nothing,
    Correct,
    Wait,
    Reconnect,
    LogIn,
    AskOperator,
}
/// Who raises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Origin {
    Server,
    Client,
    Reserved,
}

/// A code's value as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Value {
    Number(i64),
}

/// A table.
#[derive(Debug)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct TableInfo {
    pub name: &'static str,
    pub title: &'static str,
    pub source: &'static str,
    pub revision: &'static str,
    pub codes: &'static [CodeInfo],
}
/// A row of a table.
#[derive(Debug)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct CodeInfo {
    pub table: &'static TableInfo,
    pub value: Value,
    pub name: &'static str,
    pub group: &'static str,
    pub meaning: &'static str,
    pub kind: Kind,
    pub outcome: Outcome,
    pub recovery: Recovery,
    pub origin: Origin,
    pub http_status: Option<u16>,
    pub aliases: &'static [&'static str],
}
/// Implemented by generated code.
#[allow(missing_docs)]
pub trait Code: Copy + Eq + Hash + fmt::Debug + fmt::Display + FromStr + Into<AnyCode> + Send + Sync + 'static {
    fn table() -> &'static TableInfo;
    fn try_from_value(value: Value) -> Option<Self>;
    fn to_value(self) -> Value;
    fn info(self) -> Option<&'static CodeInfo>;
    fn facts(self) -> Facts;
}
/// What one needs to know to act on a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Facts {
    pub kind: Kind,
    pub outcome: Outcome,
    pub recovery: Recovery,
    pub http_status: Option<u16>,
}
/// Any table's code.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct AnyCode {
    table: &'static TableInfo,
    value: Value,
    info: Option<&'static CodeInfo>,
    facts: Facts,
}
#[allow(missing_docs)]
impl AnyCode {
    pub fn of<C: Code>(c: C) -> Self {
        Self { table: C::table(), value: c.to_value(), info: c.info(), facts: c.facts() }
    }
    pub const fn table(&self) -> &'static TableInfo {
        self.table
    }
    pub const fn info(&self) -> Option<&'static CodeInfo> {
        self.info
    }
    pub const fn value(&self) -> Value {
        self.value
    }
    pub const fn facts(&self) -> Facts {
        self.facts
    }
    pub fn downcast<C: Code>(self) -> Option<C> {
        core::ptr::eq(self.table, C::table()).then(|| C::try_from_value(self.value)).flatten()
    }
}
impl fmt::Display for AnyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.table.name, self.value)
    }
}
