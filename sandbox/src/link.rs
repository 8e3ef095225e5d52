//! What a service sends on its own: messages, streams of messages, closes.
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use futures_core::Stream;
use tokio::sync::mpsc;

use crate::message::Message;

type BoxStream = Pin<Box<dyn Stream<Item = Message> + Send>>;

/// What a service wants done on a connection.
pub(crate) enum Push {
    Message(Message),
    Stream(BoxStream),
    Close { code: u16, reason: String },
    Cut,
}

/// Sends messages to the client of one connection, for a [`Service`](crate::Service) that sends on its own. Cheap to
/// clone. After the connection's end it does nothing.
///
/// What is sent while a request is carried out follows the replies to that request.
#[derive(Clone)]
pub struct Link(mpsc::UnboundedSender<Push>);

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}

impl Link {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Push>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Sends a message.
    pub fn send(&self, message: impl Into<Message>) {
        self.push(Push::Message(message.into()));
    }

    /// Starts a stream of messages, which takes turns with the connection's other streams and gives way to replies. It is
    /// not polled while the client does not read, and dropped with the connection.
    pub fn stream(&self, messages: impl Stream<Item = Message> + Send + 'static) {
        self.push(Push::Stream(Box::pin(messages)));
    }

    /// Sends a close frame with any code and ends the connection. Later requests on it are not carried out.
    pub fn close(&self, code: u16, reason: impl Into<String>) {
        self.push(Push::Close { code, reason: reason.into() });
    }

    /// Ends the connection without a close frame.
    pub fn cut(&self) {
        self.push(Push::Cut);
    }

    fn push(&self, push: Push) {
        // A connection that has ended receives nothing more.
        let _ = self.0.send(push);
    }
}

/// The streams of one connection.
#[derive(Default)]
pub(crate) struct Streams(VecDeque<BoxStream>);

impl Streams {
    pub(crate) fn add(&mut self, stream: BoxStream) {
        self.0.push_back(stream);
    }

    /// Returns the next message of any stream; the streams take turns. Waits for ever without streams.
    pub(crate) async fn next(&mut self) -> Message {
        poll_fn(|cx| {
            for _ in 0..self.0.len() {
                let Some(mut stream) = self.0.pop_front() else { break };
                match stream.as_mut().poll_next(cx) {
                    Poll::Ready(Some(message)) => {
                        self.0.push_back(stream);
                        return Poll::Ready(message);
                    }
                    Poll::Ready(None) => {}
                    Poll::Pending => self.0.push_back(stream),
                }
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::task::Context;

    use super::*;

    struct Count(u8, u8);

    impl Stream for Count {
        type Item = Message;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Message>> {
            self.1 = self.1.saturating_sub(1);
            Poll::Ready((self.1 > 0).then(|| vec![self.0, self.1].into()))
        }
    }

    #[tokio::test]
    async fn streams_take_turns_until_their_ends() {
        let mut streams = Streams::default();
        streams.add(Box::pin(Count(1, 3)));
        streams.add(Box::pin(Count(2, 4)));
        let mut order = Vec::new();
        for _ in 0..5 {
            let Message::Binary(frame) = streams.next().await else { panic!("expected bytes") };
            order.push(frame);
        }
        assert_eq!(order.iter().map(|frame| &frame[..]).collect::<Vec<_>>(), [[1, 2], [2, 3], [1, 1], [2, 2], [2, 1]]);
        let waker = std::task::Waker::noop();
        let next = std::pin::pin!(streams.next());
        assert!(next.poll(&mut Context::from_waker(waker)).is_pending());
    }
}
