//! The login and the subscription of a session: what the server answered, what the user wants, and what a fresh session
//! must be given back.

use super::authority::Authority;
use super::credentials::Login;
use super::packet::Intent;
use super::state::Authorization;
use crate::codes::blazeauth::ErrorCode;
use crate::codes::{Outcome, Recovery};
use crate::error::{Cause, Error};
use std::sync::Arc;
use std::time::Duration;

/// The login and the subscription of a session: what the server answered, and what the user wants. A fresh session lacks
/// what is wanted until the server has given it back.
#[derive(Default)]
pub(super) struct Standing {
    /// Whether logins are given back.
    login_again: bool,
    authority: Authority,
    /// The newest logout that was asked for.
    logout: u64,
    /// The login that is in effect, or missing.
    login: Option<Arc<Login>>,
    login_refused: Option<Arc<Error>>,
    subscribed: bool,
    /// The newest request that is answered, and the newest that wants no events.
    subscription: u64,
    unsubscription: u64,
    wants_events: bool,
    subscription_refused: Option<Arc<Error>>,
    /// Attempts in a row that gave nothing back.
    failures: u32,
}

/// What a packet tells of the session by its answer.
pub(super) enum Watched {
    Intent(Intent),
    LogOut,
    /// The packet needs a login, of this kind if there is one: its reply tells whether the session has it.
    Needs(Option<Authorization>),
}

/// What the state shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    pub(super) authorization: Option<Authorization>,
    pub(super) subscribed: bool,
    pub(super) refused: Option<Arc<Error>>,
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        let refused = |shown: &Self| shown.refused.as_ref().map(Arc::as_ptr);
        let values = |shown: &Self| (shown.authorization, shown.subscribed, refused(shown));
        values(self) == values(other)
    }
}

/// Something to give back, and when.
pub(super) struct Owed {
    pub(super) intent: Intent,
    /// Attempts in a row that gave nothing back.
    pub(super) failures: u32,
    /// The wait that the server asked for.
    pub(super) wait: Option<Duration>,
}

impl Standing {
    /// Makes the standing of a client that has no session yet. `login_again`: logins are given back.
    pub(super) fn new(login_again: bool) -> Self {
        Self { login_again, ..Self::default() }
    }

    pub(super) fn shown(&self) -> Shown {
        Shown {
            authorization: self.authority.authorization(),
            subscribed: self.subscribed,
            refused: self.login_refused.clone().or_else(|| self.subscription_refused.clone()),
        }
    }

    /// Returns the login that is in effect, or missing.
    pub(super) fn login(&self) -> Option<&Login> {
        self.login.as_deref()
    }

    // ---- requests and answers; `id` is that of the request, which in a handshake counts as 0 ----

    /// Notes what the user asks for with the request `id`. It holds even if the answer is lost: a fresh session must not
    /// undo it.
    pub(super) fn asked(&mut self, id: u64, watched: &Watched) {
        match watched {
            Watched::LogOut => {
                self.logout = id;
                self.forget_login();
            }
            Watched::Intent(Intent::Subscribe(false)) => {
                self.unsubscription = id;
                self.wants_events = false;
            }
            _ => {}
        }
    }

    /// Learns from the answer to the request `id`.
    pub(super) fn answered(&mut self, id: u64, watched: &Watched, status: ErrorCode) {
        match (watched, status) {
            (Watched::Intent(Intent::LogIn(login)), ErrorCode::Ok) => {
                let in_effect = self.authority.logged_in(id, login.authorization());
                if in_effect && id > self.logout {
                    self.login = self.login_again.then(|| Arc::new(login.again()));
                    self.login_refused = None;
                }
            }
            (Watched::Intent(Intent::LogIn(_)), ErrorCode::AlreadyAuthorized) => {
                self.authority.found(id, Authorization::Unknown);
            }
            (Watched::Intent(Intent::Subscribe(subscribed)), ErrorCode::Ok) if id >= self.subscription => {
                self.subscription = id;
                self.subscribed = *subscribed;
                self.subscription_refused = None;
                if id > self.unsubscription {
                    self.wants_events = *subscribed;
                }
            }
            (Watched::LogOut, ErrorCode::Ok | ErrorCode::NotAuthorized) => self.missed(id, None),
            (Watched::Needs(way), ErrorCode::NotAuthorized) => self.missed(id, *way),
            (Watched::Needs(Some(way)), ErrorCode::Ok) => self.authority.found(id, *way),
            _ => {}
        }
    }

