//! Packets and files of the BlazeAuth client, against a hand-written loop.
//!
//! Always a ratio of two contenders in one process, measured in turns against one cheap server in a process of its own.
//! The loop does the least that can be done: for packets it builds and parses them, for a file it reads the frames
//! and hashes them.

mod contenders;
#[path = "../support/process.rs"]
mod process;
mod server;
#[path = "../support/mod.rs"]
mod support;

use contenders::{Loop, Ours};
use process::ServerProcess;
use std::future::Future;
use support::{is_quick, report, rounds};

type Outcome = Result<(), Failure>;
/// Whatever ends the bench early.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Outcome {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return server::run();
    }
    // `cargo bench --bench blazeauth -- transfer` measures what has that in its name.
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    let current_thread = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if "blazeauth-transfer".contains(&filter) {
        current_thread.block_on(transfer("blazeauth-transfer"))?;
    }
    if "blazeauth-save".contains(&filter) {
        current_thread.block_on(save("blazeauth-save"))?;
    }
    if "blazeauth-256".contains(&filter) {
        current_thread.block_on(packets("blazeauth-256"))?;
    }
    let multi_thread = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if "blazeauth-transfer-mt".contains(&filter) {
        multi_thread.block_on(spawned(transfer("blazeauth-transfer-mt")))?;
    }
    if "blazeauth-256-mt".contains(&filter) {
        multi_thread.block_on(spawned(packets("blazeauth-256-mt")))?;
    }
    Ok(())
}

/// On a worker: the thread that blocks on the runtime would be a third one.
async fn spawned(work: impl Future<Output = Outcome> + Send + 'static) -> Outcome {
    tokio::spawn(work).await?
}

/// A file of 256 MiB; greater is better.
async fn transfer(name: &str) -> Outcome {
    let server = ServerProcess::start()?;
    let mut floor = Loop::connect(server.url()).await?;
    let ours = Ours::connect(server.url()).await?;
    let frames = (if is_quick() { 8 } else { 256 }) * 1024 * 1024 / server::CHUNK;
    floor.file(frames).await?;
    ours.file(frames).await?;
    let mut ratios = Vec::new();
    for _ in 0..rounds() {
        let floor_time = floor.file(frames).await?;
        let our_time = ours.file(frames).await?;
        ratios.push(floor_time.as_secs_f64() / our_time.as_secs_f64());
    }
    report(&format!("{name}/read-and-hash"), ratios);
    Ok(())
}

/// A file of 300 MiB, saved to a path; greater is better.
async fn save(name: &str) -> Outcome {
    let server = ServerProcess::start()?;
    let mut floor = Loop::connect(server.url()).await?;
    let ours = Ours::connect(server.url()).await?;
    let directory = tempfile::tempdir()?;
    let frames = (if is_quick() { 8 } else { 300 }) * 1024 * 1024 / server::CHUNK;
    floor.file(frames).await?;
    let mut ratios = Vec::new();
    for _ in 0..rounds() {
        let floor_time = floor.file(frames).await?;
        let our_time = ours.save(frames, directory.path()).await?;
        ratios.push(floor_time.as_secs_f64() / our_time.as_secs_f64());
    }
    report(&format!("{name}/read-and-hash"), ratios);
    Ok(())
}

/// Packets per second with 256 in flight; greater is better.
async fn packets(name: &str) -> Outcome {
    const IN_FLIGHT: usize = 256;
    let server = ServerProcess::start()?;
    let mut floor = Loop::connect(server.url()).await?;
    let ours = Ours::connect(server.url()).await?;
    let packets: usize = if is_quick() { 2048 } else { 51_200 };
    floor.packets(IN_FLIGHT, packets).await?;
    ours.packets(IN_FLIGHT, packets).await?;
    let mut ratios = Vec::new();
    for _ in 0..3 * rounds() {
        let floor_time = floor.packets(IN_FLIGHT, packets).await?;
        let our_time = ours.packets(IN_FLIGHT, packets).await?;
        ratios.push(floor_time.as_secs_f64() / our_time.as_secs_f64());
    }
    report(&format!("{name}/loop"), ratios);
    Ok(())
}
