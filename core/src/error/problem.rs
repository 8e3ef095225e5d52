//! Problem documents (RFC 9457).

use super::{Delivery, Error};
use crate::codes::{Kind, Value};
use serde::Serialize;
use std::time::Duration;

/// A failure as an RFC 9457 problem document; serialize it as JSON and send it as [`MEDIA_TYPE`](Self::MEDIA_TYPE).
///
/// The members after `instance` are extensions. The document contains no endpoint, because it may go to outsiders.
///
/// ```
/// use statuswire::Error;
///
/// let problem = Error::invalid_request("keys must not be empty").to_problem();
/// assert_eq!(problem.status, 400);
/// assert_eq!(problem.title, "Bad Request");
/// assert_eq!(problem.detail, "invalid request: keys must not be empty");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The type of the problem, a URI. `about:blank` unless [`with_type_base`](Self::with_type_base) sets one.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// The title for people: the phrase of the HTTP status while the type is `about:blank`, else the meaning of the
    /// code.
    pub title: String,
    /// The HTTP status to answer with: that of the code, or else that of the kind.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The URI of this occurrence, if [`with_instance`](Self::with_instance) set one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The code's value as the service sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<serde_json::Value>,
    /// The code's name as the service spells it, if the table lists it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'static str>,
    /// The code's table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<&'static str>,
    /// The kind of failure, spelled as in google.rpc.Code (`NOT_FOUND`).
    pub kind: &'static str,
    /// Whether the command may have run.
    pub delivery: Delivery,
    /// Seconds to wait before trying again, rounded up, if the server said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    #[serde(skip)]
    meaning: Option<&'static str>,
}

impl Problem {
    /// The media type of a problem document.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    pub(super) fn new(error: &Error) -> Self {
        let code = error.code();
        let listed = code.and_then(|code| code.info());
        let status = http_status(code.and_then(|code| code.http_status()), error.kind());
        let phrase = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        Self {
            type_uri: "about:blank".into(),
            title: phrase.unwrap_or("Error").into(),
            status,
            detail: error.what().to_string(),
            instance: None,
            code: code.map(|code| json_value(code.value())),
            name: listed.map(|info| info.name),
            table: code.map(|code| code.table().name),
            kind: error.kind().as_str(),
            delivery: error.delivery(),
            retry_after: error.retry_after().map(seconds_up),
            meaning: listed.map(|info| info.meaning),
        }
    }

    /// Sets the type to `BASE/TABLE/NAME` and the title to the meaning of the code. Without a listed code the type is
    /// `BASE/KIND`.
    ///
    /// `base` is an absolute URI. The documentation of these types can be served below it.
    #[must_use]
    pub fn with_type_base(mut self, base: &str) -> Self {
        let base = base.trim_end_matches('/');
        self.type_uri = match (self.table, self.name) {
            (Some(table), Some(name)) => format!("{base}/{table}/{name}"),
            _ => format!("{base}/{}", self.kind),
        };
        if let Some(meaning) = self.meaning {
            self.title = meaning.into();
        }
        self
    }

    /// Sets the URI of this occurrence: a request id, a place in a log.
    #[must_use]
    pub fn with_instance(mut self, uri: impl Into<String>) -> Self {
        self.instance = Some(uri.into());
        self
    }
}

/// Returns the status of the code, or else of the kind. A failure never gets the status of a success, even if the
/// server sent a success code where none is allowed.
fn http_status(of_code: Option<u16>, kind: Kind) -> u16 {
    let candidates = [of_code, Some(kind.http_status())];
    candidates.into_iter().flatten().find(|status| *status >= 400).unwrap_or(500)
}

fn json_value(value: Value) -> serde_json::Value {
    match value {
        Value::Number(number) => number.into(),
        Value::Unsigned(number) => number.into(),
        Value::Hex(_) | Value::Text(_) => value.to_string().into(),
    }
}

/// Returns a duration in whole seconds, rounded up.
pub(super) fn seconds_up(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}
