//! A command-line client for BlazeAuth; without arguments, a tour of what the crate does.
//!
//! ```text
//! cargo run --example blazeauth
//! cargo run --example blazeauth -- --help
//! ```

mod access;
mod arguments;
#[path = "../common/attended.rs"]
mod attended;
#[path = "../common/bar.rs"]
mod bar;
mod client_id;
mod commands;
mod download;
#[path = "../common/echo.rs"]
mod echo;
mod events;
#[path = "../common/failure.rs"]
mod failure;
#[path = "../common/foreign.rs"]
mod foreign;
mod identity;
#[path = "../common/note.rs"]
mod note;
#[path = "../common/output.rs"]
mod output;
#[path = "../common/secrets.rs"]
mod secrets;
mod service;
#[path = "../common/shell.rs"]
mod shell;
#[path = "../common/showing.rs"]
mod showing;
#[path = "../common/signal.rs"]
mod signal;
mod store;
mod tour;
#[path = "../common/usage.rs"]
mod usage;
mod waits;

use access::Access;
use arguments::{Arguments, Command};
use attended::attended;
use clap::Parser;
use failure::Failure;
use output::Output;
use service::Service;
use statuswire_sandbox::BlazeAuth;
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
    let Some(command) = &arguments.command else {
        if arguments.url.is_some() {
            return Err(Failure::usage("say what to do with that service: `login`, `var NAME`, ... (see --help)"));
        }
        let sandbox = BlazeAuth::start().await.map_err(Failure::sandbox)?;
        return tour::run(&sandbox, output).await;
    };
    match Service::chosen(arguments).await? {
        Some(service) => carry_out(&service, &Access::new(&arguments.login), command, arguments, output).await,
        None => {
            let sandbox = BlazeAuth::start().await.map_err(Failure::sandbox)?;
            note::note("note: there is no API key, so this uses a sandbox, which ends with the command");
            let service = Service::sandbox(&sandbox.url());
            carry_out(&service, &Access::of_sandbox(&arguments.login), command, arguments, output).await
        }
    }
}

async fn carry_out(
    service: &Service,
    access: &Access<'_>,
    command: &Command,
    arguments: &Arguments,
    output: &Output,
) -> Result<(), Failure> {
    // Before connecting: a session must not wait for a person.
    let login = access.login(command.login()).await?;
    let client = attended(async { Ok(service.builder(arguments).connect().await?) }).await?;
    let limited = arguments.timeout.map_or_else(|| client.clone(), |limit| client.with_timeout(limit));
    let result = commands::run(&limited, access, login.as_ref(), command, output).await;
    // Closes the session properly, and waits half a second at most.
    client.shutdown(Duration::from_millis(500)).await;
    result
}
