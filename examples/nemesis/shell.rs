//! `shell`: a prompt for the same commands.

use crate::arguments::Command;
use crate::commands;
use crate::failure::Failure;
use crate::output::Output;
use clap::{CommandFactory, Parser};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Context, Editor, Helper, Highlighter, Hinter, Validator};
use statuswire::nemesis::Client;
use std::path::PathBuf;

/// A line at the prompt.
#[derive(Parser)]
#[command(no_binary_name = true, name = "", disable_help_flag = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
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
                // A family stands between `arr` and what to do.
                None if command.get_name() == "arr" => {}
                None => return Ok((start, Vec::new())),
            }
        }
        let names = command.get_subcommands().map(|command| command.get_name().to_owned());
        Ok((start, names.filter(|name| name.starts_with(&before[start..])).collect()))
    }
}

type Prompt = Editor<Names, FileHistory>;

pub(crate) async fn run(db: &Client, output: &Output) -> Result<(), Failure> {
    let mut prompt = Prompt::new().map_err(unusable)?;
    prompt.set_helper(Some(Names(Line::command())));
    let history = history();
    if let Some(file) = &history {
        // There is none at first.
        let _ = prompt.load_history(file);
    }
    loop {
        // In a thread of its own, so that the connection lives on.
        let asked = tokio::task::spawn_blocking(move || {
            let line = prompt.readline("nemesis> ");
            (prompt, line)
        });
        let line;
        (prompt, line) = asked.await.map_err(unusable)?;
        match line {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) if matches!(line.trim(), "exit" | "quit") => break,
            Ok(line) => {
                let _ = prompt.add_history_entry(&line);
                if let Err(failure) = Box::pin(carry_out(db, &line, output)).await {
                    failure.report(output.json);
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
        anstream::eprintln!("note: the history is not kept: {}: {error}", file.display());
    }
    Ok(())
}

async fn carry_out(db: &Client, line: &str, output: &Output) -> Result<(), Failure> {
    if line.trim_start().starts_with('{') {
        return commands::run(db, &Command::Raw { text: line.to_owned() }, output).await;
    }
    let words = shlex::split(line).ok_or_else(|| Failure::usage("a quotation mark is missing"))?;
    match Line::try_parse_from(words) {
        Ok(Line { command: Command::Shell }) => Err(Failure::usage("this is the shell already")),
        Ok(Line { command }) => commands::run(db, &command, output).await,
        // Help is printed the same way.
        Err(error) => error.print().map_err(Failure::output),
    }
}

fn history() -> Option<PathBuf> {
    Some(std::env::home_dir()?.join(".nemesis_history"))
}

fn unusable(error: impl std::fmt::Display) -> Failure {
    Failure::Other(format!("the prompt cannot be used: {error}"), 2)
}
