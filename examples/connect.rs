//! Connect and call: one client for all tasks, typed values, time limits.
//!
//! Run it with `cargo run --example connect`. It starts a fake NemesisDB; give `Client::builder` the URL of a real one
//! instead.

#[path = "common/print.rs"]
mod print;

use print::println;
use serde::{Deserialize, Serialize};
use statuswire::ConnectOptions;
use statuswire::nemesis::Client;
use statuswire::policy::Timeouts;
use statuswire_sandbox::Nemesis;
use std::time::Duration;

#[derive(Debug, Serialize, Deserialize)]
struct User {
    name: String,
    born: u16,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let server = Nemesis::start().await?;

    // `Client::connect(url)` uses the default options.
    let timeouts = Timeouts::default().with_call(Duration::from_secs(5));
    let options = ConnectOptions::default().with_timeouts(timeouts);
    let db = Client::builder(&server.url()).options(options).connect().await?;

    let kv = db.kv();
    kv.set("user:1", &User { name: "Ada Lovelace".into(), born: 1815 }).await?;
    let user: Option<User> = kv.get("user:1").await?;
    println!("user:1 is {user:?}");
    let user: Option<User> = kv.get("user:2").await?;
    println!("user:2 is {user:?}");

    // A clone is cheap and uses the same connection. Tasks do not wait for each other's replies.
    let tasks = (0..10).map(|number| {
        let kv = kv.clone();
        tokio::spawn(async move { kv.set(&format!("number:{number}"), &number).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    println!("{} keys over {} connection", kv.count().await?, server.record().opened());

    // Finishes what is under way, then closes the connection. Dropping the last clone closes it, too.
    db.shutdown(Duration::from_secs(1)).await;
    Ok(())
}
