//! One request before it is sent, for the service to compose.

use super::sent::Sent;
use http::{HeaderMap, Method};
use std::fmt;

/// A request to the origin of the base URL, for [`Service::compose`](super::Service::compose). It starts with the headers of
/// the client's options and those of the request.
pub struct Outgoing(pub(super) Sent);

/// Shows no value of the query or a header: each may be a credential.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outgoing").field(&self.0).finish()
    }
}

impl Outgoing {
    /// Returns the method.
    pub fn method(&self) -> &Method {
        self.0.method()
    }

    /// Returns the whole path, including the folder of the base URL, percent-encoded.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// Returns the query, percent-encoded.
    pub fn query(&self) -> Option<&str> {
        self.0.query()
    }

    /// Returns whether the request has a body.
    pub fn has_body(&self) -> bool {
        self.0.has_body()
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// Returns the headers for changes. Mark credentials as sensitive
    /// ([`HeaderValue::set_sensitive`](http::HeaderValue::set_sensitive)): they are not sent to another host without TLS,
    /// unless [`with_plaintext_credentials`](crate::ConnectOptions::with_plaintext_credentials) allows it. Headers with the
    /// usual names of secrets, such as `Authorization`, are credentials in any case.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.0.headers
    }
}
