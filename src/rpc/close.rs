//! What a lost connection means: the one decision that a protocol makes about it.

use crate::codes::{AnyCode, Recovery};
use crate::error::{Cause, CloseFrame, Error};
use http::StatusCode;
use std::sync::Arc;
use std::time::Duration;

/// How a connection ended, or an attempt to make one: what [`Protocol::on_close`](super::Protocol::on_close) decides
/// about.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Close<'a> {
    /// The server sent a close frame. Secrets in its reason are masked.
    Frame(&'a CloseFrame),
    /// The connection ended without one: it broke, fell silent, or the server broke the protocol.
    Lost(&'a Error),
    /// The protocol's handshake ([`Protocol::open`](super::Protocol::open)) failed.
    Handshake(&'a Error),
    /// No connection was made: name lookup, TCP, TLS, the upgrade.
    Attempt(&'a Error),
}

/// What follows from a [`Close`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CloseAction {
    /// The code of the service's own table that a close frame stands for: the [`code`](Error::code) of the errors.
    /// Default: none.
    pub code: Option<AnyCode>,
    /// Whether and when to connect again. Default: [`Reconnect::Backoff`].
    pub reconnect: Reconnect,
    /// Why, if the server said so before: the [`source`](std::error::Error::source) of the errors. Its text must be free
    /// of secrets. Default: none.
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    /// Whether the server says that it carried out nothing of what came on this connection. Calls that were written on
    /// it alone then go back to the queue. Default: false.
    pub unprocessed: bool,
    /// What becomes of calls that were written and not answered. Default: [`InFlight::Fail`].
    pub in_flight: InFlight,
}

impl CloseAction {
    /// An action that connects again as `reconnect` says, with the defaults for the rest.
    pub fn new(reconnect: Reconnect) -> Self {
        Self { code: None, reconnect, source: None, unprocessed: false, in_flight: InFlight::Fail }
    }

    /// The usual action: connect again with backoff, but never after what will be refused again. That is a wrong
    /// setting, an upgrade refused with HTTP 401 or 403, and a status in the handshake (or in composing the upgrade) whose
    /// [`recovery`](Error::recovery) is to correct the request or to log in.
    pub fn usual(close: &Close<'_>) -> Self {
        let hopeless = match close {
            Close::Frame(_) | Close::Lost(_) => false,
            Close::Handshake(error) => matches!(error.recovery(), Recovery::Correct | Recovery::LogIn),
            Close::Attempt(error) => match error.cause() {
                Cause::InvalidRequest(_) => true,
                Cause::Status(_) => matches!(error.recovery(), Recovery::Correct | Recovery::LogIn),
                Cause::Http(failure) => matches!(failure.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN),
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

/// Whether and when to connect again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reconnect {
    /// At once, the first time; with backoff if that fails.
    Now,
    /// After the next delay of the backoff.
    Backoff,
    /// After this delay: the server said so, or is known to want it. It is the error's
    /// [`retry_after`](Error::retry_after), too.
    After(Duration),
    /// Not again: the client is closed, every call fails.
    Never,
}

/// What becomes of calls that were written and not answered when the connection is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InFlight {
    /// They fail at once.
    Fail,
    /// They wait this long for a resumed session, then they fail. A call that was sent again also fails if the
    /// connection ends because of a message that cannot be understood: the same answer may come each time.
    Hold(Duration),
}

/// Whether the server resumed an earlier session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// It did not: calls held over the loss ([`InFlight::Hold`]) fail.
    Fresh,
    /// It did: calls held over the loss are sent once more, byte for byte.
    Resumed,
}
