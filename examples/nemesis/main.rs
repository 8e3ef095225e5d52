//! A command-line client for NemesisDB; without arguments, a tour of what the crate does.
//!
//! ```text
//! cargo run --example nemesis
//! cargo run --example nemesis -- --help
//! ```

mod arguments;
mod arrays;
#[path = "../common/attended.rs"]
mod attended;
#[path = "../common/bar.rs"]
mod bar;
mod commands;
mod dump;
#[path = "../common/failure.rs"]
mod failure;
mod fusion;
mod items;
mod lists;
mod load;
#[path = "../common/note.rs"]
mod note;
#[path = "../common/output.rs"]
mod output;
mod progress;
mod rows;
mod sessions;
#[path = "../common/shell.rs"]
mod shell;
#[path = "../common/showing.rs"]
mod showing;
mod tour;
mod turns;
#[path = "../common/usage.rs"]
mod usage;

use arguments::{Arguments, Command, Speaks};
use attended::attended;
use clap::Parser;
use failure::Failure;
use output::Output;
use statuswire::nemesis::{self, Client, Generation};
use statuswire_sandbox::{Nemesis, NemesisFusion, NemesisSessions};
use std::process::ExitCode;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = Output::new(arguments.json);
    match run(&arguments, &output).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(arguments.json),
    }
}

async fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    match (&arguments.url, &arguments.command) {
        (None, None) if matches!(arguments.generation, Speaks::Sessions | Speaks::Fusion) => Err(Failure::usage(
            "the tour is of the current generation: say what to do, `info`, `kv count`, ... (see --help)",
        )),
        (None, None) => {
            let sandbox = Nemesis::start().await.map_err(Failure::sandbox)?;
            tour::run(&sandbox.url(), output).await
        }
        (Some(_), None) => Err(Failure::usage("say what to do with that server: `info`, `kv keys`, ... (see --help)")),
        (Some(url), Some(command)) => carry_out(url, command, arguments, output).await,
        (None, Some(command)) => {
            note::note("note: no --url given, so this uses an empty sandbox, which ends with the command");
            match arguments.generation {
                Speaks::Current | Speaks::Auto => {
                    let sandbox = Nemesis::start().await.map_err(Failure::sandbox)?;
                    carry_out(&sandbox.url(), command, arguments, output).await
                }
                Speaks::Sessions => {
                    let sandbox = NemesisSessions::start().await.map_err(Failure::sandbox)?;
                    carry_out(&sandbox.url(), command, arguments, output).await
                }
                Speaks::Fusion => {
                    let sandbox = NemesisFusion::start().await.map_err(Failure::sandbox)?;
                    carry_out(&sandbox.url(), command, arguments, output).await
                }
            }
        }
    }
}

async fn carry_out(url: &str, command: &Command, arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let generation = match arguments.generation {
        Speaks::Current => Generation::Current,
        Speaks::Sessions => Generation::Sessions,
        Speaks::Fusion => Generation::Fusion,
        Speaks::Auto => attended(async { Ok(nemesis::probe(url, arguments.options()).await?) }).await?,
    };
    if arguments.session.is_some() && generation != Generation::Sessions {
        return Err(Failure::usage("only a server with sessions has a --session: add --generation sessions"));
    }
    match generation {
        Generation::Current => on_current(url, command, arguments, output).await,
        Generation::Sessions => attended(sessions::run(url, command, arguments, output)).await,
        Generation::Fusion => attended(fusion::run(url, command, arguments, output)).await,
        other => Err(Failure::usage(&format!("this program does not speak to NemesisDB {other}"))),
    }
}

async fn on_current(url: &str, command: &Command, arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let db = attended(async { Ok(arguments.builder(url).connect().await?) }).await?;
    let limited = arguments.timeout.map_or_else(|| db.clone(), |limit| db.with_timeout(limit));
    let result = commands::attend(&limited, command, &arguments.limits, output).await;
    close(&db).await;
    result
}

/// Closes the connection, and waits half a second at most for the server.
async fn close(db: &Client) {
    db.shutdown(Duration::from_millis(500)).await;
}
