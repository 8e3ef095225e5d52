//! How the stand-in behaves where the documentation is silent or of two minds.
use std::time::Duration;

use super::traffic::RateLimit;
use super::transfer_options::TransferOptions;

/// Switches of a [`BlazeAuth`](super::BlazeAuth) sandbox, for all its applications; they can be changed while clients
/// are connected ([`configure`](super::BlazeAuth::configure)).
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
    /// The header `Resume-Id` of accepted upgrades. Default: [`ResumeIds::Fresh`].
    pub resume_ids: ResumeIds,
    /// Every attempt to resume is closed with 4400, and the session is gone. Default: false.
    pub fail_resumption: bool,
    /// How a banned client id is told at Initialize. Default: [`BannedClient::Close`].
    pub banned_client: BannedClient,
    /// The form of `levels`. Default: [`Levels::Array`].
    pub levels: Levels,
    /// Accounts that an address may create in 24 hours without a licence; more are refused with 5. Default: 3.
    pub account_creations: usize,
    /// Whether status 5 comes with `retry_after`. Default: true.
    pub retry_after: bool,
    /// Operations whose pages list status 6 are answered with it; at Initialize it counts for 4205. Default: false.
    pub failing: bool,
    /// How packet 7 is answered. Default: [`TransferOptions::new`].
    pub transfers: TransferOptions,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate_limit: RateLimit::session(),
            initialize_within: Duration::from_secs(15),
            resume_within: Duration::from_secs(60),
            resume_ids: ResumeIds::Fresh,
            fail_resumption: false,
            banned_client: BannedClient::Close,
            levels: Levels::Array,
            account_creations: 3,
            retry_after: true,
            failing: false,
            transfers: TransferOptions::default(),
        }
    }
}

/// The header `Resume-Id` of accepted upgrades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResumeIds {
    /// Another one each time; the one before is void.
    Fresh,
    /// A resumed session keeps its own.
    Kept,
    /// None, so that the session cannot be resumed.
    Omitted,
}

/// How a banned client id is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BannedClient {
    /// By close code 4204, without a reply.
    Close,
    /// By status 503; the session stays open.
    Status,
}

/// The form of `levels` in replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Levels {
    /// An array of names.
    Array,
    /// An object with each name as key and as value.
    Object,
}
