//! What the records of all servers share: bounded lists and counts, and waiting for a change.
use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Entries that are kept; older ones are dropped.
pub(crate) const MAX_ENTRIES: usize = 65_536;
/// Bytes of entries that are kept.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Counts are kept for a bounded number of names and of ids, since a client may invent them.
pub(crate) const MAX_NAMES: usize = 4096;

/// A state that tells its watchers of each change.
pub(crate) struct Watched<S> {
    start: Instant,
    state: Mutex<S>,
    changed: watch::Sender<()>,
}

impl<S: Default> Watched<S> {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), state: Mutex::default(), changed: watch::Sender::new(()) }
    }
}

impl<S> Watched<S> {
    pub(crate) fn state(&self) -> MutexGuard<'_, S> {
        // Nothing that changes the state can panic half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, then wakes the watchers. `change` is given the time since the start.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut S, Duration) -> T) -> T {
        let mut state = self.state();
        let done = change(&mut state, self.start.elapsed());
        drop(state);
        self.changed.send_replace(());
        done
    }

    /// Waits until the condition holds, which is evaluated now and after every change.
    pub(crate) async fn until(&self, mut condition: impl FnMut() -> bool) {
        let mut changes = self.changed.subscribe();
        while !condition() {
            // The sender lives in `self`, so this cannot fail.
            let _ = changes.changed().await;
        }
    }
}

/// Entries in their order, numbered from 1. The oldest are dropped when there are too many or they hold too many bytes.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    entries: VecDeque<(usize, T)>,
    bytes: usize,
    forgotten: u64,
    last: u64,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), bytes: 0, forgotten: 0, last: 0 }
    }
}

impl<T> Kept<T> {
    /// Adds the entry that is made for this number, and returns the number. `bytes`: what the entry holds.
    pub(crate) fn push(&mut self, bytes: usize, entry: impl FnOnce(u64) -> T) -> u64 {
        self.last += 1;
        self.bytes += bytes;
        self.entries.push_back((bytes, entry(self.last)));
        // The newest stays, however large it is.
        while self.entries.len() > 1 && (self.entries.len() > MAX_ENTRIES || self.bytes > MAX_BYTES) {
            let Some((bytes, _)) = self.entries.pop_front() else { break };
            self.bytes -= bytes;
            self.forgotten += 1;
        }
        self.last
    }

    /// Returns the entry with this number, if it is kept.
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let from_end = usize::try_from(self.last.checked_sub(number)?).ok()?;
        let position = self.entries.len().checked_sub(from_end + 1)?;
        self.entries.get_mut(position).map(|(_, entry)| entry)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, entry)| entry)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Drops all entries; the numbers go on.
    pub(crate) fn cleared(&self) -> Self {
        Self { last: self.last, ..Self::default() }
    }
}

/// Counts one more, if the key is known or one of the first.
pub(crate) fn count<K, Q>(counts: &mut HashMap<K, u64>, key: &Q, max_keys: usize)
where
    K: Borrow<Q> + Eq + Hash,
    Q: ToOwned<Owned = K> + Eq + Hash + ?Sized,
{
    if let Some(count) = counts.get_mut(key) {
        *count += 1;
    } else if counts.len() < max_keys {
        counts.insert(key.to_owned(), 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_number_until_they_are_dropped() {
        let mut kept = Kept::default();
        assert_eq!(kept.get_mut(0), None);
        assert_eq!([kept.push(1, |n| n), kept.push(MAX_BYTES, |n| n), kept.push(0, |n| n)], [1, 2, 3]);
        assert_eq!((kept.forgotten(), kept.len()), (1, 2));
        assert_eq!([0, 1, 2, 3, 4].map(|n| kept.get_mut(n).copied()), [None, None, Some(2), Some(3), None]);
        // An entry over the limit is kept while it is the newest.
        kept.push(2 * MAX_BYTES, |n| n);
        assert_eq!(kept.iter().collect::<Vec<_>>(), [&4]);
        kept = kept.cleared();
        assert_eq!((kept.push(0, |n| n), kept.get_mut(4).copied(), kept.forgotten()), (5, None, 0));
    }
}
