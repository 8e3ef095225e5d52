//! Errors from failed HTTP responses.

use super::bounded::{EXCERPT, STORED, bounded};
use super::redaction::Masked;
use super::{Cause, Delivery, Detail, Error, redacted_endpoint};
use http::header::{ALLOW, CONTENT_TYPE, DATE, HeaderName, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use std::fmt;
use std::time::{Duration, SystemTime};

/// The headers that an error keeps, besides `Location`.
const KEPT: [HeaderName; 5] =
    [ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, HeaderName::from_static("x-request-id")];

/// An HTTP response whose status is an error.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpFailure {
    /// The status of the response.
    pub status: StatusCode,
    /// The beginning of the body, without secrets ([`Redaction`](super::Redaction)). Empty if there was no body.
    pub excerpt: String,
    /// Where a redirect (3xx) leads, as [`redacted_endpoint`] shows it. `None` for other statuses.
    pub location: Option<String>,
    /// The address of the proxy that answered in place of the server. `None` if the server answered.
    pub proxy: Option<String>,
    /// The headers that say more about the failure: `Allow`, `Content-Type`, `Retry-After`, `WWW-Authenticate`,
    /// `X-Request-Id`.
    pub headers: HeaderMap,
    /// The single failures that the body reports.
    pub details: Vec<Detail>,
}

impl HttpFailure {
    /// Makes a failure without a location. The excerpt is cut after 16 KiB; use
    /// [`Redaction::excerpt`](super::Redaction::excerpt).
    pub fn new(status: StatusCode, excerpt: impl fmt::Display) -> Self {
        let excerpt = bounded(excerpt, EXCERPT);
        Self { status, excerpt, location: None, proxy: None, headers: HeaderMap::new(), details: Vec::new() }
    }

    /// Takes over the [`headers`](Self::headers) that say more about the failure. Values longer than 1,024 bytes are left
    /// out.
    #[must_use]
    pub fn with_headers(mut self, headers: &HeaderMap) -> Self {
        for name in KEPT {
            for value in headers.get_all(&name).iter().filter(|value| value.len() <= STORED) {
                self.headers.append(&name, value.clone());
            }
        }
        self
    }

    /// Sets the single failures that the body reports.
    #[must_use]
    pub fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.details = details;
        self
    }

    /// Sets where the redirect leads. [`redacted_endpoint`] is applied to it, and it is cut after 1,024 bytes.
    #[must_use]
    pub fn with_location(mut self, location: &str) -> Self {
        self.location = Some(bounded(redacted_endpoint(location), STORED));
        self
    }

    /// Sets the address of the proxy that answered. [`redacted_endpoint`] is applied to it, and it is cut after 1,024
    /// bytes.
    #[must_use]
    pub fn with_proxy(mut self, address: &str) -> Self {
        self.proxy = Some(bounded(redacted_endpoint(address), STORED));
        self
    }
}

impl fmt::Debug for HttpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, excerpt, location, proxy, headers, details } = self;
        let texts = headers.iter().map(|(name, value)| (name, String::from_utf8_lossy(value.as_bytes())));
        let texts: Vec<_> = texts.map(|(name, value)| format!("{name}: {value}")).collect();
        f.debug_struct("HttpFailure")
            .field("status", status)
            .field("excerpt", &Masked(excerpt))
            .field("location", &location.as_deref().map(Masked))
            .field("proxy", &proxy.as_deref().map(Masked))
            .field("headers", &texts.iter().map(|line| Masked(line)).collect::<Vec<_>>())
            .field("details", details)
            .finish()
    }
}

impl Error {
    /// Makes the error for a failed HTTP response. Its [`retry_after`](Self::retry_after) is the `Retry-After` header
    /// (RFC 9110, 10.2.3): seconds, where fractions are rounded up, or a date, from which the `Date` of the response is
    /// subtracted. A negative or unreadable value counts as absent. A redirect (3xx) also tells its `Location`. The cause
    /// keeps the [headers](HttpFailure::headers) that say more.
    pub fn http(status: StatusCode, headers: &HeaderMap, excerpt: impl fmt::Display, delivery: Delivery) -> Self {
        let mut failure = HttpFailure::new(status, excerpt).with_headers(headers);
        if status.is_redirection()
            && let Some(location) = headers.get(LOCATION)
        {
            failure = failure.with_location(&String::from_utf8_lossy(location.as_bytes()));
        }
        let error = Self::new(Cause::Http(Box::new(failure)), delivery);
        match retry_after(headers) {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        }
    }
}

