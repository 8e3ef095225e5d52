//! The client: settings, requests and redirects.

use super::download::{self, Download};
use super::link::{Link, RedirectChain};
use crate::error::{Cause, Delivery, Error, Phase, Redaction};
use crate::http::address::{REDIRECTS, is_redirect};
use crate::http::connect::{Compression, Connector, Unanswered};
use crate::policy::{ConnectOptions, Timeouts};
use reqwest::Response;
use reqwest::header::{ACCEPT_ENCODING, LOCATION, RANGE};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error as StdError;
use std::fmt;
use std::ops::Range;
use tokio::time::timeout;

/// Downloads files by links, which are secrets. Clones share their connections.
#[derive(Clone)]
pub struct LinkClient {
    connector: Connector,
    timeouts: Timeouts,
}

impl fmt::Debug for LinkClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkClient").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

impl LinkClient {
    /// Makes a client. It connects when it is used. It uses only the certificates and the proxy of the options and three
    /// time limits:
    ///
    /// - `connect`: name lookup, TCP, the proxy's answer and TLS, for each host that a redirect names. If a connection through
    ///   a proxy fails, the proxy is asked for the reason, for the same time once more;
    /// - `call`: from the request to the response head, including redirects;
    /// - `idle`: between two chunks of a body.
    ///
    /// # Errors
    ///
    /// If the root certificates, the client certificate or the proxy cannot be used.
    pub fn new(options: &ConnectOptions) -> Result<Self, Error> {
        Ok(Self { connector: Connector::new(options, Compression::Never)?, timeouts: options.timeouts().clone() })
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
        let redaction = self.connector.redaction(Redaction::default());
        let mut chain = RedirectChain::new(Link::parse(link.into().expose_secret())?, redaction);
        if bytes.is_empty() && bytes != (0..0) {
            return Err(Error::invalid_request(format!("the byte range {bytes:?} is empty; give at least one byte")));
        }
        let answer = timeout(self.timeouts.call, self.follow(&mut chain, bytes.start)).await;
        let late = |_| Error::new(Cause::Timeout(Phase::Reply), Delivery::MaybeSent);
        let begun = match answer.unwrap_or_else(|elapsed| Err(late(elapsed).into())) {
            Ok(response) => download::begin(response, &chain, bytes, self.timeouts.idle).await,
            Err(unanswered) => Err(self.connector.explained(unanswered, chain.here.url()).await),
        };
        begun.map_err(|error| {
            let mut error = self.connector.attribute(error, chain.here.url(), chain.unsent());
            error.context_mut().endpoint = chain.here.origin();
            error
        })
    }

    /// Sends the request and follows redirects.
    ///
    /// reqwest could follow them too, but it would neither tell which server cannot be reached nor reveal the links
    /// that an excerpt must hide.
    async fn follow(&self, chain: &mut RedirectChain, offset: u64) -> Result<Response, Unanswered> {
        loop {
            let response = self
                .ask(&chain.here, offset)
                .await
                .map_err(|error| self.connector.failed(error, chain.unsent(), Delivery::MaybeSent))?;
            let status = response.status();
            let Some(location) = response.headers().get(LOCATION).filter(|_| is_redirect(status)) else {
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
        let request = self.connector.http.get(link.url().clone()).header(ACCEPT_ENCODING, "identity");
        match offset {
            0 => request.send().await,
            _ => request.header(RANGE, format!("bytes={offset}-")).send().await,
        }
    }
}
