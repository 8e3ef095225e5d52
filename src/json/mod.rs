//! What clients share about reading JSON.

mod members;

pub(crate) use members::Members;
