//! From a message to the reply: the checks that come before any command, and the choice of its family.
use std::time::Duration;

use super::super::json::{Object, Value, parse};
use super::answers::{Outcome, Refusal, failure, generic, named, refused};
use super::saves::Disk;
use super::session::Sessions;
use crate::clock::Clock;
use crate::message::Message;
use crate::service::{Response, Service, Violation};
use statuswire::codes::nemesis_sessions::ErrorCode;

/// The state of one server process, and the saves on its disk.
#[derive(Debug)]
pub struct Database {
    clock: Clock,
    pub(super) sessions: Sessions,
    pub(super) disk: Disk,
    /// Whether `SH_SAVE` is allowed.
    pub(super) may_save: bool,
}

/// A message as far as it can be understood without the state.
#[derive(Debug)]
pub struct Request(Read);

#[derive(Debug)]
enum Read {
    Command {
        name: String,
        body: Object,
    },
    /// A command whose body is no object.
    Malformed {
        name: String,
    },
    /// No command; the status that says so.
    Nothing(ErrorCode),
}

impl Database {
    pub(super) fn new(may_save: bool) -> Self {
        Self { clock: Clock::start(), sessions: Sessions::default(), disk: Disk::default(), may_save }
    }

    pub(super) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn command(&mut self, name: &str, body: Object) -> Outcome {
        self.sessions.expire(self.clock.now());
        let outcome = match name.split_once('_') {
            Some(("SH", command)) => self.manage(command, name, body),
            Some(("KV", command)) => self.sessions.keys(command, name, body),
            _ => None,
        };
        outcome.unwrap_or(Err(Refusal::Form(ErrorCode::CommandNotExist, "")))
    }
}

impl Service for Database {
    type Request = Request;

    fn read(message: &Message) -> Request {
        let Message::Text(text) = message else { return Request(Read::Nothing(ErrorCode::OpCodeInvalid)) };
        let mut members = match parse(text) {
            None | Some(Value::Null) => return Request(Read::Nothing(ErrorCode::JsonInvalid)),
            Some(Value::Object(members)) => members,
            Some(_) => return Request(Read::Nothing(ErrorCode::CommandSyntax)),
        };
        Request(match (members.pop_first(), members.is_empty()) {
            (None, _) => Read::Nothing(ErrorCode::CommandSyntax),
            (Some(_), false) => Read::Nothing(ErrorCode::CommandMultiple),
            (Some((name, Value::Object(body))), true) => Read::Command { name, body },
            (Some((name, _)), true) => Read::Malformed { name },
        })
    }

    fn command(request: &Request) -> Option<&str> {
        match &request.0 {
            Read::Command { name, .. } | Read::Malformed { name } => Some(name),
            Read::Nothing(_) => None,
        }
    }

    fn carry_out(&mut self, _connection: u64, request: Request) -> Response {
        match request.0 {
            Read::Nothing(status) => Response::refused().reply(generic(status)),
            Read::Malformed { name } => refused(&name, Refusal::Form(ErrorCode::CommandType, "")),
            Read::Command { name, body } => self.command(&name, body).unwrap_or_else(|refusal| refused(&name, refusal)),
        }
    }

    fn status_reply(command: Option<&str>, _id: Option<u64>, status: u32) -> String {
        match command {
            Some(name) => named(name, failure(status, Value::Null, "")),
            None => generic(status),
        }
    }

    /// The real server cuts such a client off without a close frame.
    fn violation(_violation: Violation) -> Option<u16> {
        None
    }

    /// Only saves outlive the process.
    fn restarted(&mut self) {
        self.sessions = Sessions::starting_at(self.clock.now());
    }
}
