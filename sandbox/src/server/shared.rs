//! What all connections of one run share.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{self, watch};

use crate::fault::Faults;
use crate::options::Options;
use crate::record::Record;

pub(super) struct Shared<S> {
    pub(super) service: Arc<Mutex<S>>,
    /// Who holds it is carried out. A fault may hold it over a pause, during which `service` stays unlocked.
    pub(super) turn: sync::Mutex<()>,
    pub(super) options: Options,
    pub(super) record: Record,
    pub(super) faults: Faults,
    /// The server's process is gone: nothing is carried out any more.
    pub(super) crashed: watch::Sender<bool>,
}

impl<S> Shared<S> {
    pub(super) fn service(&self) -> MutexGuard<'_, S> {
        lock(&self.service)
    }
}

/// A panic in a service ends the server and reaches the test; until then others may look.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Completes when the flag is raised.
pub(super) async fn raised(flag: &mut watch::Receiver<bool>) {
    // The sender outlives the connections.
    let _ = flag.wait_for(|raised| *raised).await;
}
