//! Untrusted text on standard output.

use crate::failure::Failure;
use crate::output::written;
use std::io::{IsTerminal, Write, stdout};

/// Prints a text and a line end: unchanged to a pipe, with control characters escaped on a terminal.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    if !out.is_terminal() {
        return written(writeln!(out, "{text}"));
    }
    let disturbs = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let escaped = text.chars().map(|c| if disturbs(c) { c.escape_default().to_string() } else { c.to_string() });
    written(writeln!(out, "{}", escaped.collect::<String>()))
}
