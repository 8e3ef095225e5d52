//! Rules for messages and connections: when they apply.
use std::fmt;

use super::plan::{Moment, Plan, Reaction};
use super::rules::{ALL_CALLS, Calls, Rules};
use crate::message::Message;

/// A [`Fault`](super::Fault) or a [`ConnectFault`](super::ConnectFault).
#[derive(Debug)]
pub struct Rule {
    pub(super) moment: Moment,
    pub(super) command: Option<String>,
    pub(super) id: Option<u64>,
    pub(super) connection: Option<u64>,
    pub(super) calls: Calls,
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
        Self { moment, command: None, id: None, connection: None, calls: ALL_CALLS, condition: None, plan }
    }

    fn fits(&self, moment: Moment, call: &Call<'_>) -> bool {
        self.moment == moment
            && self.command.as_deref().is_none_or(|command| call.command == Some(command))
            && self.id.is_none_or(|id| call.id == Some(id))
            && self.connection.is_none_or(|connection| call.connection == connection)
            && self.condition.as_ref().is_none_or(|condition| condition.0(call))
    }
}

/// The rules of a server.
pub(crate) type Faults = Rules<Rule>;

impl Faults {
    /// Returns the plan of the first rule that applies; all that fit count the call.
    pub(crate) fn plan(&self, moment: Moment, call: &Call<'_>) -> Option<Plan> {
        self.first(|rule| rule.fits(moment, call).then_some(rule.calls)).map(|active| active.rule.plan.clone())
    }
}
