//! Standard output.

use crate::failure::Failure;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

/// Prints results, for people or for machines.
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a result, as text or as JSON.
    pub(crate) fn result(&self, text: impl Display, json: &impl Serialize) -> Result<(), Failure> {
        if self.json { self.line(serde_json::to_string(json).map_err(Failure::output)?) } else { self.line(text) }
    }

    /// Prints a line, with styles only on a terminal.
    pub(crate) fn line(&self, text: impl Display) -> Result<(), Failure> {
        written(writeln!(anstream::stdout(), "{text}"))
    }
}

/// Turns the result of writing to standard output into a failure.
pub(crate) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        // The reader closed the pipe: it has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::Said(0)),
        result => result.map_err(Failure::output),
    }
}

/// Returns an untrusted text as one line, quoted if it has control characters.
pub(crate) fn plain(text: &str) -> String {
    if text.chars().any(char::is_control) || text.is_empty() { format!("{text:?}") } else { text.to_owned() }
}
