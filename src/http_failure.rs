//! What an HTTP response becomes that is a failure.

use crate::error::{Cause, Delivery, Error, HttpFailure};
use http::{HeaderMap, StatusCode};
use std::time::{Duration, SystemTime};

/// Bytes of its body that are read for the excerpt.
pub(crate) const BODY_BYTES: usize = 2048;
/// How long they are waited for.
pub(crate) const BODY_TIME: Duration = Duration::from_millis(500);

/// The error, with the wait that the server asks for.
pub(crate) fn http_failure(status: StatusCode, headers: &HeaderMap, excerpt: String, delivery: Delivery) -> Error {
    let error = Error::new(Cause::Http(Box::new(HttpFailure::new(status, excerpt))), delivery);
    match headers.get(http::header::RETRY_AFTER).and_then(|value| retry_after(value.to_str().ok()?)) {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// Seconds, or a date.
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
