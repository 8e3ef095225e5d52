//! What the tables become, and the vocabulary that they share.
//!
//! Every table is a module with an `ErrorCode` of its own: a `Copy` enum with a documented variant for each row.
//!
//! ```
//! use statuswire::codes::nemesis::ErrorCode;
//! use statuswire::codes::{Kind, Outcome, Recovery};
//!
//! let code = ErrorCode::from_value(22);
//! assert_eq!(code, ErrorCode::NotExist);
//! assert_eq!(code.name(), "NotExist");
//! assert_eq!((code.kind(), code.outcome(), code.recovery()), (Kind::NotFound, Outcome::Error, Recovery::Correct));
//!
//! // Names, numbers as text, and the numeric constant.
//! assert_eq!("NotExist".parse::<ErrorCode>()?, code);
//! assert_eq!("22".parse::<ErrorCode>()?, code);
//! const NOT_EXIST: u16 = ErrorCode::NotExist.value();
//! assert_eq!(NOT_EXIST, 22);
//! # Ok::<(), statuswire::codes::ParseCodeError>(())
//! ```
//!
//! A value that the table does not list is no error in itself and is never lost:
//!
//! ```
//! # use statuswire::codes::nemesis::ErrorCode;
//! let newer = ErrorCode::from_value(4711);
//! assert!(!newer.is_listed());
//! assert_eq!((newer.value(), newer.to_string()), (4711, "4711".to_owned()));
//! assert_eq!("4711".parse::<ErrorCode>()?, newer);
//! # Ok::<(), statuswire::codes::ParseCodeError>(())
//! ```
//!
//! [`AnyCode`] is a code of any table, also of one of your own; [`ErrorCode`] is a view of it with a variant for each
//! table of this crate:
//!
//! ```
//! use statuswire::codes::{AnyCode, ErrorCode, nemesis};
//!
//! fn explain(code: AnyCode) -> &'static str {
//!     match ErrorCode::from(code) {
//!         ErrorCode::Nemesis(nemesis::ErrorCode::NotExist) => "create it first",
//!         ErrorCode::Nemesis(code) => code.meaning(),
//!         _ => "some other service's code",
//!     }
//! }
//! assert_eq!(explain(nemesis::ErrorCode::NotExist.into()), "create it first");
//! ```
//!
//! With the feature `serde` a code is written as its value, and read from a value or a name.

mod any_code;
mod code;
#[cfg(feature = "serde")]
mod code_serde;
mod describe;
#[cfg(feature = "alloc")]
pub mod explain;
mod facts;
mod info;
mod kind;
mod template;
#[doc(hidden)]
#[allow(missing_docs)]
pub mod v1;
mod value;
mod words;

pub use any_code::AnyCode;
pub use code::{Code, ParseCodeError};
pub use facts::{Facts, Origin, Outcome, Recovery};
pub use info::{CodeInfo, RangeInfo, TableInfo};
pub use kind::Kind;
pub use template::{Field, Hole, Piece, Reading, Template};
pub use value::{Form, Hex, Value};
pub use words::ParseWordError;

include!(concat!(env!("OUT_DIR"), "/codes.rs"));
