//! Listing 10,000 resources in pages of 50: this crate's Drupal client against reqwest and serde_json doing the same.
//!
//! Each result is a ratio of two contenders in one process, on one core, measured in turns against one cheap server in
//! another process. Both follow the links of the pages, and decode the attributes into the same type.

mod contenders;
#[path = "../ws/pinned.rs"]
mod pinned;
#[path = "../support/process.rs"]
mod process;
mod server;
#[path = "../support/mod.rs"]
mod support;

use contenders::{Alone, Client};
use process::ServerProcess;
use support::{is_quick, report, rounds};

type Outcome = Result<(), Failure>;
/// Whatever ends the bench early.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Outcome {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => server::run(),
        Some("listing") => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(listing())
        }
        _ => pinned::run_on_one_core("listing"),
    }
}

/// Time of a listing.
async fn listing() -> Outcome {
    let server = ServerProcess::start()?;
    let url = server.url().replace("ws://", "http://");
    let alone = Alone::new(&url)?;
    let client = Client::new(&url)?;
    let resources = if is_quick() { 500 } else { 10_000 };
    alone.run(resources).await?;
    client.run(resources).await?;
    let mut ratios = Vec::new();
    for _ in 0..rounds() {
        let alone_time = alone.run(resources).await?;
        let client_time = client.run(resources).await?;
        ratios.push(client_time.as_secs_f64() / alone_time.as_secs_f64());
    }
    report("drupal-listing/reqwest", ratios);
    Ok(())
}
