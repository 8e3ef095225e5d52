//! Where secrets come from.

use crate::attended::STOPPED;
use crate::echo::Echo;
use crate::failure::Failure;
use crate::signal::told_to_stop;
use console::Term;
use statuswire::reexport::secrecy::SecretString;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::Path;

/// The longest file that is read as a secret, in bytes.
const LIMIT: u64 = 64 << 10;

/// Returns a variable of the environment; an empty one counts as unset.
pub(crate) fn of_environment(name: &str) -> Result<Option<String>, Failure> {
    match std::env::var_os(name).map(|value| value.into_string()) {
        Some(Err(_)) => Err(Failure::usage(&format!("{name} is not UTF-8"))),
        value => Ok(value.and_then(Result::ok).filter(|value| !value.is_empty())),
    }
}

/// Returns the content of a file, without a line end at its end.
pub(crate) fn of_file(path: &Path) -> Result<String, Failure> {
    let wrong = |what: &str| Failure::usage(&format!("{}: {what}", path.display()));
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_string(&mut text));
    let length = read.map_err(|error| wrong(&error.to_string()))?;
    if length as u64 > LIMIT {
        return Err(wrong(&format!("has more than {LIMIT} bytes")));
    }
    let line = text.strip_suffix('\n').map_or(&*text, |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(line.to_owned())
}

/// Returns the content of a file that holds one line, the secret.
pub(crate) fn line_of_file(path: &Path) -> Result<SecretString, Failure> {
    let text = of_file(path)?;
    let wrong = match text.lines().count() {
        0 => "is empty",
        1 => return Ok(text.into()),
        _ => "has more than one line",
    };
    Err(Failure::usage(&format!("{}: {wrong}", path.display())))
}

/// Asks at the terminal, without showing the answer; `None` if there is no terminal.
pub(crate) async fn asked(question: &'static str) -> Result<Option<SecretString>, Failure> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Ok(None);
    }
    let echo = Echo::now();
    // On a thread of its own, so that the connection stays alive.
    let read = async {
        tokio::task::spawn_blocking(move || {
            let terminal = Term::stderr();
            terminal.write_str(&format!("{question}: "))?;
            terminal.read_secure_line()
        })
        .await
    };
    let answer = tokio::select! {
        biased;
        // The thread would read on: only the end of the program ends it.
        Ok(()) = told_to_stop() => {
            echo.restore();
            let _ = Term::stderr().write_line("");
            std::process::exit(STOPPED.into())
        }
        answer = read => answer,
    };
    let unusable = |error: &dyn std::fmt::Display| Failure::usage(&format!("the terminal cannot be read: {error}"));
    let answer = answer.map_err(|error| unusable(&error))?.map_err(|error| unusable(&error))?;
    if answer.is_empty() { Err(Failure::usage("nothing was typed")) } else { Ok(Some(answer.into())) }
}
