//! What reaches subscribers: pushed messages and the failures of one-way commands.

use futures_core::Stream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

/// An item of an [`Events`] stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed<E> {
    /// What was pushed.
    Event(E),
    /// This many were dropped here, since this subscriber took them too slowly.
    Missed(u64),
}

/// One subscriber's bounded stream of what the server pushes, from the moment of subscription on.
///
/// It holds as many as [`Limits::events`](crate::policy::Limits) says; when a subscriber is slower than that, the oldest
/// are dropped, and a [`Pushed::Missed`] stands in their place. It never slows the connection.
#[derive(Debug)]
pub struct Events<E>(pub(super) Receiver<E>);

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

/// Sends to any number of subscribers. No memory is taken before the first of them comes.
pub(super) struct Topic<E> {
    capacity: usize,
    audience: Mutex<Audience<E>>,
}

enum Audience<E> {
    None,
    Some(Sender<E>),
    /// Nothing will be sent any more.
    Gone,
}

impl<E: Clone> Topic<E> {
    pub(super) fn new(capacity: usize) -> Self {
        // The channel takes its memory at once, and panics beyond what memory can hold.
        Self { capacity: capacity.clamp(1, 1 << 20), audience: Mutex::new(Audience::None) }
    }

    /// Nothing that runs under the lock leaves it half done.
    fn audience(&self) -> MutexGuard<'_, Audience<E>> {
        self.audience.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn subscribe(&self) -> Events<E> {
        let mut audience = self.audience();
        Events(match &*audience {
            Audience::Some(sender) => sender.subscribe(),
            Audience::Gone => broadcast::channel(1).1,
            Audience::None => {
                let (sender, receiver) = broadcast::channel(self.capacity);
                *audience = Audience::Some(sender);
                receiver
            }
        })
    }

    pub(super) fn send(&self, item: E) {
        let sender = match &*self.audience() {
            Audience::Some(sender) => sender.clone(),
            Audience::None | Audience::Gone => return,
        };
        // Subscribers are woken with no lock held. An error means that there are none any more.
        let _ = sender.send(item);
    }

    /// Lets subscribers come to an end, once they have taken what is left.
    pub(super) fn close(&self) {
        let audience = std::mem::replace(&mut *self.audience(), Audience::Gone);
        // Subscribers are woken with no lock held.
        drop(audience);
    }
}
