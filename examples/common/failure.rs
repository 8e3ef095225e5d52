//! Failures, their messages and exit statuses.

use anstyle::{AnsiColor, Style};
use statuswire::codes::Kind;
use statuswire::{Cause, Error};
use std::fmt::Display;
use std::process::ExitCode;

const LABEL: Style = AnsiColor::Red.on_default().bold();

/// Why the program ends without success.
pub(crate) enum Failure {
    /// A call failed.
    Call(Error),
    /// Keys that do not exist.
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
            Self::Call(error) if json => anstream::eprintln!("{}", serde_json::json!(error.to_problem())),
            Self::Call(error) => {
                say(error);
                let mut source = std::error::Error::source(error);
                while let Some(cause) = source {
                    anstream::eprintln!("  because: {cause}");
                    source = cause.source();
                }
            }
            Self::Missing(keys) if json => anstream::eprintln!("{}", serde_json::json!({ "missing": keys })),
            Self::Missing(keys) => {
                for key in keys {
                    say(format!("there is no key {key:?}"));
                }
            }
            Self::Other(what, _) if json => anstream::eprintln!("{}", serde_json::json!({ "detail": what })),
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
    anstream::eprintln!("{LABEL}error:{LABEL:#} {what}");
}

fn exit_status(error: &Error) -> u8 {
    match error.cause() {
        Cause::Status(_) if error.kind() == Kind::NotFound => 1,
        Cause::Status(_) => 4,
        Cause::InvalidRequest(_) => 3,
        Cause::Timeout(_) => 6,
        Cause::Decode(_) | Cause::Protocol(_) | Cause::Overflow(_) | Cause::Io(_) => 7,
        _ => 5,
    }
}
