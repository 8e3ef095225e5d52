//! Fake servers for tests of HTTP and WebSocket clients. This page is about WebSocket, the module [`http`](mod@http) about
//! HTTP.
//!
//! A [`Service`] says how its messages are read and what its commands do; [`Server`] serves it on a loopback port, in the
//! process that starts it. A [`Fault`] names a command and what goes wrong with it, a [`ConnectFault`] what goes wrong
//! before the first message. The [`Record`] tells what the server received and carried out, so that a test can check
//! what a client says about delivery. All waiting uses tokio's clock: with paused time it takes no time.
//!
//! Services that are ready to use: [`Nemesis`] imitates NemesisDB, [`NemesisSessions`] and [`NemesisFusion`] its older
//! generations, [`BlazeAuth`] imitates BlazeAuth, [`Drupal`] imitates a Drupal site. A service of your own takes a few
//! lines:
//!
//! ```
//! use statuswire_sandbox::{Fault, Message, Response, Server, Service};
//!
//! /// Counts up on `add` and tells the sum on `sum`.
//! #[derive(Default)]
//! struct Counter(u64);
//!
//! impl Service for Counter {
//!     type Request = String;
//!
//!     fn read(message: &Message) -> String {
//!         message.as_text().unwrap_or_default().to_owned()
//!     }
//!
//!     fn command(request: &String) -> Option<&str> {
//!         Some(request)
//!     }
//!
//!     fn carry_out(&mut self, _connection: u64, request: String) -> Response {
//!         match request.as_str() {
//!             "add" => {
//!                 self.0 += 1;
//!                 Response::executed().reply("ok")
//!             }
//!             "sum" => Response::executed().reply(self.0.to_string()),
//!             _ => Response::refused().reply("error 404"),
//!         }
//!     }
//!
//!     fn status_reply(_command: Option<&str>, _id: Option<u64>, status: u32) -> String {
//!         format!("error {status}")
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use futures_util::{SinkExt, StreamExt};
//! use tokio_tungstenite::tungstenite;
//!
//! let server = Server::start(Counter::default()).await?;
//! // The first `add` is carried out, but the connection is lost before its reply. The second one fails.
//! server.fault(Fault::on("add").nth(1).carried_out().drop_connection());
//! server.fault(Fault::on("add").nth(2).reply_status(500));
//!
//! // In place of the client that is tested:
//! let tcp = tokio::net::TcpStream::connect(server.addr()).await?;
//! let (mut client, _) = tokio_tungstenite::client_async(server.url(), tcp).await?;
//! client.send("add".into()).await?;
//! assert!(client.next().await.is_none_or(|message| message.is_err()));
//!
//! let tcp = tokio::net::TcpStream::connect(server.addr()).await?;
//! let (mut client, _) = tokio_tungstenite::client_async(server.url(), tcp).await?;
//! for (command, reply) in [("add", "error 500"), ("sum", "1")] {
//!     client.send(command.into()).await?;
//!     assert_eq!(client.next().await.transpose()?, Some(tungstenite::Message::from(reply)));
//! }
//! assert_eq!((server.record().received("add"), server.record().executed("add")), (2, 1));
//! server.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! The crate uses no client of statuswire, only the code tables: a bug in a client cannot hide behind the same bug in its
//! fake server.
mod accepting;
pub mod blazeauth;
mod clock;
pub mod drupal;
mod fault;
pub mod http;
mod link;
mod log;
mod message;
pub mod nemesis;
mod options;
mod record;
/// The crates whose types are part of this crate's public functions, so that a program needs no dependency of its own:
/// `http` and `bytes` for requests and answers, `serde_json` for the content of events and for JSON bodies.
pub mod reexport {
    pub use bytes;
    pub use http;
    pub use serde_json;
}
mod server;
mod service;

pub use blazeauth::BlazeAuth;
pub use drupal::Drupal;
pub use fault::{Call, ConnectFault, Fault, FaultHandle, Flood, Rule, Split, Then};
pub use link::Link;
pub use message::Message;
pub use nemesis::Nemesis;
pub use nemesis::fusion::NemesisFusion;
pub use nemesis::sessions::NemesisSessions;
pub use options::{Options, SlowClient};
pub use record::{Entry, Event, Record};
pub use server::Server;
pub use service::{Admission, Response, Service, UpgradeRequest, Violation};

/// Keeps the example in the README working.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
