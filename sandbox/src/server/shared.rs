//! What all connections of one run share.
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{self, watch};

use crate::accepting::lock;
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
