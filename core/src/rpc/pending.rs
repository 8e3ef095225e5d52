//! The table of written commands that wait for replies: no I/O, no clock, no wakers.

use super::core::Estimated;
use super::expect::{Matching, Replies};
use super::message::Part;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// One written command.
#[derive(Debug)]
pub(super) struct Entry<K> {
    pub(super) seq: u64,
    /// The position of its first byte, unique and rising. Commands need not be written in the order of their numbers.
    pub(super) start: u64,
    /// Where the caller waits.
    pub(super) slot: usize,
    pub(super) key: K,
    pub(super) left: Left,
    /// Its share of the window; unused for a one-way command.
    pub(super) reply_bytes: usize,
    /// The share is an estimate.
    pub(super) estimated: bool,
}

/// Which replies are still expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Narrow, since thousands of commands may wait.
    Count(u32),
    UntilLast,
    OnFailure,
}

impl Left {
    /// Returns the expected replies; `None` if the command never has one.
    pub(super) fn of(replies: Replies) -> Option<Self> {
        match replies {
            Replies::One => Some(Self::Count(1)),
            Replies::Exactly(0) | Replies::None => None,
            // More than four billion replies count as a stream without an end.
            Replies::Exactly(n) => Some(u32::try_from(n).map_or(Self::UntilLast, Self::Count)),
            Replies::UntilLast => Some(Self::UntilLast),
            Replies::OnlyOnFailure => Some(Self::OnFailure),
        }
    }
}

/// The command that a reply belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// The command in this slot. `done`: its entry was removed from the table.
    Reply { slot: usize, done: bool },
    /// The failure of a one-way command. Its entry was removed from the table.
    OneWayFailure { slot: usize },
    /// No waiting command.
    NoCommand,
    /// Replies come in order, and this one does not fit the oldest command: a reply is missing.
    OutOfOrder { slot: usize },
}

pub(super) struct Pending<K> {
    matching: Matching,
    /// Commands in the order of writing. With ids it holds only the one-way commands.
    ordered: VecDeque<Entry<K>>,
    by_id: HashMap<K, Entry<K>>,
    /// The sum of known sizes.
    reply_bytes: usize,
    estimated: Estimated,
    one_way: usize,
}

impl<K: Clone + Eq + Hash> Pending<K> {
    pub(super) fn new(matching: Matching) -> Self {
        let estimated = Estimated::default();
        Self { matching, ordered: VecDeque::new(), by_id: HashMap::new(), reply_bytes: 0, estimated, one_way: 0 }
    }

    pub(super) fn matching(&self) -> Matching {
        self.matching
    }

    /// Returns the number of commands in the window, which excludes one-way commands.
    pub(super) fn commands(&self) -> usize {
        self.ordered.len() + self.by_id.len() - self.one_way
    }

    /// Returns the number of unconfirmed one-way commands.
    pub(super) fn one_way_count(&self) -> usize {
        self.one_way
    }

    /// Returns the bytes of replies that the commands in the window expect at most, without estimates.
    pub(super) fn reply_bytes(&self) -> usize {
        self.reply_bytes
    }

    /// Returns the estimates of the commands in the window.
    pub(super) fn estimated(&self) -> Estimated {
        self.estimated
    }

    /// Adds a command. Returns it if its id is taken.
    pub(super) fn insert(&mut self, entry: Entry<K>) -> Result<(), Entry<K>> {
        if self.matching == Matching::ById && entry.left != Left::OnFailure {
            if self.by_id.contains_key(&entry.key) {
                return Err(entry);
            }
            self.count(&entry);
            self.by_id.insert(entry.key.clone(), entry);
        } else {
            self.count(&entry);
            self.ordered.push_back(entry);
        }
        Ok(())
    }

    fn count(&mut self, entry: &Entry<K>) {
        if entry.left == Left::OnFailure {
            self.one_way += 1;
        } else if entry.estimated {
            self.estimated.add(entry.reply_bytes);
        } else {
            self.reply_bytes = self.reply_bytes.saturating_add(entry.reply_bytes);
        }
    }

