//! A file stream that the server was asked for.

use super::metadata::Metadata;
use super::registry::Ticket;
use crate::blazeauth::Client;
use crate::blazeauth::protocol::BlazeAuth;
use crate::blazeauth::reply::{Reply, mistake};
use crate::error::{Cause, Delivery, Error, Phase, ProtocolViolation};
use crate::rpc::ReplyStream;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// What a frame says, and the bytes of the file in it.
pub(super) struct Frame {
    pub(super) metadata: Metadata,
    pub(super) chunk: Bytes,
}

/// A stream, from packet 7 to its last frame. Dropping it earlier ends it at the server, in the background.
pub(super) struct Live {
    client: Client,
    name: Arc<str>,
    /// None when it is over.
    replies: Option<ReplyStream<BlazeAuth>>,
    ticket: Arc<Ticket>,
}

impl Live {
    pub(super) fn new(client: &Client, name: &Arc<str>, replies: ReplyStream<BlazeAuth>, ticket: &Arc<Ticket>) -> Self {
        Self { client: client.clone(), name: Arc::clone(name), replies: Some(replies), ticket: Arc::clone(ticket) }
    }

    /// The next frame; an error ends the stream.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Frame, Error>> {
        let next = match &mut self.replies {
            Some(replies) => ready!(Pin::new(replies).poll_next(cx)),
            None => None,
        };
        let frame = match next {
            Some(reply) => reply.and_then(|reply| frame(reply, self.client.protocol())),
            None => Err(violation("the stream of a file ended without a last frame".to_owned())),
        };
        let goes_on = match &frame {
            Ok(frame) => !frame.metadata.is_last(),
            Err(error) => goes_on(error),
        };
        if !goes_on {
            self.replies = None;
        }
        Poll::Ready(frame)
    }

    pub(super) async fn next(&mut self) -> Result<Frame, Error> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Whether the server may know of it.
    pub(super) fn is_sent(&self) -> bool {
        self.replies.as_ref().is_none_or(ReplyStream::is_written)
    }

    /// Ends the stream at the server, if it may still be there, and waits for that; its further bytes are dropped. It goes
    /// on if nobody waits any more. False if the server answered nothing to that, either.
    pub(super) async fn end(mut self) -> bool {
        match self.ending() {
            // It is not aborted, and does not panic.
            Some(ending) => ending.await.unwrap_or(true),
            None => true,
        }
    }

    fn ending(&mut self) -> Option<JoinHandle<bool>> {
        let replies = self.replies.take().filter(ReplyStream::is_written)?;
        // A stream does not outlive its connection.
        if !self.client.state().borrow().is_ready() {
            return None;
        }
        let (client, name, ticket) = (self.client.clone(), Arc::clone(&self.name), Arc::clone(&self.ticket));
        let runtime = Handle::try_current().ok()?;
        Some(runtime.spawn(async move {
            let answers = end(&client, &name, replies).await;
            drop(ticket);
            answers
        }))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.ending();
    }
}

/// False if the server does not answer in time.
async fn end(client: &Client, name: &str, replies: ReplyStream<BlazeAuth>) -> bool {
    let rest = replies.for_each(|_| std::future::ready(()));
    let stopped = match select(pin!(client.stop_transfer(name)), rest).await {
        Either::Left((stopped, rest)) => {
            if let Ok(true) = stopped {
                // Only the last frame tells that the name is free again.
                rest.await;
            }
            stopped
        }
        Either::Right(((), stop)) => stop.await,
    };
    !stopped.is_err_and(|error| matches!(error.cause(), Cause::Timeout(Phase::Reply)))
}

/// Whether the server may go on with a stream that ended here with this error.
fn goes_on(error: &Error) -> bool {
    error.delivery() == Delivery::Answered || matches!(error.cause(), Cause::Timeout(Phase::Reply))
}

fn frame(reply: Reply, protocol: &BlazeAuth) -> Result<Frame, Error> {
    match reply {
        Reply::Text { text, .. } => match serde_json::from_str(&text) {
            Ok(metadata) => Ok(Frame { metadata, chunk: Bytes::new() }),
            Err(error) => Err(protocol.unreadable("$", &mistake(&error), &text)),
        },
        Reply::Chunk { mut frame, at, metadata } => {
            let chunk = frame.split_off(at);
            match metadata.chunk_size {
                Some(told) if told != chunk.len() as u64 => {
                    let reason = format!("a chunk of {} bytes, whose `chunk_size` tells {told}", chunk.len());
                    Err(violation(reason))
                }
                _ => Ok(Frame { metadata: *metadata, chunk }),
            }
        }
        Reply::Undecodable(what) => Err(violation(format!("{}: {}", what.path, what.reason))),
    }
}

pub(super) fn violation(reason: String) -> Error {
    Error::new(Cause::Protocol(ProtocolViolation(reason)), Delivery::Answered)
}
