//! Which positions of lists are known to be within the server's maximum response size.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the replies of a connection showed of the server's maximum. Another connection may lead to another server.
#[derive(Debug, Default)]
pub(super) struct Within(Mutex<Known>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Counts connections.
    connection: u64,
    /// All positions below this one are within the maximum.
    pub(super) positions: u64,
}

impl Within {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn known(&self) -> Known {
        *self.lock()
    }

    /// Learns from a range that the server answered up to this position. `before` is what was known when it was asked for:
    /// the answer counts only if it came on the present connection.
    pub(super) fn learn(&self, before: Known, positions: u64) {
        let mut known = self.lock();
        if known.connection == before.connection {
            known.positions = known.positions.max(positions);
        }
    }

    /// Forgets everything: the connection has ended.
    pub(super) fn forget(&self) {
        let mut known = self.lock();
        *known = Known { connection: known.connection.wrapping_add(1), positions: 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_connection_showed_does_not_count() {
        let within = Within::default();
        let before = within.known();
        within.learn(before, 10);
        within.learn(before, 7);
        assert_eq!(within.known().positions, 10);
        within.forget();
        within.learn(before, 20);
        assert_eq!(within.known().positions, 0);
        within.learn(within.known(), 5);
        assert_eq!(within.known().positions, 5);
    }
}
