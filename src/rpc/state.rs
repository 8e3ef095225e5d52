//! What a connection is doing, for those who watch.

use crate::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// State of a client's connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum State {
    /// Connecting: TCP, TLS, the upgrade, the protocol's handshake. Attempts count from 1 after each loss.
    #[non_exhaustive]
    Connecting {
        /// Which attempt.
        attempt: u32,
    },
    /// Connected, the handshake is done, commands flow.
    Ready,
    /// The connection was lost or could not be made; the next attempt begins after a delay.
    #[non_exhaustive]
    Waiting {
        /// Which attempt comes next.
        attempt: u32,
        /// How long the delay is, from its beginning.
        delay: Duration,
        /// Why there is no connection.
        cause: Arc<Error>,
    },
    /// Shutting down: what is in flight is finished, nothing new is accepted.
    Closing,
    /// There is no connection and there will be none.
    #[non_exhaustive]
    Closed {
        /// Why, if it was not by the user's own wish.
        cause: Option<Arc<Error>>,
    },
}

impl State {
    /// Whether commands flow.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    /// Whether this is the end.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }
}
