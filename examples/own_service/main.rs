//! A service of your own, the whole of it: a table of codes, the enum made from it, a client whose errors carry that
//! enum, and a fake server to test against.
//!
//! | | |
//! |---|---|
//! | `codes/adding.md` | the table |
//! | `generated.rs` | the enum. In your own project a build script writes it at each build: see `examples/foreign` |
//! | `client.rs` | the protocol in six methods, and the client |
//! | `server.rs` | the fake server |
//!
//! The service adds numbers. A command is `{"id":1,"add":[2,3]}`; its reply is `{"id":1,"status":0,"sum":5}`, or
//! `{"id":1,"status":2}` if it fails. Run it with `cargo run --example own_service`.

mod client;
#[path = "../common/print.rs"]
mod print;
mod server;

/// The codes of the table `codes/adding.md`.
mod codes {
    include!("generated.rs");
}

use clap::Parser;
use client::Client;
use codes::adding::ErrorCode;
use futures_util::future::try_join_all;
use print::println;
use statuswire_sandbox::{Fault, Server};
use std::time::Duration;

/// Shows a service of your own: calls its client, with a fake server to talk to. Takes no arguments.
#[derive(Parser)]
#[command(name = "own_service")]
struct Arguments {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let Arguments {} = Arguments::parse();
    let server = Server::start(server::Adding).await?;
    let client = Client::connect(&server.url()).await?;

    println!("2 + 3 = {}", client.add(&[2, 3]).await?);

    // Many calls share the connection, and their replies may come in any order.
    let pairs: Vec<_> = (0..1000).map(|n| [n, n]).collect();
    let sums = try_join_all(pairs.iter().map(|pair| client.add(pair))).await?;
    println!("the sum of {} sums is {}", sums.len(), sums.iter().sum::<i64>());

    // An error carries the service's own code, and all that its row in the table says.
    let error = client.add(&[i64::MAX, 1]).await.err().ok_or("the sum must not fit into 64 bits")?;
    assert_eq!(error.code_as(), Some(ErrorCode::TooLarge));
    println!("{error}\n    kind {}, recovery {}, delivery {}", error.kind(), error.recovery(), error.delivery());

    // What the client itself refuses is not sent.
    let error = client.add(&[]).await.err().ok_or("an empty sum must be refused")?;
    println!("{error}\n    kind {}, recovery {}, delivery {}", error.kind(), error.recovery(), error.delivery());

    // The next command fails twice: the server is busy, then the connection is lost. `add` is safe to repeat, so the
    // client does that by itself.
    let before = server.record().received("add");
    server.fault(Fault::on("add").nth(1).reply_status(ErrorCode::Busy.value().into()));
    server.fault(Fault::on("add").nth(2).drop_connection());
    println!("20 + 22 = {}, at attempt {}", client.add(&[20, 22]).await?, server.record().received("add") - before);

    client.shutdown(Duration::from_secs(1)).await;
    Ok(())
}
