//! One attempt to connect: from the composed request to an open WebSocket.

use super::answer::{Answer, read_body};
use super::endpoint::Endpoint;
use super::handshake::upgrade;
use super::socket::{self, Stream};
use super::upgrade::{Request, Upgrade};
use crate::error::{Cause, Delivery, Error, Phase, Redaction};
use crate::policy::ConnectOptions;
use crate::tls;
use bytes::BytesMut;
use http::header::{HeaderValue, LOCATION};
use http::{HeaderMap, StatusCode};
use std::sync::{Arc, OnceLock};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

/// Maximum characters of a refusal's body in its error.
const EXCERPT: usize = 200;

/// Where and how a client connects.
pub(super) struct Target {
    url: String,
    pub(super) endpoint: Endpoint,
    headers: HeaderMap,
    roots: Vec<u8>,
    plaintext_credentials: bool,
    /// Created on first use: it takes more memory than an idle connection.
    tls: OnceLock<TlsConnector>,
}

/// An open WebSocket.
pub(super) struct Socket {
    pub(super) stream: Box<dyn Stream>,
    /// Bytes that arrived after the HTTP head.
    pub(super) rest: BytesMut,
}

impl Target {
    /// Checks the address and the options.
    ///
    /// # Errors
    ///
    /// If the address or an option is invalid.
    pub(super) fn new(url: String, options: &ConnectOptions) -> Result<Self, Error> {
        let target = Self {
            endpoint: Endpoint::parse(&url)?,
            url,
            headers: options.headers()?.clone(),
            roots: options.root_certificates().to_vec(),
            plaintext_credentials: options.plaintext_credentials(),
            tls: OnceLock::new(),
        };
        if target.endpoint.tls || !target.roots.is_empty() {
            target.tls()?;
        }
        Ok(target)
    }

    fn tls(&self) -> Result<&TlsConnector, Error> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls);
        }
        let config = tls::client_config(&self.roots)?;
        Ok(self.tls.get_or_init(|| TlsConnector::from(Arc::new(config))))
    }

    /// Refuses to send credentials without TLS.
    pub(super) fn permit<P: Upgrade>(&self, protocol: &P) -> Result<(), Error> {
        self.endpoint.permit(&self.headers, protocol.sends_credentials(), self.plaintext_credentials)
    }

    /// Connects before the deadline. An error carries the endpoint of this attempt.
    pub(super) async fn connect<P: Upgrade>(&self, protocol: &P, deadline: Instant) -> Result<Socket, Error> {
        let mut shown = Arc::clone(&self.endpoint.shown);
        let attempt = timeout_at(deadline, async {
            let mut request = Request::new(self.url.clone(), self.headers.clone());
            protocol.compose(&mut request).await?;
            let other = if request.url() == self.url { None } else { Some(Endpoint::parse(request.url())?) };
            let endpoint = other.as_ref().unwrap_or(&self.endpoint);
            shown = Arc::clone(&endpoint.shown);
            endpoint.permit(request.headers(), protocol.sends_credentials(), self.plaintext_credentials)?;
            let tls = if endpoint.tls { Some(self.tls()?) } else { None };
            let mut stream = socket::open(endpoint, tls).await?;
            let answer = upgrade(endpoint, &mut *stream, request.headers()).await?;
            if answer.status != StatusCode::SWITCHING_PROTOCOLS {
                return Err(refused(answer, stream, protocol, request.headers()).await);
            }
            protocol.accepted(&answer.headers);
            Ok(Socket { stream, rest: answer.rest })
        });
        let attempt = attempt.await;
        let late = || Err(Error::new(Cause::Timeout(Phase::Connect), Delivery::NotSent));
        attempt.unwrap_or_else(|_| late()).map_err(|mut error| {
            error.context_mut().endpoint = shown;
            error
        })
    }
}

/// Makes the error for an upgrade that the server answered with another status.
async fn refused<P: Upgrade>(
    mut answer: Answer,
    mut stream: Box<dyn Stream>,
    protocol: &P,
    asked: &HeaderMap,
) -> Error {
    let body = read_body(&mut answer, &mut *stream).await;
    let Answer { status, mut headers, .. } = answer;
    // The server may repeat them, also without the scheme.
    let secrets = asked.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
    let secrets = secrets.flat_map(|value| [value, value.rsplit(' ').next().unwrap_or_default()]);
    let redaction = secrets.fold(protocol.redaction(), Redaction::hide);
    if let Some(location) = headers.remove(LOCATION)
        && let Ok(masked) = HeaderValue::try_from(redaction.mask(&String::from_utf8_lossy(location.as_bytes())))
    {
        headers.insert(LOCATION, masked);
    }
    let error = Error::http(status, &headers, redaction.excerpt_bytes(&body, EXCERPT), Delivery::NotSent);
    match protocol.refused(status) {
        Some(code) => error.with_any_code(code),
        None => error,
    }
}
