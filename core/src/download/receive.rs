//! Receives the bytes of one attempt.

use super::progress::Verified;
use super::sink::Sink;
use super::source::{Body, End, Failure, Piece, StopRequest};
use super::transfer::{Halt, Transfer};
use bytes::Bytes;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use tokio::task::coop;

/// Maximum bytes that wait for a writer before the body is not read.
const BACKLOG: usize = 1 << 20;

impl<K: Sink> Transfer<'_, K> {
    /// Receives a body that began at `begin`, to its end.
    pub(super) async fn receive<B: Body>(&mut self, mut body: B, begin: u64) -> Result<Verified, Halt> {
        let received = self.pieces(&mut body, begin).await;
        if let Err(Halt::Failed(Failure::Lost(_) | Failure::Changed(_)) | Halt::Changed(_)) = received {
            let ask_again = self.meanwhile(body.close()).await?;
            if !ask_again && let Err(Halt::Failed(Failure::Lost(error))) = received {
                return Err(Failure::Final(error).into());
            }
        }
        received
    }

    async fn pieces<B: Body>(&mut self, body: &mut B, begin: u64) -> Result<Verified, Halt> {
        // Before the first piece, a stop just drops the body.
        let first = self.meanwhile(body.next()).await;
        self.sent |= body.is_sent();
        let mut first = Some(first??);
        let mut asking: Option<StopRequest> = None;
        // After a stop, bytes that do not fit in the backlog are dropped.
        let mut dropping = false;
        loop {
            let next = match first.take() {
                Some(piece) => Some(piece),
                None => {
                    let mut next = pin!(body.next());
                    poll_fn(|cx| self.poll_piece(cx, next.as_mut(), &mut asking)).await?
                }
            };
            let Some(piece) = next else {
                match body.stop() {
                    Some(stop) => asking = asking.or(Some(stop)),
                    None => return Err(Halt::STOPPED),
                }
                continue;
            };
            dropping |= self.stopping && self.backlog.len() >= BACKLOG && !piece.chunk.is_empty();
            if !dropping {
                self.account.told(piece.size)?;
                self.account.told_version(piece.version)?;
                self.take(piece.chunk)?;
            }
            match piece.end {
                Some(_) if dropping => return Err(Halt::STOPPED),
                Some(End::Stopped) => return Err(Halt::Stopped { confirmed: true, why: None }),
                Some(End::Complete { range, file }) => return Ok(self.account.end(begin, range, file)?),
                None => {}
            }
        }
    }

    /// Waits for a piece; returns `None` if the user wants to stop. While the backlog is full, the body is not read.
    fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
        next: Pin<&mut impl Future<Output = Result<Piece, Failure>>>,
        asking: &mut Option<StopRequest>,
    ) -> Poll<Result<Option<Piece>, Halt>> {
        // First, because it makes room.
        if let Poll::Ready(Err(halt)) = self.poll_drain(cx, false) {
            return Poll::Ready(Err(halt));
        }
        if !self.stopping && self.poll_stop(cx) {
            return Poll::Ready(Ok(None));
        }
        if let Some(request) = asking
            && let Poll::Ready(result) = request.as_mut().poll(cx)
        {
            // The end of the body shows whether the request was in time. It is not repeated.
            *request = Box::pin(pending());
            if let Err(error) = result {
                return Poll::Ready(Err(Halt::Stopped { confirmed: false, why: Some(error) }));
            }
        }
        if !self.stopping && self.backlog.len() >= BACKLOG {
            return Poll::Pending;
        }
        // A body that always has more to give leaves room for other tasks.
        let turn = ready!(coop::poll_proceed(cx));
        let piece = ready!(next.poll(cx));
        turn.made_progress();
        Poll::Ready(Ok(Some(piece?)))
    }

    /// Records and queues received bytes.
    fn take(&mut self, mut chunk: Bytes) -> Result<(), Halt> {
        if !chunk.is_empty() {
            self.account.take(&mut chunk)?;
            self.backlog.push(chunk);
            self.report();
        }
        Ok(())
    }
}
