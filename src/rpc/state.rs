//! What a connection is doing, for those who watch.

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
    /// Connected, the handshake is done, commands flow.
    Ready,
    /// The connection was lost or could not be made; the next attempt begins after a delay.
    #[non_exhaustive]
    Waiting {
        /// Which attempt comes next.
        attempt: u32,
        /// How long the delay is, from its beginning.
        delay: Duration,
        /// Why there is no connection.
        cause: Arc<Error>,
    },
    /// Shutting down: what is in flight is finished, nothing new is accepted.
    Closing,
    /// There is no connection and there will be none.
    #[non_exhaustive]
    Closed {
        /// Why, if it was not by the user's own wish.
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
    /// Whether commands flow.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }

    /// Whether this is the end.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// Whether it may follow on `self`: there is no way back from closing, nor from the end.
    fn may_become(&self, next: &Self) -> bool {
        match self {
            Self::Closed { .. } => false,
            Self::Closing => next.is_closed(),
            _ => true,
        }
    }
}

/// The current state and those who watch it. Changes may come from several tasks; they are told in order, one at a time,
/// with no lock held: a watcher may look at the state, or cause the next one.
pub(super) struct States {
    watched: watch::Sender<State>,
    changes: Mutex<Changes>,
}

struct Changes {
    last: State,
    /// Not told yet.
    waiting: VecDeque<State>,
    /// Somebody tells them at the moment.
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

    /// Changes the state, if it may follow on the last one. `tell` sees each change before those who watch.
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
        let telling = Telling(self);
        while let Some(state) = changes.waiting.front().cloned() {
            drop(changes);
            tell(&state);
            self.watched.send_replace(state);
            changes = self.changes();
            changes.waiting.pop_front();
        }
        // Under the same lock that found nothing more: no change is left behind.
        changes.telling = false;
        std::mem::forget(telling);
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Should telling panic, those who watch learn of the changes all the same.
struct Telling<'a>(&'a States);

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut changes = self.0.changes();
            changes.telling = false;
            std::mem::take(&mut changes.waiting)
        };
        for state in waiting {
            self.0.watched.send_replace(state);
        }
    }
}
