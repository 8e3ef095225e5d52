//! A fake HTTP/1.1 server with faults on demand.
//!
//! A [`Service`] answers requests from its state; [`Routes`] is one that needs no type of its own. [`Server`] serves it on
//! a loopback port. A [`Fault`] names requests and what goes wrong with them, down to the bytes on the connection: half
//! an answer, a reset, a wrong length, no answer at all. The [`Record`] tells what was received, what was carried out and
//! how each answer ended. All waiting uses tokio's clock.
//!
//! ```
//! use statuswire_sandbox::Then;
//! use statuswire_sandbox::http::{Fault, Routes, Server, json, text};
//! use statuswire_sandbox::reexport::{http::StatusCode, serde_json::json as value};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let notes = Routes::new(vec!["first".to_owned()])
//!     .on("POST /notes", |notes, call| {
//!         notes.push(String::from_utf8_lossy(call.request.body()).into_owned());
//!         json(StatusCode::CREATED, &value!({ "id": notes.len() - 1 }))
//!     })
//!     .on("GET /notes/{id}", |notes, call| {
//!         let id = call.param("id").and_then(|id| id.parse::<usize>().ok());
//!         match id.and_then(|id| notes.get(id)) {
//!             Some(note) => text(StatusCode::OK, note),
//!             None => text(StatusCode::NOT_FOUND, "no such note"),
//!         }
//!     });
//! let server = Server::start(notes).await?;
//! // The first note is stored, but its answer ends in the middle of the body.
//! server.fault(Fault::on("POST /notes").nth(1).cut_body(4, Then::Eof));
//!
//! // In place of the client that is tested:
//! let mut client = tokio::net::TcpStream::connect(server.addr()).await?;
//! client.write_all(b"POST /notes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nsecond").await?;
//! let mut answer = String::new();
//! client.read_to_string(&mut answer).await?;
//! assert!(answer.contains("content-length: 8\r\n") && answer.ends_with("\r\n\r\n{\"id"), "{answer}");
//!
//! assert_eq!((server.record().received("POST /notes"), server.record().executed("POST /notes")), (1, 1));
//! assert_eq!(*server.service().state(), ["first", "second"]);
//! server.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Patterns
//!
//! Routes, faults and the record know requests by patterns: `POST /notes/{id}`, `/notes` (any method), `GET /files/*`. A
//! segment in braces fits any segment that is not empty; `*` at the end fits the rest of the path. Patterns are compared
//! with the path as it was sent, percent signs included, and never with the query.
mod connection;
mod fault;
mod head;
mod options;
mod pattern;
mod read;
mod record;
mod response;
mod routes;
mod send;
mod server;
mod service;

pub use fault::Fault;
pub use options::Options;
pub use record::{AnswerEnd, Exchange, Record};
pub use response::{json, text};
pub use routes::{Call, Routes};
pub use server::Server;
pub use service::Service;
