//! How large replies of unknown size are likely to be.

use crate::rpc::expect::Window;

/// One, as a factor.
const ONE: u64 = 1 << 16;

/// How many replies the largest one is remembered for at least; at most it is twice as many.
const REMEMBERED: u32 = 512;

/// What was learned about replies whose size was only estimated (`Expect::estimated_reply_bytes`).
#[derive(Debug)]
pub(in crate::rpc) struct Estimates {
    /// What is assumed for the next reply, relative to its estimate: as much as the largest reply that is remembered. It
    /// falls by half at most with each reply.
    factor: u64,
    /// The largest of the latest replies, relative to its estimate, and the number of these replies.
    largest: u64,
    learned: u32,
    /// The largest of the `REMEMBERED` replies before them.
    largest_before: u64,
    /// The least that a command counts: with replies of this size, all of the window is used.
    least: usize,
}

/// Estimates of several commands, as the protocol made them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::rpc) struct Estimated {
    pub(in crate::rpc) commands: usize,
    /// The sum.
    pub(in crate::rpc) bytes: usize,
}

impl Estimated {
    pub(in crate::rpc) fn add(&mut self, bytes: usize) {
        self.commands += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// A saturated sum cannot be reduced exactly; the last command resets it.
    pub(in crate::rpc) fn remove(&mut self, bytes: usize) {
        self.commands -= 1;
        self.bytes = if self.commands == 0 { 0 } else { self.bytes.saturating_sub(bytes) };
    }
}

impl Estimates {
    pub(in crate::rpc) fn new(window: Window) -> Self {
        let least = window.reply_bytes / window.commands.max(1);
        Self { factor: ONE, largest: 0, learned: 0, largest_before: 0, least }
    }

    /// Learns from a reply.
    pub(in crate::rpc) fn learn(&mut self, estimated: usize, actual: usize) {
        if self.learned == REMEMBERED {
            (self.largest_before, self.largest, self.learned) = (self.largest, 0, 0);
        }
        let factor = (actual as u128 * u128::from(ONE)).div_ceil(estimated.max(1) as u128);
        self.largest = self.largest.max(u64::try_from(factor).unwrap_or(u64::MAX));
        self.learned += 1;
        self.factor = (self.factor / 2).max(self.largest).max(self.largest_before);
    }

    /// Returns the bytes that the replies are expected to have.
    pub(in crate::rpc) fn bytes(&self, of: Estimated) -> usize {
        let bytes = of.bytes as u128 * u128::from(self.factor) / u128::from(ONE);
        usize::try_from(bytes).unwrap_or(usize::MAX).max(of.commands.saturating_mul(self.least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_flight(estimates: &Estimates, each: usize) -> usize {
        let mut sum = Estimated::default();
        while sum.commands < 1000 {
            sum.add(each);
            if estimates.bytes(sum) > 64 * 1024 {
                return sum.commands - 1;
            }
        }
        sum.commands
    }

    #[test]
    fn small_replies_let_more_commands_be_sent_and_a_large_one_ends_it() {
        const EACH: usize = 32 * 1024;
        let mut estimates = Estimates::new(Window { commands: 64, reply_bytes: 64 * 1024 });
        let mut seen = Vec::new();
        for _ in 0..8 {
            seen.push(in_flight(&estimates, EACH));
            estimates.learn(EACH, 40);
        }
        assert_eq!(seen, [2, 4, 8, 16, 32, 64, 64, 64]);
        estimates.learn(EACH, 2000);
        assert_eq!(in_flight(&estimates, EACH), 32);
        // Spelled longer than any command could be.
        estimates.learn(EACH, 180_000);
        estimates.learn(EACH, 40);
        assert_eq!(in_flight(&estimates, EACH), 0);
        // The same factor applies to commands with several values.
        assert!(estimates.bytes(Estimated { commands: 1, bytes: 10 * EACH }) >= 1_800_000);
    }

    #[test]
    fn a_large_reply_is_forgotten_after_many_small_ones_and_not_before() {
        const EACH: usize = 32 * 1024;
        for before in [0, 1, REMEMBERED - 1, REMEMBERED, REMEMBERED + 1] {
            let mut estimates = Estimates::new(Window { commands: 64, reply_bytes: 64 * 1024 });
            (0..before).for_each(|_| estimates.learn(EACH, 40));
            estimates.learn(EACH, EACH);
            let mut seen = Vec::new();
            for _ in 0..2 * REMEMBERED + 6 {
                seen.push(in_flight(&estimates, EACH));
                estimates.learn(EACH, 40);
            }
            let slowed = seen.iter().take_while(|commands| **commands == 2).count();
            assert!((REMEMBERED as usize..=2 * REMEMBERED as usize).contains(&slowed), "{before}: {slowed}");
            // Never at one blow.
            assert_eq!(seen[slowed..slowed + 5], [4, 8, 16, 32, 64], "{before}");
            // Every further one counts at once.
            estimates.learn(EACH, EACH);
            assert_eq!(in_flight(&estimates, EACH), 2);
        }
    }

    #[test]
    fn a_large_reply_among_every_few_hundred_keeps_the_bound() {
        const EACH: usize = 32 * 1024;
        let mut estimates = Estimates::new(Window { commands: 64, reply_bytes: 64 * 1024 });
        for reply in 0..10 * REMEMBERED {
            estimates.learn(EACH, if reply % (REMEMBERED - 1) == 0 { EACH } else { 40 });
            assert_eq!(in_flight(&estimates, EACH), 2, "{reply}");
        }
    }

    #[test]
    fn no_number_is_too_large() {
        let mut estimates = Estimates::new(Window { commands: 0, reply_bytes: usize::MAX });
        estimates.learn(0, usize::MAX);
        estimates.learn(usize::MAX, 0);
        assert_eq!(estimates.bytes(Estimated { commands: usize::MAX, bytes: usize::MAX }), usize::MAX);
    }
}
