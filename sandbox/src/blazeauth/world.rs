//! The state as handles reach it.
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::state::State;

#[derive(Clone)]
pub(super) struct World(pub(super) Arc<Mutex<State>>);

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The state is full of keys.
        f.write_str("World")
    }
}

impl World {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while it is locked ends the server; handles may still look.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
