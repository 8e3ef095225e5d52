//! Commands over one WebSocket: this crate's engine against a hand-written loop and against another client.
//!
//! Always a ratio of two contenders in one process, measured in turns against one cheap server, which runs in a process
//! of its own. All contenders build typed commands, and parse typed replies in the caller's task.
//!
//! `STATUSWIRE_BENCH_QUICK=1` makes it short, to see that it runs; its figures are noise.

mod contenders;
mod message;
mod pinned;
mod server;
mod turns;

use contenders::{Engine, JsonRpc, Loop};
use server::ServerProcess;
use std::future::Future;
use turns::{Failure, Rounds, print_ratio};

/// Whatever ends the bench early is printed by `main`.
type Outcome = Result<(), Failure>;

fn main() -> Outcome {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => server::run(),
        Some("latency") => latency(),
        _ => {
            let rounds = Rounds::from_environment();
            current_thread()?.block_on(throughput("ws-256", rounds, true))?;
            multi_thread()?.block_on(spawned(throughput("ws-256-mt", rounds, false)))?;
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

/// On a worker: the thread that blocks on the runtime would be a third one.
async fn spawned(
    work: impl Future<Output = Result<(), turns::Failure>> + Send + 'static,
) -> Result<(), turns::Failure> {
    tokio::spawn(work).await?
}

/// Commands per second with 256 callers in flight.
async fn throughput(name: &'static str, rounds: Rounds, with_peer: bool) -> Outcome {
    const CALLERS: usize = 256;
    let server = ServerProcess::start()?;
    let mut floor = Loop::connect(server.url(), None).await?;
    let engine = Engine::connect(server.url(), CALLERS).await?;
    let commands = rounds.commands(200_000);

    let mut ratios = Vec::new();
    for round in rounds.all() {
        let (floor_time, engine_time);
        if round % 2 == 0 {
            floor_time = floor.run(CALLERS, commands).await?;
            engine_time = engine.run(CALLERS, commands).await?;
        } else {
            engine_time = engine.run(CALLERS, commands).await?;
            floor_time = floor.run(CALLERS, commands).await?;
        }
        ratios.push(floor_time.as_secs_f64() / engine_time.as_secs_f64());
    }
    print_ratio(&format!("{name}/loop"), ratios);

    if with_peer {
        let peer = JsonRpc::connect(server.url(), CALLERS).await?;
        let commands = rounds.commands(50_000);
        let mut ratios = Vec::new();
        for _ in rounds.all() {
            let peer_time = peer.run(CALLERS, commands).await?;
            let engine_time = engine.run(CALLERS, commands).await?;
            ratios.push(peer_time.as_secs_f64() / engine_time.as_secs_f64());
        }
        print_ratio(&format!("{name}/jsonrpsee"), ratios);
    }
    Ok(())
}

/// Time per command, one at a time. Also against a loop with a small read buffer: tungstenite fills its buffer, 128 KiB
/// by default, with zeros before every read, which is most of the default loop's time here.
fn latency() -> Outcome {
    let rounds = Rounds::from_environment();
    current_thread()?.block_on(async {
        let server = ServerProcess::start()?;
        let mut default = Loop::connect(server.url(), None).await?;
        let mut tuned = Loop::connect(server.url(), Some(8 * 1024)).await?;
        let engine = Engine::connect(server.url(), 1).await?;
        let commands = rounds.commands(20_000);
        let (mut to_default, mut to_tuned) = (Vec::new(), Vec::new());
        for _ in rounds.all() {
            let default_time = default.run(1, commands).await?.as_secs_f64();
            let engine_time = engine.run(1, commands).await?.as_secs_f64();
            let tuned_time = tuned.run(1, commands).await?.as_secs_f64();
            to_default.push(engine_time / default_time);
            to_tuned.push(engine_time / tuned_time);
        }
        print_ratio("ws-1-latency/loop", to_default);
        print_ratio("ws-1-latency/small-buffer-loop", to_tuned);
        Ok(())
    })
}
