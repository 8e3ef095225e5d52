//! The body of a response, in chunks as they arrive.

use super::deadline::Deadline;
use crate::error::{Cause, Delivery, Error, Phase, ProtocolViolation};
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// The largest part of an announced length for which memory is reserved before the bytes arrive.
const RESERVED: u64 = 1 << 20;

/// A body that is being read.
pub(super) struct Chunks {
    body: reqwest::Body,
    /// The length that the server announced, if the body is not decompressed.
    pub(super) length: Option<u64>,
    idle: Duration,
    /// Ends the wait for the next chunk. It is made when a chunk is not there yet.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Chunks {
    pub(super) fn new(body: reqwest::Body, idle: Duration) -> Self {
        Self { length: body.size_hint().exact(), body, idle, timer: None }
    }

    /// Returns the next chunk, never empty; `None` at the end. The idle timeout counts only during a call. Cancel safe.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        self.timer = None;
        poll_fn(|cx| self.poll_next(cx, Deadline(None))).await
    }

    /// Polls for the next chunk, until the idle timeout or the deadline.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>, deadline: Deadline) -> Poll<Result<Option<Bytes>, Error>> {
        loop {
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.timer = None;
                    // Trailers say nothing that is needed here.
                    match frame.into_data() {
                        Ok(data) if !data.is_empty() => return Poll::Ready(Ok(Some(data))),
                        _ => {}
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(broken(error))),
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Pending => {
                    let until = || Deadline::after(Instant::now(), self.idle).min(deadline);
                    let timer = match &mut self.timer {
                        Some(timer) => timer,
                        None => match until().0 {
                            Some(at) => self.timer.insert(Box::pin(sleep_until(at))),
                            None => return Poll::Pending,
                        },
                    };
                    ready!(timer.as_mut().poll(cx));
                    let is_late = deadline.has_passed(timer.deadline());
                    let phase = if is_late { Phase::Reply } else { Phase::Idle };
                    return Poll::Ready(Err(Error::new(Cause::Timeout(phase), Delivery::MaybeSent)));
                }
            }
        }
    }

    /// Reads the whole body, at most `limit` bytes.
    pub(super) async fn collect(mut self, limit: usize, deadline: Deadline) -> Result<Bytes, Error> {
        let limit_bytes = limit as u64;
        if let Some(length) = self.length.filter(|length| *length > limit_bytes) {
            return Err(too_large(format_args!("{length} bytes, more than"), limit));
        }
        let Some(first) = poll_fn(|cx| self.poll_next(cx, deadline)).await? else { return Ok(Bytes::new()) };
        let mut size = first.len();
        // Most replies arrive in one chunk: nothing is copied then.
        let mut whole = None;
        while size <= limit
            && let Some(chunk) = poll_fn(|cx| self.poll_next(cx, deadline)).await?
        {
            let buffer = whole.get_or_insert_with(|| {
                let announced = self.length.unwrap_or_default().min(RESERVED) as usize;
                let mut buffer = BytesMut::with_capacity(announced.max(size));
                buffer.extend_from_slice(&first);
                buffer
            });
            size += chunk.len();
            buffer.extend_from_slice(&chunk);
        }
        if size > limit {
            return Err(too_large(format_args!("more than"), limit));
        }
        Ok(whole.map_or(first, BytesMut::freeze))
    }

    /// Reads the beginning of the body, at most `limit` bytes: what has arrived when the body ends, breaks or stalls, or the
    /// deadline passes.
    pub(super) async fn beginning(mut self, limit: usize, deadline: Deadline) -> Bytes {
        let mut begun = BytesMut::new();
        while begun.len() < limit
            && let Ok(Some(chunk)) = poll_fn(|cx| self.poll_next(cx, deadline)).await
        {
            begun.extend_from_slice(&chunk[..chunk.len().min(limit - begun.len())]);
        }
        begun.freeze()
    }
}

fn too_large(size: std::fmt::Arguments<'_>, limit: usize) -> Error {
    let reason = format!(
        "the body of the answer has {size} the limit of {limit} bytes (`Limits::message_in`, after decompression); ask for \
         less at once, or raise the limit"
    );
    Error::new(Cause::Protocol(ProtocolViolation::new(reason)), Delivery::Answered)
}

/// Makes the error of a body that breaks off.
fn broken(error: reqwest::Error) -> Error {
    let is_garbage = std::iter::successors(std::error::Error::source(&error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput));
    if is_garbage {
        let reason =
            ProtocolViolation::new("the body of the answer is malformed: its compression or its chunks are invalid");
        return Error::new(Cause::Protocol(reason), Delivery::Answered)
            .with_source(std::sync::Arc::new(error.without_url()));
    }
    Error::new(Cause::transport(error.without_url()), Delivery::MaybeSent)
}
