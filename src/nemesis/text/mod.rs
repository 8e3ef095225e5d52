//! JSON as text: where something is in it, and what the server would not keep.

mod check;
mod place;
mod token;

pub(super) use check::{Fault, check};
pub(super) use place::{Step, path, steps};
