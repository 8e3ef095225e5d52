//! Bulk work of the NemesisDB client over one connection, against a hand-written loop with the same window of 64.
//!
//! Each result is a ratio of two contenders in one process, measured in turns against one cheap server in another process.
//! Both build typed commands and parse typed replies. Allocations are counted for this process only, at the cost of both
//! contenders.

mod contenders;
#[path = "../ws/message.rs"]
mod message;
#[path = "../support/process.rs"]
mod process;
#[path = "../ws/server.rs"]
mod server;
#[path = "../support/mod.rs"]
mod support;

use contenders::{Batched, Loop};
use process::ServerProcess;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use support::{is_quick, report, rounds};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Outcome = Result<(), Failure>;
/// An error that ends the bench early.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is done in bulk.
#[derive(Clone, Copy)]
enum Work {
    Set,
    Get,
}

fn main() -> Outcome {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => server::run(),
        _ => current_thread()?.block_on(async {
            bulk("nemesis-bulk-set", Work::Set).await?;
            bulk("nemesis-bulk-get", Work::Get).await
        }),
    }
}

fn current_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Throughput as a ratio, greater is better, and allocations per command.
async fn bulk(name: &str, work: Work) -> Outcome {
    let server = ServerProcess::start()?;
    let mut floor = Loop::connect(server.url()).await?;
    let batched = Batched::connect(server.url()).await?;
    let commands = if is_quick() { 1000 } else { 30_000 };
    floor.run(work, commands).await?;
    batched.run(work, commands).await?;

    let mut ratios = Vec::new();
    for _ in 0..3 * rounds() {
        let floor_time = floor.run(work, commands).await?;
        let batched_time = batched.run(work, commands).await?;
        ratios.push(floor_time.as_secs_f64() / batched_time.as_secs_f64());
    }
    report(&format!("{name}/loop"), ratios);

    let before = allocations();
    floor.run(work, commands).await?;
    let between = allocations();
    batched.run(work, commands).await?;
    let per_command = |count: usize| count as f64 / commands as f64;
    println!(
        "allocations {name}: {:.1} per command; the loop: {:.1}",
        per_command(allocations() - between),
        per_command(between - before)
    );
    Ok(())
}

fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}
