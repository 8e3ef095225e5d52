//! Settings of a client, and its first connection.

use super::driver::Driver;
use super::endpoint::Endpoint;
use super::frame::Masking;
use crate::error::{Cause, Delivery, Error};
use crate::policy::{Backoff, Limits, RateLimit, Retry, Timeouts};
use crate::rpc::{Client, Engine, Protocol, Settings, State, Supervisor};
use crate::tls;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;

/// Builds a [`Client`] that speaks `P` over a WebSocket.
pub struct Builder<P: Protocol> {
    url: String,
    protocol: P,
    timeouts: Timeouts,
    limits: Limits,
    backoff: Backoff,
    retry: Retry,
    rate_limit: Option<RateLimit>,
    roots: Vec<u8>,
    headers: Result<HeaderMap, Error>,
    plaintext_credentials: bool,
}

impl<P: Protocol> fmt::Debug for Builder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("url", &crate::error::redacted_endpoint(&self.url))
            .field("service", &self.protocol.service())
            .field("timeouts", &self.timeouts)
            .field("limits", &self.limits)
            .field("backoff", &self.backoff)
            .field("retry", &self.retry)
            .field("rate_limit", &self.rate_limit)
            .finish_non_exhaustive()
    }
}

impl<P: Protocol> Client<P> {
    /// Begins a client for a `ws://` or `wss://` address.
    pub fn builder(url: &str, protocol: P) -> Builder<P> {
        Builder {
            url: url.to_owned(),
            protocol,
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            backoff: Backoff::default(),
            retry: Retry::default(),
            rate_limit: None,
            roots: Vec::new(),
            headers: Ok(HeaderMap::new()),
            plaintext_credentials: false,
        }
    }
}

impl<P: Protocol> Builder<P> {
    /// Time limits. Default: [`Timeouts::default`].
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Size limits. Default: [`Limits::default`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How attempts to connect again are spaced. Default: [`Backoff::default`].
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// When a command is sent again. Default: [`Retry::default`].
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// How many messages are sent in how much time, over all connections of the client: commands, those that are sent
    /// again, and pings; pongs and the closing handshake are free. What exceeds it waits, in order, and
    /// [`Client::throttle`] shows it. The limit itself fails no call: a call's default time limit begins anew when it is
    /// let go. Commands of the protocol's handshake do not wait, and count. Default: no limit.
    #[must_use]
    pub fn rate_limit(mut self, limit: Option<RateLimit>) -> Self {
        self.rate_limit = limit;
        self
    }

    /// Trusts these certificates (PEM, one or more) instead of the public roots: for a private authority.
    #[must_use]
    pub fn root_certificates(mut self, pem: &[u8]) -> Self {
        self.roots.extend_from_slice(pem);
        self.roots.push(b'\n');
        self
    }

    /// Sends a header with the request that opens each connection.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.add(name, value, false);
        self
    }

    /// Sends a header that is a secret, such as `authorization`: it shows in no `Debug` output, and does not leave this
    /// machine in the clear, see [`allow_plaintext_credentials`](Self::allow_plaintext_credentials).
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        let value: SecretString = value.into();
        self.add(name, value.expose_secret(), true);
        self
    }

    /// Allows credentials over `ws://` to a host that is not this machine, where everybody on the way can read them.
    #[must_use]
    pub fn allow_plaintext_credentials(mut self) -> Self {
        self.plaintext_credentials = true;
        self
    }

    fn add(&mut self, name: &str, value: &str, sensitive: bool) {
        let Ok(headers) = &mut self.headers else { return };
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(sensitive);
                headers.append(name, value);
            }
            (Err(_), _) => self.headers = Err(Error::invalid_request(format!("{name:?} is no header name"))),
            (_, Err(_)) => {
                let reason = format!("the value of the header {name:?} holds characters that a header cannot carry");
                self.headers = Err(Error::invalid_request(reason));
            }
        }
    }

    /// Connects, runs the protocol's handshake, and starts the client's task on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// If the settings are wrong, or the first attempt fails: it is not repeated. [`Error::delivery`] is `NotSent`.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with time and I/O enabled, as tokio's own functions do.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the attempt.
    pub async fn connect(self) -> Result<Client<P>, Error> {
        let (sender, outcome) = oneshot::channel();
        let client = self.start(Some(sender))?;
        match outcome.await {
            Ok(result) => result.map(|()| client),
            // The task ended by itself, and the state tells why.
            Err(_) => Err(match &*client.state().borrow() {
                State::Closed { cause: Some(cause) } => cause.clone_with_delivery(Delivery::NotSent),
                _ => Error::new(Cause::Shutdown, Delivery::NotSent),
            }),
        }
    }

    /// Returns at once and connects in the background, again and again until it succeeds: calls wait for it, within
    /// their limits. [`Client::state`] tells how it goes.
    ///
    /// # Errors
    ///
    /// If the settings are wrong.
    ///
    /// # Panics
    ///
    /// As [`connect`](Self::connect).
    pub fn connect_lazy(self) -> Result<Client<P>, Error> {
        self.start(None)
    }

    fn start(self, first: Option<oneshot::Sender<Result<(), Error>>>) -> Result<Client<P>, Error> {
        let mut endpoint = Endpoint::parse(&self.url)?;
        endpoint.plaintext_credentials = self.plaintext_credentials;
        let headers = self.headers?;
        let mut all = headers.clone();
        self.protocol.request_headers(&mut all);
        endpoint.permit(&all, self.protocol.sends_credentials())?;
        let roots = if self.roots.is_empty() { Vec::new() } else { tls::certificates(&self.roots)? };
        let tls = endpoint.tls.then(|| tls::client_config(&roots)).transpose()?;
        let tls = tls.map(|config| TlsConnector::from(Arc::new(config)));
        let settings = Settings {
            endpoint: Arc::clone(&endpoint.shown),
            timeouts: self.timeouts,
            limits: self.limits,
            retry: self.retry,
            rate_limit: self.rate_limit,
        };
        let engine = Arc::new(Engine::new(self.protocol, settings, Box::new(Masking::new())));
        let supervisor = Supervisor::new(self.backoff);
        let driver = Driver { engine: Arc::clone(&engine), endpoint, tls, headers, supervisor, first };
        tokio::spawn(driver.run());
        Ok(Client::new(engine))
    }
}
