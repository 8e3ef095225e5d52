//! Serves a fake server until it is stopped.
mod blazeauth;
mod drupal;
mod nemesis;
mod nemesis_fusion;
mod nemesis_sessions;
#[path = "../common/note.rs"]
mod note;
#[path = "../common/print.rs"]
mod print;
#[path = "../common/signal.rs"]
mod signal;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use signal::told_to_stop;
use statuswire::codes::TableInfo;
use statuswire_sandbox::{Fault, Server, Service as Fake};

/// Fake servers: they speak a service's protocol as the real one does.
#[derive(Parser)]
#[command(after_help = "Examples:
  cargo run --example sandbox -- nemesis
  cargo run --example sandbox -- nemesis --listen 127.0.0.1:1987 --persist-dir ./saves
  cargo run --example sandbox -- nemesis --no-persist --max-payload 8192
  cargo run --example sandbox -- nemesis --fail KV_GET=1000
  cargo run --example sandbox -- nemesis-sessions --no-save
  cargo run --example sandbox -- nemesis-fusion
  cargo run --example sandbox -- blazeauth
  cargo run --example sandbox -- blazeauth --listen 127.0.0.1:0 --links --no-rate-limit
  cargo run --example sandbox -- blazeauth --chunk 1 --fail get_variable=6
  cargo run --example sandbox -- drupal --listen 127.0.0.1:8088 --world harbor
  cargo run --example sandbox -- drupal --set basic_auth=off --set read_only=on

The URL is printed on standard output; ctrl-c or SIGTERM stops the server gracefully.")]
struct Cli {
    #[command(subcommand)]
    service: Service,
}

#[derive(Subcommand)]
enum Service {
    /// NemesisDB of the current generation (0.9).
    Nemesis(nemesis::Args),
    /// NemesisDB of the generation with sessions (0.3.6).
    NemesisSessions(nemesis_sessions::Args),
    /// NemesisDB of the generation "fusion" (0.2.3).
    NemesisFusion(nemesis_fusion::Args),
    /// BlazeAuth, with a demonstration application.
    Blazeauth(blazeauth::Args),
    /// Drupal 10.6, with a small site or a harbor.
    Drupal(drupal::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let served = match Cli::parse().service {
        Service::Nemesis(args) => nemesis::serve(args).await,
        Service::NemesisSessions(args) => nemesis_sessions::serve(args).await,
        Service::NemesisFusion(args) => nemesis_fusion::serve(args).await,
        Service::Blazeauth(args) => blazeauth::serve(args).await,
        Service::Drupal(args) => drupal::serve(args).await,
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let help = match error.kind() {
                ErrorKind::AddrInUse => "; choose another with --listen, or `--listen 127.0.0.1:0` for a free one",
                _ => "",
            };
            note::note(format_args!("sandbox: {error}{help}"));
            ExitCode::FAILURE
        }
    }
}

/// The value of `--fail`, with a status of this table.
fn failure(text: &str, table: &TableInfo) -> Result<(String, u32), String> {
    let (command, status) =
        text.split_once('=').ok_or("expected NAME=STATUS, for example KV_GET=1000 or get_variable=6")?;
    let status: u32 = status.parse().map_err(|_| format!("`{status}` is not a status number"))?;
    let known: Vec<_> = table.codes.iter().map(|row| row.value.to_string()).collect();
    if known.contains(&status.to_string()) {
        return Ok((command.to_owned(), status));
    }
    Err(format!("the table `{}` lists no status {status}; it lists {}", table.name, known.join(", ")))
}

/// The value of `--fail`, with a status of this table and one of these commands.
fn command_failure(
    text: &str,
    table: &TableInfo,
    commands: impl Iterator<Item = String>,
) -> Result<(String, u32), String> {
    let (command, status) = failure(text, table)?;
    let mut near: Vec<(usize, String)> = commands.map(|known| (distance(&command, &known), known)).collect();
    near.sort();
    match near.first() {
        Some((0, _)) => Ok((command, status)),
        _ => {
            let near: Vec<_> = near.into_iter().take(3).map(|(_, known)| known).collect();
            Err(format!("there is no command `{command}`; similar are {}", near.join(", ")))
        }
    }
}

/// How many characters must be inserted, removed or replaced to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, b) in other.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

/// Serves a fake server, with these failures, until the program is told to stop.
async fn serve<S: Fake>(sandbox: &Server<S>, failures: Vec<(String, u32)>) -> std::io::Result<()> {
    for (command, status) in failures {
        sandbox.fault(Fault::on(command).reply_status(status));
    }
    print::println!("{}", sandbox.url());
    told_to_stop().await?;
    note::note(format_args!("sandbox: stopping after {} messages", sandbox.record().total_received()));
    sandbox.stop().await;
    Ok(())
}
