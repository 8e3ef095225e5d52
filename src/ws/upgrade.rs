//! What a protocol says about the HTTP request that opens its WebSocket.

use super::endpoint::Endpoint;
use crate::codes::AnyCode;
use crate::error::{Error, redacted_endpoint};
use crate::rpc::Protocol;
use http::{HeaderMap, StatusCode};
use std::fmt;
use std::future::Future;

/// What belongs to the upgrade (RFC 6455, section 4) of a protocol that runs over WebSocket. All methods have defaults:
/// `impl Upgrade for MyProtocol {}` is enough for a service without headers of its own.
pub trait Upgrade: Protocol {
    /// Composes the request of one attempt to connect: headers, credentials, another URL (to resume a session, say). It
    /// may wait for what it needs; that is part of the time limit for connecting. An error fails the attempt.
    fn compose(&self, request: &mut Request) -> impl Future<Output = Result<(), Error>> + Send {
        let _ = request;
        async { Ok(()) }
    }

    /// Whether messages carry credentials: then they are not sent in the clear to another host, like sensitive headers.
    /// Default: false.
    fn sends_credentials(&self) -> bool {
        false
    }

    /// Sees the headers with which the server accepted the upgrade.
    fn accepted(&self, headers: &HeaderMap) {
        let _ = headers;
    }

    /// Returns what it means in the service's own terms that the server refused the upgrade with an HTTP status.
    /// Default: nothing.
    fn refused(&self, status: StatusCode) -> Option<AnyCode> {
        let _ = status;
        None
    }

    /// Returns the code of the close frame that this side sends. `because` says why it closes; `None` is a shutdown.
    /// `usual` is the code that RFC 6455 (section 7.4) has for that. A code that must not be sent becomes `usual`.
    /// Default: `usual`.
    fn close_code(&self, because: Option<&Error>, usual: u16) -> u16 {
        let _ = because;
        usual
    }
}

/// The request of one attempt to connect, for [`Upgrade::compose`]. It begins with the URL and the headers that the
/// client was given.
#[derive(Clone)]
pub struct Request {
    url: String,
    headers: HeaderMap,
}

impl Request {
    pub(super) fn new(url: String, headers: HeaderMap) -> Self {
        Self { url, headers }
    }

    /// Returns the URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sets the URL of this attempt: `ws://` or `wss://`, without credentials.
    ///
    /// # Errors
    ///
    /// If it is not such a URL; then the URL stays as it was. A URL that a server sent may be wrong: ignore the error to
    /// connect to the old one.
    pub fn set_url(&mut self, url: impl Into<String>) -> Result<(), Error> {
        let url = url.into();
        Endpoint::parse(&url)?;
        self.url = url;
        Ok(())
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the headers, to be changed. Values marked sensitive are credentials: they are not sent in the clear to
    /// another host, unless [`ConnectOptions::with_plaintext_credentials`](crate::ConnectOptions) allows that. The
    /// headers of the upgrade itself (`host`, `connection`, `upgrade`, `sec-websocket-key`, `sec-websocket-version`)
    /// cannot be set.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }
}

/// Shows no value of a header: each may be a credential.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("url", &redacted_endpoint(&self.url))
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish()
    }
}
