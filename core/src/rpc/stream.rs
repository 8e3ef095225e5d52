//! The stream of replies to one command.

use super::contained::contained;
use super::engine::Handle;
use super::expect::Replies;
use super::fallback::Fallback;
use super::options::StreamOptions;
use super::protocol::Protocol;
use super::slot::Waiter;
use crate::codes::AnyCode;
use crate::error::{Delivery, Error};
use futures_core::Stream;
use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::time::Instant;

/// The replies to one command, in order. It keeps the connection open.
///
/// It ends after the last reply or after an error. The error carries the status of the last reply, if the protocol
/// reads statuses ([`Protocol::status`]). Waiting replies are limited by `replies` and `reply_bytes` of
/// [`Limits`](crate::policy::Limits); [`Backlog`](super::Backlog) says what happens then. Dropping the stream cancels
/// it: the protocol may tell the server ([`Protocol::cancel`]), and further replies are discarded.
pub struct ReplyStream<P: Protocol> {
    handle: Arc<Handle<P>>,
    slot: usize,
    seq: u64,
    command: Cow<'static, str>,
    started: Instant,
    last: Option<AnyCode>,
    fallback: Fallback,
    over: bool,
}

impl<P: Protocol> ReplyStream<P> {
    pub(super) async fn open(
        handle: Arc<Handle<P>>,
        command: &P::Command,
        options: &StreamOptions,
        started: Instant,
    ) -> Result<Self, Error> {
        let engine = &handle.engine;
        let term = engine.term(options.timeout, started);
        let each = options.reply_timeout.or(options.timeout).unwrap_or(engine.settings.timeouts.call);
        let waiter = Waiter::stream(options.backlog, each, options.reply_timeout.is_some());
        let call = engine.encode(command, term, waiter)?;
        if matches!(call.expect.replies, Replies::None | Replies::Exactly(0) | Replies::OnlyOnFailure) {
            return Err(Error::invalid_request("the command has no replies: use `send_one_way`"));
        }
        let seq = call.seq;
        // Before it enters: if this panics, no stream would release the call.
        let command = engine.protocol.command_name(command);
        let slot = engine.enter(|| Ok(call), started).await?;
        let fallback = Fallback::default();
        Ok(Self { handle, slot, seq, command, started, last: None, fallback, over: false })
    }

    /// Returns whether the command left the queue: from then on the server may have received it.
    pub fn is_written(&self) -> bool {
        self.over || self.handle.engine.core().is_written(self.slot, self.seq)
    }
}

impl<P: Protocol> Stream for ReplyStream<P> {
    type Item = Result<P::Reply, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.over {
            return Poll::Ready(None);
        }
        let engine = &this.handle.engine;
        let slot = this.slot;
        let next = engine.poll_in_time(&mut this.fallback, (slot, this.seq), cx, |core, cx| core.poll_next(slot, cx));
        Poll::Ready(match ready!(next) {
            Some(Ok(reply)) => {
                this.last = engine.protocol.status(&reply).or(this.last);
                Some(Ok(reply))
            }
            Some(Err(error)) => {
                this.over = true;
                let error = match this.last {
                    Some(code) if error.delivery() == Delivery::MaybeSent => error.with_any_code(code),
                    _ => error,
                };
                let mut context = engine.context();
                context.command = std::mem::take(&mut this.command);
                context.correlation = Some(this.seq);
                context.attempt = 1;
                context.elapsed = this.started.elapsed();
                Some(Err(error.with_context(context)))
            }
            None => {
                this.over = true;
                None
            }
        })
    }
}

// No field is pinned.
impl<P: Protocol> Unpin for ReplyStream<P> {}

impl<P: Protocol> Drop for ReplyStream<P> {
    fn drop(&mut self) {
        let engine = &self.handle.engine;
        // A panic in a destructor may abort the process.
        contained(|| {
            let open = engine.core().release_stream(self.slot, self.seq, Instant::now());
            if let Some(command) = open.and_then(|key| engine.protocol.cancel(&key)) {
                engine.cancel(&command, (self.slot, self.seq));
            }
        });
    }
}
