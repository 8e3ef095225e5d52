//! The client, its settings, and how a request gets to its answer.

use super::download::{self, Download};
use super::link::{Link, RedirectChain};
use crate::error::{Cause, Delivery, Error, Phase};
use crate::policy::{ConnectOptions, Timeouts};
use crate::tls;
use reqwest::header::{ACCEPT_ENCODING, LOCATION, RANGE};
use reqwest::{Response, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error as StdError;
use std::fmt;
use std::ops::Range;
use tokio::time::timeout;

/// Redirects that are followed for one request.
const REDIRECTS: usize = 5;

/// Makes HTTP requests. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    timeouts: Timeouts,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client. It connects when it is used. Of the options, this engine observes the root certificates and three
    /// time limits:
    ///
    /// - `connect`: name lookup, TCP and TLS, for each host that redirects lead to;
    /// - `call`: from the request to the head of the answer, redirects inside;
    /// - `idle`: between two pieces of a body.
    ///
    /// # Errors
    ///
    /// If the root certificates cannot be used.
    pub fn new(options: &ConnectOptions) -> Result<Self, Error> {
        let timeouts = options.timeouts().clone();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config(options.root_certificates())?)
            .connect_timeout(timeouts.connect)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .build()
            .map_err(|error| Error::invalid_request(format!("the HTTP client cannot be set up: {error}")))?;
        Ok(Self { http, timeouts })
    }

    /// Asks for the file behind a link, from byte `bytes.start` on. `bytes.end` is the length of the whole file: the
    /// body must end there, neither before nor behind.
    ///
    /// A server may answer with the rest (206), or with the whole file (200), whose first `bytes.start` bytes are then
    /// dropped here. The link is asked once and not again: many serve for one use only.
    ///
    /// # Errors
    ///
    /// | what | [`cause`](Error::cause) | [`delivery`](Error::delivery) |
    /// |---|---|---|
    /// | the link is none, or there are no bytes in the range (but `0..0`, an empty file) | `Refused` | `NotSent` |
    /// | no connection | `Transport`, `Timeout(Connect)` | `NotSent`; after a redirect `MaybeSent` |
    /// | it broke before the head of the answer | `Transport` | `MaybeSent` |
    /// | no head of an answer within `Timeouts::call` | `Timeout(Reply)` | `MaybeSent` |
    /// | any other status; 416: the file has no such range | `Http` | `Answered` |
    /// | a redirect that is not followed; the reason is the [source](std::error::Error::source) | `Http` | `Answered` |
    /// | another part of the file, or another length | `Violation` | `Answered` |
    ///
    /// [`Error::context`] holds scheme, host and port of the last server asked, nothing of path and query.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with time and I/O enabled, as tokio's own functions do.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the request; a link for one use may be used up.
    pub async fn download(&self, link: impl Into<SecretString>, bytes: Range<u64>) -> Result<Download, Error> {
        let mut way = RedirectChain::new(Link::parse(link.into().expose_secret())?);
        if bytes.is_empty() && bytes != (0..0) {
            return Err(Error::invalid_request(format!(
                "there is nothing to download in the range {bytes:?} of bytes"
            )));
        }
        let answer = timeout(self.timeouts.call, self.follow(&mut way, bytes.start)).await;
        let late = |_| Error::new(Cause::Timeout(Phase::Reply), Delivery::MaybeSent);
        let begun = match answer.unwrap_or_else(|elapsed| Err(late(elapsed))) {
            Ok(response) => download::begin(response, &way, bytes, self.timeouts.idle).await,
            Err(error) => Err(error),
        };
        begun.map_err(|mut error| {
            error.context_mut().endpoint = way.here.origin();
            error
        })
    }

    /// Sends the request, to there and to wherever the answers redirect it.
    ///
    /// reqwest could follow redirects too, but would not tell which of the servers cannot be reached, and would keep to
    /// itself the links that the excerpt of a failure must not show.
    async fn follow(&self, way: &mut RedirectChain, offset: u64) -> Result<Response, Error> {
        loop {
            let redirected = !way.before.is_empty();
            let response = self.ask(&way.here, offset).await.map_err(|error| failed(error, redirected))?;
            let status = response.status();
            let Some(location) = response.headers().get(LOCATION).filter(|_| redirects(status)) else {
                return Ok(response);
            };
            let next = match way.before.len() {
                REDIRECTS => Err(format!("{REDIRECTS} in a row are the most")),
                _ => way.here.redirected(location),
            };
            way.go_to(next.map_err(|why| {
                let why: Box<dyn StdError + Send + Sync> = format!("the redirect is not followed: {why}").into();
                let error = Error::http(status, response.headers(), String::new(), Delivery::Answered);
                error.with_source(why.into())
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
}

fn redirects(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// No answer came.
fn failed(error: reqwest::Error, redirected: bool) -> Error {
    let connecting = error.is_connect();
    let delivery = if connecting && !redirected { Delivery::NotSent } else { Delivery::MaybeSent };
    if connecting && error.is_timeout() {
        return Error::new(Cause::Timeout(Phase::Connect), delivery);
    }
    Error::new(Cause::transport(error.without_url()), delivery)
}
