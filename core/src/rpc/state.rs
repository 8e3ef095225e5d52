//! The state of a connection, to watch.

use super::contained::contained;
use crate::error::Error;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// State of a client's connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum State {
    /// Connecting: TCP, TLS, the upgrade, the protocol's handshake. Attempts count from 1 after each loss.
    #[non_exhaustive]
    Connecting {
        /// Which attempt.
        attempt: u32,
    },
    /// Connected, and the handshake is done: commands are sent.
    Ready,
    /// The connection was lost or the attempt failed; the next attempt begins after a delay.
    #[non_exhaustive]
    Waiting {
        /// Which attempt comes next.
        attempt: u32,
        /// The whole delay.
        delay: Duration,
        /// Why there is no connection.
        cause: Arc<Error>,
    },
    /// Shutting down: calls in progress may finish, and no new ones are accepted.
    Closing,
    /// The client has ended: there is no connection, and it will not reconnect.
    #[non_exhaustive]
    Closed {
        /// The reason; `None` after a shutdown by the user.
        cause: Option<Arc<Error>>,
    },
}

/// The first state of a client: its first attempt to connect.
impl Default for State {
    fn default() -> Self {
        Self::Connecting { attempt: 1 }
    }
}

impl State {
    /// Returns whether commands are sent.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    /// Returns whether the client has ended.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// Returns whether `next` may follow: closing and closed are final.
    fn may_become(&self, next: &Self) -> bool {
        match self {
            Self::Closed { .. } => false,
            Self::Closing => next.is_closed(),
            _ => true,
        }
    }
}

/// The current state and its watchers. Several tasks may change it. Changes are published in order, one at a time and
/// without a lock: a watcher may read the state or cause the next change.
pub(super) struct States {
    watched: watch::Sender<State>,
    changes: Mutex<Changes>,
}

struct Changes {
    last: State,
    /// Changes that were not published yet.
    waiting: VecDeque<State>,
    /// A task is publishing them.
    telling: bool,
}

impl States {
    pub(super) fn new() -> Self {
        let first = State::default();
        let changes = Changes { last: first.clone(), waiting: VecDeque::new(), telling: false };
        Self { watched: watch::Sender::new(first), changes: Mutex::new(changes) }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<State> {
        self.watched.subscribe()
    }

    /// Changes the state if it may follow the last one. `tell`, which must not panic, receives each change before the
    /// watchers.
    pub(super) fn set(&self, state: State, tell: impl Fn(&State)) {
        let mut changes = self.changes();
        if !changes.last.may_become(&state) {
            return;
        }
        changes.last = state.clone();
        changes.waiting.push_back(state);
        if changes.telling {
            return;
        }
        changes.telling = true;
        while let Some(state) = changes.waiting.front().cloned() {
            drop(changes);
            tell(&state);
            contained(|| drop(self.watched.send_replace(state)));
            changes = self.changes();
            changes.waiting.pop_front();
        }
        // Still under the lock that found no further change, so no change is lost.
        changes.telling = false;
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
