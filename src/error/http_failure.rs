//! Errors from failed HTTP responses.

use super::bounded::{EXCERPT, bounded};
use super::redaction::Masked;
use super::{Cause, Delivery, Error};
use http::{HeaderMap, StatusCode};
use std::fmt;
use std::time::{Duration, SystemTime};

/// An HTTP response whose status is an error.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpFailure {
    /// The status of the response.
    pub status: StatusCode,
    /// The beginning of the body, without secrets ([`Redaction`](super::Redaction)). Empty if there was no body.
    pub excerpt: String,
}

impl HttpFailure {
    /// Makes a failure. The excerpt is cut after 16 KiB; use [`Redaction::excerpt`](super::Redaction::excerpt).
    pub fn new(status: StatusCode, excerpt: impl fmt::Display) -> Self {
        Self { status, excerpt: bounded(excerpt, EXCERPT) }
    }
}

impl fmt::Debug for HttpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpFailure").field("status", &self.status).field("excerpt", &Masked(&self.excerpt)).finish()
    }
}

impl Error {
    /// Makes the error for a failed HTTP response. Its [`retry_after`](Self::retry_after) is the `Retry-After` header,
    /// which gives seconds or a date (RFC 9110, 10.2.3).
    pub fn http(status: StatusCode, headers: &HeaderMap, excerpt: impl fmt::Display, delivery: Delivery) -> Self {
        let error = Self::new(Cause::Http(Box::new(HttpFailure::new(status, excerpt))), delivery);
        match headers.get(http::header::RETRY_AFTER).and_then(|value| retry_after(value.to_str().ok()?)) {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        }
    }
}

/// Reads a `Retry-After` header: seconds or a date.
fn retry_after(value: &str) -> Option<Duration> {
    match value.trim().parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(value.trim()).ok()?;
            Some(date.duration_since(SystemTime::now()).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        assert_eq!(retry_after(" 37 "), Some(Duration::from_secs(37)));
        assert_eq!(retry_after("soon"), None);
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let later = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(7200));
        assert!(retry_after(&later).is_some_and(|wait| wait > Duration::from_secs(7000)));
    }
}
