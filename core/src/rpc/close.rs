//! The protocol's decision about a lost connection.

use crate::codes::{AnyCode, Recovery};
use crate::error::{Cause, CloseFrame, Error};
use http::StatusCode;
use std::sync::Arc;
use std::time::Duration;

/// How a connection or an attempt to connect ended: the input of [`Protocol::on_close`](super::Protocol::on_close).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Close<'a> {
    /// The server sent a close frame. Its reason is as it came, so that it can be read; do not show it. In the errors,
    /// [`Protocol::redaction`](super::Protocol::redaction) hides secrets in it.
    Frame(&'a CloseFrame),
    /// The connection ended without a close frame: it broke, timed out, or the server violated the protocol.
    Lost(&'a Error),
    /// The protocol's handshake ([`Protocol::open`](super::Protocol::open)) failed.
    Handshake(&'a Error),
    /// The attempt to connect failed: name lookup, TCP, TLS or the upgrade.
    Attempt(&'a Error),
}

/// What happens after a [`Close`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CloseAction {
    /// The code of the service's table for this close. It becomes the [`code`](Error::code) of the errors. Default:
    /// none.
    pub code: Option<AnyCode>,
    /// Whether and when to connect again. Default: [`Reconnect::Backoff`].
    pub reconnect: Reconnect,
    /// The reason, if the server announced it before. It becomes the [`source`](std::error::Error::source) of the
    /// errors. Its text must not contain secrets. Default: none.
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    /// Whether the server says that it ran no command of this connection. If so, calls that were written only on this
    /// connection return to the queue. Default: false.
    pub unprocessed: bool,
    /// What happens to written calls without an answer. Default: [`InFlight::Fail`].
    pub in_flight: InFlight,
}

impl CloseAction {
    /// Makes an action that reconnects as `reconnect` says, with defaults for the rest.
    pub fn new(reconnect: Reconnect) -> Self {
        Self { code: None, reconnect, source: None, unprocessed: false, in_flight: InFlight::Fail }
    }

    /// Returns the usual action: reconnect with backoff, except after a failure that would repeat. These are an invalid
    /// option, an upgrade refused with HTTP 401, 403 or 407, and a status in the handshake (or in composing the upgrade)
    /// whose [`recovery`](Error::recovery) is to correct the request or to log in.
    pub fn usual(close: &Close<'_>) -> Self {
        let hopeless = match close {
            Close::Frame(_) | Close::Lost(_) => false,
            Close::Handshake(error) => matches!(error.recovery(), Recovery::Correct | Recovery::LogIn),
            Close::Attempt(error) => match error.cause() {
                Cause::InvalidRequest(_) => true,
                Cause::Status(_) => matches!(error.recovery(), Recovery::Correct | Recovery::LogIn),
                Cause::Http(failure) => matches!(
                    failure.status,
                    StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PROXY_AUTHENTICATION_REQUIRED
                ),
                _ => false,
            },
        };
        Self::new(if hopeless { Reconnect::Never } else { Reconnect::Backoff })
    }

    /// Sets [`code`](Self::code).
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Option<AnyCode>>) -> Self {
        self.code = code.into();
        self
    }

    /// Sets [`source`](Self::source).
    #[must_use]
    pub fn with_source(mut self, source: Arc<dyn std::error::Error + Send + Sync>) -> Self {
        self.source = Some(source);
        self
    }

    /// Sets [`unprocessed`](Self::unprocessed).
    #[must_use]
    pub fn with_unprocessed(mut self, unprocessed: bool) -> Self {
        self.unprocessed = unprocessed;
        self
    }

    /// Sets [`in_flight`](Self::in_flight).
    #[must_use]
    pub fn with_in_flight(mut self, in_flight: InFlight) -> Self {
        self.in_flight = in_flight;
        self
    }
}

/// Whether and when to reconnect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reconnect {
    /// At once. If that attempt fails, with backoff.
    Now,
    /// After the next delay of the backoff.
    Backoff,
    /// After this delay, which the server asked for or is known to want. It is also the error's
    /// [`retry_after`](Error::retry_after). A delay longer than [`Backoff::hint_cap`](crate::policy::Backoff) is
    /// shortened to that, and one shorter than the backoff is extended to it.
    After(Duration),
    /// Never: the client closes, and every call fails.
    Never,
}

/// What happens to written calls without an answer when the connection is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InFlight {
    /// They fail at once.
    Fail,
    /// They wait this long for a resumed session, then they fail. A call that was already sent again also fails if the
    /// server violates the protocol: the same answer may arrive each time.
    Hold(Duration),
}

/// Whether the server resumed an earlier session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opened {
    /// It did not: held calls ([`InFlight::Hold`]) fail.
    Fresh,
    /// It did: held calls are sent once more, unchanged.
    Resumed,
}
