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
use tokio::time::Instant;

/// Maximum bytes that wait for a writer before the body is stopped.
const BACKLOG: usize = 8 << 20;
/// Maximum bytes that wait before a body that can wait is not read.
const HELD: usize = 1 << 20;

impl<K: Sink> Transfer<'_, K> {
    /// Receives a body that began at `begin`, to its end.
    pub(super) async fn receive<B: Body>(&mut self, mut body: B, begin: u64) -> Result<Verified, Halt> {
        let received = self.pieces(&mut body, begin).await;
        if let Err(Halt::Failed(Failure::Lost(_) | Failure::Changed(_)) | Halt::Paused | Halt::Changed(_)) = received {
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
        // Bytes that do not fit in the backlog are dropped and requested again later.
        let mut dropping = false;
        loop {
            let room = if body.stops_when_full() { BACKLOG } else { HELD };
            let hold = (!body.stops_when_full()).then_some(room);
            let next = match first.take() {
                Some(piece) => Some(piece),
                None => {
                    let mut next = pin!(body.next());
                    poll_fn(|cx| self.poll_piece(cx, next.as_mut(), &mut asking, hold)).await?
                }
            };
            let Some(piece) = next else {
                match body.stop() {
                    Some(stop) => asking = asking.or(Some(stop)),
                    None => return Err(Halt::STOPPED),
                }
                continue;
            };
            let full = self.backlog.len() >= room && (hold.is_none() || self.stopping);
            dropping |= full && !piece.chunk.is_empty();
            if !dropping {
                self.account.told(piece.size)?;
                self.account.told_version(piece.version)?;
                self.take(piece.chunk)?;
            }
            match piece.end {
                Some(_) if dropping && self.stopping => return Err(Halt::STOPPED),
                Some(_) if dropping => return Err(Halt::Paused),
                Some(End::Stopped) => return Err(Halt::Stopped { confirmed: true, why: None }),
                Some(End::Complete { range, file }) => return Ok(self.account.end(begin, range, file)?),
                None => {}
            }
            if dropping && asking.is_none() {
                tracing::debug!(
                    file = &*self.name,
                    at = self.account.held(),
                    "the writer is slow: the body is stopped"
                );
                self.paused = Some(Instant::now());
                match body.stop() {
                    Some(stop) => asking = Some(stop),
                    None => return Err(Halt::Paused),
                }
            }
        }
    }

    /// Waits for a piece; returns `None` if the user wants to stop. `hold`: the body is not read while this many bytes
    /// are unwritten.
    fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
        next: Pin<&mut impl Future<Output = Result<Piece, Failure>>>,
        asking: &mut Option<StopRequest>,
        hold: Option<usize>,
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
                return Poll::Ready(Err(match self.stopping {
                    true => Halt::Stopped { confirmed: false, why: Some(error) },
                    false => Failure::from(error).into(),
                }));
            }
        }
        if !self.stopping && hold.is_some_and(|room| self.backlog.len() >= room) {
            return Poll::Pending;
        }
        // If the task has used up its budget, writers accept nothing: receiving more would look like a slow writer.
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
