//! A request to a service.

use super::base::{encode, is_dot_segment};
use super::body::Body;
use crate::error::{Error, is_secret_name, redacted_endpoint};
use crate::policy::{Repeat, Retry};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::fmt::{self, Display};
use std::time::Duration;

/// A request to a service. What is invalid in it is reported when it is sent.
///
/// ```
/// use statuswire::http::Request;
///
/// let request = Request::get("jsonapi/node").segment("article").query("sort", "-created").query("page[limit]", 10);
/// assert_eq!(format!("{request:?}"), r#"Request { method: GET, path: "jsonapi/node/article?sort=***&page%5Blimit%5D=***", headers: [], body: None }"#);
/// ```
#[derive(Clone)]
#[must_use = "nothing happens before it is sent"]
pub struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    /// Encoded.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Body>,
    pub(super) secret: bool,
    pub(super) expected: Option<Box<str>>,
    pub(super) allowed: Vec<StatusCode>,
    pub(super) timeout: Option<Duration>,
    repeat: Option<Repeat>,
    pub(super) retry: Option<Retry>,
    /// What is wrong with the request.
    pub(super) invalid: Option<Error>,
}

/// Shows no value of the query or a header: each may be a credential.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = match (self.query.is_empty(), self.path.contains('?')) {
            (true, _) => "",
            (false, true) => "&",
            (false, false) => "?",
        };
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &redacted_endpoint(&format!("{}{separator}{}", self.path, self.query)))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body)
            .finish()
    }
}

impl Request {
    /// Makes a request for a path below the base URL, with or without a slash at its beginning. The path may have a query.
    /// Characters that a path cannot hold are percent-encoded; `%`, `/` and `?` are taken as they are, see
    /// [`segment`](Self::segment). Segments of dots are refused: they lead out of the base URL.
    ///
    /// An absolute URL (`https://...`) is requested as it is. If it has another origin than the base URL, the request
    /// carries no credentials: neither headers of the options or the service nor cookies. It is refused if it brings secrets
    /// of its own.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: None,
            secret: false,
            expected: None,
            allowed: Vec::new(),
            timeout: None,
            repeat: None,
            retry: None,
            invalid: None,
        }
    }

    /// Makes a GET request.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Makes a HEAD request.
    pub fn head(path: impl Into<String>) -> Self {
        Self::new(Method::HEAD, path)
    }

    /// Makes a POST request.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// Makes a PUT request.
    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    /// Makes a PATCH request.
    pub fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, path)
    }

    /// Makes a DELETE request.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Appends one segment to the path, before the query. All characters are allowed and encoded. An empty text, `.` and `..`
    /// are refused: no server can tell them from another path.
    pub fn segment(mut self, text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        if text.is_empty() || is_dot_segment(text) {
            return self.refuse(format!("{text:?} cannot be a segment of a path; give another name"));
        }
        let at = self.path.find('?').unwrap_or(self.path.len());
        let query = self.path.split_off(at);
        if !self.path.ends_with('/') {
            self.path.push('/');
        }
        encode(text, &mut self.path);
        self.path.push_str(&query);
        self
    }

    /// Appends a query parameter. Name and value are encoded. A name may occur more than once.
    pub fn query(mut self, name: impl AsRef<str>, value: impl Display) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        encode(name.as_ref(), &mut self.query);
        self.query.push('=');
        encode(&value.to_string(), &mut self.query);
        self
    }

    /// Sets a header, in place of an earlier one and of that of the options. If its name is one that commonly holds
    /// secrets, such as `Authorization` or `X-CSRF-Token` ([`Redaction`](crate::error::Redaction)), the header is a secret.
    /// `Content-Length` and `Transfer-Encoding` cannot be set.
    pub fn header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.set(name.as_ref(), value.as_ref(), false)
    }

    /// Sets a secret header. It is sent to the origin of the base URL only, and not without TLS to another host; see
    /// [`with_plaintext_credentials`](crate::ConnectOptions::with_plaintext_credentials). It appears in no `Debug` output
    /// and no error.
    pub fn secret_header(self, name: impl AsRef<str>, value: impl Into<SecretString>) -> Self {
        self.set(name.as_ref(), value.into().expose_secret(), true)
    }

    /// Sets the body to a value as JSON, and the header `Content-Type` to `application/json`, unless it is set. A value that
    /// cannot be JSON is reported when the request is sent.
    pub fn json(mut self, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.body = Some(bytes.into()),
            Err(error) => return self.refuse(format!("the body cannot be written as JSON: {error}")),
        }
        self.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        self
    }

    /// Sets the body. Set its `Content-Type` with [`header`](Self::header).
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Marks the body and the query as secret, such as a password: the request is sent to the origin of the base URL only,
    /// and not without TLS to another host, unless
    /// [`with_plaintext_credentials`](crate::ConnectOptions::with_plaintext_credentials) allows it.
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Sets the media type that a success must have, such as `application/vnd.api+json`, without parameters. Another one is
    /// an error ([`Cause::Decode`](crate::Cause::Decode)) that shows the beginning of the body; an answer without content
    /// (204, 205, 304, or to HEAD) needs none. Sends it as `Accept` too, unless that is set.
    pub fn expect(mut self, media_type: &str) -> Self {
        self.expected = Some(media_type.to_ascii_lowercase().into());
        if self.headers.contains_key(ACCEPT) { self } else { self.header("accept", media_type) }
    }

    /// Takes a status as an answer, not as an error: 304, or 404 for what may be missing. A redirect (3xx) of this status is
    /// not followed.
    pub fn allow_status(mut self, status: StatusCode) -> Self {
        self.allowed.push(status);
        self
    }

    /// Sets the time limit from the call to its result, including retries and time that the rate limit holds the call back.
    /// Default: [`Timeouts::call`](crate::policy::Timeouts), which restarts when the rate limit releases the call.
    /// If it is longer than [`Timeouts::reply`](crate::policy::Timeouts), the answer may take as long.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets whether the request may be carried out twice without harm. Default: by the method, as RFC 9110 (9.2.2) says:
    /// safe for GET, HEAD, OPTIONS, TRACE, PUT and DELETE.
    pub fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = Some(repeat);
        self
    }

    /// Sets when to send the request again. Default: the rule of the client.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Returns whether the request may be carried out twice without harm.
    pub(super) fn repeats(&self) -> Repeat {
        let by_method = if self.method.is_idempotent() { Repeat::Safe } else { Repeat::Unsafe };
        self.repeat.unwrap_or(by_method)
    }

    /// Returns whether the body can be sent (again).
    pub(super) fn is_whole(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_whole)
    }

    fn set(mut self, name: &str, value: &str, sensitive: bool) -> Self {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(sensitive || is_secret_name(name.as_str()));
                self.headers.insert(name, value);
                self
            }
            (Err(_), _) => self.refuse(format!("{name:?} is not a header name: use letters, digits and hyphens")),
            (_, Err(_)) => {
                self.refuse(format!("the value of the header {name:?} has characters that are not allowed in headers"))
            }
        }
    }

    fn refuse(mut self, reason: String) -> Self {
        self.invalid.get_or_insert_with(|| Error::invalid_request(reason));
        self
    }
}
