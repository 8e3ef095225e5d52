//! Connections to servers, directly or through a proxy: what both clients share.

use super::proxy;
use crate::error::{Cause, Delivery, Error, Phase, Redaction};
use crate::net::tunnel;
use crate::policy::{ConnectOptions, Proxy};
use crate::tls;
use reqwest::{Url, redirect};
use std::time::Duration;

/// Whether bodies are decompressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Never,
}

/// A pool of connections.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) http: reqwest::Client,
    pub(super) proxy: Option<Proxy>,
    /// The time limit for connecting.
    limit: Duration,
}

/// A request without a response.
pub(super) struct Unanswered {
    pub(super) error: Error,
    /// There is no connection, and the proxy may know why.
    is_tunnel: bool,
}

impl From<Error> for Unanswered {
    fn from(error: Error) -> Self {
        Self { error, is_tunnel: false }
    }
}

impl Connector {
    /// # Errors
    ///
    /// If the root certificates, the client certificate or the proxy cannot be used.
    pub(super) fn new(options: &ConnectOptions, compression: Compression) -> Result<Self, Error> {
        let limit = options.timeouts().connect;
        let proxy = options.proxy()?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config(options)?)
            .connect_timeout(limit)
            .redirect(redirect::Policy::none())
            .referer(false)
            // Not even that of the environment.
            .no_proxy()
            // What other features of reqwest enable by default; another crate of the program may have enabled them.
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .gzip(compression == Compression::Gzip)
            .no_hickory_dns()
            .http1_only()
            .retry(reqwest::retry::never());
        let invalid = |error| Error::invalid_request(format!("the HTTP client cannot be set up: {error}"));
        let http = match &proxy {
            Some(proxy) => http.proxy(proxy::for_all_requests(proxy).map_err(invalid)?),
            None => http,
        };
        Ok(Self { http: http.build().map_err(invalid)?, proxy, limit })
    }

    /// Returns the redaction that hides the proxy's credentials too.
    pub(super) fn redaction(&self, redaction: Redaction) -> Redaction {
        match &self.proxy {
            Some(proxy) => proxy.hide_in(redaction),
            None => redaction,
        }
    }

    /// Makes the error for a request without a response. `unsent` is the delivery of a request that was not sent.
    pub(super) fn failed(&self, error: reqwest::Error, unsent: Delivery, sent: Delivery) -> Unanswered {
        if !error.is_connect() {
            return Error::new(Cause::transport(error.without_url()), sent).into();
        }
        let late = error.is_timeout();
        let cause = if late { Cause::Timeout(Phase::Connect) } else { Cause::transport(error.without_url()) };
        let error = Error::new(cause, unsent);
        match &self.proxy {
            Some(proxy) if late => error.with_source(tunnel::through(proxy)).into(),
            Some(_) => Unanswered { error, is_tunnel: true },
            None => error.into(),
        }
    }

    /// Returns the error, with what the proxy says about a failed connection.
    pub(super) async fn explained(&self, unanswered: Unanswered, url: &Url) -> Error {
        let Unanswered { error, is_tunnel } = unanswered;
        let Some(proxy) = self.proxy.as_ref().filter(|_| is_tunnel) else { return error };
        let reason = match proxy::refused_credentials(&error) {
            Some(refusal) => Some(tunnel::from_proxy(refusal, proxy)),
            None => proxy::reason(proxy, url, self.limit).await,
        };
        let delivery = error.delivery();
        reason.map_or(error, |reason| reason.clone_with_delivery(delivery))
    }

    /// Marks the error for a status as the proxy's if only a proxy sends it.
    pub(super) fn attribute(&self, error: Error, url: &Url, unsent: Delivery) -> Error {
        match &self.proxy {
            Some(proxy) => proxy::attribute(error, proxy, url, unsent),
            None => error,
        }
    }
}
