//! A file stream while a connection takes its frames.
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use super::files::Transfers;
use super::stream::{FileStream, Step};
use crate::clock::Clock;
use crate::link::Link;
use crate::message::Message;

/// A stream, and the task that waits for its next frame.
#[derive(Debug)]
struct Shared(Mutex<(FileStream, Option<Waker>)>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, (FileStream, Option<Waker>)> {
        // Nothing in a stream can panic half way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream as the session knows it: whether it still runs, and the way to stop it.
#[derive(Clone, Debug)]
pub(super) struct Running(Weak<Shared>);

impl Running {
    /// `false` from its last frame on, or when its connection has ended.
    pub(super) fn is_running(&self) -> bool {
        self.0.upgrade().is_some_and(|shared| !shared.lock().0.is_ended())
    }

    /// Ends it before its next frame; `false` if it does not run.
    pub(super) fn stop(&self) -> bool {
        let Some(shared) = self.0.upgrade() else { return false };
        let (stream, waiting) = &mut *shared.lock();
        let stopped = stream.stop();
        if let Some(waker) = waiting.take() {
            waker.wake();
        }
        stopped
    }

    /// Ends it without another frame, because its connection does.
    pub(super) fn abandon(&self) {
        if let Some(shared) = self.0.upgrade() {
            shared.lock().0.abandon();
        }
    }
}

/// The streams of one session, by file name.
#[derive(Debug, Default)]
pub(super) struct Streams(HashMap<String, Running>);

impl Streams {
    /// Whether a stream of this file runs.
    pub(super) fn is_running(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Running::is_running)
    }

    pub(super) fn add(&mut self, name: &str, running: Running) {
        self.0.retain(|_, running| running.is_running());
        self.0.insert(name.to_owned(), running);
    }

    /// Ends the stream of this file before its next frame; `false` if none runs.
    pub(super) fn stop(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Running::stop)
    }

    /// The session goes on without them. The connection that they were on may not have noticed its end yet.
    pub(super) fn abandon(&mut self) {
        for (_, running) in self.0.drain() {
            running.abandon();
        }
    }
}

/// Sends the frames of this stream on a connection.
pub(super) fn send(stream: FileStream, transfers: Transfers, clock: Clock, link: &Link) -> Running {
    let shared = Arc::new(Shared(Mutex::new((stream, None))));
    let running = Running(Arc::downgrade(&shared));
    link.stream(Sending { shared, transfers, clock, link: link.clone() });
    running
}

/// The connection's end of a stream.
struct Sending {
    shared: Arc<Shared>,
    transfers: Transfers,
    clock: Clock,
    link: Link,
}

impl Stream for Sending {
    type Item = Message;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Message>> {
        let (stream, waiting) = &mut *self.shared.lock();
        let step = stream.next();
        if step.is_some() && stream.is_complete() {
            // Before the client can have the last byte, so that it then finds the transfer counted.
            self.transfers.add(self.clock.now());
        }
        match step {
            Some(Step::Send(message)) => return Poll::Ready(Some(message)),
            Some(Step::Drop) => self.link.cut(),
            Some(Step::Close { code, reason }) => self.link.close(code, reason),
            None if stream.is_ended() => return Poll::Ready(None),
            None => *waiting = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::File;
    use super::super::transfer_options::TransferOptions;
    use super::*;

    #[tokio::test]
    async fn a_stream_ends_before_its_connection_notices() {
        let file = File::new("some.bin", "some bytes");
        let stream = FileStream::new(7, file.content.clone(), 0, TransferOptions::new());
        // As long as this lives, the connection has not let go of the stream.
        let (link, _pushes) = Link::new();
        let running = send(stream, file.transfers.clone(), Clock::start(), &link);
        let mut streams = Streams::default();
        streams.add("some.bin", running.clone());
        assert!(running.is_running());
        streams.abandon();
        assert!(!running.is_running() && !running.stop());
    }
}
