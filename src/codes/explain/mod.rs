//! Explains codes: from a number, a name, a reply or a line of a log to the rows of the tables.
//!
//! ```
//! let explanation = statuswire::codes::explain::explain(r#"{"KV_GET_RSP":{"st":26}}"#);
//! assert_eq!(explanation.matches[0].to_string(), "nemesis 26 ParamMissing");
//! println!("{explanation}");
//!
//! let explanation = statuswire::codes::explain::explain("KeyNotExst");
//! assert!(explanation.matches.is_empty());
//! assert_eq!(explanation.nearest[0].name, "KeyNotExist");
//! ```
//!
//! The texts that it understands:
//!
//! | text | what is found |
//! |---|---|
//! | `22`, `-1`, `0x79` | the rows of this number in all tables, and the ranges that it is in |
//! | `2030d` | composed codes with this number of digits |
//! | `KeyNotExist`, `invalid_json` | rows by their names and aliases; case, `_`, `-` and spaces make no difference |
//! | `nemesis-sessions 22`, `edgware 2030d`, `edgware/operation 03` | the same in one table |
//! | `edgware 0d` | the parts of composed codes that have these digits |
//! | `22, 121` | each of them |
//! | `nemesis` | all rows of a table |
//! | `4201 rate limited, 37 seconds left` | a close code with its reason, and the fields in the reason |
//! | a JSON text | the members that carry codes; if there are none, its texts are read as lines of a log |
//! | a line of a log | names, and numbers where the text around them speaks of a status |
//!
//! It does no I/O. It needs the feature `explain` and an allocator, but no std.

mod context;
mod found;
mod json;
mod log;
mod names;
mod query;
mod registry;

pub use found::{Explanation, How, Match, Nearest, Remark, Subject};
pub use registry::Registry;

/// Explains a text with the tables of this crate; a [`Registry`] can hold others too.
#[must_use]
pub fn explain(text: &str) -> Explanation<'_> {
    Registry::new().explain(text)
}
