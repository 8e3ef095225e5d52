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

    /// Ends the download, which then fails with status 306
    /// ([`FileTransferStopped`](crate::blazeauth::ErrorCode::FileTransferStopped)), unless it was complete by then.
    ///
    /// A download that has not begun ends as it begins. What was received stays: a later download may go on from there.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Waits until somebody stops.
    pub(super) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut asked = self.0.subscribe();
        async move {
            if asked.wait_for(|&stop| stop).await.is_err() {
                // Nobody is left who could.
                pending().await
            }
        }
    }
}
