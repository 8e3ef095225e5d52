//! A command over HTTP with a reply of 1 KB: this crate's engine against the same request by reqwest alone.
//!
//! Each result is a ratio of two contenders in one process, on one core, measured in turns against one cheap server in
//! another process. Both keep their connection, have a time limit, and decode the reply into a type.

mod contenders;
#[path = "../ws/pinned.rs"]
mod pinned;
#[path = "../support/process.rs"]
mod process;
mod server;
#[path = "../support/mod.rs"]
mod support;

use contenders::{Alone, Engine};
use process::ServerProcess;
use support::{is_quick, report, rounds};

type Outcome = Result<(), Failure>;
/// Whatever ends the bench early.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Outcome {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => server::run(),
        Some("latency") => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(latency())
        }
        _ => pinned::run_on_one_core("latency"),
    }
}

/// Time per command, one at a time. Many short rounds: what else the machine does then hits both contenders of a round, or
/// few of the rounds.
async fn latency() -> Outcome {
    let server = ServerProcess::start()?;
    let url = server.url().replace("ws://", "http://");
    let alone = Alone::new(&url)?;
    let engine = Engine::new(&url)?;
    let commands = if is_quick() { 100 } else { 3000 };
    alone.run(commands).await?;
    engine.run(commands).await?;
    let mut ratios = Vec::new();
    for _ in 0..3 * rounds() {
        let alone_time = alone.run(commands).await?;
        let engine_time = engine.run(commands).await?;
        ratios.push(engine_time.as_secs_f64() / alone_time.as_secs_f64());
    }
    report("http-1-latency/reqwest", ratios);
    Ok(())
}
