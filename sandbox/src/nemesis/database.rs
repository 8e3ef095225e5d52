//! From a message to the reply: the checks that come before any command, and the choice of its family.
use super::array::Items;
use super::arrays::Arrays;
use super::json::{self, Object, Value, object, to_text};
use super::kv::Keys;
use super::lists::Lists;
use super::params::{Outcome, Refusal};
use super::settings::Settings;
use crate::message::Message;
use crate::service::{Response, Service, Violation};
use statuswire::codes::nemesis::ErrorCode;

/// The state of one server process.
#[derive(Debug)]
pub struct Database {
    settings: Settings,
    keys: Keys,
    objects: Arrays,
    integers: Arrays,
    strings: Arrays,
    sorted_integers: Arrays,
    sorted_strings: Arrays,
    lists: Lists,
    /// The server builds its answer to an unknown family once and keeps it: the name in it is that of the first such
    /// command that the process received, on any connection (observed).
    first_unknown: Option<String>,
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
    /// A command whose name has no family or whose body is no object.
    Malformed {
        name: String,
    },
    /// No command; the status that says so.
    Nothing(ErrorCode),
}

impl Database {
    pub(super) fn new(settings: Settings) -> Self {
        let limits = settings.limits;
        let arrays = |items, sorted| Arrays::new(items, sorted, limits.arrays);
        Self {
            settings,
            keys: Keys::default(),
            objects: arrays(Items::Objects, false),
            integers: arrays(Items::Integers, false),
            strings: arrays(Items::Strings, false),
            sorted_integers: arrays(Items::Integers, true),
            sorted_strings: arrays(Items::Strings, true),
            lists: Lists::new(limits.max_list_response),
            first_unknown: None,
        }
    }

    /// `None`: no such command in a family that exists.
    fn family(&mut self, name: &str, body: Object) -> Option<Outcome> {
        let (family, command) = name.split_once('_').unwrap_or_default();
        match family {
            "KV" => self.keys.command(command, body, &self.settings),
            "OARR" => self.objects.command(command, body),
            "IARR" => self.integers.command(command, body),
            "STRARR" => self.strings.command(command, body),
            "SIARR" => self.sorted_integers.command(command, body),
            "SSTRARR" => self.sorted_strings.command(command, body),
            "OLST" => self.lists.command(command, body),
            _ => Some(self.other(name)),
        }
    }

    fn other(&mut self, name: &str) -> Outcome {
        if name == "SV_INFO" {
            return Ok(object([
                ("persistEnabled", self.settings.persist.into()),
                ("serverVersion", "0.9".into()),
                ("st", ErrorCode::Ok.into()),
            ]));
        }
        Err(Refusal::UnknownFamily)
    }
}

impl Service for Database {
    type Request = Request;

    fn read(message: &Message) -> Request {
        let Message::Text(text) = message else { return Request(Read::Nothing(ErrorCode::OpCodeInvalid)) };
        let Some(value) = json::parse(text) else { return Request(Read::Nothing(ErrorCode::JsonInvalid)) };
        let Value::Object(mut members) = value else { return Request(Read::Nothing(ErrorCode::CommandSyntax)) };
        Request(match (members.pop_first(), members.is_empty()) {
            (Some((name, Value::Object(body))), true) if name.contains('_') => Read::Command { name, body },
            (Some((name, _)), true) => Read::Malformed { name },
            _ => Read::Nothing(ErrorCode::CommandSyntax),
        })
    }

    fn command(request: &Request) -> Option<&str> {
        match &request.0 {
            Read::Command { name, .. } | Read::Malformed { name } => Some(name),
            Read::Nothing(_) => None,
        }
    }

    fn carry_out(&mut self, _connection: u64, request: Request) -> Response {
        let refused = |reply: Value| Response::refused().reply(to_text(&reply));
        match request.0 {
            Read::Nothing(status) => refused(generic(status)),
            Read::Malformed { name } => refused(named(&name, with_status(ErrorCode::CommandSyntax))),
            Read::Command { name, body } => match self.family(&name, body) {
                Some(Ok(reply)) => Response::executed().reply(to_text(&named(&name, reply))),
                Some(Err(Refusal::Named(status))) => refused(named(&name, with_status(status))),
                Some(Err(Refusal::Misnamed(name, status))) => refused(named(name, with_status(status))),
                Some(Err(Refusal::UnknownFamily)) => {
                    let name = self.first_unknown.get_or_insert(name);
                    refused(named(name, with_status(ErrorCode::CommandNotExist)))
                }
                Some(Err(Refusal::Generic(status))) => refused(generic(status)),
                Some(Err(Refusal::Crash)) => Response::crashed(),
                None => refused(generic(ErrorCode::CommandNotExist)),
            },
        }
    }

    fn status_reply(command: Option<&str>, _id: Option<u64>, status: u32) -> String {
        to_text(&match command {
            Some(name) => named(name, with_status(status)),
            None => generic(status),
        })
    }

    /// The real server cuts such a client off without a close frame.
    fn violation(_violation: Violation) -> Option<u16> {
        None
    }

    /// Only saves outlive the process.
    fn restarted(&mut self) {
        *self = Self::new(self.settings.clone());
    }
}

fn with_status(status: impl Into<Value>) -> Value {
    object([("st", status.into())])
}

fn named(command: &str, body: Value) -> Value {
    object([(&format!("{command}_RSP"), body)])
}

fn generic(status: impl Into<Value>) -> Value {
    object([("ERR", with_status(status))])
}