    /// Finds the command that a reply answers. Adds the one-way commands that the reply confirms to `proven`. The
    /// functions are [`Protocol::fits`](super::Protocol::fits) and [`OneWay::proves`](super::OneWay::proves).
    pub(super) fn settle(
        &mut self,
        got: &K,
        part: Part,
        fits: impl Fn(&K, &K) -> bool,
        proves: impl Fn(&K, &K) -> bool,
        proven: &mut Vec<usize>,
    ) -> Match {
        if self.matching == Matching::ById
            && let Some(entry) = self.by_id.get_mut(got)
        {
            let (start, slot) = (entry.start, entry.slot);
            let done = count_down(&mut entry.left, part);
            if done && let Some(entry) = self.by_id.remove(got) {
                self.uncount(&entry);
                self.prove(start, &entry.key, proves, proven);
            }
            return Match::Reply { slot, done };
        }
        let at = match self.matching {
            Matching::InOrder => {
                let oldest = self.ordered.iter().position(|e| fits(&e.key, got) || e.left != Left::OnFailure);
                match oldest {
                    Some(at) if !fits(&self.ordered[at].key, got) => {
                        return Match::OutOfOrder { slot: self.ordered[at].slot };
                    }
                    oldest => oldest,
                }
            }
            Matching::ById | Matching::ByName => self.ordered.iter().position(|e| fits(&e.key, got)),
        };
        let Some(at) = at else { return Match::NoCommand };
        let entry = &mut self.ordered[at];
        let (start, slot, left) = (entry.start, entry.slot, entry.left);
        let done = count_down(&mut entry.left, part);
        if done && let Some(entry) = self.ordered.remove(at) {
            self.uncount(&entry);
            if left == Left::OnFailure {
                return Match::OneWayFailure { slot };
            }
            self.prove(start, &entry.key, proves, proven);
        }
        Match::Reply { slot, done }
    }

    /// Returns how many commands a reply fits, if they are not told apart by ids.
    pub(super) fn fitting(&self, got: &K, fits: impl Fn(&K, &K) -> bool) -> usize {
        self.ordered.iter().filter(|entry| fits(&entry.key, got)).count()
    }

    /// Removes the one-way commands that the answer to a later command confirms.
    fn prove(&mut self, start: u64, answered: &K, proves: impl Fn(&K, &K) -> bool, proven: &mut Vec<usize>) {
        if self.one_way == 0 {
            return;
        }
        let before = proven.len();
        self.ordered.retain(|e| {
            let done = e.left == Left::OnFailure && e.start < start && proves(&e.key, answered);
            if done {
                proven.push(e.slot);
            }
            !done
        });
        self.one_way -= proven.len() - before;
    }

    /// Removes a cancelled command and returns whether it did. If replies come in order, the command stays, because its
    /// replies are counted.
    pub(super) fn forget(&mut self, key: &K, slot: usize) -> bool {
        let entry = match self.matching {
            Matching::InOrder => None,
            Matching::ById => self.by_id.remove(key),
            Matching::ByName => {
                let at = self.ordered.iter().position(|entry| entry.slot == slot);
                at.and_then(|at| self.ordered.remove(at))
            }
        };
        if let Some(entry) = &entry {
            self.uncount(entry);
        }
        entry.is_some()
    }

    fn uncount(&mut self, entry: &Entry<K>) {
        if entry.left == Left::OnFailure {
            self.one_way -= 1;
            return;
        }
        if entry.estimated {
            self.estimated.remove(entry.reply_bytes);
            return;
        }
        // A saturated sum cannot be reduced exactly; an empty table resets it.
        self.reply_bytes = if self.commands() == 0 { 0 } else { self.reply_bytes.saturating_sub(entry.reply_bytes) };
    }

    /// Returns the oldest command, for whose reply the others wait; with ids `None`.
    pub(super) fn oldest(&self) -> Option<&Entry<K>> {
        self.ordered.iter().find(|e| e.left != Left::OnFailure)
    }

    /// Returns the slot of the next reply, if replies come in order.
    pub(super) fn in_order_oldest(&self) -> Option<usize> {
        (self.matching == Matching::InOrder).then(|| self.oldest().map(|oldest| oldest.slot)).flatten()
    }

    /// Returns the oldest unconfirmed one-way command with a number below `below`.
    pub(super) fn oldest_one_way(&self, below: u64) -> Option<&Entry<K>> {
        self.ordered.iter().find(|e| e.left == Left::OnFailure && e.seq < below)
    }

    /// Removes all commands and returns them in the order of writing.
    pub(super) fn drain(&mut self) -> Vec<Entry<K>> {
        let mut all: Vec<_> = self.ordered.drain(..).chain(self.by_id.drain().map(|(_, e)| e)).collect();
        all.sort_unstable_by_key(|e| e.start);
        (self.reply_bytes, self.estimated, self.one_way) = (0, Estimated::default(), 0);
        all
    }
}

/// Counts one reply; returns whether it was the last.
fn count_down(left: &mut Left, part: Part) -> bool {
    match left {
        Left::OnFailure => true,
        Left::UntilLast => part == Part::Last,
        Left::Count(n) => {
            *n = n.saturating_sub(1);
            *n == 0 || part == Part::Last
        }
    }
}

#[cfg(test)]
mod tests;
