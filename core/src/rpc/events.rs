//! Subscriptions: pushed messages and the failures of one-way commands.

use super::contained::contained;
use futures_core::Stream;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use tokio::task::coop::cooperative;

/// An item of an [`Events`] stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pushed<E> {
    /// A pushed item.
    Event(E),
    /// This many items were dropped here, because this subscriber was too slow.
    Missed(u64),
}

/// One subscriber's bounded stream of what the server pushes, from the moment of subscription on.
///
/// It holds up to [`Limits::events`](crate::policy::Limits) items and [`Limits::event_bytes`](crate::policy::Limits)
/// bytes of them. If a subscriber is slower, the oldest are dropped and replaced by a [`Pushed::Missed`]. It never slows
/// down the connection or another subscriber.
pub struct Events<E>(Arc<Queue<E>>);

impl<E> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl<E: Clone + Send + 'static> Events<E> {
    /// Returns the next item; `None` when the client is closed and all items were taken.
    ///
    /// Cancel safe: nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Pushed<E>> {
        cooperative(poll_fn(|cx| self.0.poll_next(cx))).await
    }

    /// Returns the items as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Pushed<E>> + Send {
        futures_util::stream::unfold(self, |mut events| async {
            let item = events.next().await?;
            Some((item, events))
        })
    }
}

/// Limits of the items that wait for one subscriber.
#[derive(Clone, Copy)]
pub(super) struct Capacity {
    pub(super) items: usize,
    pub(super) bytes: usize,
}

/// Sends to any number of subscribers, each with a queue of its own. Allocates nothing before the first subscription.
pub(super) struct Topic<E> {
    capacity: Capacity,
    subscribers: Mutex<Subscribers<E>>,
}

enum Subscribers<E> {
    /// Shared with senders, which use it without the lock.
    Open(Option<Arc<[Weak<Queue<E>>]>>),
    Closed,
}

impl<E: Clone> Topic<E> {
    pub(super) fn new(capacity: Capacity) -> Self {
        Self { capacity, subscribers: Mutex::new(Subscribers::Open(None)) }
    }

    /// Locks the subscribers. No code under the lock can panic halfway, so a poisoned lock is usable.
    fn subscribers(&self) -> MutexGuard<'_, Subscribers<E>> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn subscribe(&self) -> Events<E> {
        let queue = Arc::new(Queue::new());
        match &mut *self.subscribers() {
            Subscribers::Closed => queue.waiting().closed = true,
            Subscribers::Open(queues) => {
                let known = queues.iter().flat_map(|queues| queues.iter());
                let alive = known.filter(|queue| queue.strong_count() > 0).cloned();
                *queues = Some(alive.chain([Arc::downgrade(&queue)]).collect());
            }
        }
        Events(queue)
    }

    /// Sends an item that takes this many bytes.
    pub(super) fn send(&self, item: E, bytes: usize) {
        let queues = match &*self.subscribers() {
            Subscribers::Open(Some(queues)) => Arc::clone(queues),
            Subscribers::Open(None) | Subscribers::Closed => return,
        };
        // Neither a clone nor a waker runs under a lock, or affects other subscribers if it panics. The last subscriber
        // gets the item itself.
        let mut alive = queues.iter().filter_map(Weak::upgrade).peekable();
        let mut item = Some(item);
        while let Some(queue) = alive.next() {
            contained(|| {
                let copy = if alive.peek().is_some() { item.clone() } else { item.take() };
                if let Some(copy) = copy {
                    queue.push(copy, bytes, self.capacity);
                }
            });
        }
    }

    /// Closes the topic: subscribers end after they have taken the remaining items.
    pub(super) fn close(&self) {
        let subscribers = std::mem::replace(&mut *self.subscribers(), Subscribers::Closed);
        if let Subscribers::Open(Some(queues)) = subscribers {
            queues.iter().filter_map(Weak::upgrade).for_each(|queue| contained(|| queue.close()));
        }
    }
}

/// The items that wait for one subscriber.
struct Queue<E>(Mutex<Waiting<E>>);

struct Waiting<E> {
    /// Items with their sizes, and the sum of the sizes.
    items: VecDeque<(E, usize)>,
    bytes: usize,
    /// Dropped items, all older than those that wait.
    missed: u64,
    closed: bool,
    waker: Option<Waker>,
}

impl<E> Queue<E> {
    fn new() -> Self {
        let waiting = Waiting { items: VecDeque::new(), bytes: 0, missed: 0, closed: false, waker: None };
        Self(Mutex::new(waiting))
    }