/// Reads a `Retry-After` header: seconds or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, RETRY_AFTER)?;
    seconds(value).or_else(|| {
        let until = httpdate::parse_http_date(value).ok()?;
        // The clocks of server and client may differ.
        let now = text(headers, DATE).and_then(|date| httpdate::parse_http_date(date).ok());
        Some(until.duration_since(now.unwrap_or_else(SystemTime::now)).unwrap_or_default())
    })
}

/// Reads seconds, with or without a fraction. What exceeds `u64` becomes its maximum.
fn seconds(value: &str) -> Option<Duration> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    if [whole, fraction].iter().any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let up = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    // Only digits: it cannot fail for another reason than its size.
    Some(Duration::from_secs(whole.parse().unwrap_or(u64::MAX).saturating_add(up)))
}

/// Returns the first value that is not empty.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.map(str::trim).find(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(HeaderName, &str)]) -> Option<Duration> {
        let value = |text: &str| text.parse().unwrap();
        let mut map = HeaderMap::new();
        for (name, text) in headers {
            map.append(name.clone(), value(text));
        }
        retry_after(&map)
    }

    #[test]
    fn seconds_are_rounded_up_and_do_not_overflow() {
        for (value, seconds) in [
            (" 37 ", 37),
            ("0", 0),
            ("292.052", 293),
            ("292.000", 292),
            ("0.000000000000000000001", 1),
            ("18446744073709551615", u64::MAX),
            ("18446744073709551615.5", u64::MAX),
            ("18446744073709551616", u64::MAX),
            ("99999999999999999999999999999", u64::MAX),
        ] {
            assert_eq!(wait(&[(RETRY_AFTER, value)]), Some(Duration::from_secs(seconds)), "{value}");
        }
    }

    #[test]
    fn an_empty_line_hides_no_other() {
        assert_eq!(wait(&[(RETRY_AFTER, ""), (RETRY_AFTER, "37")]), Some(Duration::from_secs(37)));
    }

    #[test]
    fn what_is_no_time_counts_as_absent() {
        for value in ["soon", "", "-1", "-0.5", "+5", "5.", ".5", "1e3", "NaN", "inf", "0x10", "1,5", "5 s", "1.2.3"] {
            assert_eq!(wait(&[(RETRY_AFTER, value)]), None, "{value}");
        }
    }

    #[test]
    fn dates_are_reckoned_from_the_date_of_the_response() {
        let date = |value| (DATE, value);
        let until = (RETRY_AFTER, "Wed, 21 Oct 2015 07:28:00 GMT");
        assert_eq!(wait(&[until.clone(), date("Wed, 21 Oct 2015 07:27:23 GMT")]), Some(Duration::from_secs(37)));
        assert_eq!(wait(&[until.clone(), date("Wed, 21 Oct 2015 07:30:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(wait(&[until.clone(), date("today")]), Some(Duration::ZERO));
        assert_eq!(wait(&[until]), Some(Duration::ZERO));
        let far = wait(&[(RETRY_AFTER, "Fri, 31 Dec 9999 23:59:59 GMT")]);
        assert!(far.is_some_and(|wait| wait > Duration::from_secs(1 << 37)), "{far:?}");
    }

    #[test]
    fn a_redirect_tells_where_it_leads() {
        let headers = |location: &'static [u8]| {
            HeaderMap::from_iter([(LOCATION, http::HeaderValue::from_bytes(location).unwrap())])
        };
        let shown = |status, location| {
            let error = Error::http(StatusCode::from_u16(status).unwrap(), &headers(location), "", Delivery::Answered);
            let Cause::Http(failure) = error.cause() else { panic!("{error:?}") };
            assert_eq!(error.to_string().contains("redirects to"), failure.location.is_some(), "{error}");
            failure.location.clone()
        };
        let url = b"https://ada:pw@two.example/a?token=s3cret#x";
        assert_eq!(shown(302, url).as_deref(), Some("https://two.example/a?token=***"));
        assert_eq!(shown(308, b"/a?b=c").as_deref(), Some("/a?b=***"));
        assert_eq!(shown(301, b"/\xff").as_deref(), Some("/\u{fffd}"));
        assert_eq!(shown(201, url), None);
    }
}
