//! Switches of a running fake server.
use std::time::Duration;

use super::traffic::RateLimit;
use super::transfer_options::TransferOptions;

/// Settings of a [`BlazeAuth`](super::BlazeAuth), for all its applications; they can be changed while clients are
/// connected ([`configure`](super::BlazeAuth::configure)).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The limit of traffic. Default: [`RateLimit::session`].
    pub rate_limit: RateLimit,
    /// Time for a successful Initialize, from the connection; then the session is closed with 4202. Holds for
    /// connections made from now on. Default: 15 s.
    pub initialize_within: Duration,
    /// How long a session whose connection was lost can be resumed. Default: 60 s.
    pub resume_within: Duration,
    /// Whether accepted upgrades have the header `Resume-Id`, another one each time; without it a session cannot be
    /// resumed. Default: true.
    pub resumable: bool,
    /// Whether every attempt to resume is closed with 4400, and the session is gone. Default: false.
    pub fail_resumption: bool,
    /// How packet 7 is answered. Default: [`TransferOptions::new`].
    pub transfers: TransferOptions,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate_limit: RateLimit::session(),
            initialize_within: Duration::from_secs(15),
            resume_within: Duration::from_secs(60),
            resumable: true,
            fail_resumption: false,
            transfers: TransferOptions::default(),
        }
    }
}
