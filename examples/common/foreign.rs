//! Untrusted text on standard output.

use crate::failure::Failure;
use crate::output::{escaped, written};
use std::io::{IsTerminal, Write, stdout};

/// Prints a text and a line end: unchanged to a pipe, and to a terminal without anything that disturbs it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    if out.is_terminal() { written(writeln!(out, "{}", escaped(text))) } else { written(writeln!(out, "{text}")) }
}
