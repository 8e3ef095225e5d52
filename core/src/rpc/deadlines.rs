//! One queue of deadlines for all calls of a connection, instead of one timer per call.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;
use tokio::time::Instant;

/// Returns `from + limit`, or a time a year ahead if an `Instant` cannot hold the sum: `Duration::MAX` means no limit.
pub(crate) fn saturating_deadline(from: Instant, limit: Duration) -> Instant {
    from.checked_add(limit).unwrap_or_else(|| from + Duration::from_secs(86_400 * 365))
}

/// How long a call may take. Default: no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Term {
    pub(super) until: Option<Instant>,
    /// Whether it is the client's default, which does not include the time that the rate limit holds the call back.
    pub(super) elastic: bool,
}

/// The deadline of a call. `seq` is unique among all calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub(super) at: Instant,
    pub(super) seq: u64,
    pub(super) slot: usize,
}

/// A heap that removes finished calls lazily: entries stay until they reach the top, or until finished calls outnumber
/// waiting ones. A deadline costs a few nanoseconds, and memory is proportional to the waiting calls.
#[derive(Default)]
pub(super) struct Deadlines(BinaryHeap<Reverse<Due>>);

impl Deadlines {
    /// Adds a deadline. `alive` is the number of calls with a deadline, including this one; `is_alive` tells which.
    pub(super) fn push(&mut self, due: Due, alive: usize, is_alive: impl Fn(&Due) -> bool) {
        if self.0.len() > 64 + 2 * alive {
            self.0.retain(|Reverse(due)| is_alive(due));
        }
        self.0.push(Reverse(due));
    }

    /// Returns the earliest deadline of a waiting call.
    pub(super) fn next(&mut self, is_alive: impl Fn(&Due) -> bool) -> Option<Instant> {
        while let Some(Reverse(due)) = self.0.peek() {
            if is_alive(due) {
                return Some(due.at);
            }
            self.0.pop();
        }
        None
    }

    /// Removes the earliest deadline of a waiting call, if it has passed.
    pub(super) fn expire(&mut self, now: Instant, is_alive: impl Fn(&Due) -> bool) -> Option<Due> {
        if self.next(is_alive)? > now {
            return None;
        }
        self.0.pop().map(|Reverse(due)| due)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn finished_calls_do_not_pile_up() {
        let start = Instant::now();
        let mut deadlines = Deadlines::default();
        for seq in 0..100_000_u64 {
            // A window of sixteen: all earlier calls are finished, and a later deadline never reaches the top.
            let at = start + Duration::from_secs(30) - Duration::from_micros(seq);
            deadlines.push(Due { at, seq, slot: 0 }, 16, |due| due.seq + 16 > seq);
            assert!(deadlines.len() <= 64 + 2 * 16 + 1);
        }
    }

    #[test]
    fn the_earliest_living_call_expires_first() {
        let start = Instant::now();
        let mut deadlines = Deadlines::default();
        let mut alive = HashSet::new();
        for (seq, ms) in [(0, 50), (1, 10), (2, 30), (3, 20)] {
            alive.insert(seq);
            deadlines.push(Due { at: start + Duration::from_millis(ms), seq, slot: 0 }, 4, |_| true);
        }
        alive.remove(&1);
        let now = start + Duration::from_millis(30);
        assert_eq!(deadlines.next(|d| alive.contains(&d.seq)), Some(start + Duration::from_millis(20)));
        let expired: Vec<_> =
            std::iter::from_fn(|| deadlines.expire(now, |d| alive.contains(&d.seq))).map(|d| d.seq).collect();
        assert_eq!(expired, [3, 2]);
    }
}
