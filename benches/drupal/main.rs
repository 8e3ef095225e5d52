//! Listing a collection of 10,000 resources in pages of 50: the Drupal client against reqwest and serde_json doing the same.
//!
//! Each result is a ratio of two contenders in one process, on one core, measured in turns against one cheap server in
//! another process. Both keep their connection, have time limits, follow `links.next` to the end, and decode the
//! attributes of each resource into a type.

mod contenders;
#[path = "../ws/pinned.rs"]
mod pinned;
#[path = "../support/process.rs"]
mod process;
mod server;
#[path = "../support/mod.rs"]
mod support;

use contenders::{Alone, Ours};
use process::ServerProcess;
use support::{is_quick, report, rounds};

type Outcome = Result<(), Failure>;
/// Whatever ends the bench early.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Outcome {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => server::run(),
        Some("list") => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(list())
        }
        _ => pinned::run_on_one_core("list"),
    }
}

/// Time for the whole list.
async fn list() -> Outcome {
    let server = ServerProcess::start()?;
    let url = server.url().replace("ws://", "http://");
    let (alone, ours) = (Alone::new(&url)?, Ours::new(&url)?);
    let resources = if is_quick() { 1000 } else { 10_000 };
    alone.run(resources).await?;
    ours.run(resources).await?;
    let mut ratios = Vec::new();
    for _ in 0..rounds() {
        let alone_time = alone.run(resources).await?;
        let ours_time = ours.run(resources).await?;
        ratios.push(ours_time.as_secs_f64() / alone_time.as_secs_f64());
    }
    report("drupal-list/reqwest", ratios);
    Ok(())
}
