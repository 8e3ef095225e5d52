//! A table that was checked: the emitter writes it as Rust.

use crate::repr::Repr;
use crate::rules::Rules;
use crate::text::Text;
use crate::vocabulary::{Hole, Kind, Origin, Outcome, Recovery};

/// The name that the sum of all tables gives to codes of other tables. No table has it.
pub(crate) const FOREIGN: &str = "foreign";

/// A table that was checked and has no diagnostics.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// The name.
    pub name: Text,
    /// The name of the module: the name with `_` for `-`; for a part, its own name.
    pub module: Text,
    /// The variant in the sum of all tables; for a part, the same as its type.
    pub identifier: Text,
    /// The type of a code: `ErrorCode`, or the name of a part.
    pub type_name: Text,
    /// The name of the service for people.
    pub title: Text,
    /// The type on the wire.
    pub repr: Repr,
    /// Where the table was read.
    pub source: Text,
    /// Which revision or date of the source was read.
    pub revision: Text,
    /// The word that the tables of several generations of one service share.
    pub family: Option<Text>,
    /// The members of a JSON object that carry the code.
    pub members: Vec<Text>,
    /// The codes, in the order of the file; at least one, unless there are parts or ranges.
    pub codes: Vec<Code>,
    /// The ranges of values, in the order of the file; no two overlap.
    pub ranges: Vec<CodeRange>,
    /// The parts of a composed code, from its first digit on; empty for a plain one.
    pub parts: Vec<Table>,
    /// The rules of the file next to it, if there is one.
    pub rules: Option<Rules>,
}

impl Table {
    /// Writes the value of a code as it stands on the wire; an integer in decimal digits.
    #[must_use]
    pub fn show(&self, code: &Code) -> Text {
        code.text.clone().unwrap_or_else(|| self.repr.show(code.value).into())
    }
}

/// A row for all values of a range that have no row of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeRange {
    /// The last value. The first one is the row's.
    pub last: i128,
    /// The row. It makes no variant.
    pub row: Code,
}

/// One code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The value, inside the range of the table's `repr`. A code that is text has its place in the table instead.
    pub value: i128,
    /// The value of a code that is text; `None` for a number.
    pub text: Option<Text>,
    /// The name in the service's spelling.
    pub name: Text,
    /// The variant.
    pub identifier: Text,
    /// The group.
    pub group: Text,
    /// What it means.
    pub meaning: Text,
    /// The links in what it means: texts and addresses.
    pub links: Vec<(Text, Text)>,
    /// What it means to a caller.
    pub classification: Classification,
    /// Other names of it.
    pub aliases: Vec<Alias>,
    /// The reasons that come with it.
    pub reasons: Vec<Template>,
    /// The commands that answer with it.
    pub commands: Vec<Text>,
    /// The version of the service that introduced it.
    pub since: Option<Text>,
    /// Why it should not be used any more.
    pub deprecated: Option<Text>,
}

/// What a code means to a caller: its own words, else those of its group, else those of its table, else the usual ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Classification {
    /// What happened, in words that every service shares.
    pub kind: Kind,
    /// What it says about its command.
    pub outcome: Outcome,
    /// What helps.
    pub recovery: Recovery,
    /// Who raises it.
    pub origin: Origin,
    /// The HTTP status, if it is not the kind's.
    pub http: Option<u16>,
}

/// Another name of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alias {
    /// The name in the spelling of its users.
    pub name: Text,
    /// The constant; `None` if it would have the variant's own name.
    pub identifier: Option<Text>,
}

/// A text with holes for values, such as the reason of a close.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Template {
    /// As the table has it.
    pub text: Text,
    /// Its pieces; two holes are never adjacent.
    pub pieces: Vec<Piece>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// Fixed text.
    Literal(Text),
    /// A place for a value.
    Hole {
        /// The name of the value.
        name: Text,
        /// The type of the value.
        hole: Hole,
    },
}
