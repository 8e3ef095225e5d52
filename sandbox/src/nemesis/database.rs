//! From a message to the reply: the checks that come before any command, and the choice of its family.
use std::sync::Arc;

use super::super::json::{self, Object, Value, object, to_text};
use super::super::record::Message;
use super::super::service::{CarriedOut, Service};
use super::array::Items;
use super::arrays::Arrays;
use super::kv::Keys;
use super::lists::Lists;
use super::params::{Outcome, Refusal};
use super::paths::Root;
use statuswire::codes::nemesis::ErrorCode;

/// What stays the same over restarts.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) persist: bool,
    pub(super) saves: Arc<Root>,
}

/// The state of one server process.
#[derive(Debug)]
pub(super) struct Database {
    settings: Settings,
    keys: Keys,
    objects: Arrays,
    integers: Arrays,
    strings: Arrays,
    sorted_integers: Arrays,
    sorted_strings: Arrays,
    lists: Lists,
    /// The server builds its answer to an unknown family once and keeps it: the name in it is that of the first such
    /// command that the process ever received, from whomever (observed).
    first_unknown: Option<String>,
}

/// A message as far as it can be understood without the state.
#[derive(Debug)]
pub(super) enum Request {
    Command {
        name: String,
        body: Object,
    },
    /// A command whose name has no family or whose body is no object.
    Malformed {
        name: String,
    },
    /// No command at all; the status that says so.
    Nothing(ErrorCode),
}

impl Database {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            keys: Keys::default(),
            objects: Arrays::new(Items::Objects, false),
            integers: Arrays::new(Items::Integers, false),
            strings: Arrays::new(Items::Strings, false),
            sorted_integers: Arrays::new(Items::Integers, true),
            sorted_strings: Arrays::new(Items::Strings, true),
            lists: Lists::default(),
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
        let Message::Text(text) = message else { return Request::Nothing(ErrorCode::OpCodeInvalid) };
        let Some(value) = json::parse(text) else { return Request::Nothing(ErrorCode::JsonInvalid) };
        let Value::Object(mut members) = value else { return Request::Nothing(ErrorCode::CommandSyntax) };
        match (members.pop_first(), members.is_empty()) {
            (Some((name, Value::Object(body))), true) if name.contains('_') => Request::Command { name, body },
            (Some((name, _)), true) => Request::Malformed { name },
            _ => Request::Nothing(ErrorCode::CommandSyntax),
        }
    }

    fn command(request: &Request) -> Option<&str> {
        match request {
            Request::Command { name, .. } | Request::Malformed { name } => Some(name),
            Request::Nothing(_) => None,
        }
    }

    fn carry_out(&mut self, _connection: u64, request: Request) -> CarriedOut {
        let (reply, executed) = match request {
            Request::Nothing(status) => (generic(status), false),
            Request::Malformed { name } => (named(&name, with_status(ErrorCode::CommandSyntax)), false),
            Request::Command { name, body } => match self.family(&name, body) {
                Some(Ok(reply)) => (named(&name, reply), true),
                Some(Err(Refusal::Named(status))) => (named(&name, with_status(status)), false),
                Some(Err(Refusal::Misnamed(name, status))) => (named(name, with_status(status)), false),
                Some(Err(Refusal::UnknownFamily)) => {
                    let name = self.first_unknown.get_or_insert(name);
                    (named(name, with_status(ErrorCode::CommandNotExist)), false)
                }
                Some(Err(Refusal::Generic(status))) => (generic(status), false),
                Some(Err(Refusal::Crash)) => {
                    return CarriedOut { executed: false, crashed: true, replies: Vec::new() };
                }
                None => (generic(ErrorCode::CommandNotExist), false),
            },
        };
        CarriedOut { executed, crashed: false, replies: vec![to_text(&reply)] }
    }

    fn status_reply(command: Option<&str>, _id: Option<u64>, status: u32) -> String {
        to_text(&match command {
            Some(name) => named(name, with_status(status)),
            None => generic(status),
        })
    }

    fn renamed(reply: &str, name: &str) -> String {
        let body = match json::parse(reply) {
            Some(Value::Object(mut members)) => members.pop_first().map_or(Value::Null, |(_, body)| body),
            _ => Value::Null,
        };
        to_text(&object([(name, body)]))
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
