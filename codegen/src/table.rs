//! A table that was checked: what the emitter writes down.

use crate::vocabulary::{Kind, Origin, Outcome, Recovery, Repr};

/// A table without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// The name.
    pub name: String,
    /// The name of the module: the name with `_` for `-`.
    pub module: String,
    /// The variant in the sum of all tables.
    pub identifier: String,
    /// The name of the service for people.
    pub title: String,
    /// The type on the wire.
    pub repr: Repr,
    /// Where the table was read.
    pub source: String,
    /// Which revision or date of that.
    pub revision: String,
    /// The codes, in the order of the file; at least one.
    pub codes: Vec<Code>,
}

/// One code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The value, inside the range of the table's `repr`.
    pub value: i64,
    /// The name in the service's spelling.
    pub name: String,
    /// The variant.
    pub identifier: String,
    /// The group.
    pub group: String,
    /// What it means.
    pub meaning: String,
    /// What happened, for every service alike.
    pub kind: Kind,
    /// What it says about its command.
    pub outcome: Outcome,
    /// What helps.
    pub recovery: Recovery,
    /// Who raises it.
    pub origin: Origin,
    /// The HTTP status, if another one than the kind's.
    pub http: Option<u16>,
    /// Other names of it.
    pub aliases: Vec<Alias>,
    /// The commands that answer with it.
    pub commands: Option<String>,
    /// The version of the service that brought it.
    pub since: Option<String>,
    /// Why, or since when, it should not be used.
    pub deprecated: Option<String>,
}

/// Another name of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alias {
    /// In the spelling of whoever uses it.
    pub name: String,
    /// The constant; `None` if it would be called like the variant itself.
    pub identifier: Option<String>,
}
