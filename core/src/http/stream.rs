//! An answer whose body is read in chunks.

use super::chunks::Chunks;
use super::deadline::Deadline;
use super::response::Response;
use super::sent::Sent;
use crate::error::Error;
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, StatusCode};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// An answer whose body is read in chunks, by [`chunk`](Self::chunk) or as a [`Stream`]. Dropping it ends the transfer.
pub struct ResponseStream {
    /// Without a body.
    response: Response,
    /// `None` at the end.
    body: Option<Chunks>,
    length: Option<u64>,
    failed: Option<Error>,
}

impl fmt::Debug for ResponseStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseStream")
            .field("status", &self.response.status)
            .field("request", &self.response.sent)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl ResponseStream {
    pub(super) fn new(response: Response, body: Option<Chunks>) -> Self {
        Self { response, length: body.as_ref().and_then(|chunks| chunks.length), body, failed: None }
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.response.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.response.headers
    }

    /// Returns the first value of a header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }

    /// Returns the media type in lower case, without parameters; empty if there is none.
    pub fn media_type(&self) -> String {
        self.response.media_type()
    }

    /// Returns the request as it was sent.
    pub fn request(&self) -> &Sent {
        &self.response.sent
    }

    /// Returns the length of the body, if the server announced it and the body is not compressed.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns the next chunk of the body, decompressed and never empty; `None` at the end.
    ///
    /// # Errors
    ///
    /// `Transport` if the body is truncated, `Timeout(Idle)` if nothing arrives within `Timeouts::idle`, `Protocol` if it
    /// cannot be decompressed. After an error, every further call returns the same error.
    ///
    /// # Cancellation
    ///
    /// No bytes are lost: the next call continues. The idle timeout counts only during a call.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let Some(body) = &mut self.body else { return Ok(None) };
        let next = body.next().await;
        self.settle(next)
    }

    /// Notes the end of the body, and completes an error.
    fn settle(&mut self, next: Result<Option<Bytes>, Error>) -> Result<Option<Bytes>, Error> {
        match next {
            Ok(Some(chunk)) => Ok(Some(chunk)),
            Ok(None) => {
                self.body = None;
                Ok(None)
            }
            Err(error) => {
                self.body = None;
                let error = self.response.in_call(error);
                Err(self.failed.insert(error).clone())
            }
        }
    }

    #[cfg(feature = "download")]
    pub(super) fn into_parts(self) -> (Response, Option<Chunks>) {
        (self.response, self.body)
    }
}

/// Ends after the first error.
impl Stream for ResponseStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.get_mut();
        let Some(body) = &mut stream.body else { return Poll::Ready(None) };
        body.poll_next(cx, Deadline::default()).map(|next| stream.settle(next).transpose())
    }
}
