//! Replies: routed by their id, read by their caller.

use super::decode;
use super::frame::Frame;
use super::lenient::Told;
use super::license::License;
use super::session::Session;
use crate::codes::Outcome;
use crate::codes::blazeauth::ErrorCode;
use crate::error::{Error, ServerStatus};
use crate::rpc::Unroutable;
use bytestring::ByteString;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A message from the server, read as far as it takes to know which packet it answers.
#[derive(Debug)]
pub(super) enum Reply {
    /// An answer, or a part of a file stream without bytes.
    Text { text: ByteString, status: Status },
    /// A part of a file stream.
    Frame(Box<Frame>),
    /// A binary message that cannot be taken apart. If its id is not known, all file streams share it.
    Undecodable(Arc<Unroutable>),
}

/// The member `status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    #[default]
    Missing,
    Number(u16),
    /// Not a number from 0 to 65535, or there twice.
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
#[derive(Default)]
pub(super) struct Head<'a> {
    pub(super) id: u64,
    pub(super) status: Status,
    pub(super) event_type: Option<EventNumber>,
    /// Of events; variables have it too, and decode it later.
    pub(super) content: Option<&'a RawValue>,
    pub(super) presigned_url: Option<IgnoredAny>,
}

/// The member `event_type`; `None` if it is no whole number.
#[derive(Clone, Copy, Debug)]
pub(super) struct EventNumber(pub(super) Option<i64>);

// One odd member must not spoil a whole message: any value is taken, and looked at as text. The `Deserialize` that serde
// derives for `Head` would refuse a member that is there twice.

impl<'de: 'a, 'a> Deserialize<'de> for Head<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "snake_case")]
        enum Name {
            Id,
            Status,
            EventType,
            Content,
            PresignedUrl,
            #[serde(other)]
            Other,
        }

        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Head<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Head<'de>, A::Error> {
                let mut head = Head::default();
                let (mut id, mut status) = (None, None);
                while let Some(name) = members.next_key()? {
                    match name {
                        Name::Id if id.is_some() => return Err(A::Error::duplicate_field("id")),
                        Name::Id => id = Some(members.next_value()?),
                        Name::Status => {
                            let value = members.next_value()?;
                            status = Some(if status.is_none() { value } else { Status::Odd });
                        }
                        Name::EventType => head.event_type = members.next_value()?,
                        Name::Content => head.content = members.next_value()?,
                        Name::PresignedUrl => head.presigned_url = members.next_value()?,
                        Name::Other => drop(members.next_value::<IgnoredAny>()?),
                    }
                }
                let id = id.ok_or_else(|| A::Error::missing_field("id"))?;
                Ok(Head { id, status: status.unwrap_or_default(), ..head })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

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
    /// Returns the answer if its status is a success.
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
                return Err(session.undecodable("$.status", "it is not one whole number from 0 to 65535", text));
            }
        };
        match status.outcome() {
            Outcome::Success => Ok(Answer { text, session }),
            // No verdict is no success.
            Outcome::Progress => {
                Err(session.undecodable("$.status", "it is that of a file stream which goes on", text))
            }
            // Neither is a warning: the packet was not carried out.
            _ => Err(refusal(status, text, session)),
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

/// An answer whose status is a success.
pub(super) struct Answer<'a> {
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

/// The error that a status is, with all that came with it except secrets.
fn refusal(code: ErrorCode, text: &str, session: &Session) -> Error {
    // It stays text: as values it could take a hundred times its length in memory.
    let status = ServerStatus::new().with_body(session.redaction().mask(text));
    // It is read before secrets are hidden: a mistyped licence may be any word or number of it.
    let Ok(told) = serde_json::from_str::<Told>(text) else { return Error::status(code, status) };
    // Best effort, says the documentation: any other value is as good as missing.
    let wait = told.retry_after.ok().map(Duration::from_secs);
    let error = match License::described(told) {
        Some(license) => Error::status(code, status.with_answer(license)),
        None => Error::status(code, status),
    };
    match wait {
        Some(wait) => error.with_retry_after(wait),
        None => error,
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

    #[test]
    fn members_that_are_there_twice_do_not_spoil_the_rest() {
        let head = |text| serde_json::from_str::<Head<'_>>(text);
        let twice = head(r#"{"id":7,"content":"a","content":"b","x":1,"status":1,"x":2,"status":3}"#).unwrap();
        assert_eq!((twice.id, twice.status), (7, Status::Odd));
        assert_eq!(head(r#"{"status":1,"status":1,"id":7}"#).unwrap().status, Status::Odd);
        // It belongs to one of two packets.
        assert!(head(r#"{"id":7,"status":1,"id":8}"#).is_err());
        assert!(head(r#"{"status":1}"#).err().unwrap().to_string().contains("missing field `id`"));
    }
}
