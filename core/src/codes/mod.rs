//! What code tables become, and the vocabulary that they share.
//!
//! [`Code`] is what every generated enum implements, [`AnyCode`] a code of any table. The one table here is that of the codes
//! with which WebSockets are closed.

mod any_code;
mod classification;
mod code;
#[cfg(feature = "serde")]
mod code_serde;
mod describe;
mod info;
mod kind;
mod rules;
mod template;
mod text;
#[doc(hidden)]
#[allow(missing_docs)]
pub mod v1;
mod value;
mod words;

pub use any_code::AnyCode;
pub use classification::{Classification, Origin, Outcome, Recovery};
pub use code::{Code, ParseCodeError};
pub use info::{CodeInfo, RangeInfo, TableInfo};
pub use kind::Kind;
pub use rules::{Answer, Rule, Rules};
pub use template::{Field, Hole, Piece, Reading, Template};
pub use text::Text;
pub use value::{Form, Hex, Value};
pub use words::ParseWordError;

include!(concat!(env!("OUT_DIR"), "/codes.rs"));
