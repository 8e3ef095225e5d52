//! The client: settings, requests and redirects.

use super::download::{self, Download};
use super::link::{Link, RedirectChain};
use super::proxy;
use crate::error::{Cause, Delivery, Error, Phase};
use crate::net::tunnel;
use crate::policy::{ConnectOptions, Proxy, Timeouts};
use crate::tls;
use reqwest::header::{ACCEPT_ENCODING, LOCATION, RANGE};
use reqwest::{Response, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error as StdError;
use std::fmt;
use std::ops::Range;
use tokio::time::timeout;

/// The maximum number of redirects per request.
const REDIRECTS: usize = 5;

/// Makes HTTP requests. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    timeouts: Timeouts,
    proxy: Option<Proxy>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client. It connects when it is used. It uses only the certificates and the proxy of the options and three
    /// time limits:
    ///
    /// - `connect`: name lookup, TCP, the proxy's answer and TLS, for each host that a redirect names;
    /// - `call`: from the request to the response head, including redirects;
    /// - `idle`: between two chunks of a body.
    ///
    /// # Errors
    ///
    /// If the root certificates, the client certificate or the proxy cannot be used.
    pub fn new(options: &ConnectOptions) -> Result<Self, Error> {
        let timeouts = options.timeouts().clone();
        let proxy = options.proxy()?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config(options)?)
            .connect_timeout(timeouts.connect)
            .redirect(redirect::Policy::none())
            .referer(false)
            // Not even that of the environment.
            .no_proxy()
            // What other features of reqwest enable by default; another crate of the program may have enabled them.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .no_hickory_dns()
            .http1_only()
            .retry(reqwest::retry::never());
        let invalid = |error| Error::invalid_request(format!("the HTTP client cannot be set up: {error}"));
        let http = match &proxy {
            Some(proxy) => http.proxy(proxy::for_all_requests(proxy).map_err(invalid)?),
            None => http,
        };
        Ok(Self { http: http.build().map_err(invalid)?, timeouts, proxy })
    }

    /// Requests the file behind a link, from byte `bytes.start` on. `bytes.end` is the length of the whole file: the
    /// body must end exactly there.
    ///
    /// If the server answers with the whole file (200) or a part that begins earlier (206), the bytes before
    /// `bytes.start` are dropped. The request is not repeated: many links work only once.
    ///
    /// # Errors
    ///
    /// | what | [`cause`](Error::cause) | [`delivery`](Error::delivery) |
    /// |---|---|---|
    /// | the link is invalid, or the range is empty (except `0..0`, an empty file) | `InvalidRequest` | `NotSent` |
    /// | no connection | `Transport`, `Timeout(Connect)` | `NotSent`; after a redirect `MaybeSent` |
    /// | the connection broke before the response head | `Transport` | `MaybeSent` |
    /// | no response head within `Timeouts::call` | `Timeout(Reply)` | `MaybeSent` |
    /// | any other status; 416: the file has no such range | `Http` | `Answered` |
    /// | a redirect that is not followed; the reason is the [source](std::error::Error::source) | `Http` | `Answered` |
    /// | another part of the file, another length, or status, `Content-Range` and `Content-Length` contradict each other | `Protocol` | `Answered` |
    ///
    /// [`Error::context`] contains scheme, host and port of the last server that was asked, but neither path nor query.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with time and I/O enabled, as tokio's own functions do.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the request. A link that works only once may be used up.
    pub async fn download(&self, link: impl Into<SecretString>, bytes: Range<u64>) -> Result<Download, Error> {
        let redaction = self.proxy.as_ref().map(Proxy::redaction).unwrap_or_default();
        let mut chain = RedirectChain::new(Link::parse(link.into().expose_secret())?, redaction);
        if bytes.is_empty() && bytes != (0..0) {
            return Err(Error::invalid_request(format!("the byte range {bytes:?} is empty; give at least one byte")));
        }
        let answer = timeout(self.timeouts.call, self.follow(&mut chain, bytes.start)).await;
        let late = |_| Error::new(Cause::Timeout(Phase::Reply), Delivery::MaybeSent);
        let begun = match answer.unwrap_or_else(|elapsed| Err(late(elapsed))) {
            Ok(response) => download::begin(response, &chain, bytes, self.timeouts.idle).await,
            Err(error) => Err(error),
        };
        begun.map_err(|mut error| {
            if let Some(proxy) = &self.proxy {
                error = proxy::attribute(error, proxy, &chain);
            }
            error.context_mut().endpoint = chain.here.origin();
            error
        })
    }

    /// Sends the request and follows redirects.
    ///
    /// reqwest could follow them too, but it would neither tell which server cannot be reached nor reveal the links
    /// that an excerpt must hide.
    async fn follow(&self, chain: &mut RedirectChain, offset: u64) -> Result<Response, Error> {
        loop {
            let response = match self.ask(&chain.here, offset).await {
                Ok(response) => response,
                Err(error) => return Err(self.failed(error, chain).await),
            };
            let status = response.status();
            let Some(location) = response.headers().get(LOCATION).filter(|_| redirects(status)) else {
                return Ok(response);
            };
            let next = match chain.before.len() {
                REDIRECTS => Err(format!("there were more than {REDIRECTS}")),
                _ => chain.here.redirected(location),
            };
            chain.go_to(next.map_err(|why| {
                let why: Box<dyn StdError + Send + Sync> = format!("the redirect is not followed: {why}").into();
                download::failure(&response, &chain.here, String::new()).with_source(why.into())
            })?);
        }
    }

    async fn ask(&self, link: &Link, offset: u64) -> reqwest::Result<Response> {
        let request = self.http.get(link.url()).header(ACCEPT_ENCODING, "identity");
        match offset {
            0 => request.send().await,
            _ => request.header(RANGE, format!("bytes={offset}-")).send().await,
        }
    }

    /// Makes the error for a request without a response.
    async fn failed(&self, error: reqwest::Error, chain: &RedirectChain) -> Error {
        if !error.is_connect() {
            return Error::new(Cause::transport(error.without_url()), Delivery::MaybeSent);
        }
        let delivery = proxy::unsent(chain);
        let late = error.is_timeout();
        let cause = if late { Cause::Timeout(Phase::Connect) } else { Cause::transport(error.without_url()) };
        let error = Error::new(cause, delivery);
        match &self.proxy {
            Some(proxy) if late => error.with_source(tunnel::through(proxy)),
            Some(proxy) => {
                let reason = proxy::reason(proxy, &chain.here, self.timeouts.connect).await;
                reason.map_or(error, |reason| reason.clone_with_delivery(delivery))
            }
            None => error,
        }
    }
}

fn redirects(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}
