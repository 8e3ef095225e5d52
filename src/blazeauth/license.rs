//! A licence as the server describes it.

use super::decode;
use super::levels::Levels;
use super::time_left::TimeLeft;
use crate::error::{Cause, Error};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

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
        /// Members of any type: an odd one must not spoil the others.
        #[derive(Deserialize)]
        struct Told<'a> {
            #[serde(borrow)]
            levels: Option<&'a RawValue>,
            comment: Option<&'a RawValue>,
            ip_address: Option<&'a RawValue>,
            time_left: Option<&'a RawValue>,
        }
        fn read<T: DeserializeOwned>(member: Option<&RawValue>) -> Option<T> {
            serde_json::from_str(member?.get()).ok()
        }
        let Cause::Status(status) = error.cause() else { return None };
        let told: Told<'_> = serde_json::from_str(status.body.as_ref()?).ok()?;
        told.levels.or(told.time_left).or(told.comment)?;
        Some(Self {
            key: None,
            levels: read(told.levels).unwrap_or_default(),
            comment: read(told.comment),
            ip_address: read(told.ip_address),
            time_left: read(told.time_left),
        })
    }
}
