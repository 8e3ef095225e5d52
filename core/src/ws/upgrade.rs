//! The trait for the HTTP request that opens a WebSocket.

use super::endpoint::Endpoint;
use crate::codes::AnyCode;
use crate::error::{Error, redacted_endpoint};
use crate::rpc::Protocol;
use http::{HeaderMap, StatusCode};
use std::fmt;
use std::future::Future;

/// The WebSocket upgrade (RFC 6455, section 4) of a protocol. All methods have defaults: `impl Upgrade for MyProtocol
/// {}` is enough for a service without its own headers.
pub trait Upgrade: Protocol {
    /// Composes the request of one attempt to connect: headers, credentials, or another URL, for example to resume a
    /// session. It may wait; the time limit for connecting includes that. An error fails the attempt.
    fn compose(&self, request: &mut Request) -> impl Future<Output = Result<(), Error>> + Send {
        let _ = request;
        async { Ok(()) }
    }

    /// Returns whether messages carry credentials. If so, like sensitive headers, they are not sent to another host
    /// without TLS. Default: false.
    fn sends_credentials(&self) -> bool {
        false
    }

    /// Receives the headers with which the server accepted the upgrade. Default: ignores them.
    fn accepted(&self, headers: &HeaderMap) {
        let _ = headers;
    }

    /// Returns the service's code for an upgrade that the server refused with this HTTP status. Default: `None`.
    fn refused(&self, status: StatusCode) -> Option<AnyCode> {
        let _ = status;
        None
    }

    /// Returns the code of the close frame that the client sends. `because` is the reason to close; `None` means
    /// shutdown. `usual` is the code of RFC 6455 (section 7.4) for it, and replaces a code that must not be sent.
    /// Default: `usual`.
    fn close_code(&self, because: Option<&Error>, usual: u16) -> u16 {
        let _ = because;
        usual
    }
}

/// The request of one attempt to connect, for [`Upgrade::compose`]. It starts with the URL and headers of the client's
/// options.
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
    /// If the URL is invalid; then the old URL stays. If a server sent the URL, ignore the error to connect to the old
    /// URL.
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

    /// Returns the headers for changes. Values marked sensitive are credentials: they are not sent to another host
    /// without TLS, unless [`ConnectOptions::with_plaintext_credentials`](crate::ConnectOptions) allows it. The headers
    /// of the upgrade itself (`host`, `connection`, `upgrade`, `sec-websocket-key`, `sec-websocket-version`)
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
