//! Licences.
use std::fmt;
use std::time::Duration;

use super::packet::within;
use crate::clock::{Clock, seconds_to_wait};
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Characters of a licence key.
const MIN_KEY: usize = 6;
const MAX_KEY: usize = 64;
/// How long a licence lasts unless `License::lasts` says otherwise.
const DEFAULT_DURATION: Duration = Duration::from_secs(30 * 86_400);

/// A licence of an [`Application`](super::Application): unused at first, so that the first login with it starts its time
/// and binds it to the client.
///
/// ```
/// use statuswire_sandbox::blazeauth::License;
/// use std::time::Duration;
///
/// let fresh = License::new("HBR-9911-KIOSK").lasts(Duration::from_secs(90 * 60)).levels(["staff"]);
/// let running = License::new("HBR-9912-KIOSK").active_for(Duration::from_secs(3600)).client_id("kiosk-17");
/// let over = License::new("HBR-9913-KIOSK").expired();
/// ```
#[derive(Clone)]
#[must_use = "a licence does nothing until it is given to an application"]
pub struct License {
    pub(super) key: String,
    duration: Duration,
    active: Option<Active>,
    pub(super) paused: bool,
    pub(super) blacklisted: bool,
    pub(super) client_id: Option<String>,
    pub(super) levels: Vec<String>,
    pub(super) comment: Option<String>,
    /// Login of the account that it is linked to.
    pub(super) account: Option<String>,
}

#[derive(Clone, Copy)]
struct Active {
    /// Since the start of the server; `None` for one without an expiry date.
    ends: Option<Duration>,
}

/// How long a licence lasts; the longest is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Time {
    Over,
    Left(Duration),
    Endless,
}

impl Time {
    pub(super) fn seconds(self) -> Option<u64> {
        match self {
            Self::Left(left) => Some(seconds_to_wait(left)),
            Self::Over | Self::Endless => None,
        }
    }
}

impl License {
    /// Returns an unused licence that lasts 30 days from its activation, bound to no client, without levels and comment.
    /// Only keys of 6 to 64 characters can be used.
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            duration: DEFAULT_DURATION,
            active: None,
            paused: false,
            blacklisted: false,
            client_id: None,
            levels: Vec::new(),
            comment: None,
            account: None,
        }
    }

    /// Sets how long it lasts from its activation.
    pub fn lasts(mut self, time: Duration) -> Self {
        self.duration = time;
        self
    }

    /// Makes it active, with this much time left from the start of the server.
    pub fn active_for(mut self, left: Duration) -> Self {
        self.active = Some(Active { ends: Some(left) });
        self
    }

    /// Makes it active, with no time left.
    pub fn expired(self) -> Self {
        self.active_for(Duration::ZERO)
    }

    /// Suspends it.
    pub fn paused(mut self) -> Self {
        self.paused = true;
        self
    }

    /// Bans it.
    pub fn blacklisted(mut self) -> Self {
        self.blacklisted = true;
        self
    }

    /// Binds it to this client.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self
    }

    /// Sets its levels.
    pub fn levels(mut self, levels: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.levels = levels.into_iter().map(Into::into).collect();
        self
    }

    /// Sets its comment.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// Links it to the account with this login. A linked licence counts for its account only once it is activated.
    pub fn account(mut self, login: impl Into<String>) -> Self {
        self.account = Some(login.into());
        self
    }

    /// Whether a key has the right length.
    pub(super) fn check(key: &str) -> Result<(), Status> {
        within(key, (MIN_KEY, Status::LicenseTooShort), (MAX_KEY, Status::LicenseTooLong))
    }

    pub(super) fn is_active(&self) -> bool {
        self.active.is_some()
    }

    /// Whether a flow that only takes unused licences takes it.
    pub(super) fn is_unused(&self) -> bool {
        self.active.is_none() && !self.paused && !self.blacklisted
    }

    pub(super) fn activate(&mut self, now: Duration) {
        self.active = Some(Active { ends: Some(now.saturating_add(self.duration)) });
    }

    /// As before its first use.
    pub(super) fn reset(&mut self) {
        self.active = None;
        self.client_id = None;
        self.account = None;
    }

    pub(super) fn set_expiry(&mut self, ends: Option<Duration>) {
        self.active = Some(Active { ends });
    }

    /// How long it still lasts; an unused one does not.
    pub(super) fn time(&self, now: Duration) -> Time {
        match self.active {
            Some(Active { ends: None }) => Time::Endless,
            Some(Active { ends: Some(ends) }) if ends > now => Time::Left(ends - now),
            _ => Time::Over,
        }
    }

    /// The seconds that are left, if there is time left and an end to it.
    pub(super) fn seconds_left(&self, now: Duration) -> Option<u64> {
        self.time(now).seconds()
    }

    /// The Unix time at which it ends.
    pub(super) fn ends_at(&self, clock: &Clock) -> Option<u64> {
        Some(clock.unix(self.active?.ends?))
    }
}

impl fmt::Debug for License {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is a secret.
        f.debug_struct("License").field("levels", &self.levels).field("comment", &self.comment).finish_non_exhaustive()
    }
}
