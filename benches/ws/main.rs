//! Commands over one WebSocket: this crate's engine against a hand-written loop and against another client.
//!
//! Always a ratio of two contenders in one process, measured in turns against one cheap server, which runs in a process
//! of its own. All contenders build typed commands, and parse typed replies in the caller's task.

mod contenders;
mod message;
mod pinned;
#[path = "../support/process.rs"]
mod process;
mod server;
#[path = "../support/mod.rs"]
mod support;

use contenders::{Engine, JsonRpc, Loop};
use process::ServerProcess;
use std::future::Future;
use support::{is_quick, report, rounds};

type Outcome = Result<(), Failure>;
/// Whatever ends the bench early.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Outcome {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => server::run(),
        Some("latency") => current_thread()?.block_on(latency()),
        _ => {
            current_thread()?.block_on(throughput("ws-256", true))?;
            multi_thread()?.block_on(spawned(throughput("ws-256-mt", false)))?;
            current_thread()?.block_on(other_runtime())?;
            pinned::run_on_one_core("latency")
        }
    }
}

fn current_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn multi_thread() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// Commands of each contender in a round; a multiple of the callers.
fn commands_of(many: usize) -> usize {
    (if is_quick() { many / 20 } else { many }).next_multiple_of(256)
}

/// Many short rounds: what else the machine does then hits both contenders of a round, or few of the rounds.
fn short_rounds() -> std::ops::Range<usize> {
    0..3 * rounds()
}

/// On a worker: the thread that blocks on the runtime would be a third one.
async fn spawned(work: impl Future<Output = Outcome> + Send + 'static) -> Outcome {
    tokio::spawn(work).await?
}

/// Commands per second with 256 callers in flight.
async fn throughput(name: &str, with_peer: bool) -> Outcome {
    const CALLERS: usize = 256;
    let server = ServerProcess::start()?;
    let mut floor = Loop::connect(server.url(), None).await?;
    let engine = Engine::connect(server.url(), CALLERS).await?;
    let commands = commands_of(50_000);
    floor.run(CALLERS, commands).await?;
    engine.run(CALLERS, commands).await?;

    let mut ratios = Vec::new();
    for _ in short_rounds() {
        let floor_time = floor.run(CALLERS, commands).await?;
        let engine_time = engine.run(CALLERS, commands).await?;
        ratios.push(floor_time.as_secs_f64() / engine_time.as_secs_f64());
    }
    report(&format!("{name}/loop"), ratios);

    if with_peer {
        let peer = JsonRpc::connect(server.url(), CALLERS).await?;
        let commands = commands_of(20_000);
        peer.run(CALLERS, commands).await?;
        let mut ratios = Vec::new();
        for _ in short_rounds() {
            let peer_time = peer.run(CALLERS, commands).await?;
            let engine_time = engine.run(CALLERS, commands).await?;
            ratios.push(peer_time.as_secs_f64() / engine_time.as_secs_f64());
        }
        report(&format!("{name}/jsonrpsee"), ratios);
    }
    Ok(())
}

/// Commands per second of callers in another runtime than the client's task: each call has a timer of its own. In the
/// client's runtime it has none.
async fn other_runtime() -> Outcome {
    const CALLERS: usize = 256;
    let server = ServerProcess::start()?;
    let home = multi_thread()?;
    let url = server.url().to_owned();
    let far = home.spawn(async move { Engine::connect(&url, CALLERS).await }).await??;
    let near = Engine::connect(server.url(), CALLERS).await?;
    let commands = commands_of(20_000);
    near.run(CALLERS, commands).await?;
    far.run(CALLERS, commands).await?;

    let mut ratios = Vec::new();
    for _ in short_rounds() {
        let near_time = near.run(CALLERS, commands).await?;
        let far_time = far.run(CALLERS, commands).await?;
        ratios.push(near_time.as_secs_f64() / far_time.as_secs_f64());
    }
    report("ws-256-other-runtime/same-runtime", ratios);
    drop(far);
    home.shutdown_background();
    Ok(())
}

/// Time per command, one at a time. Also against a loop with a small read buffer: tungstenite fills its buffer, 128 KiB
/// by default, with zeros before every read, which is a good part of the default loop's time here.
async fn latency() -> Outcome {
    let server = ServerProcess::start()?;
    let mut default = Loop::connect(server.url(), None).await?;
    let mut tuned = Loop::connect(server.url(), Some(8 * 1024)).await?;
    let engine = Engine::connect(server.url(), 1).await?;
    let commands = commands_of(10_000);
    engine.run(1, commands).await?;

    let (mut to_default, mut to_tuned) = (Vec::new(), Vec::new());
    for _ in short_rounds() {
        let default_time = default.run(1, commands).await?.as_secs_f64();
        let engine_time = engine.run(1, commands).await?.as_secs_f64();
        let tuned_time = tuned.run(1, commands).await?.as_secs_f64();
        to_default.push(engine_time / default_time);
        to_tuned.push(engine_time / tuned_time);
    }
    report("ws-1-latency/loop", to_default);
    report("ws-1-latency/small-buffer-loop", to_tuned);
    Ok(())
}
