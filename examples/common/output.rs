//! Standard output, and untrusted texts on a terminal.

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
        if self.json { self.line(json_line(json).map_err(Failure::output)?) } else { self.line(text) }
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

/// Returns JSON on one line, in which a terminal finds nothing to obey.
pub(crate) fn json_line(json: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    let units = |c: char| match c {
        // Only outside of strings, in a text that came as JSON.
        '\n' | '\r' | '\t' => " ".to_owned(),
        // Only in strings, where each may be written by its number.
        _ => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    Ok(replaced(&serde_json::to_string(json)?, disturbs, units))
}

/// Returns an untrusted text as one line, quoted if it has characters that disturb a terminal.
pub(crate) fn plain(text: &str) -> String {
    if text.chars().any(disturbs) || text.is_empty() { format!("{text:?}") } else { text.to_owned() }
}

/// Returns an untrusted text of any number of lines, with characters that disturb a terminal by their numbers.
pub(crate) fn escaped(text: &str) -> String {
    let is_written = |c| disturbs(c) && !matches!(c, '\n' | '\t');
    replaced(text, is_written, |c| c.escape_default().to_string())
}

fn replaced(text: &str, which: impl Fn(char) -> bool, with: impl Fn(char) -> String) -> String {
    text.chars().map(|c| if which(c) { with(c) } else { c.to_string() }).collect()
}

/// Returns whether a terminal obeys a character instead of showing it, or shows others in another order because of it.
fn disturbs(c: char) -> bool {
    let changes_direction = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    let ends_line = matches!(c, '\u{2028}' | '\u{2029}');
    c.is_control() || changes_direction || ends_line
}
