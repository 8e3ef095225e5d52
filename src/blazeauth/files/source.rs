//! Where the bytes come from: a stream over the WebSocket, or a link.

use super::digest::Sum;
use super::live::{Frame, Live};
use crate::error::Error;
use crate::http;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A running transfer.
pub(super) enum Source {
    Stream(Box<Live>),
    Link { body: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>, sum: Option<Sum> },
}

/// What comes at once.
pub(super) struct Piece {
    pub(super) chunk: Bytes,
    /// The size of the whole file, if it is told again.
    pub(super) size: Option<u64>,
    /// Whether that was all.
    pub(super) end: Option<End>,
}

/// How a transfer ends.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// With everything that was asked for, and its sums.
    Complete { range: Option<Sum>, file: Option<Sum> },
    /// With a status.
    Status(u16),
}

impl Source {
    /// The body behind a link.
    pub(super) fn link(download: http::Download, sum: Option<Sum>) -> Self {
        let body = stream::try_unfold(download, |mut download| async move {
            let chunk = download.chunk().await?;
            Ok(chunk.map(|chunk| (chunk, download)))
        });
        Self::Link { body: Box::pin(body), sum }
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Piece, Error>> {
        match self {
            Self::Stream(live) => live.poll_next(cx).map_ok(Piece::from),
            Self::Link { body, sum } => Poll::Ready(match ready!(body.as_mut().poll_next(cx)) {
                Some(Ok(chunk)) => Ok(Piece { chunk, size: None, end: None }),
                Some(Err(error)) => Err(error),
                None => {
                    let end = End::Complete { range: None, file: *sum };
                    Ok(Piece { chunk: Bytes::new(), size: None, end: Some(end) })
                }
            }),
        }
    }

    pub(super) fn is_link(&self) -> bool {
        matches!(self, Self::Link { .. })
    }
}

impl From<Frame> for Piece {
    fn from(Frame { metadata, chunk }: Frame) -> Self {
        let end = match metadata.status.unwrap_or(0) {
            0 => None,
            1 => Some(End::Complete { range: metadata.range_checksum, file: metadata.file_checksum }),
            status => Some(End::Status(status)),
        };
        Self { chunk, size: metadata.file_size, end }
    }
}
