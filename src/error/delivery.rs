//! Whether a command may have been carried out.

use serde::Serialize;
use std::fmt;

/// Whether the command of a failed call may have been carried out.
///
/// It states what the client knows for certain. A command with several replies of which only some came is
/// [`MaybeSent`](Self::MaybeSent).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Delivery {
    /// The message was never given to the socket: the command has not run and will not run.
    NotSent,
    /// The message was given to the socket, its final reply never came: the command may have run, be running or never
    /// have arrived. Repeat it only if running twice does no harm.
    MaybeSent,
    /// The final reply was read, legible or not. If it was legible, it says what became of the command.
    Answered,
}

impl Delivery {
    /// The verdict as one word: `not_sent`, `maybe_sent` or `answered`.
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