    fn missed(&mut self, id: u64, way: Option<Authorization>) {
        if self.authority.missed(id, way) {
            self.forget_login();
        }
    }

    /// Notes that the server ended the login.
    pub(super) fn login_ended(&mut self) {
        self.authority.ended();
        self.forget_login();
    }

    fn forget_login(&mut self) {
        self.login = None;
        self.login_refused = None;
    }

    // ---- fresh sessions ----

    /// Begins a fresh session, which has nothing. Returns what it must be given.
    pub(super) fn begin(&mut self) -> [Option<Intent>; 2] {
        self.authority = Authority::default();
        (self.subscribed, self.subscription) = (false, 0);
        (self.login_refused, self.subscription_refused, self.failures) = (None, None, 0);
        [self.owed_login(), self.owed_subscription()]
    }

    /// Notes the result of giving something back. A refusal for good is not tried again: not at all if it is the login,
    /// and not in this session if it is the subscription.
    pub(super) fn given_back(&mut self, intent: &Intent, refused: Option<Error>) {
        match (intent, refused) {
            (Intent::LogIn(_), Some(error)) if self.authority.authorization().is_none() => {
                if is_for_good(&error) {
                    self.login = None;
                }
                self.login_refused = Some(Arc::new(error));
            }
            (Intent::Subscribe(_), Some(error)) => self.subscription_refused = Some(Arc::new(error)),
            _ => {}
        }
        self.failures = if self.is_owed(intent) { self.failures.saturating_add(1) } else { 0 };
    }

    /// Returns whether this is still to be given back.
    pub(super) fn is_owed(&self, intent: &Intent) -> bool {
        match intent {
            Intent::LogIn(_) => self.owed_login().is_some(),
            Intent::Subscribe(_) => self.owed_subscription().is_some(),
        }
    }

    /// Returns what is to be given back next. The login and the subscription take turns.
    pub(super) fn owed(&self) -> Option<Owed> {
        let [first, second] = match self.failures % 2 {
            0 => [self.owed_subscription(), self.owed_login()],
            _ => [self.owed_login(), self.owed_subscription()],
        };
        let intent = first.or(second)?;
        let refused = match intent {
            Intent::LogIn(_) => &self.login_refused,
            Intent::Subscribe(_) => &self.subscription_refused,
        };
        let wait = refused.as_ref().and_then(|error| error.retry_after());
        Some(Owed { intent, failures: self.failures, wait })
    }

    fn owed_login(&self) -> Option<Intent> {
        let is_missing = self.authority.authorization().is_none();
        self.login.clone().filter(|_| is_missing).map(Intent::LogIn)
    }

    fn owed_subscription(&self) -> Option<Intent> {
        let refused = self.subscription_refused.as_ref().is_some_and(|error| is_for_good(error));
        (self.wants_events && !self.subscribed && !refused).then_some(Intent::Subscribe(true))
    }
}

/// Returns whether the same request will be refused again. An answer that cannot be read tells nothing, and neither does a
/// status that is no refusal.
fn is_for_good(error: &Error) -> bool {
    let is_refusal = error.code_as::<ErrorCode>().is_some_and(|code| code.outcome() == Outcome::Error);
    matches!(error.cause(), Cause::Status(_)) && is_refusal && error.recovery() != Recovery::Wait
}
