//! JSON as the real servers read and write it: the current one with jsoncons and sorted objects, the one with sessions with
//! jsoncons and ordered objects, fusion with nlohmann's library and ordered objects.
//!
//! `serde_json` refuses comments and byte order marks, lets the last of two equal members win, reports lone surrogates
//! where jsoncons drops them, turns integers beyond 64 bits into floats, and stops at 128 levels of nesting. A client
//! would be tested against replies that no server gives.
mod read;
mod value;
mod write;

pub(super) use read::{Dialect, parse, parse_as};
pub(super) use value::{Object, Value, object};
pub(super) use write::{to_text, to_unsorted_text, to_unsorted_text_as};
