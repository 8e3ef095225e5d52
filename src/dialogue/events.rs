//! What reaches subscribers: pushed messages and the failures of quiet commands.

use futures_core::Stream;
use tokio::sync::broadcast::{Receiver, error::RecvError};

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
