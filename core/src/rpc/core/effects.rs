//! Effects that are collected under the lock and take place after it is released.

use crate::error::Error;
use crate::rpc::protocol::Protocol;
use crate::rpc::slot::Waiter;
use std::task::Waker;

/// A one-way command that failed, or whose outcome is unknown.
#[derive(Debug)]
#[non_exhaustive]
pub struct OneWayFailure<P: Protocol> {
    /// The number that [`Client::send_one_way`](crate::rpc::Client::send_one_way) returned.
    pub seq: u64,
    /// What identifies the command's replies. A reply that fits several one-way commands counts as that of the oldest.
    pub key: P::Key,
    /// The server's answer, or the error that ended the connection before the command was confirmed.
    pub result: Result<P::Reply, Error>,
}

/// Effects of the core's methods. Wakers and subscribers may call the client, so none of them runs under the lock.
pub(in crate::rpc) struct Effects<P: Protocol> {
    /// The connection's task.
    pub(in crate::rpc) driver: Option<Waker>,
    pub(in crate::rpc) wakers: Vec<Waker>,
    pub(in crate::rpc) one_way_failures: Vec<OneWayFailure<P>>,
    /// Waiters and replies that no caller will take. They are dropped without the lock: their destructors may call the
    /// client.
    pub(in crate::rpc) discarded: Vec<Waiter<P>>,
}

impl<P: Protocol> Default for Effects<P> {
    fn default() -> Self {
        Self { driver: None, wakers: Vec::new(), one_way_failures: Vec::new(), discarded: Vec::new() }
    }
}

impl<P: Protocol> Effects<P> {
    /// Leaves a waker to be dropped without the lock.
    pub(super) fn discard(&mut self, waker: Option<Waker>) {
        self.discarded.extend(waker.map(|waker| Waiter::One(Some(waker))));
    }

    pub(in crate::rpc) fn is_empty(&self) -> bool {
        self.driver.is_none() && self.wakers.is_empty() && self.one_way_failures.is_empty() && self.discarded.is_empty()
    }
}
