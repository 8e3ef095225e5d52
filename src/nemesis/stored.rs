//! What a write did to a key, where the server tells.

/// What storing a value did to its key. Servers of the older generations tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stored {
    /// The key is new.
    New,
    /// The key existed, and its value was replaced.
    Replaced,
}
