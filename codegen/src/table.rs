//! A table that was checked: what the emitter writes down.

use crate::vocabulary::{Hole, Kind, Origin, Outcome, Recovery, Repr};

/// A table without diagnostics.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// The name.
    pub name: String,
    /// The name of the module: the name with `_` for `-`; for a part, its own name.
    pub module: String,
    /// The variant in the sum of all tables; for a part, the same as its type.
    pub identifier: String,
    /// The type of a code: `ErrorCode`, or the name of a part.
    pub type_name: String,
    /// The name of the service for people.
    pub title: String,
    /// The type on the wire.
    pub repr: Repr,
    /// Where the table was read.
    pub source: String,
    /// Which revision or date of that.
    pub revision: String,
    /// What the generations of one service's table have in common.
    pub family: Option<String>,
    /// The members of a JSON object that carry the code.
    pub members: Vec<String>,
    /// The codes, in the order of the file; at least one, unless there are parts or ranges.
    pub codes: Vec<Code>,
    /// What is said of ranges of values, in the order of the file; no two overlap.
    pub ranges: Vec<CodeRange>,
    /// The parts of a composed code, from its first digit on; empty for a plain one.
    pub parts: Vec<Table>,
}

/// What is said of all values of a range that have no row of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeRange {
    /// The last value; the row's own is the first.
    pub last: i64,
    /// What the row says. No variant is made of it.
    pub row: Code,
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
    /// The reasons that come with it.
    pub reasons: Vec<Template>,
    /// The commands that answer with it.
    pub commands: Vec<String>,
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

/// A text with classification in it, such as the reason of a close.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Template {
    /// As the table has it.
    pub text: String,
    /// What it is made of; no two holes stand side by side.
    pub pieces: Vec<Piece>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// Text that stands there as it is.
    Literal(String),
    /// A fact.
    Hole {
        /// What it is called.
        name: String,
        /// What it is.
        hole: Hole,
    },
}
