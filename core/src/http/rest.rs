//! The rest of a file, as the body of a 200 or 206 contains it.

use super::chunks::Chunks;
use super::part;
use crate::error::{Cause, Delivery, Error, ProtocolViolation};
use bytes::{Buf, Bytes};
use reqwest::StatusCode;
use reqwest::header::{ETAG, HeaderMap, LAST_MODIFIED};
use std::io;
use std::ops::Range;

pub(super) struct Rest {
    chunks: Chunks,
    /// Leading bytes to drop: they were not requested.
    skip: u64,
    /// The rest of the file.
    pub(super) left: Range<u64>,
    /// Where the body ends; before `left.end` if the server sends less than was requested.
    until: u64,
    /// The server answered with the whole file instead of the rest and did not tell its length. If the body ends early,
    /// it may have been the rest.
    doubtful: bool,
    pub(super) version: Option<Box<str>>,
}

/// Returns the strong `ETag`, or else `Last-Modified`: what `If-Range` may compare (RFC 9110, 13.1.5).
fn version(headers: &HeaderMap) -> Option<Box<str>> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let strong = text(ETAG).filter(|tag| tag.starts_with('"'));
    strong.or_else(|| text(LAST_MODIFIED)).map(Into::into)
}

pub(super) fn violation(reason: impl std::fmt::Display) -> Error {
    Error::new(Cause::Protocol(ProtocolViolation::new(reason)), Delivery::Answered)
}

impl Rest {
    /// Checks the head of a 200 or 206. `bytes.end` is the length of the whole file.
    pub(super) fn new(
        status: StatusCode,
        headers: &HeaderMap,
        chunks: Chunks,
        bytes: Range<u64>,
    ) -> Result<Self, Error> {
        let part = part::part(status, headers, &bytes).map_err(violation)?;
        Ok(Self {
            version: version(headers),
            chunks,
            skip: bytes.start - part.bytes.start,
            doubtful: bytes.start > 0 && !part.announced,
            left: bytes,
            until: part.bytes.end,
        })
    }

    /// Returns the next bytes of the file, never empty; `None` once it is complete. Cancel safe.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let Some(mut chunk) = self.chunks.next().await? else { return self.end().map(|()| None) };
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
