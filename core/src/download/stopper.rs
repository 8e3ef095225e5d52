//! Stops a download from another task.

use std::future::{Future, pending};
use std::sync::Arc;
use tokio::sync::watch;

/// Stops a download from any task or thread. Returned by [`Download::stopper`](super::Download::stopper).
#[derive(Clone, Debug)]
pub struct Stopper(Arc<watch::Sender<bool>>);

impl Stopper {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Stops the download, unless it is already complete. It fails with [`Source::stopped`](super::Source::stopped).
    ///
    /// A download that has not begun stops when it begins. Received bytes are kept: a later download may continue from
    /// there.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Waits for [`stop`](Self::stop).
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut asked = self.0.subscribe();
        async move {
            if asked.wait_for(|&stop| stop).await.is_err() {
                // All handles are gone.
                pending().await
            }
        }
    }
}
