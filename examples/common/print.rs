//! `println!` for programs whose output may go to a reader that stops early, such as `head`.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stderr, stdout};
use std::process::exit;

/// Prints a line. If the reader has closed the pipe, it ends the program; the macro of std panics.
macro_rules! print_line {
    ($($text:tt)*) => {
        $crate::print::line(format_args!($($text)*))
    };
}
pub(crate) use print_line as println;

pub(crate) fn line(text: Arguments<'_>) {
    match writeln!(stdout(), "{text}") {
        Ok(()) => {}
        // It has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit(0),
        Err(error) => {
            let _ = writeln!(stderr(), "error: cannot write to stdout: {error}");
            exit(1)
        }
    }
}
