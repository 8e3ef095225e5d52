//! How large replies of unknown size are likely to be.

use crate::rpc::expect::Window;

/// One, as a factor.
const ONE: u64 = 1 << 16;

/// What was learned about replies whose size was only estimated (`Expect::estimated_reply_bytes`).
#[derive(Debug)]
pub(in crate::rpc) struct Estimates {
    /// The largest reply so far, relative to its estimate.
    largest: u64,
    /// What is assumed for the next reply: halved with each one that arrives.
    assumed: u64,
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
        Self { largest: 0, assumed: ONE, least: window.reply_bytes / window.commands.max(1) }
    }

    /// Learns from a reply.
    pub(in crate::rpc) fn learn(&mut self, estimated: usize, actual: usize) {
        let factor = (actual as u128 * u128::from(ONE)).div_ceil(estimated.max(1) as u128);
        self.largest = self.largest.max(u64::try_from(factor).unwrap_or(u64::MAX));
        self.assumed /= 2;
    }

    /// Returns the bytes that the replies are expected to have.
    pub(in crate::rpc) fn bytes(&self, of: Estimated) -> usize {
        let factor = self.largest.max(self.assumed);
        let bytes = of.bytes as u128 * u128::from(factor) / u128::from(ONE);
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
    fn no_number_is_too_large() {
        let mut estimates = Estimates::new(Window { commands: 0, reply_bytes: usize::MAX });
        estimates.learn(0, usize::MAX);
        estimates.learn(usize::MAX, 0);
        assert_eq!(estimates.bytes(Estimated { commands: usize::MAX, bytes: usize::MAX }), usize::MAX);
    }
}
