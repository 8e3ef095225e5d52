//! A client for NemesisDB, an in-memory JSON store that speaks WebSocket.
//!
//! It speaks to the current generation of servers (0.9): key-values, saves, server information, and
//! [`raw`](Client::raw) commands for the rest.
//!
//! ```no_run
//! # async fn doc() -> Result<(), statuswire::Error> {
//! use statuswire::nemesis::{Client, ErrorCode};
//!
//! let db = Client::connect("ws://localhost:1987").await?;
//! let kv = db.kv();
//! kv.set_many([("user:1", "Ada"), ("user:2", "Grace")]).await?;
//! let name: Option<String> = kv.get("user:1").await?;
//! assert_eq!(name.as_deref(), Some("Ada"));
//!
//! if let Err(error) = kv.load("monday").await {
//!     match error.code_as::<ErrorCode>() {
//!         Some(ErrorCode::LoadError) => println!("no such save: {error}"),
//!         _ => return Err(error),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What the client sees to
//!
//! The server has properties that its users should know, all observed on a running server 0.9:
//!
//! - Replies have no ids and come in order. The server drops replies, silently, for a client that is slow to read. So
//!   not more than 64 commands and 64 KiB of expected replies are on the wire at a time ([`Builder::value_bytes`]),
//!   every reply must fit the command that it answers, and when one does not, or does not come in time, the
//!   connection is discarded and all commands on it fail as [`MaybeSent`](crate::Delivery::MaybeSent).
//! - A command above the payload limit costs the connection. It is refused before ([`Builder::payload_limit`]).
//! - Some values change silently when they are stored. They are refused ([`Kv`]).
//! - Data is in memory only. After a restart of the server everything is gone that was not saved and loaded again.

mod checked;
mod client;
mod command;
mod kv;
mod members;
mod options;
mod payload;
mod protocol;
mod raw;
mod reply;
mod save;
mod server;
mod text;
mod verb;

pub use crate::codes::nemesis::ErrorCode;
pub use client::{Builder, Client};
pub use kv::Kv;
pub use raw::RawReply;
pub use save::{Loaded, Saved};
pub use server::ServerInfo;

/// The service's name in errors and traces.
const SERVICE: &str = "nemesis";
