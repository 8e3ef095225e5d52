//! What reaches subscribers: pushed messages and the failures of quiet commands.

use futures_core::Stream;
use std::sync::OnceLock;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

/// Hands items to all subscribers. The buffer is made for the first of them, since most connections have none.
pub(super) struct Publisher<E> {
    capacity: usize,
    sender: OnceLock<Sender<E>>,
}

impl<E: Clone> Publisher<E> {
    /// For each subscriber so many items may wait.
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), sender: OnceLock::new() }
    }

    pub(super) fn publish(&self, event: E) {
        if let Some(sender) = self.sender.get() {
            // Nobody listening is no error.
            let _ = sender.send(event);
        }
    }

    pub(super) fn subscribe(&self) -> Events<E> {
        Events(self.sender.get_or_init(|| broadcast::channel(self.capacity).0).subscribe())
    }
}

/// An item of an [`Events`] stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed<E> {
    /// What was pushed.
    Event(E),
    /// So many were dropped here, since this subscriber took them too slowly.
    Missed(u64),
}

/// One subscriber's bounded stream of what the server pushes, from the moment of subscription on.
///
/// It holds as many as [`Limits::events`](crate::policy::Limits) says; when a subscriber is slower than that, the oldest
/// are dropped, and a [`Pushed::Missed`] stands in their place. It never slows the connection.
#[derive(Debug)]
pub struct Events<E>(Receiver<E>);

impl<E: Clone + Send + 'static> Events<E> {
    /// The next item; `None` when the client is closed and nothing is left.
    ///
    /// Cancel safe: nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Pushed<E>> {
        match self.0.recv().await {
            Ok(event) => Some(Pushed::Event(event)),
            Err(RecvError::Lagged(missed)) => Some(Pushed::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }

    /// The same as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Pushed<E>> + Send {
        futures_util::stream::unfold(self, |mut events| async {
            let item = events.next().await?;
            Some((item, events))
        })
    }
}
