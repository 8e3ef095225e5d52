//! Which of several rules applies, whatever the rules are about.
use std::ops::{Bound, RangeBounds};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which of the calls that fit a rule it applies to, counted from 1.
pub(crate) type Calls = (Bound<u64>, Bound<u64>);

pub(crate) const ALL_CALLS: Calls = (Bound::Unbounded, Bound::Unbounded);

/// A rule that a server follows.
#[derive(Clone, Debug)]
pub struct FaultHandle(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    seen: AtomicU64,
    hits: AtomicU64,
    removed: AtomicBool,
}

impl FaultHandle {
    /// Returns how often the reaction was applied.
    pub fn hits(&self) -> u64 {
        self.0.hits.load(Ordering::Relaxed)
    }

    /// Removes the rule; a reaction that has begun goes on.
    pub fn remove(&self) {
        self.0.removed.store(true, Ordering::Relaxed);
    }
}

#[derive(Debug)]
pub(crate) struct Active<R> {
    pub(crate) rule: R,
    counts: Arc<Counts>,
}

/// The rules of a server, in the order in which they were added.
#[derive(Debug)]
pub(crate) struct Rules<R>(Arc<Mutex<Vec<Arc<Active<R>>>>>);

impl<R> Clone for Rules<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R> Default for Rules<R> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<R> Rules<R> {
    pub(crate) fn add(&self, rule: R) -> FaultHandle {
        let counts = Arc::<Counts>::default();
        self.lock().push(Arc::new(Active { rule, counts: counts.clone() }));
        FaultHandle(counts)
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Returns the first rule that applies to a call. `fits` returns the rule's `calls` if the call fits its other
    /// conditions; all rules that fit count the call.
    pub(crate) fn first(&self, fits: impl Fn(&R) -> Option<Calls>) -> Option<Arc<Active<R>>> {
        let rules = {
            let mut rules = self.lock();
            rules.retain(|active| !active.counts.removed.load(Ordering::Relaxed));
            rules.clone()
        };
        let mut first = None;
        for active in rules {
            let Some(calls) = fits(&active.rule) else { continue };
            let seen = active.counts.seen.fetch_add(1, Ordering::Relaxed) + 1;
            if first.is_none() && calls.contains(&seen) {
                active.counts.hits.fetch_add(1, Ordering::Relaxed);
                first = Some(active);
            }
        }
        first
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Active<R>>>> {
        // A panic while the list is locked cannot leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
