//! Limits of traffic.
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use super::clock::seconds_to_wait;
use super::closing::Closing;
use super::session::Client;

/// How much a client may send: messages and pings count as actions, pongs and close frames do not. A packet that a fault
/// answers in the sandbox's place is not counted.
///
/// The documentation has two versions of these limits, [`session`](Self::session) and [`address`](Self::address).
#[derive(Clone, Copy, Debug)]
#[must_use = "a limit does nothing until it is set"]
pub struct RateLimit {
    pub(super) scope: Option<Scope>,
    actions: usize,
    period: Duration,
    block: Duration,
    pub(super) refuse_upgrades: bool,
}

/// Whose actions are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Session,
    Address,
}

impl RateLimit {
    /// 60 actions in any 60 seconds of a session. The next one closes it with 4201 (`rate limit hit`). For 30 s from
    /// then on, an Initialize with the same key and client id is answered with 4201 and the seconds left; if
    /// the session was not initialized, every Initialize from its address.
    pub const fn session() -> Self {
        Self {
            scope: Some(Scope::Session),
            actions: 60,
            period: Duration::from_secs(60),
            block: Duration::from_secs(30),
            refuse_upgrades: false,
        }
    }

    /// 90 actions in any 60 seconds of all sessions from one address together. The next one closes its session with
    /// 4201 (`rate limit hit`). For 5 minutes from then on, every message from this address is answered with 4201 and
    /// the seconds left.
    pub const fn address() -> Self {
        Self { scope: Some(Scope::Address), actions: 90, block: Duration::from_secs(300), ..Self::session() }
    }

    /// No limit.
    pub const fn off() -> Self {
        Self { scope: None, ..Self::session() }
    }

    /// How many actions are allowed in any period of this length.
    pub const fn allow(mut self, actions: usize, period: Duration) -> Self {
        self.actions = actions;
        self.period = period;
        self
    }

    /// How long the block lasts.
    pub const fn block_for(mut self, time: Duration) -> Self {
        self.block = time;
        self
    }

    /// During the block, upgrades from the address are refused with HTTP 429 and `Retry-After`.
    pub const fn refuse_upgrades(mut self) -> Self {
        self.refuse_upgrades = true;
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

/// The traffic of addresses, and who crossed a limit.
#[derive(Default)]
pub(super) struct Guard {
    addresses: HashMap<IpAddr, Traffic>,
    blocked: HashMap<Who, Duration>,
    /// Addresses of all who are blocked.
    upgrades: HashMap<IpAddr, Duration>,
}

impl Guard {
    /// Counts an action of a session.
    pub(super) fn act(
        &mut self,
        limit: &RateLimit,
        now: Duration,
        address: IpAddr,
        session: &mut Traffic,
        client: impl FnOnce() -> Option<Who>,
    ) -> Result<(), Closing> {
        let (within, who) = match limit.scope {
            None => return Ok(()),
            Some(Scope::Session) => (session.act(now, limit), client().unwrap_or(Who::Address(address))),
            Some(Scope::Address) => {
                let who = Who::Address(address);
                self.check(&who, now)?;
                (self.addresses.entry(address).or_default().act(now, limit), who)
            }
        };
        if within {
            return Ok(());
        }
        let until = now.saturating_add(limit.block);
        self.blocked.retain(|_, &mut until| until > now);
        self.upgrades.retain(|_, &mut until| until > now);
        self.blocked.insert(who, until);
        self.upgrades.insert(address, until);
        Err(Closing::LimitHit)
    }

    /// Refuses who is blocked.
    pub(super) fn check(&self, who: &Who, now: Duration) -> Result<(), Closing> {
        match self.blocked.get(who).and_then(|until| until.checked_sub(now)).filter(|left| !left.is_zero()) {
            Some(left) => Err(Closing::Limited { seconds: seconds_to_wait(left) }),
            None => Ok(()),
        }
    }

    /// Seconds until upgrades from this address are accepted again.
    pub(super) fn upgrades_blocked(&self, address: IpAddr, now: Duration) -> Option<u64> {
        let left = self.upgrades.get(&address)?.checked_sub(now).filter(|left| !left.is_zero())?;
        Some(seconds_to_wait(left))
    }
}
