//! A request as it was sent.

use super::base::Base;
use crate::error::{Context, Error, Redaction, redacted_endpoint};
use http::{HeaderMap, Method};
use reqwest::Url;
use std::borrow::Cow;
use std::fmt;

/// A request as it was sent, after the redirects that were followed.
#[derive(Clone)]
pub struct Sent {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) has_body: bool,
    /// Whether the query is a secret.
    pub(super) secret: bool,
}

/// Shows no value of the query or a header: each may be a credential.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent")
            .field("line", &self.line())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Sent {
    /// Makes a request for the test of a service. The path may have a query.
    ///
    /// # Errors
    ///
    /// If the path cannot be requested.
    pub fn new(method: Method, path: &str) -> Result<Self, Error> {
        let url = Base::parse("http://localhost")?.join(path, "")?;
        Ok(Self { method, url, headers: HeaderMap::new(), has_body: false, secret: false })
    }

    /// Sets the headers, for the test of a service.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Sets whether the request has a body, for the test of a service.
    #[must_use]
    pub fn with_body(mut self, has_body: bool) -> Self {
        self.has_body = has_body;
        self
    }

    /// Returns the method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the whole path, including the folder of the base URL, percent-encoded.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// Returns the query, percent-encoded. It may hold secrets.
    pub fn query(&self) -> Option<&str> {
        self.url.query()
    }

    /// Returns the headers, with those that the service composed and the cookies. They may hold secrets.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns whether the request has a body.
    pub fn has_body(&self) -> bool {
        self.has_body
    }

    /// Returns the request line that may be shown: the method, and the path without values of the query.
    pub(super) fn line(&self) -> String {
        line(&self.method, &self.url)
    }

    /// Returns the context of an error.
    pub(super) fn context(&self, service: &'static str) -> Context {
        Context::new(service).with_endpoint(&super::address::origin(&self.url)).with_command(Cow::Owned(self.line()))
    }

    /// Adds what was sent as secrets: an answer may repeat them, also without the scheme.
    pub(super) fn hide_in(&self, redaction: Redaction) -> Redaction {
        // A secret need not be ASCII.
        let secrets = self.headers.values().filter(|value| value.is_sensitive());
        let secrets = secrets.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
        let query = self.url.query_pairs().filter(|_| self.secret);
        let redaction = query.fold(redaction, |redaction, (_, value)| redaction.hide(&*value));
        let parts = secrets.flat_map(|value| std::iter::once(value).chain(value.split("; ")));
        let parts = parts.flat_map(|part| [part, part.rsplit(' ').next().unwrap_or_default()]);
        let parts = parts.flat_map(|part| [part, part.split_once('=').map_or(part, |(_, value)| value)]);
        parts.fold(redaction, Redaction::hide)
    }
}

/// Returns the request line that may be shown.
pub(super) fn line(method: &Method, url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{method} {}", redacted_endpoint(&format!("{}{query}", url.path())))
}
