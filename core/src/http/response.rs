//! The answer to a request.

use super::cookies::SetCookie;
use super::decode;
use super::report;
use super::sent::Sent;
use super::wire::Wire;
use crate::error::{Cause, DecodeFailure, Delivery, Detail, Error, Redaction};
use crate::policy::Limits;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The whole answer to a request.
#[derive(Clone)]
pub struct Response {
    pub(super) sent: Sent,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The client that received it.
    pub(super) wire: Option<Arc<Wire>>,
}

/// Shows no value of a header and no body.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("request", &self.sent)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

impl Response {
    /// Makes an answer, for the test of a service.
    pub fn new(request: Sent, status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { sent: request, status, headers, body: body.into(), wire: None }
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the first value of a header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the media type in lower case, without parameters; empty if there is none.
    pub fn media_type(&self) -> String {
        media_type(&self.headers)
    }

    /// Returns the request as it was sent.
    pub fn request(&self) -> &Sent {
        &self.sent
    }

    /// Returns the cookies that the answer sets or removes.
    pub fn set_cookies(&self) -> impl Iterator<Item = SetCookie> {
        SetCookie::all(&self.headers)
    }

    /// Returns the body, decompressed.
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body as text. What is not UTF-8 is replaced by U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Decodes the body as JSON, whatever its media type, unless that is HTML.
    ///
    /// # Errors
    ///
    /// [`Cause::Decode`](crate::Cause::Decode) with the path to what cannot be decoded (`$.data[3].id`) and the beginning of
    /// the body, without secrets. It went through [`Service::failed`](super::Service::failed).
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        decode::json(&self.headers, &self.body).map_err(|(path, reason)| self.decode_failure(path, reason))
    }

    /// Returns what the body says about an error, at most 100 details, as the server wrote it: with secrets, if it repeats any.
    /// Decide by these texts, and show those of [`failure`](Self::failure), where secrets are hidden. Both are in the same order.
    pub fn details(&self) -> Vec<Detail> {
        report::details(&self.media_type(), &self.body)
    }

    /// Returns the error that the answer is: with the status, the texts of the body, and what the headers say. Services use it
    /// in [`Service::check`](super::Service::check).
    pub fn failure(&self) -> Error {
        let redaction = self.redaction();
        let mut headers = self.headers.clone();
        if let Some(location) = headers.remove(LOCATION)
            && let Ok(masked) = HeaderValue::try_from(redaction.mask(&String::from_utf8_lossy(location.as_bytes())))
        {
            headers.insert(LOCATION, masked);
        }
        let excerpt = redaction.excerpt_bytes(&self.body, self.excerpt_length());
        let mut error = Error::http(self.status, &headers, excerpt, Delivery::Answered);
        if let Some(failure) = error.http_failure_mut() {
            failure.details = self.details();
            report::hide_secrets(&mut failure.details, &redaction);
            for value in failure.headers.values_mut() {
                let shown = redaction.mask(&String::from_utf8_lossy(value.as_bytes()));
                *value = HeaderValue::try_from(shown).unwrap_or(HeaderValue::from_static("***"));
            }
        }
        error.with_context(self.sent.context(self.service()))
    }

    /// Returns the error ([`Cause::Decode`](crate::Cause::Decode)) for a body that was decoded and is not what was asked for:
    /// another resource, a link that leads in a circle. It shows the beginning of the body, without secrets, and went through
    /// [`Service::failed`](super::Service::failed).
    pub fn decode_failure(&self, path: impl fmt::Display, reason: impl fmt::Display) -> Error {
        let redaction = self.redaction();
        let excerpt = redaction.excerpt_bytes(&self.body, self.excerpt_length());
        let mut failure = DecodeFailure::new(path, reason, excerpt);
        for text in [&mut failure.path, &mut failure.reason] {
            *text = redaction.mask(text);
        }
        self.in_call(Error::new(Cause::Decode(failure.into()), Delivery::Answered))
    }

    /// Completes the error of an answer that is not usable.
    pub(super) fn in_call(&self, error: Error) -> Error {
        let error = error.with_context(self.sent.context(self.service()));
        match &self.wire {
            Some(wire) => wire.service.failed(error),
            None => error,
        }
    }

    fn service(&self) -> &'static str {
        self.wire.as_ref().map_or("", |wire| wire.service.name())
    }

    fn excerpt_length(&self) -> usize {
        self.wire.as_ref().map_or(Limits::default().excerpt, |wire| wire.limits.excerpt)
    }

    fn redaction(&self) -> Redaction {
        let redaction = self.wire.as_ref().map(|wire| wire.redaction()).unwrap_or_default();
        self.sent.hide_in(redaction)
    }
}

/// Returns the media type in lower case, without parameters; empty if there is none.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
