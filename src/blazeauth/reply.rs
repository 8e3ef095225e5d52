//! Replies: routed by their id, read by their caller.

use super::files::Metadata;
use super::protocol::{BlazeAuth, SECRET_MEMBERS};
use crate::codes::Outcome;
use crate::codes::blazeauth::ErrorCode;
use crate::error::{Cause, DecodeFailure, Delivery, Error, ServerStatus};
use crate::json::Members;
use crate::rpc::{Protocol, Unroutable};
use bytes::Bytes;
use bytestring::ByteString;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny};
use serde_json::value::RawValue;
use std::time::Duration;

/// A message from the server, read as far as it takes to know whose it is.
#[derive(Debug)]
pub(super) enum Reply {
    /// An answer, or a part of a file stream without bytes.
    Text { text: ByteString, status: Status },
    /// A part of a file stream: the file's bytes begin at `at`.
    Chunk { frame: Bytes, at: usize, metadata: Box<Metadata> },
    /// A binary message that cannot be taken apart: nobody knows whose it is, so each file stream gets it.
    Undecodable(Unroutable),
}

/// The member `status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    #[default]
    Missing,
    Number(u16),
    /// Something that no status can be.
    Odd,
}

impl Status {
    pub(super) fn number(self) -> Option<u16> {
        match self {
            Self::Number(number) => Some(number),
            Self::Missing | Self::Odd => None,
        }
    }

    /// Whether a file stream ends with it: nothing or zero means that it goes on.
    pub(super) fn ends(self) -> bool {
        !matches!(self, Self::Missing | Self::Number(0))
    }
}

/// What the routing of a text message needs.
#[derive(Deserialize)]
pub(super) struct Head<'a> {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) status: Status,
    pub(super) event_type: Option<EventNumber>,
    /// Of events; of variables, too, whose content nobody needs here.
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    pub(super) presigned_url: Option<IgnoredAny>,
}

/// The member `event_type`; `None` if it is no whole number.
#[derive(Clone, Copy, Debug)]
pub(super) struct EventNumber(pub(super) Option<i64>);

// One odd member must not spoil a whole message: any value is taken, and looked at as text.

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match <&RawValue>::deserialize(deserializer)?.get() {
            "null" => Self::Missing,
            text => text.parse().map_or(Self::Odd, Self::Number),
        })
    }
}

impl<'de> Deserialize<'de> for EventNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(<&RawValue>::deserialize(deserializer)?.get().parse().ok()))
    }
}

impl Reply {
    /// Reads an answer that is no error.
    pub(super) fn open<'a>(&'a self, protocol: &'a BlazeAuth) -> Result<Body<'a>, Error> {
        let (text, status) = match self {
            Self::Text { text, status } => (&**text, *status),
            Self::Chunk { frame, at, .. } => {
                let reason = "bytes of a file answer a packet that asks for none";
                return Err(protocol.unreadable("$", reason, &String::from_utf8_lossy(&frame[..*at])));
            }
            Self::Undecodable(what) => return Err(protocol.unreadable(&what.path, &what.reason, "")),
        };
        let read = serde_json::from_str(text);
        let members = read.map_err(|error| protocol.unreadable("$", &mistake(&error), text))?;
        let mut body = Body { members, status: ErrorCode::None, text, protocol };
        body.status = match status {
            Status::Number(number) => ErrorCode::from_value(number),
            Status::Missing => return Err(body.unreadable("status", "the member is missing")),
            Status::Odd => return Err(body.unreadable("status", "it is no whole number from 0 to 65535")),
        };
        match body.status.outcome() {
            Outcome::Error => Err(body.refusal()),
            // No verdict is no success.
            Outcome::Progress => Err(body.unreadable("status", "it is that of a file stream which goes on")),
            _ => Ok(body),
        }
    }

    /// The status, if there is one.
    pub(super) fn status(&self) -> Option<ErrorCode> {
        let number = match self {
            Self::Text { status, .. } => status.number(),
            Self::Chunk { metadata, .. } => metadata.status,
            Self::Undecodable(_) => None,
        };
        number.map(ErrorCode::from_value)
    }
}

/// The members of an answer.
pub(super) struct Body<'a> {
    members: Members<'a>,
    pub(super) status: ErrorCode,
    text: &'a str,
    protocol: &'a BlazeAuth,
}

impl Body<'_> {
    /// A member that must be there.
    pub(super) fn required<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        self.optional(name)?.ok_or_else(|| self.unreadable(name, "the member is missing"))
    }

    /// A member that may be missing; null is the same.
    pub(super) fn optional<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        match self.members.get(name) {
            Some(value) => serde_json::from_str(value.get()).map_err(|error| self.unreadable(name, &mistake(&error))),
            None => Ok(None),
        }
    }

    fn unreadable(&self, name: &str, reason: &str) -> Error {
        self.protocol.unreadable(&format!("$.{name}"), reason, self.text)
    }

    /// The error that the status is, with all that came with it except secrets.
    fn refusal(&self) -> Error {
        let mut status = ServerStatus::new();
        let text = self.protocol.redaction().mask(self.text);
        if let Ok(mut body) = serde_json::from_str::<serde_json::Value>(&text) {
            for name in SECRET_MEMBERS {
                if let Some(value) = body.get_mut(name) {
                    *value = "***".into();
                }
            }
            status = status.with_body(body);
        }
        let error = Error::status(self.status, status);
        // Best effort, says the documentation: what is no number of seconds is as good as missing.
        match self.optional::<u64>("retry_after") {
            Ok(Some(seconds)) => error.with_retry_after(Duration::from_secs(seconds)),
            _ => error,
        }
    }
}

/// What is wrong with a JSON text, without the value that serde quotes: it may be a secret.
pub(super) fn mistake(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => text,
    }
}

impl BlazeAuth {
    /// The error about an answer that cannot be read.
    pub(super) fn unreadable(&self, path: &str, reason: &str, text: &str) -> Error {
        let redaction = self.redaction();
        let failure = DecodeFailure::new(path, redaction.mask(reason), redaction.excerpt(text, self.excerpt));
        Error::new(Cause::Decode(Box::new(failure)), Delivery::Answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_statuses_do_not_spoil_the_rest() {
        for (status, read) in [
            ("1", Status::Number(1)),
            ("65535", Status::Number(65535)),
            ("65536", Status::Odd),
            ("-1", Status::Odd),
            ("1.0", Status::Odd),
            ("18446744073709551615", Status::Odd),
            ("1e999", Status::Odd),
            ("\"1\"", Status::Odd),
            ("[1,[2]]", Status::Odd),
            ("{\"a\":{}}", Status::Odd),
            ("true", Status::Odd),
            ("null", Status::Missing),
        ] {
            let text = format!(r#"{{"x":[],"status":{status},"event_type":{status},"id":7}}"#);
            let head: Head<'_> = serde_json::from_str(&text).unwrap();
            assert_eq!((head.id, head.status), (7, read), "{status}");
        }
        let head: Head<'_> = serde_json::from_str(r#"{"id":18446744073709551615,"event_type":"x"}"#).unwrap();
        assert!(head.id == u64::MAX && head.event_type.unwrap().0.is_none() && head.status == Status::Missing);
    }
}
