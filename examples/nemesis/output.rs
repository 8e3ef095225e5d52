//! What goes to standard output.

use crate::failure::Failure;
use serde::Serialize;
use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// Prints results, for people or for machines.
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a result in the one form or the other.
    pub(crate) fn result(&self, text: impl Display, json: &impl Serialize) -> Result<(), Failure> {
        if self.json { self.line(serde_json::to_string(json).map_err(Failure::output)?) } else { self.line(text) }
    }

    /// Prints items: one per line, or as an array.
    pub(crate) fn items(&self, items: &[impl Serialize]) -> Result<(), Failure> {
        if self.json {
            return self.result("", &items);
        }
        items.iter().try_for_each(|item| self.line(serde_json::to_string(item).map_err(Failure::output)?))
    }

    /// Prints whether something is there; if it is not, the exit status says so, too.
    pub(crate) fn existence(&self, exists: bool) -> Result<(), Failure> {
        self.result(if exists { "yes" } else { "no" }, &serde_json::json!({ "exists": exists }))?;
        if exists { Ok(()) } else { Err(Failure::Absent) }
    }

    /// Prints a line; styles only if somebody looks at it.
    pub(crate) fn line(&self, text: impl Display) -> Result<(), Failure> {
        match writeln!(anstream::stdout(), "{text}") {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::enough()),
            result => result.map_err(Failure::output),
        }
    }
}

/// A foreign text on one line: quoted if it could disturb a terminal.
pub(crate) fn plain(text: &str) -> String {
    if text.chars().any(char::is_control) || text.is_empty() { format!("{text:?}") } else { text.to_owned() }
}
