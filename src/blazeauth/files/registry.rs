//! What the downloads of a session share: which files are on their way, and the client for links.

use crate::error::Error;
use crate::http;
use crate::policy::ConnectOptions;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::watch;

/// The files on their way, and what fetches those that come by link.
pub(in super::super) struct Files {
    registry: Registry,
    options: ConnectOptions,
    /// Made when the first link comes: most sessions never see one.
    http: OnceLock<http::LinkClient>,
}

impl Files {
    pub(in super::super) fn new(options: &ConnectOptions) -> Self {
        Self { registry: Registry::default(), options: options.clone(), http: OnceLock::new() }
    }

    /// Begins a file, after an earlier transfer of it has ended.
    ///
    /// # Errors
    ///
    /// Refused if it is being received.
    pub(super) async fn begin(&self, name: &str) -> Result<Ticket, Error> {
        self.registry.begin(name).await
    }

    /// Returns the client for links.
    pub(super) fn http(&self) -> Result<http::LinkClient, Error> {
        if let Some(client) = self.http.get() {
            return Ok(client.clone());
        }
        let client = http::LinkClient::new(&self.options)?;
        Ok(self.http.get_or_init(|| client).clone())
    }
}

/// The files that a client is receiving: each only once at a time, since packet 8 tells them apart by name.
#[derive(Clone, Default)]
struct Registry(Arc<Mutex<HashMap<String, Place>>>);

struct Place {
    /// The download is gone; the server is being told.
    ending: bool,
    /// Closed when it is over.
    over: watch::Receiver<()>,
}

/// The right to receive a file; dropping it gives it back.
pub(super) struct Ticket {
    name: String,
    registry: Registry,
    _over: watch::Sender<()>,
}

impl Registry {
    async fn begin(&self, name: &str) -> Result<Ticket, Error> {
        loop {
            let mut earlier = match self.places().entry(name.to_owned()) {
                Entry::Vacant(vacant) => {
                    let (sender, over) = watch::channel(());
                    vacant.insert(Place { ending: false, over });
                    return Ok(Ticket { name: name.to_owned(), registry: self.clone(), _over: sender });
                }
                Entry::Occupied(place) if place.get().ending => place.get().over.clone(),
                Entry::Occupied(_) => {
                    return Err(Error::invalid_request(format!(
                        "the file {name:?} is being downloaded through this client; wait for that, or stop it"
                    )));
                }
            };
            // It fails when the ticket is dropped, and nothing is ever sent.
            let _ = earlier.changed().await;
        }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<String, Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// From here on, other downloads of the file wait for the end instead of being refused.
    pub(super) fn is_ending(&self) {
        if let Some(place) = self.registry.places().get_mut(&self.name) {
            place.ending = true;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.registry.places().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_received_once_at_a_time() {
        let registry = Registry::default();
        let first = registry.begin("patch").await.unwrap();
        let other = registry.begin("other").await.unwrap();
        let error = registry.begin("patch").await.err().unwrap();
        assert!(error.is_invalid_request() && error.to_string().contains("patch"), "{error}");
        drop(first);
        drop(registry.begin("patch").await.unwrap());
        drop(other);
        assert!(registry.places().is_empty());
    }

    #[tokio::test]
    async fn what_is_ending_is_waited_for() {
        let registry = Registry::default();
        let first = registry.begin("patch").await.unwrap();
        first.is_ending();
        let mut second = begin(registry.clone());
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        second.await;
    }

    fn begin(registry: Registry) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move { drop(registry.begin("patch").await.unwrap()) })
    }
}
