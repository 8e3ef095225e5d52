//! Ending a download from elsewhere.

use std::future::{Future, pending};
use std::sync::Arc;
use tokio::sync::watch;

/// Stops a download, from any task or thread. From [`Download::stopper`](super::Download::stopper).
#[derive(Clone, Debug)]
pub struct Stopper(Arc<watch::Sender<bool>>);

impl Stopper {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Ends the download, unless it is complete by then. It fails with [`Source::stopped`](super::Source::stopped).
    ///
    /// A download that has not begun ends as it begins. What was received stays: a later download may go on from there.
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
