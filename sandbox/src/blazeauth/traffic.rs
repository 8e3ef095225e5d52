//! Limits of traffic.
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use super::client::Client;
use super::closing::Closing;
use crate::clock::seconds_to_wait;

/// How much a session may send: messages and pings count as actions, pongs and close frames do not. A packet that a fault
/// answers without carrying it out is not counted.
#[derive(Clone, Copy, Debug)]
#[must_use = "a limit does nothing until it is set"]
pub struct RateLimit {
    on: bool,
    actions: usize,
    period: Duration,
    block: Duration,
}

impl RateLimit {
    /// Returns the documented limit: 60 actions in any 60 seconds of a session. The next one closes it with 4201
    /// (`rate limit hit`). For 30 s from then on, an Initialize with the same key and client id is answered with 4201
    /// and the seconds left; if the session was not initialized, every Initialize from its address.
    pub const fn session() -> Self {
        Self { on: true, actions: 60, period: Duration::from_secs(60), block: Duration::from_secs(30) }
    }

    /// Returns no limit.
    pub const fn off() -> Self {
        Self { on: false, ..Self::session() }
    }

    /// Sets how many actions are allowed in any period of this length.
    pub const fn allow(mut self, actions: usize, period: Duration) -> Self {
        self.actions = actions;
        self.period = period;
        self
    }

    /// Sets how long the block lasts.
    pub const fn block_for(mut self, time: Duration) -> Self {
        self.block = time;
        self
    }
}

/// When the last actions were, oldest first.
#[derive(Debug, Default)]
pub(super) struct Traffic(VecDeque<Duration>);

impl Traffic {
    /// Whether one more action is within the limit; then it is counted.
    fn act(&mut self, now: Duration, limit: &RateLimit) -> bool {
        while self.0.front().is_some_and(|&time| time.saturating_add(limit.period) <= now) {
            self.0.pop_front();
        }
        let within = self.0.len() < limit.actions;
        if within {
            self.0.push_back(now);
        }
        within
    }
}

/// Who is blocked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Client(Client),
    Address(IpAddr),
}

/// Who crossed the limit, and until when they are blocked.
#[derive(Default)]
pub(super) struct Guard(HashMap<Who, Duration>);

impl Guard {
    /// Counts an action of a session.
    pub(super) fn act(
        &mut self,
        limit: &RateLimit,
        now: Duration,
        session: &mut Traffic,
        who: impl FnOnce() -> Who,
    ) -> Result<(), Closing> {
        if !limit.on || session.act(now, limit) {
            return Ok(());
        }
        self.0.retain(|_, &mut until| until > now);
        self.0.insert(who(), now.saturating_add(limit.block));
        Err(Closing::LimitHit)
    }

    /// Refuses who is blocked.
    pub(super) fn check(&self, who: &Who, now: Duration) -> Result<(), Closing> {
        match self.0.get(who).and_then(|until| until.checked_sub(now)).filter(|left| !left.is_zero()) {
            Some(left) => Err(Closing::Limited { seconds: seconds_to_wait(left) }),
            None => Ok(()),
        }
    }
}
