//! A file stream while a connection takes its frames.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use super::clock::Clock;
use super::files::Transfers;
use super::stream::{FileStream, Step};
use crate::link::{Frames, Link, Outgoing};

/// A stream, and who waits for its next frame.
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

impl Frames for Sending {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outgoing>> {
        let (stream, waiting) = &mut *self.shared.lock();
        let step = stream.next();
        if step.is_some() && stream.is_complete() {
            // Before the client can have the last byte: who asks afterwards sees it counted.
            self.transfers.add(self.clock.now());
        }
        match step {
            Some(Step::Text(text)) => return Poll::Ready(Some(Outgoing::Text(text))),
            Some(Step::Binary(bytes)) => return Poll::Ready(Some(Outgoing::Binary(bytes))),
            Some(Step::Drop) => self.link.cut(),
            Some(Step::Close { code, reason }) => self.link.close(code, reason),
            None if stream.is_ended() => return Poll::Ready(None),
            None => *waiting = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}
