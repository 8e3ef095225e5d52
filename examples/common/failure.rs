//! Failures, their messages and exit statuses.

use crate::note::note;
use crate::output::{escaped, json_line};
use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use statuswire::codes::Kind;
use statuswire::error::Detail;
use statuswire::{Cause, Delivery, Error};
use std::fmt::Display;
use std::process::ExitCode;

const LABEL: Style = AnsiColor::Red.on_default().bold();

/// Why the program ends without success.
pub(crate) enum Failure {
    /// A call failed.
    Call(Error),
    /// Keys that do not exist.
    #[allow(dead_code, reason = "not every service has keys")]
    Missing(Vec<String>),
    /// Something else, with its exit status.
    Other(String, u8),
    /// Already reported; the exit status.
    Said(u8),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

impl Failure {
    pub(crate) fn usage(what: &str) -> Self {
        Self::Other(what.to_owned(), 2)
    }

    pub(crate) fn sandbox(error: std::io::Error) -> Self {
        Self::Other(format!("the sandbox does not start: {error}"), 5)
    }

    pub(crate) fn output(error: impl Display) -> Self {
        Self::Other(format!("the result cannot be written: {error}"), 7)
    }

    /// Prints what happened and returns the exit status.
    pub(crate) fn report(&self, json: bool) -> ExitCode {
        match self {
            Self::Call(error) if json => note_json(&problem(error)),
            Self::Call(error) => {
                say(error);
                // The line has one of them.
                if error.details().len() > 1 {
                    error.details().iter().for_each(|detail| note(format_args!("  {}", for_users(&told(detail)))));
                }
                let mut source = std::error::Error::source(error);
                while let Some(cause) = source {
                    note(format_args!("  because: {}", for_users(&cause.to_string())));
                    source = cause.source();
                }
            }
            Self::Missing(keys) if json => note_json(&json!({ "missing": keys })),
            Self::Missing(keys) => keys.iter().for_each(|key| say(format!("there is no key {key:?}"))),
            Self::Other(what, _) if json => note_json(&json!({ "detail": what })),
            Self::Other(what, _) => say(what),
            Self::Said(_) => {}
        }
        self.exit_status().into()
    }

    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Self::Call(error) => exit_status(error),
            Self::Missing(_) => 1,
            Self::Other(_, status) | Self::Said(status) => *status,
        }
    }
}

fn say(what: impl Display) {
    note(format_args!("{LABEL}error:{LABEL:#} {}", for_users(&what.to_string())));
}

fn note_json(json: &Value) {
    note(json_line(json).unwrap_or_default());
}

/// Returns an error as a problem document, with what the server says in a refusal.
fn problem(error: &Error) -> Value {
    let mut problem = single(error);
    match error.cause() {
        Cause::Status(status) => {
            if let Some(body) = &status.body {
                problem["refusal"] = serde_json::from_str(body).unwrap_or_else(|_| (**body).into());
            }
        }
        Cause::Http(_) => {
            let children = error.children();
            // One text, or several of one code, are this error itself.
            let differ = children.iter().any(|child| child.code() != error.code());
            problem["children"] = children.iter().filter(|_| differ).map(single).collect();
        }
        _ => {}
    }
    problem
}

/// Returns an error without those that it consists of. The status is the one that the server answered, if it did over HTTP.
fn single(error: &Error) -> Value {
    let mut problem = json!(error.to_problem());
    problem["detail"] = for_users(problem["detail"].as_str().unwrap_or_default()).into();
    problem["recovery"] = error.recovery().as_str().into();
    if let Some(failure) = error.http_failure() {
        problem["status"] = failure.status.as_u16().into();
        problem["title"] = failure.status.canonical_reason().into();
        let details = failure.details.iter();
        problem["details"] =
            details.map(|it| json!({ "text": it.text, "pointer": it.pointer, "field": it.field })).collect();
    }
    problem
}

/// Returns one of several texts of an answer, with its field and its code.
fn told(detail: &Detail) -> String {
    let field = detail.field.as_ref().filter(|field| !detail.text.contains(*field));
    let field = field.map(|field| format!("{field}: ")).unwrap_or_default();
    let code = detail.code.map(|code| format!(" [{} {}]", code.value(), code.name())).unwrap_or_default();
    format!("{field}{}{code}", detail.text)
}

/// What a method of the library does, an option of the program does.
const OPTIONS: [(&str, &str); 6] = [
    ("`ConnectOptions::with_plaintext_credentials`", "--allow-plaintext"),
    ("give a plain file name with `save_as`", "give another one with --output"),
    (", or raise `Limits::message_out` if the server accepts more", ""),
    ("raise `Limits::message_out` if the server accepts more, or stream it", "or give it with --body-file"),
    (
        " (`Limits::message_in`, after decompression); ask for less at once, or raise the limit",
        "; ask for less at once",
    ),
    (", or raise `Builder::max_pages`", ""),
];

/// Returns a message of the library for users of a program: it names options, and nothing in it disturbs a terminal.
fn for_users(text: &str) -> String {
    OPTIONS.iter().fold(escaped(text), |text, (method, option)| text.replace(method, option))
}

/// Returns the exit status of a failed call: the same for a failure in whatever way it came.
fn exit_status(error: &Error) -> u8 {
    match error.cause() {
        _ if is_refusal(error) && error.kind() == Kind::NotFound => 1,
        _ if is_refusal(error) => 4,
        Cause::InvalidRequest(_) => 3,
        Cause::Timeout(_) => 6,
        Cause::Decode(_) | Cause::Protocol(_) | Cause::Overflow(_) | Cause::Io(_) => 7,
        _ => 5,
    }
}

/// Returns whether the server said no: by a status, by a close with a code of its own, or to the upgrade or a link.
fn is_refusal(error: &Error) -> bool {
    match error.cause() {
        Cause::Status(_) => true,
        Cause::Closed(close) => close.code >= 4000 && error.code().is_some(),
        Cause::Http(failure) => failure.status.is_client_error() || error.delivery() == Delivery::Answered,
        _ => false,
    }
}
