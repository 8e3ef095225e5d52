//! Reading JSON messages piece by piece: for clients that decode a part now and the rest later, or never.

mod members;

pub use members::Members;
