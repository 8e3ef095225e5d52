//! What the server's configuration says.
use std::sync::Arc;

use super::paths::Root;

#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// Whether `KV_SAVE` is allowed.
    pub(super) persist: bool,
    pub(super) root: Arc<Root>,
    pub(super) limits: Limits,
}

/// The sizes of containers and of what is read from them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) arrays: ArrayLimits,
    /// `lists.maxResponseSize`.
    pub(super) max_list_response: usize,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ArrayLimits {
    /// `arrays.maxCapacity`.
    pub(super) max_capacity: usize,
    /// `arrays.maxResponseSize`.
    pub(super) max_response: usize,
}

impl Default for Limits {
    /// Those of the shipped configuration.
    fn default() -> Self {
        let arrays = ArrayLimits { max_capacity: 10_000, max_response: 10_000 };
        Self { arrays, max_list_response: 10_000 }
    }
}
