//! Batch: thousands of calls at once, their results in order.
//!
//! Run it with `cargo run --example batch`. It starts a fake NemesisDB.

#[path = "common/print.rs"]
mod print;

use futures_util::{StreamExt, TryStreamExt};
use print::println;
use statuswire::nemesis::Client;
use statuswire_sandbox::Nemesis;

const ROWS: u64 = 10_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let server = Nemesis::start().await?;
    let db = Client::connect(&server.url()).await?;
    let kv = db.kv();

    // Futures of any method can be batched. They are made as they are needed, so the iterator may be very long.
    let rows: Vec<(String, u64)> = (0..ROWS).map(|n| (format!("row:{n}"), n * n)).collect();
    let _: Vec<()> = db.batch(rows.iter().map(|(key, value)| kv.set(key, value))).try_collect().await?;
    println!("stored {} rows", kv.count().await?);

    let values: Vec<Option<u64>> = db.batch(rows.iter().map(|(key, _)| kv.get(key))).try_collect().await?;
    println!("the sum of all rows is {}", values.into_iter().flatten().sum::<u64>());

    // An error takes the place of its result and does not end the batch.
    let names = ["monday", "no/such/name", "tuesday"];
    let mut results = db.batch(names.map(|name| kv.save(name)));
    for name in names {
        match results.next().await {
            Some(Ok(_)) => println!("saved {name}"),
            Some(Err(error)) => println!("{name}: {error}"),
            None => break,
        }
    }
    Ok(())
}
