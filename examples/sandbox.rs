//! Serves a local stand-in server until it is stopped.
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use statuswire::sandbox::{Fault, Nemesis};

/// Local stand-in servers: they speak a service's protocol as the real one does.
#[derive(Parser)]
#[command(after_help = "Examples:
  cargo run --example sandbox -- nemesis
  cargo run --example sandbox -- nemesis --listen 127.0.0.1:1987 --persist-dir ./saves
  cargo run --example sandbox -- nemesis --no-persist --max-payload 8192
  cargo run --example sandbox -- nemesis --fail KV_GET=1000

The URL is printed on standard output; ctrl-c or SIGTERM stops the server gracefully.")]
struct Cli {
    #[command(subcommand)]
    service: Service,
}

#[derive(Subcommand)]
enum Service {
    /// NemesisDB of the current generation (0.9).
    Nemesis(NemesisArgs),
}

#[derive(Args)]
struct NemesisArgs {
    /// Address and port to serve on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:1987", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// Refuse KV_SAVE (persist.enabled = false).
    #[arg(long)]
    no_persist: bool,
    /// Directory for saves, made if missing [default: a temporary one, removed in the end].
    #[arg(long, value_name = "DIR", conflicts_with = "no_persist")]
    persist_dir: Option<PathBuf>,
    /// Longest message in bytes; a longer one ends its connection.
    #[arg(long, default_value_t = 32_768, value_name = "BYTES")]
    max_payload: usize,
    /// Answer every call of a command with this status instead of carrying it out; may be repeated.
    #[arg(long, value_name = "COMMAND=STATUS", value_parser = failure)]
    fail: Vec<(String, u32)>,
}

fn failure(text: &str) -> Result<(String, u32), String> {
    let (command, status) = text.split_once('=').ok_or("expected COMMAND=STATUS, for example KV_GET=1000")?;
    let status = status.parse().map_err(|_| format!("`{status}` is no status number, for example 1000"))?;
    Ok((command.to_owned(), status))
}

#[tokio::main]
async fn main() -> ExitCode {
    let Service::Nemesis(args) = Cli::parse().service;
    match nemesis(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn nemesis(args: NemesisArgs) -> std::io::Result<()> {
    let mut builder = Nemesis::builder().listen(args.listen).persist(!args.no_persist).max_payload(args.max_payload);
    if let Some(directory) = args.persist_dir {
        builder = builder.persist_dir(directory);
    }
    let sandbox = builder.start().await?;
    for (command, status) in args.fail {
        sandbox.fault(Fault::on(command).reply_status(status));
    }
    println!("{}", sandbox.url());
    told_to_stop().await?;
    eprintln!("sandbox: stopping after {} messages", sandbox.record().total_received());
    sandbox.stop().await;
    Ok(())
}

#[cfg(unix)]
async fn told_to_stop() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn told_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
