//! A licence as the server describes it.

use super::lenient::Told;
use super::levels::Levels;
use super::time_left::TimeLeft;
use crate::error::{Cause, Error};
use secrecy::SecretString;
use serde::Deserialize;

/// A licence. All members are optional: one that cannot be read is left out and named in [`unread`](Self::unread).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Told")]
#[non_exhaustive]
pub struct License {
    /// Its key.
    pub key: Option<SecretString>,
    /// What it allows.
    pub levels: Levels,
    /// The operator's note.
    pub comment: Option<String>,
    /// The address that it was used from.
    pub ip_address: Option<String>,
    /// How long it lasts; `None` if it has no end, or none is known.
    pub time_left: Option<TimeLeft>,
    /// The names of the members that the server sent in a form that cannot be read.
    pub unread: Vec<&'static str>,
}

impl License {
    /// Returns what a refusal says of the licence, without its key: the server describes an expired or paused licence,
    /// too. `None` if the error does not describe one.
    pub fn of_refusal(error: &Error) -> Option<Self> {
        let Cause::Status(status) = error.cause() else { return None };
        status.answer().cloned()
    }

    /// Returns what a refusal says of the licence, without its key.
    pub(super) fn described(told: Told) -> Option<Self> {
        told.describes().then(|| Self { key: None, ..told.into() })
    }
}
