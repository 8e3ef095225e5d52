//! The forms of replies.
use super::super::json::{Object, Value, object, to_unsorted_text};
use crate::service::Response;
use statuswire::codes::nemesis_sessions::ErrorCode;

/// A status stands in a reply as its number.
impl From<ErrorCode> for Value {
    fn from(status: ErrorCode) -> Self {
        u32::from(status.value()).into()
    }
}

/// Why a command was not carried out.
#[derive(Debug)]
pub(super) enum Refusal {
    /// An error in the form of the command, answered at once; the text names the member at fault.
    Form(ErrorCode, &'static str),
    /// The same, under the name of the command instead of that of its reply.
    Misnamed(ErrorCode),
    /// An error of saving or loading, which names no token.
    Flat(ErrorCode, String),
    /// There is no session of this token; found later than errors in the form.
    NoSession(u64),
    /// An exception, found as late.
    Exception,
}

/// What became of a command: its replies, or why it was refused.
pub(super) type Outcome = Result<Response, Refusal>;

/// The reply to a command that the thread which reads it carries out.
pub(super) fn at_once(command: &str, body: Value) -> Response {
    Response::executed().reply(named(command, body))
}

/// The reply to a command that another thread carries out.
pub(super) fn late(command: &str, body: Value) -> Response {
    Response::executed().late_reply(named(command, body))
}

pub(super) fn refused(command: &str, refusal: Refusal) -> Response {
    let refused = Response::refused();
    match refusal {
        Refusal::Form(status, what) => refused.reply(named(command, failure(status, Value::Null, what))),
        Refusal::Misnamed(status) => {
            refused.reply(to_unsorted_text(&object([(command, failure(status, Value::Null, ""))])))
        }
        Refusal::Flat(status, what) => {
            refused.reply(named(command, object([("st", status.into()), ("m", Value::String(what))])))
        }
        Refusal::NoSession(token) => {
            refused.late_reply(named(command, failure(ErrorCode::SessionNotExist, token.into(), "")))
        }
        Refusal::Exception => refused.late_reply(generic(ErrorCode::Unknown)),
    }
}

/// The body of an error.
pub(super) fn failure(status: impl Into<Value>, token: Value, what: &str) -> Value {
    object([("st", status.into()), ("tkn", token), ("m", what.into())])
}

pub(super) fn named(command: &str, body: Value) -> String {
    to_unsorted_text(&object([(&format!("{command}_RSP"), body)]))
}

pub(super) fn generic(status: impl Into<Value>) -> String {
    to_unsorted_text(&object([("ERR", object([("st", status.into()), ("m", "".into())]))]))
}

/// Reads the token of a session. Strings, floats and negative numbers do not count.
pub(super) fn token(body: &Object) -> Option<u64> {
    match body.get("tkn") {
        Some(Value::UInt(token)) => Some(*token),
        _ => None,
    }
}

/// Returns the text of a string, and the JSON of everything else.
pub(super) fn as_string(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => to_unsorted_text(other),
    }
}
