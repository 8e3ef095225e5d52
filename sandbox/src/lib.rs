//! Local stand-in servers that speak a service's protocol as the real one does: for tests, for examples, to try a
//! client out without installing anything.
//!
//! A sandbox keeps real state and computes its answers. It serves on a loopback port, in the process that starts it
//! (it needs a tokio runtime with I/O and time) or as a program of its own (`cargo run --example sandbox`). On demand it
//! misbehaves: a [`Fault`] names a command and a reaction, a [`ConnectFault`] spoils the connection before any
//! command. Its [`Record`] tells what it received and what it carried out, so that a test can hold against it
//! what a client says about delivery. All waiting uses tokio's clock: with paused time it takes no time.
//!
//! ```
//! use statuswire_sandbox::{Fault, Nemesis};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = Nemesis::start().await?;
//! println!("serving on {}", sandbox.url());
//! sandbox.fault(Fault::on("KV_GET").nth(2).reply_status(1000));
//! // ... let a client work with it ...
//! assert_eq!(sandbox.record().received("KV_GET"), 0);
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! [`Nemesis`] stands in for NemesisDB, [`BlazeAuth`] for BlazeAuth.
//!
//! Modules of this part use neither the clients nor their types: a mistake made in both would hide itself.
pub mod blazeauth;
mod connection;
mod fault;
mod frames;
mod json;
mod link;
mod nemesis;
mod opening;
mod outbox;
mod react;
mod record;
mod server;
mod service;
mod upgrade;

pub use blazeauth::{BlazeAuth, BlazeAuthBuilder};
pub use fault::{Call, ConnectFault, Fault, FaultHandle, Flood, Rule, Split, Then};
pub use nemesis::{Nemesis, NemesisBuilder};
pub use record::{Entry, Event, Message, Record};
