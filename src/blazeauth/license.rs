//! A licence as the server describes it.

use super::decode;
use super::levels::Levels;
use super::time_left::TimeLeft;
use crate::error::{Cause, Error};
use secrecy::SecretString;
use serde::Deserialize;

/// A licence.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct License {
    /// Its key.
    #[serde(default, rename = "license", deserialize_with = "decode::secret")]
    pub key: Option<SecretString>,
    /// What it allows.
    #[serde(default)]
    pub levels: Levels,
    /// The operator's note.
    pub comment: Option<String>,
    /// The address that it was used from.
    pub ip_address: Option<String>,
    /// How long it lasts; `None` if it has no end, or none is known.
    pub time_left: Option<TimeLeft>,
}

impl License {
    /// Returns what a refusal says of the licence, without its key: the server describes an expired or paused licence,
    /// too. `None` if the error does not describe one.
    pub fn of_refusal(error: &Error) -> Option<Self> {
        let Cause::Status(status) = error.cause() else { return None };
        let body = status.body.as_ref()?;
        body.get("levels").or(body.get("time_left")).or(body.get("comment"))?;
        let text = |name: &str| body.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        Some(Self {
            key: None,
            levels: body.get("levels").and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default(),
            comment: text("comment"),
            ip_address: text("ip_address"),
            time_left: body.get("time_left").and_then(|value| serde_json::from_value(value.clone()).ok()),
        })
    }
}
