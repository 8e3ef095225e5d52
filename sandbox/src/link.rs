//! What a service says on its own: pushed messages, closes, streams of frames.
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};

use tokio::sync::mpsc;

use super::frames;

/// A message to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    Text(String),
    Binary(Vec<u8>),
}

impl Outgoing {
    pub(super) fn frame(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => frames::text(text),
            Self::Binary(bytes) => frames::binary(bytes),
        }
    }
}

/// Messages that are produced one by one while the client takes them.
pub(crate) trait Frames: Send {
    /// The next message; `None` is the end. Not asked while the client does not read.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outgoing>>;
}

/// What a service wants done on a connection.
pub(super) enum Push {
    Message(Outgoing),
    Frames(Box<dyn Frames>),
    Close { code: u16, reason: String },
    Cut,
}

/// The way from a service to one connection, open until that ends. What is pushed while a request is carried out leaves
/// behind the replies to it.
#[derive(Clone)]
pub(crate) struct Link(mpsc::UnboundedSender<Push>);

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}

impl Link {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Push>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Sends a message.
    pub(crate) fn send(&self, message: Outgoing) {
        self.push(Push::Message(message));
    }

    /// Begins a stream of messages: in turns with the connection's other streams, between replies.
    pub(crate) fn stream(&self, frames: impl Frames + 'static) {
        self.push(Push::Frames(Box::new(frames)));
    }

    /// Sends a close frame; nothing more is carried out.
    pub(crate) fn close(&self, code: u16, reason: impl Into<String>) {
        self.push(Push::Close { code, reason: reason.into() });
    }

    /// Ends the connection without a close frame.
    pub(crate) fn cut(&self) {
        self.push(Push::Cut);
    }

    fn push(&self, push: Push) {
        // A connection that has ended hears nothing more; the service is told of its end.
        let _ = self.0.send(push);
    }
}

/// The streams of one connection.
#[derive(Default)]
pub(super) struct Streams(VecDeque<Box<dyn Frames>>);

impl Streams {
    pub(super) fn add(&mut self, frames: Box<dyn Frames>) {
        self.0.push_back(frames);
    }

    /// The next frame of any stream; each has its turn. Waits for ever without streams.
    pub(super) async fn next(&mut self) -> Outgoing {
        poll_fn(|cx| {
            for _ in 0..self.0.len() {
                let Some(mut frames) = self.0.pop_front() else { break };
                match frames.poll_frame(cx) {
                    Poll::Ready(Some(frame)) => {
                        self.0.push_back(frames);
                        return Poll::Ready(frame);
                    }
                    Poll::Ready(None) => {}
                    Poll::Pending => self.0.push_back(frames),
                }
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Count(u8, u8);

    impl Frames for Count {
        fn poll_frame(&mut self, _: &mut Context<'_>) -> Poll<Option<Outgoing>> {
            self.1 = self.1.saturating_sub(1);
            Poll::Ready((self.1 > 0).then(|| Outgoing::Binary(vec![self.0, self.1])))
        }
    }

    #[tokio::test]
    async fn streams_take_turns_until_their_ends() {
        let mut streams = Streams::default();
        streams.add(Box::new(Count(1, 3)));
        streams.add(Box::new(Count(2, 4)));
        let mut order = Vec::new();
        for _ in 0..5 {
            let Outgoing::Binary(frame) = streams.next().await else { panic!("expected bytes") };
            order.push(frame);
        }
        assert_eq!(order, [[1, 2], [2, 3], [1, 1], [2, 2], [2, 1]]);
        let waker = std::task::Waker::noop();
        let next = std::pin::pin!(streams.next());
        assert!(next.poll(&mut Context::from_waker(waker)).is_pending());
    }
}
