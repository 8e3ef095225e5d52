//! One attempt to connect: from the composed request to an open WebSocket.

use super::endpoint::Endpoint;
use super::handshake::upgrade;
use super::socket;
use super::upgrade::{Request, Upgrade};
use crate::error::{Cause, Delivery, Error, Phase, Redaction};
use crate::net::answer::Answer;
use crate::net::refusal::refusal;
use crate::net::{Stream, tunnel};
use crate::policy::{ConnectOptions, Proxy};
use crate::tls;
use bytes::BytesMut;
use http::header::HeaderValue;
use http::{HeaderMap, StatusCode};
use std::sync::{Arc, OnceLock};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

/// Where and how a client connects.
pub(super) struct Target {
    url: String,
    pub(super) endpoint: Endpoint,
    options: ConnectOptions,
    proxy: Option<Proxy>,
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
            options: options.clone(),
            proxy: options.proxy()?,
            tls: OnceLock::new(),
        };
        options.headers()?;
        if target.endpoint.tls || !options.root_certificates().is_empty() || options.client_certificate().is_some() {
            target.tls()?;
        }
        Ok(target)
    }

    fn tls(&self) -> Result<&TlsConnector, Error> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls);
        }
        let config = tls::client_config(&self.options)?;
        Ok(self.tls.get_or_init(|| TlsConnector::from(Arc::new(config))))
    }

    /// Refuses to send credentials without TLS to another host: sensitive headers, or messages that carry credentials.
    pub(super) fn permit<P: Upgrade>(&self, protocol: &P) -> Result<(), Error> {
        self.permit_at(&self.endpoint, self.options.headers()?, protocol)
    }

    fn permit_at<P: Upgrade>(&self, endpoint: &Endpoint, headers: &HeaderMap, protocol: &P) -> Result<(), Error> {
        let has_secrets = protocol.sends_credentials() || headers.values().any(HeaderValue::is_sensitive);
        // A proxy has its own idea of which machine is `localhost`.
        let stays_here = self.proxy.is_none() && endpoint.is_loopback();
        if !has_secrets || endpoint.tls || stays_here || self.options.plaintext_credentials() {
            return Ok(());
        }
        Err(Error::invalid_request(format!(
            "credentials would be sent without TLS to {}{}; use wss://, or allow it with \
             `ConnectOptions::with_plaintext_credentials`",
            endpoint.shown,
            if self.proxy.is_some() { " through a proxy" } else { "" }
        )))
    }

    /// Connects before the deadline. An error carries the endpoint of this attempt.
    pub(super) async fn connect<P: Upgrade>(&self, protocol: &P, deadline: Instant) -> Result<Socket, Error> {
        let mut shown = Arc::clone(&self.endpoint.shown);
        let attempt = timeout_at(deadline, async {
            let mut request = Request::new(self.url.clone(), self.options.headers()?.clone());
            protocol.compose(&mut request).await?;
            let other = if request.url() == self.url { None } else { Some(Endpoint::parse(request.url())?) };
            let endpoint = other.as_ref().unwrap_or(&self.endpoint);
            shown = Arc::clone(&endpoint.shown);
            self.permit_at(endpoint, request.headers(), protocol)?;
            let tls = if endpoint.tls { Some(self.tls()?) } else { None };
            let mut stream = socket::open(endpoint, self.proxy.as_ref(), tls).await?;
            let answer = upgrade(endpoint, &mut *stream, request.headers()).await?;
            if answer.status != StatusCode::SWITCHING_PROTOCOLS {
                return Err(refused(answer, stream, protocol, request.headers(), self.proxy.as_ref()).await);
            }
            protocol.accepted(&answer.headers);
            Ok(Socket { stream, rest: answer.rest })
        });
        let attempt = attempt.await;
        let late = || {
            let error = Error::new(Cause::Timeout(Phase::Connect), Delivery::NotSent);
            Err(match &self.proxy {
                Some(proxy) => error.with_source(tunnel::through(proxy)),
                None => error,
            })
        };
        attempt.unwrap_or_else(|_| late()).map_err(|mut error| {
            error.context_mut().endpoint = shown;
            error
        })
    }
}

/// Makes the error for an upgrade that the server answered with another status.
async fn refused<P: Upgrade>(
    answer: Answer,
    mut stream: Box<dyn Stream>,
    protocol: &P,
    asked: &HeaderMap,
    proxy: Option<&Proxy>,
) -> Error {
    // The server may repeat them, also without the scheme. So may a proxy that answers in its place.
    let secrets = asked.values().filter(|value| value.is_sensitive()).filter_map(|value| value.to_str().ok());
    let secrets = secrets.flat_map(|value| [value, value.rsplit(' ').next().unwrap_or_default()]);
    let redaction = secrets.fold(protocol.redaction(), Redaction::hide);
    let redaction = match proxy {
        Some(proxy) => proxy.hide_in(redaction),
        None => redaction,
    };
    let status = answer.status;
    let error = refusal(answer, &mut *stream, &redaction).await;
    match protocol.refused(status) {
        Some(code) => error.with_any_code(code),
        None => error,
    }
}
