//! Replies: routed by their id, read by their caller.

use super::decode;
use super::frame::Frame;
use super::session::Session;
use crate::codes::Outcome;
use crate::codes::blazeauth::ErrorCode;
use crate::error::{Error, ServerStatus};
use crate::rpc::Unroutable;
use bytestring::ByteString;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;

/// A message from the server, read as far as it takes to know which packet it answers.
#[derive(Debug)]
pub(super) enum Reply {
    /// An answer, or a part of a file stream without bytes.
    Text { text: ByteString, status: Status },
    /// A part of a file stream.
    Frame(Box<Frame>),
    /// A binary message that cannot be taken apart. Its id is not known, so that all file streams share it.
    Undecodable(Arc<Unroutable>),
}

/// The member `status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    #[default]
    Missing,
    Number(u16),
    /// Not a number from 0 to 65535.
    Odd,
}

impl Status {
    pub(super) fn number(self) -> Option<u16> {
        match self {
            Self::Number(number) => Some(number),
            Self::Missing | Self::Odd => None,
        }
    }

    /// Returns whether a file stream ends with it: a missing status or zero means that it goes on.
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
    /// Of events; variables have it too, and decode it later.
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
    /// Returns the answer if its status is no error.
    pub(super) fn open<'a>(&'a self, session: &'a Session) -> Result<Answer<'a>, Error> {
        let (text, status) = match self {
            Self::Text { text, status } => (&**text, *status),
            Self::Frame(_) => {
                return Err(session.undecodable("$", "bytes of a file answer a packet that asks for none", ""));
            }
            Self::Undecodable(what) => return Err(session.undecodable(&what.path, &what.reason, "")),
        };
        let status = match status {
            Status::Number(number) => ErrorCode::from_value(number),
            Status::Missing => return Err(session.undecodable("$.status", "the member is missing", text)),
            Status::Odd => {
                return Err(session.undecodable("$.status", "it is no whole number from 0 to 65535", text));
            }
        };
        match status.outcome() {
            Outcome::Error => Err(refusal(status, text, session)),
            // No verdict is no success.
            Outcome::Progress => {
                Err(session.undecodable("$.status", "it is that of a file stream which goes on", text))
            }
            _ => Ok(Answer { status, text, session }),
        }
    }

    /// Returns the status, if there is one.
    pub(super) fn status(&self) -> Option<ErrorCode> {
        let number = match self {
            Self::Text { status, .. } => status.number(),
            Self::Frame(frame) => frame.metadata.status,
            Self::Undecodable(_) => None,
        };
        number.map(ErrorCode::from_value)
    }
}

/// An answer whose status is no error.
pub(super) struct Answer<'a> {
    pub(super) status: ErrorCode,
    text: &'a str,
    session: &'a Session,
}

impl Answer<'_> {
    /// Decodes the answer's members.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(self.text).map_err(|_| {
            let (path, reason) = decode::place::<T>(self.text);
            self.session.undecodable(&path, &reason, self.text)
        })
    }
}

/// How long to wait, in an answer whose status is an error.
#[derive(Deserialize)]
struct Wait<'a> {
    #[serde(borrow)]
    retry_after: Option<&'a RawValue>,
}

/// The error that a status is, with all that came with it except secrets.
fn refusal(code: ErrorCode, text: &str, session: &Session) -> Error {
    // It stays text: as values it could take a hundred times its length in memory.
    let error = Error::status(code, ServerStatus::new().with_body(session.redaction().mask(text)));
    match serde_json::from_str(text).map(|Wait { retry_after }| retry_after?.get().parse().ok()) {
        Ok(Some(seconds)) => error.with_retry_after(Duration::from_secs(seconds)),
        // Best effort, says the documentation: any other value is as good as missing.
        _ => error,
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
