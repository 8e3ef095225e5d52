//! A command-line client for Drupal sites; without arguments, a tour of what the crate does.
//!
//! ```text
//! cargo run --example drupal
//! cargo run --example drupal -- --help
//! ```

mod access;
mod arguments;
#[path = "../common/attended.rs"]
mod attended;
#[path = "../common/bar.rs"]
mod bar;
mod commands;
#[path = "../common/echo.rs"]
mod echo;
#[path = "../common/failure.rs"]
mod failure;
mod fields;
mod filter;
#[path = "../common/foreign.rs"]
mod foreign;
#[path = "../common/note.rs"]
mod note;
#[path = "../common/output.rs"]
mod output;
mod query;
mod raw;
mod resources;
#[path = "../common/secrets.rs"]
mod secrets;
mod session;
mod session_file;
#[path = "../common/showing.rs"]
mod showing;
#[path = "../common/signal.rs"]
mod signal;
mod table;
mod tour;
mod upload;
#[path = "../common/usage.rs"]
mod usage;

use access::Access;
use arguments::{Arguments, Command};
use attended::{STOPPED, attended};
use clap::Parser;
use failure::Failure;
use output::Output;
use statuswire::drupal::Client;
use statuswire_sandbox::Drupal;
use statuswire_sandbox::drupal::World;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::timeout;

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
    match (&arguments.base, &arguments.command) {
        (None, None) => tour::run(&sandbox().await?.url(), output).await,
        (Some(_), None) => Err(Failure::usage("say what to do with that site: `types`, `list TYPE`, ... (see --help)")),
        (Some(base), Some(command)) => {
            let access = Access::given(&arguments.access, command).await?;
            carry_out(base, &access, command, arguments, output).await
        }
        (None, Some(command)) => {
            let access = Access::given(&arguments.access, command).await?.or_sandbox(command);
            let sandbox = sandbox().await?;
            note::note("note: no --base given, so this uses a sandbox, which ends with the command");
            carry_out(&sandbox.url(), &access, command, arguments, output).await
        }
    }
}

async fn sandbox() -> Result<Drupal, Failure> {
    Drupal::builder().world(World::Harbor).start().await.map_err(Failure::sandbox)
}

async fn carry_out(
    base: &str,
    access: &Access,
    command: &Command,
    arguments: &Arguments,
    output: &Output,
) -> Result<(), Failure> {
    let site = access.builder(base).options(arguments.options(command)).build()?;
    let result = attended(commands::run(&site, access, command, output)).await;
    if matches!(result, Err(Failure::Other(_, STOPPED))) && command.writes() && !output.json {
        note::note("note: the site may carry it out all the same");
    }
    if access.ends_with_command() {
        end_session(&site).await;
    }
    result
}

/// Ends the session that was opened for one command. If the site does not answer soon, the session goes on there.
async fn end_session(site: &Client) {
    let _ = timeout(Duration::from_secs(2), site.logout()).await;
}
