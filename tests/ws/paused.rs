//! Connecting in a test that pauses tokio's clock.

use super::connect::lines;
use crate::support::*;

/// A server in a runtime of its own, as any real server is.
fn elsewhere() -> (tokio::runtime::Runtime, Server) {
    let start = || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(Server::start(|socket, _| echo(socket, true)));
        (runtime, server)
    };
    std::thread::spawn(start).join().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_runs_while_a_client_connects_keeps_the_limit() {
    let (runtime, server) = elsewhere();
    tokio::time::resume();
    let client = lines(&server.url).connect().await.unwrap();
    assert_eq!(client.call(command("A", "x")).await.unwrap(), "x");
    tokio::time::pause();
    assert!(client.state().borrow().is_ready());
    runtime.shutdown_background();
}
