//! Files of an application.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::content::Content;

/// A file of an [`Application`](super::Application).
#[derive(Debug)]
pub struct File {
    pub(super) name: String,
    pub(super) content: Content,
    pub(super) transfers: Transfers,
}

impl File {
    /// Returns a file with this content, not transferred so far. Only names of at least 4 characters can be asked for.
    pub fn new(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: Content::new(content.into()), transfers: Transfers::default() }
    }
}

impl Clone for File {
    /// The clone counts its transfers for itself.
    fn clone(&self) -> Self {
        let transfers = Transfers(Arc::new(Mutex::new(self.transfers.get())));
        Self { name: self.name.clone(), content: self.content.clone(), transfers }
    }
}

/// Counts the transfers of a file, shared by the file and by those that are on their way.
#[derive(Clone, Debug, Default)]
pub(super) struct Transfers(Arc<Mutex<Counted>>);

/// The transfers that were completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) count: u32,
    /// The last one, since the start of the server.
    pub(super) last: Option<Duration>,
}

impl Transfers {
    /// All bytes that were asked for are handed over.
    pub(super) fn add(&self, now: Duration) {
        let mut counted = self.lock();
        *counted = Counted { count: counted.count.saturating_add(1), last: Some(now) };
    }

    pub(super) fn get(&self) -> Counted {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
