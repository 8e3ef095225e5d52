//! A prompt for the commands of a command line.

use crate::failure::Failure;
use crate::note::note;
use crate::output::Output;
use clap::{CommandFactory, Parser, Subcommand};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Context, Editor, Helper, Highlighter, Hinter, Validator};
use std::io::IsTerminal;
use std::path::PathBuf;

/// A line at the prompt.
#[derive(Parser)]
#[command(no_binary_name = true, name = "", disable_help_flag = true)]
struct Line<C: Subcommand> {
    #[command(subcommand)]
    command: C,
}

/// Completes the names of commands.
#[derive(Helper, Highlighter, Hinter, Validator)]
struct Names(clap::Command);

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = &line[..position];
        let start = before.rfind(' ').map_or(0, |space| space + 1);
        let mut command = &self.0;
        for word in before[..start].split_whitespace() {
            match command.find_subcommand(word) {
                Some(inner) => command = inner,
                // An argument stands between the command and its subcommand.
                None if command.get_positionals().next().is_some() => {}
                None => return Ok((start, Vec::new())),
            }
        }
        let names = command.get_subcommands().map(|command| command.get_name().to_owned());
        Ok((start, names.filter(|name| name.starts_with(&before[start..])).collect()))
    }
}

type Prompt = Editor<Names, FileHistory>;

/// Reads lines and passes them to `carry_out` until the input ends. Keeps them as history, in a file if one is given. If
/// the lines come from a file or a pipe, the first failure decides the exit status, after all lines.
pub(crate) async fn run<C: Subcommand>(
    name: &str,
    history: Option<PathBuf>,
    output: &Output,
    carry_out: impl AsyncFn(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut prompt = Prompt::new().map_err(unusable)?;
    prompt.set_helper(Some(Names(Line::<C>::command())));
    if let Some(file) = &history {
        // The first run has no history.
        let _ = prompt.load_history(file);
    }
    let question = format!("{name}> ");
    let mut first = None;
    loop {
        let question = question.clone();
        // In a thread of its own, so that the connection stays alive.
        let asked = tokio::task::spawn_blocking(move || {
            let line = prompt.readline(&question);
            (prompt, line)
        });
        let line;
        (prompt, line) = asked.await.map_err(unusable)?;
        match line {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) if matches!(line.trim(), "exit" | "quit") => break,
            Ok(line) => {
                let _ = prompt.add_history_entry(&line);
                if let Err(failure) = carry_out(&line).await {
                    failure.report(output.json);
                    first = first.or(Some(failure.exit_status()).filter(|status| *status != 0));
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(unusable(error)),
        }
    }
    if let Some(file) = history
        && let Err(error) = prompt.save_history(&file)
    {
        note(format_args!("note: the history cannot be saved: {}: {error}", file.display()));
    }
    match first {
        Some(status) if !std::io::stdin().is_terminal() => Err(Failure::Said(status)),
        _ => Ok(()),
    }
}

/// Reads a line as a command; `None` if it only asked for help.
pub(crate) fn parse<C: Subcommand>(line: &str) -> Result<Option<C>, Failure> {
    let words = shlex::split(line).ok_or_else(|| Failure::usage("a quotation mark is missing"))?;
    match Line::try_parse_from(words) {
        Ok(Line { command }) => Ok(Some(command)),
        // Help is printed the same way.
        Err(error) => {
            error.print().map_err(Failure::output)?;
            if error.use_stderr() { Err(Failure::Said(2)) } else { Ok(None) }
        }
    }
}

/// Returns the failure to start a shell inside a shell.
pub(crate) fn is_running() -> Failure {
    Failure::usage("this is the shell already")
}

fn unusable(error: impl std::fmt::Display) -> Failure {
    Failure::Other(format!("the prompt cannot be used: {error}"), 2)
}
