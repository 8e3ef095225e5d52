//! Receiving the bytes of one attempt.

use super::course::Fault;
use super::digest::{Difference, Proven};
use super::failure::Failure;
use super::sink::Sink;
use super::slow::SlowWriter;
use super::source::{End, Piece, Source};
use super::transfer::Transfer;
use crate::error::Error;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::task::coop;
use tokio::time::Instant;

/// What happened while receiving.
enum Event {
    Piece(Result<Piece, Error>),
    /// The user asks to stop.
    Stop,
    /// The bytes cannot be written.
    NotWritten(Failure),
    /// The server was asked to stop, and could not be.
    NotStopped(Error),
}

/// Packet 8 on its way.
type Stop = Pin<Box<dyn Future<Output = Result<bool, Error>> + Send>>;

impl<S: Sink> Transfer<'_, S> {
    /// Receives to the end of what was asked for. `None`: it is all there, but there is nothing to compare it with.
    pub(super) async fn receive(
        &mut self,
        mut source: Source,
        first: Option<Piece>,
    ) -> Result<Option<Proven>, Failure> {
        let mut received = self.pieces(&mut source, first).await;
        if let (Err(Failure::Lost(_) | Failure::Paused | Failure::Changed(_)), Source::Stream(live)) =
            (&received, source)
        {
            // Another one may follow under the same name.
            let answers = self.meanwhile(live.end()).await?;
            received = received.map_err(|failure| failure.if_answered(answers));
        }
        received
    }

    async fn pieces(&mut self, source: &mut Source, first: Option<Piece>) -> Result<Option<Proven>, Failure> {
        let mut next = first;
        let mut stop: Option<Stop> = None;
        // Bytes that the backlog has no room for are dropped, and asked for again later.
        let mut dropping = false;
        loop {
            if let Some(piece) = next.take() {
                let (end, size) = (piece.end, piece.size);
                dropping |= self.is_full() && !source.is_link() && !piece.chunk.is_empty();
                if !dropping && let Err(fault) = self.course.told(size).and_then(|()| self.take(piece)) {
                    return Err(Failure::fault(&fault));
                }
                if let Some(end) = end {
                    return self.ended(end, dropping, source.is_link());
                }
                if dropping && stop.is_none() {
                    tracing::debug!(
                        file = &*self.name,
                        at = self.course.held(),
                        "the writer is slow: the stream is ended"
                    );
                    self.paused = Some(Instant::now());
                    stop = Some(self.stop_server());
                }
            }
            match poll_fn(|cx| self.poll_event(cx, source, &mut stop)).await {
                Event::Piece(Ok(piece)) => next = Some(piece),
                Event::Piece(Err(error)) if source.is_link() => {
                    return Err(Failure::of_link(error, self.course.held() > 0));
                }
                Event::Piece(Err(error)) => return Err(Failure::of(error)),
                Event::NotWritten(failure) => return Err(failure),
                Event::Stop if source.is_link() => return Err(Failure::Final(self.stopped())),
                Event::Stop => stop = Some(stop.unwrap_or_else(|| self.stop_server())),
                Event::NotStopped(error) if self.stopping => {
                    return Err(Failure::Final(self.stopped().with_source(Arc::new(error))));
                }
                Event::NotStopped(error) => return Err(Failure::of(error)),
            }
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>, source: &mut Source, stop: &mut Option<Stop>) -> Poll<Event> {
        // First of all: it makes room.
        if let Poll::Ready(Err(failure)) = self.poll_drain(cx, false) {
            return Poll::Ready(Event::NotWritten(failure));
        }
        if !self.stopping && self.poll_stop(cx) {
            return Poll::Ready(Event::Stop);
        }
        if let Some(asking) = stop
            && let Poll::Ready(result) = asking.as_mut().poll(cx)
        {
            // Whether it was in time shows in how the stream ends. It is not asked again.
            *asking = Box::pin(std::future::pending());
            if let Err(error) = result {
                return Poll::Ready(Event::NotStopped(error));
            }
        }
        if self.is_full() && !self.stopping && (source.is_link() || self.slow == SlowWriter::HoldReader) {
            return Poll::Pending;
        }
        // Where the task has used up its turn, writers take nothing more: to receive on would look like a slow writer.
        let turn = ready!(coop::poll_proceed(cx));
        let piece = ready!(source.poll_next(cx));
        turn.made_progress();
        Poll::Ready(Event::Piece(piece))
    }

    fn is_full(&self) -> bool {
        self.backlog.len() >= self.slow.room()
    }

    fn stop_server(&self) -> Stop {
        let (client, name) = (self.client.clone(), Arc::clone(&self.name));
        Box::pin(async move { client.stop_transfer(&name).await })
    }

    /// Takes a piece's bytes.
    fn take(&mut self, piece: Piece) -> Result<(), Fault> {
        let mut chunk = piece.chunk;
        if chunk.is_empty() {
            return Ok(());
        }
        self.course.take(&mut chunk)?;
        self.backlog.push(chunk);
        self.report();
        Ok(())
    }

    /// The transfer ended by the server's word.
    fn ended(&self, end: End, dropped: bool, is_link: bool) -> Result<Option<Proven>, Failure> {
        match end {
            _ if dropped && self.stopping => Err(Failure::Final(self.stopped())),
            End::Complete { .. } if dropped => Err(Failure::Paused),
            end if dropped && end.is_stopped() => Err(Failure::Paused),
            End::Status(status) => Err(Failure::status(status, false)),
            End::Complete { range, file } => match self.course.end(range, file) {
                Ok(proven) => Ok(Some(proven)),
                Err(Fault::Differs(Difference::NothingToCompare)) if is_link => Ok(None),
                // The bytes before came from elsewhere or from earlier: the file may have been changed since.
                Err(fault @ Fault::Differs(Difference::File { .. })) if self.course.is_resumed() => {
                    Err(Failure::fault(&Fault::Changed(fault.to_string())))
                }
                Err(fault) => Err(Failure::fault(&fault)),
            },
        }
    }
}
