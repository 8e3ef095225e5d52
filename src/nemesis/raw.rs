//! Replies to commands that have no method.

use super::ErrorCode;
use super::reply::Body;
use serde_json::value::RawValue;

/// The reply to a [`raw`](super::Client::raw) command.
#[derive(Clone, Debug)]
pub struct RawReply {
    name: String,
    status: ErrorCode,
    body: Box<RawValue>,
}

impl RawReply {
    pub(super) fn read(body: &Body<'_>) -> Self {
        Self { name: body.name.clone().into_owned(), status: body.status, body: body.whole.to_owned() }
    }

    /// The reply's name, `OARR_LEN_RSP`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The status: some success, for errors come as [`Error`](crate::Error).
    pub fn status(&self) -> ErrorCode {
        self.status
    }

    /// The reply's members, the status (`st`) among them, as the server wrote them.
    pub fn body(&self) -> &RawValue {
        &self.body
    }

    /// The reply's members alone.
    pub fn into_body(self) -> Box<RawValue> {
        self.body
    }
}
