//! What a session is doing.

use super::standing::Shown;
use crate::error::Error;
use crate::rpc;
use std::sync::Arc;
use std::time::Duration;

/// Who is logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authorization {
    /// A licence.
    License,
    /// An account.
    Account,
    /// A login that the client does not know: the server refused another one because of it.
    Unknown,
}

/// State of a client's session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum State {
    /// There is no socket yet: TCP, TLS, the upgrade. Attempts count from 1 after each loss.
    #[non_exhaustive]
    Connecting {
        /// Which attempt.
        attempt: u32,
    },
    /// The socket is open, the session not initialized.
    Connected,
    /// Connecting to resume an earlier session. The server does not confirm it: once the socket is open, the state
    /// is that of before, and it is a close (4400, 4401) that tells otherwise.
    #[non_exhaustive]
    Resuming {
        /// Which attempt.
        attempt: u32,
    },
    /// The session is initialized: packets flow.
    #[non_exhaustive]
    Ready {
        /// Who is logged in, if somebody is.
        authorization: Option<Authorization>,
        /// Whether the server pushes the events of the panel ([`Client::subscribe`](super::Client::subscribe)).
        subscribed: bool,
        /// Why this session lacks the login or the subscription of the one before: the server's refusal. Unless it is
        /// for good, the client tries again, with backoff.
        refused: Option<Arc<Error>>,
    },
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
    /// There is no session and there will be none.
    #[non_exhaustive]
    Closed {
        /// Why, if it was not by the user's own wish.
        cause: Option<Arc<Error>>,
    },
}

impl State {
    /// Returns whether packets flow: the session is initialized, with or without a login.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready { .. })
    }

    /// Returns whether the session is logged in.
    pub fn is_authorized(&self) -> bool {
        self.authorization().is_some()
    }

    /// Returns who is logged in, if the session is ready.
    pub fn authorization(&self) -> Option<Authorization> {
        match self {
            Self::Ready { authorization, .. } => *authorization,
            _ => None,
        }
    }

    /// Returns whether the session is ready and gets the events of the panel.
    pub fn is_subscribed(&self) -> bool {
        matches!(self, Self::Ready { subscribed: true, .. })
    }

    /// Returns whether this is the end.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// What the connection does, and what is known of the session, as one state.
    pub(super) fn of(link: Option<&rpc::State>, stage: Stage, shown: Shown) -> Self {
        let connecting = |attempt| match stage {
            Stage::Resuming => Self::Resuming { attempt },
            Stage::Upgraded => Self::Connected,
            Stage::Down => Self::Connecting { attempt },
        };
        match link {
            None => connecting(1),
            Some(rpc::State::Connecting { attempt, .. }) => connecting(*attempt),
            Some(rpc::State::Ready) => {
                let Shown { authorization, subscribed, refused } = shown;
                Self::Ready { authorization, subscribed, refused }
            }
            Some(rpc::State::Waiting { attempt, delay, cause, .. }) => {
                Self::Waiting { attempt: *attempt, delay: *delay, cause: Arc::clone(cause) }
            }
            Some(rpc::State::Closed { cause, .. }) => Self::Closed { cause: cause.clone() },
            // `rpc::State::Closing`.
            Some(_) => Self::Closing,
        }
    }
}

/// How far an attempt to connect got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Down,
    Upgraded,
    /// The same or not yet, but for an earlier session.
    Resuming,
}
