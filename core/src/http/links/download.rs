//! The body of a file, in chunks.

use super::link::{Link, RedirectChain};
use crate::error::{Delivery, Error};
use crate::http::chunks::Chunks;
use crate::http::part;
use crate::http::rest::Rest;
use bytes::Bytes;
use reqwest::header::{HeaderValue, LOCATION};
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

/// A file that is being downloaded, from [`LinkClient::download`](super::LinkClient::download).
pub struct Download {
    rest: Rest,
    origin: Arc<str>,
    failed: Option<Error>,
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("origin", &self.origin).field("left", &self.rest.left).finish_non_exhaustive()
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
    let (head, body) = http::Response::from(response).into_parts();
    let rest = Rest::new(status, &head.headers, Chunks::new(body, idle), bytes)?;
    Ok(Download { rest, origin: chain.here.origin(), failed: None })
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
        self.rest.next().await.map_err(|mut error| {
            error.context_mut().endpoint = Arc::clone(&self.origin);
            self.failed.insert(error).clone()
        })
    }

    /// Returns the position in the file where the next chunk begins.
    pub fn position(&self) -> u64 {
        self.rest.left.start
    }

    /// Returns the version of the file, to compare it with that of a later response: the strong `ETag`, or else
    /// `Last-Modified`; `None` if the server told neither. If it differs, the file has changed, and the bytes of both
    /// responses do not belong together.
    ///
    /// Give it to [`Piece::with_version`](crate::download::Piece::with_version), and a download begins anew.
    pub fn version(&self) -> Option<&str> {
        self.rest.version.as_deref()
    }
}
