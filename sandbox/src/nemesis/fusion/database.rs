//! From a message to the replies.
use super::super::json::{Dialect, Value, object, parse_as, to_unsorted_text_as};
use super::store::Store;
use crate::message::Message;
use crate::service::{Response, Service, Violation};
use statuswire::codes::nemesis_fusion::ErrorCode;

/// The state of one server process.
#[derive(Debug, Default)]
pub struct Database {
    store: Store,
    /// Messages that the process has received.
    messages: u64,
    /// The part that serves keys died of a `KV_APPEND`.
    worker_is_dead: bool,
}

/// A message as far as it can be understood without the state.
#[derive(Debug)]
pub struct Request(Read);

#[derive(Debug)]
enum Read {
    Command {
        name: String,
        body: Value,
    },
    /// No command; the status that says so.
    Nothing(ErrorCode),
    /// A real server aborts.
    Fatal,
}

/// A status stands in a reply as its number.
impl From<ErrorCode> for Value {
    fn from(status: ErrorCode) -> Self {
        u32::from(status.value()).into()
    }
}

impl Database {
    fn command(&mut self, name: &str, body: Value) -> Response {
        let Some(command) = name.strip_prefix("KV_") else { return unknown(name) };
        match (command, body) {
            ("SET" | "SETQ" | "ADD" | "ADDQ" | "APPEND", Value::Object(entries)) => {
                let replies = self.store.write(command, entries);
                self.of_keys(name, command.ends_with('Q'), replies)
            }
            ("GET" | "RMV", Value::Array(keys)) => {
                let replies = self.store.look_up(command, keys);
                self.of_keys(name, false, replies)
            }
            ("COUNT" | "CLEAR", Value::Object(_)) => {
                if self.worker_is_dead {
                    return Response::frozen();
                }
                let count = if command == "COUNT" { self.store.len() } else { self.store.clear() };
                at_once(name, [("cnt", count.into())])
            }
            ("SERVER_INFO", Value::Object(_)) => {
                at_once(name, [("version", "0.2.3".into()), ("qryCnt", self.messages.into())])
            }
            ("SET" | "SETQ" | "GET" | "ADD" | "ADDQ" | "RMV" | "APPEND" | "COUNT" | "CLEAR" | "SERVER_INFO", _) => {
                Response::refused().reply(named(name, keyed(ErrorCode::CommandType, "")))
            }
            _ => unknown(name),
        }
    }

    /// Answers a command for keys: errors in their form at once, everything else later.
    fn of_keys(&mut self, name: &str, one_way: bool, replies: Vec<KeyReply>) -> Response {
        let refused = |reply: &KeyReply| matches!(reply, KeyReply::AtOnce(..));
        let none_carried_out = self.worker_is_dead || (!replies.is_empty() && replies.iter().all(refused));
        let mut response = if none_carried_out { Response::refused() } else { Response::executed() };
        for reply in replies {
            match reply {
                KeyReply::AtOnce(status, key) => response = response.reply(named(name, keyed(status, &key))),
                _ if self.worker_is_dead => {}
                KeyReply::Late(ErrorCode::KeySet | ErrorCode::KeyUpdated, _) if one_way => {}
                KeyReply::Late(status, key) => response = response.late_reply(named(name, keyed(status, &key))),
                KeyReply::Value(key, value) => {
                    let found = object([(&key, value), ("st", ErrorCode::Ok.into())]);
                    response = response.late_reply(named(name, found));
                }
                KeyReply::Deadly => {
                    self.worker_is_dead = true;
                    response = response.late_reply(generic(ErrorCode::Unknown, ""));
                }
            }
        }
        response
    }
}

/// The reply for one key.
#[derive(Debug)]
pub(super) enum KeyReply {
    /// An error in the form of the key or its value.
    AtOnce(ErrorCode, String),
    Late(ErrorCode, String),
    /// A value that was found.
    Value(String, Value),
    /// What was to be appended does not fit.
    Deadly,
}

impl Service for Database {
    type Request = Request;

    fn read(message: &Message) -> Request {
        let Message::Text(text) = message else { return Request(Read::Nothing(ErrorCode::OpCodeInvalid)) };
        Request(match parse_as(text, Dialect::Nlohmann) {
            None => Read::Nothing(ErrorCode::JsonInvalid),
            Some(Value::Object(mut members)) => match (members.pop_first(), members.is_empty()) {
                (Some((name, body)), true) => Read::Command { name, body },
                _ => Read::Nothing(ErrorCode::CommandMultiple),
            },
            Some(Value::Array(items)) if items.len() == 1 => Read::Fatal,
            Some(Value::Null | Value::Array(_)) => Read::Nothing(ErrorCode::CommandMultiple),
            Some(_) => Read::Fatal,
        })
    }

    fn command(request: &Request) -> Option<&str> {
        match &request.0 {
            Read::Command { name, .. } => Some(name),
            Read::Nothing(_) | Read::Fatal => None,
        }
    }

    fn carry_out(&mut self, _connection: u64, request: Request) -> Response {
        self.messages += 1;
        match request.0 {
            Read::Nothing(status) => Response::refused().reply(generic(status, "")),
            Read::Fatal => Response::crashed(),
            Read::Command { name, body } => self.command(&name, body),
        }
    }

    fn status_reply(command: Option<&str>, _id: Option<u64>, status: u32) -> String {
        match command {
            Some(name) => named(name, keyed(status, "")),
            None => generic(status, ""),
        }
    }

    /// The real server cuts such a client off without a close frame.
    fn violation(_violation: Violation) -> Option<u16> {
        None
    }

    fn restarted(&mut self) {
        *self = Self::default();
    }
}

fn at_once<const N: usize>(name: &str, members: [(&str, Value); N]) -> Response {
    let status = [("st".to_owned(), ErrorCode::Ok.into())];
    let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
    Response::executed().reply(named(name, Value::Object(status.into_iter().chain(members).collect())))
}

fn unknown(name: &str) -> Response {
    Response::refused().reply(generic(ErrorCode::CommandNotExist, name))
}

fn keyed(status: impl Into<Value>, key: &str) -> Value {
    object([("st", status.into()), ("k", key.into())])
}

fn text(value: &Value) -> String {
    to_unsorted_text_as(value, Dialect::Nlohmann)
}

fn named(command: &str, body: Value) -> String {
    text(&object([(&format!("{command}_RSP"), body)]))
}

fn generic(status: impl Into<Value>, what: &str) -> String {
    text(&object([("KV_ERR", object([("st", status.into()), ("m", what.into())]))]))
}
