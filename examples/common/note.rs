//! Messages on standard error.

use std::fmt::Display;
use std::io::Write;

/// Prints a line on standard error. If that is closed, the line is lost; the macro of std panics.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}
