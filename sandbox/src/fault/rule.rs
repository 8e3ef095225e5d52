//! Rules: when they apply, and which of several does.
use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::plan::{Moment, Plan, Reaction};
use crate::message::Message;

/// A [`Fault`](super::Fault) or a [`ConnectFault`](super::ConnectFault).
#[derive(Debug)]
pub struct Rule {
    pub(super) moment: Moment,
    pub(super) command: Option<String>,
    pub(super) id: Option<u64>,
    pub(super) connection: Option<u64>,
    pub(super) calls: (Bound<u64>, Bound<u64>),
    pub(super) condition: Option<Condition>,
    pub(super) plan: Plan,
}

type Test = dyn Fn(&Call<'_>) -> bool + Send + Sync;

pub(super) struct Condition(pub(super) Box<Test>);

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Condition")
    }
}

/// The message, or the new connection, that a rule decides on.
#[derive(Debug)]
#[non_exhaustive]
pub struct Call<'a> {
    /// Number of the connection, from 1 in the order of acceptance.
    pub connection: u64,
    /// Name of the command, if the message has one.
    pub command: Option<&'a str>,
    /// The number that ties the reply to the message, in services whose messages have one.
    pub id: Option<u64>,
    /// The message; before the first one, `None`.
    pub message: Option<&'a Message>,
}

impl Rule {
    pub(super) fn new(moment: Moment) -> Self {
        let plan = Plan { reaction: Reaction::Reply, carry_out: false, hold: None, block: None, delay: None };
        let calls = (Bound::Unbounded, Bound::Unbounded);
        Self { moment, command: None, id: None, connection: None, calls, condition: None, plan }
    }

    fn fits(&self, moment: Moment, call: &Call<'_>) -> bool {
        self.moment == moment
            && self.command.as_deref().is_none_or(|command| call.command == Some(command))
            && self.id.is_none_or(|id| call.id == Some(id))
            && self.connection.is_none_or(|connection| call.connection == connection)
            && self.condition.as_ref().is_none_or(|condition| condition.0(call))
    }
}

/// A rule that a server follows.
#[derive(Clone, Debug)]
pub struct FaultHandle {
    rules: Faults,
    rule: Arc<Active>,
}

impl FaultHandle {
    /// Returns how often the reaction was applied.
    pub fn hits(&self) -> u64 {
        self.rule.hits.load(Ordering::Relaxed)
    }

    /// Removes the rule; a reaction that has begun goes on.
    pub fn remove(&self) {
        self.rules.lock().retain(|rule| !Arc::ptr_eq(rule, &self.rule));
    }
}

#[derive(Debug)]
struct Active {
    rule: Rule,
    seen: AtomicU64,
    hits: AtomicU64,
}

/// The rules of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Arc<Mutex<Vec<Arc<Active>>>>);

impl Faults {
    pub(crate) fn add(&self, rule: Rule) -> FaultHandle {
        let rule = Arc::new(Active { rule, seen: AtomicU64::new(0), hits: AtomicU64::new(0) });
        self.lock().push(rule.clone());
        FaultHandle { rules: self.clone(), rule }
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Returns the plan of the first rule that applies; all that fit count the call.
    pub(crate) fn plan(&self, moment: Moment, call: &Call<'_>) -> Option<Plan> {
        let rules = self.lock().clone();
        let mut plan = None;
        for active in rules.iter().filter(|active| active.rule.fits(moment, call)) {
            let seen = active.seen.fetch_add(1, Ordering::Relaxed) + 1;
            if plan.is_none() && active.rule.calls.contains(&seen) {
                active.hits.fetch_add(1, Ordering::Relaxed);
                plan = Some(active.rule.plan.clone());
            }
        }
        plan
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Active>>> {
        // A panic while the list is locked cannot leave it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
