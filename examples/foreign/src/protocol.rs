//! What the printer speaks: lines of text, answered in order. `PRINT <label>` is answered by `<status>`, first by the
//! progress "being printed" and then by the outcome; `JOBS` is answered by `0 <number of labels printed>`.

use crate::codes::printer::ErrorCode;
use std::borrow::Cow;
use sw::codes::{AnyCode, Outcome};
use sw::error::Error;
use sw::rpc::{Expect, Matching, Message, Outgoing, Part, Protocol, Repeat, Replies, Routes, Unroutable, Window};
use sw::ws::Upgrade;

pub(crate) struct Labels;

pub(crate) enum Command {
    Print(String),
    Jobs,
}

/// A line of the printer: a status and what follows it.
pub(crate) struct Line {
    pub(crate) status: ErrorCode,
    pub(crate) rest: String,
}

impl Protocol for Labels {
    type Command = Command;
    type Reply = Line;
    type Event = ();
    /// Replies name nothing; they come in the order of the commands.
    type Key = ();

    fn service(&self) -> &'static str {
        "printer"
    }

    fn matching(&self) -> Matching {
        Matching::InOrder
    }

    fn window(&self) -> Window {
        Window::commands(8)
    }

    fn command_name(&self, command: &Command) -> Cow<'static, str> {
        match command {
            Command::Print(_) => "PRINT",
            Command::Jobs => "JOBS",
        }
        .into()
    }

    fn encode(&self, command: &Command, _seq: u64, out: &mut Outgoing) -> Result<Expect<()>, Error> {
        match command {
            Command::Print(label) if label.is_empty() => Err(Error::invalid_request("the label is empty")),
            Command::Print(label) => {
                out.payload = format!("PRINT {label}").into_bytes();
                Ok(Expect::one(()).replies(Replies::UntilLast))
            }
            Command::Jobs => {
                out.payload = b"JOBS".to_vec();
                Ok(Expect::one(()).repeat(Repeat::Safe))
            }
        }
    }

    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let line = std::str::from_utf8(message.bytes()).map_err(|error| Unroutable::new(error.to_string()))?;
        let (number, rest) = line.split_once(' ').unwrap_or((line, ""));
        let number = number.parse().map_err(|_| Unroutable::new("it does not begin with a status"))?;
        let status = ErrorCode::from_value(number);
        let part = if status.outcome() == Outcome::Progress { Part::Next } else { Part::Last };
        routes.part((), part, Line { status, rest: rest.to_owned() });
        Ok(())
    }

    fn status(&self, line: &Line) -> Option<AnyCode> {
        Some(line.status.into())
    }
}

impl Upgrade for Labels {}
