//! The body of a file, in chunks.

use super::content_range::ContentRange;
use super::link::RedirectChain;
use crate::error::{Cause, Delivery, Error, Phase, ProtocolViolation};
use bytes::{Buf, Bytes};
use reqwest::{Response, StatusCode, header::CONTENT_RANGE};
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
    let skip = match response.status() {
        StatusCode::OK => bytes.start,
        StatusCode::PARTIAL_CONTENT => {
            let header = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
            let Some(range) = header.and_then(ContentRange::parse) else {
                return Err(violation(
                    "the server sends a part of the file, and its Content-Range does not say which part".to_owned(),
                ));
            };
            if range.first != bytes.start {
                let reason =
                    format!("the server sends the file from byte {} instead of byte {}", range.first, bytes.start);
                return Err(violation(reason));
            }
            if let Some(whole) = range.whole.filter(|whole| *whole != bytes.end) {
                return Err(violation(format!("the file has {whole} bytes, not {} as expected", bytes.end)));
            }
            0
        }
        _ => return Err(refused(response, chain).await),
    };
    let expected = skip + (bytes.end - bytes.start);
    if let Some(length) = response.content_length().filter(|length| *length > expected) {
        return Err(violation(format!("the server sends {length} bytes, not {expected} as expected")));
    }
    Ok(Download { response, origin: chain.here.origin(), skip, left: bytes, idle, failed: None })
}

/// Makes the error for any other status.
async fn refused(mut response: Response, chain: &RedirectChain) -> Error {
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
    Error::http(response.status(), response.headers(), chain.excerpt(&body), Delivery::Answered)
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
    /// - `Protocol` if the server sends more bytes than the file has. It is `Answered`: asking again does not help.
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
            if length > self.left.end - self.left.start {
                return Err(violation(format!(
                    "the server sends bytes beyond the end of the file at byte {}",
                    self.left.end
                )));
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
        let early = io::Error::new(io::ErrorKind::UnexpectedEof, reason);
        Err(Error::new(Cause::transport(early), Delivery::MaybeSent))
    }
}
