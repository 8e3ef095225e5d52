//! Calls and their results, for tours.

use crate::failure::Failure;
use crate::output::Output;
use anstyle::{AnsiColor, Style};
use statuswire::Error;
use std::fmt::{Debug, Display};

const CALL: Style = Style::new().bold();
const BAD: Style = AnsiColor::Red.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

/// Shown instead of `()`.
pub(crate) const DONE: std::fmt::Arguments<'_> = format_args!("done");

/// Prints a call and its result.
pub(crate) fn show(output: &Output, call: &str, result: &dyn Debug) -> Result<(), Failure> {
    output.line(format_args!("{CALL}{call}{CALL:#}\n    {GOOD}{result:?}{GOOD:#}"))
}

/// Prints a call and what a program can ask its error.
pub(crate) fn explain<T: Debug>(output: &Output, call: &str, result: Result<T, Error>) -> Result<(), Failure> {
    let error = match result {
        Ok(value) => return show(output, call, &value),
        Err(error) => error,
    };
    output.line(format_args!("{CALL}{call}{CALL:#}\n    {BAD}{error}{BAD:#}"))?;
    let code = error.code().map(|code| format!("{} {}", code.value(), code.name()));
    let answers: [(&str, &dyn Display); 4] = [
        ("code", &code.as_deref().unwrap_or("none")),
        ("kind", &error.kind()),
        ("recovery", &error.recovery()),
        ("delivery", &error.delivery()),
    ];
    answers.iter().try_for_each(|(name, value)| output.line(format_args!("    {name:<9}{value}")))
}
