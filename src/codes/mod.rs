//! The code tables as Rust, and the vocabulary that they share.
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
//! A value that the table does not list is kept:
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
//! Edgware's codes are composed: five digits that are read as three tables. The parts are fields. The meaning of the whole
//! follows from them:
//!
//! ```
//! use statuswire::codes::{Kind, edgware};
//!
//! let code: edgware::ErrorCode = "2030d".parse()?;
//! assert_eq!((code.operation, code.entity), (edgware::Operation::Deregister, edgware::Entity::User));
//! assert_eq!((code.kind(), code.to_string()), (Kind::NotFound, "2030d".to_owned()));
//! # Ok::<(), statuswire::codes::ParseCodeError>(())
//! ```
//!
//! Some tables describe whole ranges of values, and the fields in a close's reason:
//!
//! ```
//! use statuswire::codes::{Field, blazeauth_close, websocket_close};
//!
//! let code = websocket_close::ErrorCode::from_value(3500);
//! assert_eq!(code.range().map(|range| range.to_string()), Some("3000-3999".to_owned()));
//!
//! let close = blazeauth_close::ErrorCode::RateLimited;
//! let reading = close.info().and_then(|info| info.read_reason("rate limited, 37 seconds left"));
//! assert_eq!(reading.and_then(|reading| reading.get("seconds")), Some(Field::Unsigned(37)));
//! ```
//!
//! Some services answer with an HTTP status and a sentence instead of a code. [`Rules`] next to a table map these to its
//! codes.
//!
//! With the feature `explain` the module `explain` finds the codes in any text: a number, a name, a reply, a line of a log.
//!
//! With the feature `serde` a code is written as its value, and read from a value or a name.

#[cfg(feature = "explain")]
pub mod explain;

#[doc(inline)]
pub use statuswire_core::codes::*;

include!(concat!(env!("OUT_DIR"), "/codes.rs"));
