//! What a client is told about its server and its user's wishes.

use std::time::Duration;

/// Settings of a client beside those of its connection. Built by [`Builder`](super::Builder).
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) payload_limit: usize,
    pub(super) value_bytes: usize,
    pub(super) save_timeout: Duration,
    pub(super) unsavable_keys: bool,
    pub(super) any_save_name: bool,
}

impl Options {
    /// The payload limit of the server's shipped configuration, which is also the highest that it can have.
    pub(super) const PAYLOAD_LIMIT: usize = 32 * 1024;

    /// Ten minutes.
    pub(super) const SAVE_TIMEOUT: Duration = Duration::from_secs(600);
}

impl Default for Options {
    fn default() -> Self {
        Self {
            payload_limit: Self::PAYLOAD_LIMIT,
            value_bytes: Self::PAYLOAD_LIMIT,
            save_timeout: Self::SAVE_TIMEOUT,
            unsavable_keys: false,
            any_save_name: false,
        }
    }
}
