//! Subscriptions: pushed messages and the failures of one-way commands.

use futures_core::Stream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

/// An item of an [`Events`] stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed<E> {
    /// A pushed item.
    Event(E),
    /// This many items were dropped here, because this subscriber was too slow.
    Missed(u64),
}

/// One subscriber's bounded stream of what the server pushes, from the moment of subscription on.
///
/// It holds up to [`Limits::events`](crate::policy::Limits) items. If a subscriber is slower, the oldest are dropped
/// and replaced by a [`Pushed::Missed`]. It never slows down the connection.
#[derive(Debug)]
pub struct Events<E>(pub(super) Receiver<E>);

impl<E: Clone + Send + 'static> Events<E> {
    /// Returns the next item; `None` when the client is closed and all items were taken.
    ///
    /// Cancel safe: nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Pushed<E>> {
        match self.0.recv().await {
            Ok(event) => Some(Pushed::Event(event)),
            Err(RecvError::Lagged(missed)) => Some(Pushed::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }

    /// Returns the items as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Pushed<E>> + Send {
        futures_util::stream::unfold(self, |mut events| async {
            let item = events.next().await?;
            Some((item, events))
        })
    }
}

/// Sends to any number of subscribers. Allocates nothing before the first subscription.
pub(super) struct Topic<E> {
    capacity: usize,
    subscribers: Mutex<Subscribers<E>>,
}

enum Subscribers<E> {
    None,
    Some(Sender<E>),
    /// Closed: nothing more will be sent.
    Gone,
}

impl<E: Clone> Topic<E> {
    pub(super) fn new(capacity: usize) -> Self {
        // The channel allocates its whole capacity at once.
        Self { capacity: capacity.clamp(1, 1 << 20), subscribers: Mutex::new(Subscribers::None) }
    }

    /// Locks the subscribers. No code under the lock can panic halfway, so a poisoned lock is usable.
    fn subscribers(&self) -> MutexGuard<'_, Subscribers<E>> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn subscribe(&self) -> Events<E> {
        let mut subscribers = self.subscribers();
        Events(match &*subscribers {
            Subscribers::Some(sender) => sender.subscribe(),
            Subscribers::Gone => broadcast::channel(1).1,
            Subscribers::None => {
                let (sender, receiver) = broadcast::channel(self.capacity);
                *subscribers = Subscribers::Some(sender);
                receiver
            }
        })
    }

    pub(super) fn send(&self, item: E) {
        let sender = match &*self.subscribers() {
            Subscribers::Some(sender) => sender.clone(),
            Subscribers::None | Subscribers::Gone => return,
        };
        // Subscribers are woken without the lock. An error means that all of them are gone.
        let _ = sender.send(item);
    }

    /// Closes the topic: subscribers end after they have taken the remaining items.
    pub(super) fn close(&self) {
        let subscribers = std::mem::replace(&mut *self.subscribers(), Subscribers::Gone);
        // Subscribers are woken without the lock.
        drop(subscribers);
    }
}
