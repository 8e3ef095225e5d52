//! Whether a command may have run.

use serde::Serialize;
use std::fmt;

/// Whether the command of a failed call may have run.
///
/// It states what the client knows for certain. If only some replies of a command arrived, it is
/// [`MaybeSent`](Self::MaybeSent). If a command was sent again, it covers all attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Delivery {
    /// The message was never given to the socket: the command did not run and will not run.
    NotSent,
    /// The message was given to the socket, but its final reply was not read: the command may have run, may be running,
    /// or may never have arrived. Repeat it only if running twice does no harm.
    MaybeSent,
    /// The final reply was read. If it could be decoded, it tells the command's result.
    Answered,
}

impl Delivery {
    /// Returns the delivery of a command that was tried several times, from those of two attempts: `NotSent` only if no
    /// attempt left, and `MaybeSent` if the outcome of any attempt is unknown.
    #[must_use]
    pub const fn combined(self, other: Self) -> Self {
        match (self, other) {
            (Self::MaybeSent, _) | (_, Self::MaybeSent) => Self::MaybeSent,
            (Self::Answered, _) | (_, Self::Answered) => Self::Answered,
            (Self::NotSent, Self::NotSent) => Self::NotSent,
        }
    }

    /// Returns `not_sent`, `maybe_sent` or `answered`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::MaybeSent => "maybe_sent",
            Self::Answered => "answered",
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