    /// Locks the queue. No code of the user (a clone, a drop, a waker) runs under this lock.
    fn waiting(&self) -> MutexGuard<'_, Waiting<E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an item and wakes the subscriber. Drops the oldest items if there is no room.
    fn push(&self, item: E, bytes: usize, capacity: Capacity) {
        loop {
            let mut waiting = self.waiting();
            if waiting.closed {
                return;
            }
            if waiting.has_room(bytes, capacity) {
                waiting.bytes = waiting.bytes.saturating_add(bytes);
                waiting.items.push_back((item, bytes));
                let waker = waiting.waker.take();
                drop(waiting);
                return waker.into_iter().for_each(Waker::wake);
            }
            let oldest = waiting.take();
            waiting.missed += 1;
            drop(waiting);
            contained(|| drop(oldest));
        }
    }

    fn close(&self) {
        let mut waiting = self.waiting();
        waiting.closed = true;
        let waker = waiting.waker.take();
        drop(waiting);
        waker.into_iter().for_each(Waker::wake);
    }

    fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Pushed<E>>> {
        let next = self.waiting().next();
        if next.is_ready() {
            return next;
        }
        let waker = cx.waker().clone();
        let mut waiting = self.waiting();
        // An item may have come meanwhile.
        let next = waiting.next();
        let earlier = waiting.waker.replace(waker);
        drop(waiting);
        drop(earlier);
        next
    }
}

impl<E> Waiting<E> {
    /// Returns whether an item of this size may be added. One that is larger than the limit is kept alone.
    fn has_room(&self, bytes: usize, capacity: Capacity) -> bool {
        self.items.is_empty()
            || (self.items.len() < capacity.items && self.bytes.saturating_add(bytes) <= capacity.bytes)
    }

    fn next(&mut self) -> Poll<Option<Pushed<E>>> {
        if self.missed > 0 {
            return Poll::Ready(Some(Pushed::Missed(std::mem::take(&mut self.missed))));
        }
        match self.take() {
            Some(item) => Poll::Ready(Some(Pushed::Event(item))),
            None if self.closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    fn take(&mut self) -> Option<E> {
        let (item, bytes) = self.items.pop_front()?;
        // A saturated sum cannot be reduced exactly; an empty queue resets it.
        self.bytes = if self.items.is_empty() { 0 } else { self.bytes.saturating_sub(bytes) };
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn topic(items: usize, bytes: usize) -> Topic<&'static str> {
        Topic::new(Capacity { items, bytes })
    }

    fn taken(events: &mut Events<&'static str>) -> Vec<Pushed<&'static str>> {
        std::iter::from_fn(|| events.next().now_or_never().flatten()).collect()
    }

    #[test]
    fn the_oldest_are_dropped_at_either_limit_and_counted() {
        let topic = topic(3, 100);
        let mut events = topic.subscribe();
        for item in ["a", "b", "c", "d"] {
            topic.send(item, 10);
        }
        assert_eq!(taken(&mut events), [Pushed::Missed(1), Pushed::Event("b"), Pushed::Event("c"), Pushed::Event("d")]);
        topic.send("e", 10);
        topic.send("f", 60);
        topic.send("g", 40);
        assert_eq!(taken(&mut events), [Pushed::Missed(1), Pushed::Event("f"), Pushed::Event("g")]);
        topic.send("h", 10);
        topic.send("larger than the limit", 101);
        assert_eq!(taken(&mut events), [Pushed::Missed(1), Pushed::Event("larger than the limit")]);
    }

    #[test]
    fn a_slow_subscriber_affects_no_other() {
        let topic = topic(1, usize::MAX);
        let (mut slow, mut quick) = (topic.subscribe(), topic.subscribe());
        for item in ["a", "b"] {
            topic.send(item, usize::MAX);
            assert_eq!(taken(&mut quick), [Pushed::Event(item)]);
        }
        assert_eq!(taken(&mut slow), [Pushed::Missed(1), Pushed::Event("b")]);
    }

    #[test]
    fn a_closed_topic_gives_what_waits_and_then_ends() {
        let topic = topic(4, 4);
        let mut events = topic.subscribe();
        topic.send("a", 1);
        topic.close();
        topic.send("b", 1);
        assert_eq!(taken(&mut events), [Pushed::Event("a")]);
        assert_eq!(events.next().now_or_never(), Some(None));
        assert_eq!(topic.subscribe().next().now_or_never(), Some(None));
    }

    #[test]
    fn subscribers_that_left_are_forgotten() {
        let topic = topic(4, 4);
        for _ in 0..100 {
            drop(topic.subscribe());
        }
        let _events = topic.subscribe();
        let Subscribers::Open(Some(queues)) = &*topic.subscribers() else { panic!("there is no subscriber") };
        assert!(queues.len() <= 2, "{} queues are kept", queues.len());
    }
}
