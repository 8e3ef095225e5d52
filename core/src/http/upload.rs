//! A request body as the connection takes it.

use super::body::{Opened, PIECE, Report, Source, too_long};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::time::Instant;

/// What is known about a request on its way.
#[derive(Default)]
pub(super) struct Sending(Mutex<State>);

#[derive(Default)]
struct State {
    last: Option<Instant>,
    failure: Option<io::Error>,
}

impl Sending {
    /// Returns when the connection last took a part of the request; `None` if it has taken nothing, so that nothing was
    /// sent.
    pub(super) fn last(&self) -> Option<Instant> {
        self.lock().last
    }

    /// Returns why the body could not be read.
    pub(super) fn failure(&self) -> Option<io::Error> {
        self.lock().failure.take()
    }

    fn touch(&self) {
        self.lock().last = Some(Instant::now());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of one attempt. hyper asks it for its end or for bytes only when it has a connection and writes the head.
pub(super) struct Upload {
    /// `Mutex`: a stream need not be `Sync`. It is never locked.
    source: Mutex<Source>,
    length: u64,
    sent: u64,
    /// The last piece. It is held back until the stream has ended: it may be too long.
    last: Option<Bytes>,
    report: Option<Report>,
    sending: Arc<Sending>,
}

impl Upload {
    pub(super) fn new(body: Opened, sending: Arc<Sending>) -> Self {
        let Opened { source, length, report } = body;
        Self { source: Mutex::new(source), length, sent: 0, last: None, report, sending }
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Bytes>>> {
        let source = self.source.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Source::Bytes(bytes) = source {
            self.sending.touch();
            // In pieces: the time limit for the answer counts from the last one that the connection took.
            let piece = bytes.split_to(bytes.len().min(PIECE));
            return Poll::Ready(Ok(Some(piece).filter(|piece| !piece.is_empty())));
        }
        let Some(pieces) = source.pieces()? else { return Poll::Ready(Ok(None)) };
        let held = self.last.as_ref().map_or(0, Bytes::len) as u64;
        loop {
            let Some(piece) = ready!(pieces.as_mut().poll_next(cx)).transpose()? else {
                let missing = self.length - self.sent - held;
                if missing > 0 {
                    let why = format!("it ended {missing} bytes before the {} that were announced", self.length);
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, why)));
                }
                return Poll::Ready(Ok(self.last.take()));
            };
            if piece.is_empty() {
                continue;
            }
            self.sending.touch();
            let left = self.length - self.sent - held;
            match (piece.len() as u64).cmp(&left) {
                std::cmp::Ordering::Less => return Poll::Ready(Ok(Some(piece))),
                std::cmp::Ordering::Equal => {
                    self.last = Some(piece);
                    return self.poll_piece(cx);
                }
                std::cmp::Ordering::Greater => return Poll::Ready(Err(too_long(self.length))),
            }
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let upload = self.get_mut();
        match ready!(upload.poll_piece(cx)) {
            Ok(Some(piece)) => {
                upload.sent += piece.len() as u64;
                if let Some(report) = &upload.report {
                    report(upload.sent, upload.length);
                }
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Ok(None) => Poll::Ready(None),
            Err(error) => {
                let told = io::Error::new(error.kind(), error.to_string());
                upload.sending.lock().failure = Some(error);
                Poll::Ready(Some(Err(told)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.sending.touch();
        self.sent == self.length
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length - self.sent)
    }
}
