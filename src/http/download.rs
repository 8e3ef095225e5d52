//! The body of a file, in chunks.

use super::link::{Link, RedirectChain};
use super::part;
use crate::error::{Cause, Delivery, Error, Phase, ProtocolViolation};
use bytes::{Buf, Bytes};
use reqwest::header::{ETAG, HeaderMap, HeaderValue, LAST_MODIFIED, LOCATION};
use reqwest::{Response, StatusCode};
use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Maximum bytes of an error body that are read for its excerpt.
const BODY_BYTES: usize = 2048;
/// Maximum time to read them.
const BODY_TIME: Duration = Duration::from_millis(500);

/// A file that is being downloaded, from [`Client::download`](super::Client::download).
pub struct Download {
    response: Response,
    origin: Arc<str>,
    /// Leading bytes to drop: they were not requested.
    skip: u64,
    /// The rest of the file.
    left: Range<u64>,
    /// Where the body ends; before `left.end` if the server sends less than was requested.
    until: u64,
    /// The server answered with the whole file instead of the rest and did not tell its length. If the body ends early,
    /// it may have been the rest.
    doubtful: bool,
    version: Option<Box<str>>,
    idle: Duration,
    failed: Option<Error>,
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("origin", &self.origin).field("left", &self.left).finish_non_exhaustive()
    }
}

/// Checks a response head and starts the download.
pub(super) async fn begin(
    response: Response,
    chain: &RedirectChain,
    bytes: Range<u64>,
    idle: Duration,
) -> Result<Download, Error> {
    let status = response.status();
    if !matches!(status, StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
        return Err(refused(response, chain, &bytes).await);
    }
    let part = part::part(status, response.headers(), &bytes).map_err(violation)?;
    Ok(Download {
        version: version(response.headers()),
        response,
        origin: chain.here.origin(),
        skip: bytes.start - part.bytes.start,
        doubtful: bytes.start > 0 && !part.announced,
        left: bytes,
        until: part.bytes.end,
        idle,
        failed: None,
    })
}

/// Returns the strong `ETag`, or else `Last-Modified`: what `If-Range` may compare (RFC 9110, 13.1.5).
fn version(headers: &HeaderMap) -> Option<Box<str>> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let strong = text(ETAG).filter(|tag| tag.starts_with('"'));
    strong.or_else(|| text(LAST_MODIFIED)).map(Into::into)
}

/// Makes the error for any other status.
async fn refused(mut response: Response, chain: &RedirectChain, bytes: &Range<u64>) -> Error {
    let mut body = Vec::new();
    let _ = timeout(BODY_TIME, async {
        while body.len() < BODY_BYTES
            && let Ok(Some(chunk)) = response.chunk().await
        {
            body.extend_from_slice(&chunk);
        }
    })
    .await;
    body.truncate(BODY_BYTES);
    let error = failure(&response, &chain.here, chain.excerpt(&body));
    match part::unsatisfied(response.headers(), bytes) {
        Some(reason) if response.status() == StatusCode::RANGE_NOT_SATISFIABLE => {
            error.with_source(Arc::new(io::Error::new(io::ErrorKind::InvalidInput, reason)))
        }
        _ => error,
    }
}

/// Makes the error for a status. A redirect shows only the origin of its target: links are secrets.
pub(super) fn failure(response: &Response, link: &Link, excerpt: String) -> Error {
    let mut headers = response.headers().clone();
    if let Some(location) = headers.remove(LOCATION)
        && let Some(origin) = link.redirect_origin(location.as_bytes())
        && let Ok(origin) = HeaderValue::try_from(origin)
    {
        headers.insert(LOCATION, origin);
    }
    Error::http(response.status(), &headers, excerpt, Delivery::Answered)
}

fn violation(reason: String) -> Error {
    Error::new(Cause::Protocol(ProtocolViolation::new(reason)), Delivery::Answered)
}

impl Download {
    /// Returns the next chunk, never empty; `None` once the file is complete.
    ///
    /// Call it until it returns `None`: only then is it certain that the server sends nothing beyond the end.
    ///
    /// # Errors
    ///
    /// - `Transport` if the connection breaks or the body ends too early, and `Timeout(Idle)` if nothing arrives within
    ///   `Timeouts::idle`. Both are `MaybeSent`. The chunks so far are valid: continue with a download from
    ///   [`position`](Self::position).
    /// - `Protocol` if the server sends more bytes than it announced or than the file has, or if it answered with the
    ///   whole file (200) instead of the rest and that file is shorter. It is `Answered`: asking again does not help.
    ///
    /// After an error, every further call returns the same error.
    ///
    /// # Cancellation
    ///
    /// No bytes are lost: the next call continues. The idle timeout counts only during a call.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.next().await.map_err(|mut error| {
            error.context_mut().endpoint = Arc::clone(&self.origin);
            self.failed.insert(error).clone()
        })
    }

    /// Returns the position in the file where the next chunk begins.
    pub fn position(&self) -> u64 {
        self.left.start
    }

    /// Returns the version of the file, to compare it with that of a later response: the strong `ETag`, or else
    /// `Last-Modified`; `None` if the server told neither. If it differs, the file has changed, and the bytes of both
    /// responses do not belong together.
    ///
    /// Give it to [`Piece::with_version`](crate::download::Piece::with_version), and a download begins anew.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let Ok(came) = timeout(self.idle, self.response.chunk()).await else {
                return Err(Error::new(Cause::Timeout(Phase::Idle), Delivery::MaybeSent));
            };
            let broken = |error: reqwest::Error| Error::new(Cause::transport(error.without_url()), Delivery::MaybeSent);
            let Some(mut chunk) = came.map_err(broken)? else { return self.end().map(|()| None) };
            let skipped = usize::try_from(self.skip).map_or(chunk.len(), |skip| skip.min(chunk.len()));
            chunk.advance(skipped);
            self.skip -= skipped as u64;
            let length = chunk.len() as u64;
            if length > self.until - self.left.start {
                let end = if self.until == self.left.end { "the end of the file" } else { "its Content-Range" };
                return Err(violation(format!("the server sends bytes beyond {end} at byte {}", self.until)));
            }
            self.left.start += length;
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
    }

    /// Checks that the whole file arrived when the body ends.
    fn end(&self) -> Result<(), Error> {
        if self.left.is_empty() && self.skip == 0 {
            return Ok(());
        }
        let reason = format!("the file ended at byte {} of {}", self.left.start - self.skip, self.left.end);
        if self.doubtful && self.skip == 0 {
            return Err(violation(format!("{reason}, although the server answered 200, the whole file")));
        }
        let early = io::Error::new(io::ErrorKind::UnexpectedEof, reason);
        Err(Error::new(Cause::transport(early), Delivery::MaybeSent))
    }
}
