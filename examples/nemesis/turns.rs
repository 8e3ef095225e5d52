//! The order of writes to the same key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Of many writes at a time, lets those of one key happen one after the other: after a lost connection, writes are sent
/// again in any order, and the older value might win.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<HashMap<String, Last>>>);

/// The last write of a key that is not done.
struct Last {
    line: u64,
    done: oneshot::Receiver<()>,
}

/// A write's place behind the earlier writes of its key.
pub(crate) struct Turn {
    turns: Turns,
    key: String,
    line: u64,
    earlier: Option<oneshot::Receiver<()>>,
    /// Dropped when the write is done.
    _done: oneshot::Sender<()>,
}

impl Turns {
    /// Takes the next place. Called in the order of the lines.
    pub(crate) fn take(&self, key: &str, line: u64) -> Turn {
        let (sender, done) = oneshot::channel();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = last.insert(key.to_owned(), Last { line, done }).map(|earlier| earlier.done);
        Turn { turns: self.clone(), key: key.to_owned(), line, earlier, _done: sender }
    }
}

impl Turn {
    /// Waits until the earlier write is done.
    pub(crate) async fn comes(&mut self) {
        if let Some(earlier) = self.earlier.take() {
            // The sender is dropped, never used.
            let _ = earlier.await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut last = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.get(&self.key).is_some_and(|last| last.line == self.line) {
            last.remove(&self.key);
        }
    }
}
