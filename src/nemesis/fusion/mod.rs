//! A client for NemesisDB fusion (0.2.3), the oldest generation: one store of key-values, and a reply for each key.
//!
//! ```no_run
//! # async fn doc() -> Result<(), statuswire::Error> {
//! use statuswire::nemesis::fusion::{Client, Stored};
//!
//! let db = Client::connect("ws://localhost:1987").await?;
//! // Keys have at least six bytes.
//! assert_eq!(db.set("user:1", &"Ada").await?, Stored::New);
//! db.append("user:1", &" Lovelace").await?;
//! let name: Option<String> = db.get("user:1").await?;
//! assert_eq!(name.as_deref(), Some("Ada Lovelace"));
//! # Ok(())
//! # }
//! ```
//!
//! # What the client protects from
//!
//! All observed on a running server 0.2.3:
//!
//! - Replies have no ids and overtake each other. Every command has one key, and its reply is found by its name and the key.
//!   A reply that does not tell which of several commands it answers closes the connection: the calls fail as
//!   [`MaybeSent`](crate::Delivery::MaybeSent), and none gets the reply to another one.
//! - A message that is a number, a string, a boolean or an array of one element aborts the server. The client sends
//!   commands only.
//! - A `KV_APPEND` that does not fit the stored value ends the part of the server that serves keys; the next `KV_COUNT` or
//!   `KV_CLEAR` then freezes the rest. [`Client::append`] looks at the stored value before.
//! - The server closes the connection when it gets a command above the payload limit. The client refuses such a command
//!   ([`Builder::payload_limit`]).
//! - The server refuses keys of less than six bytes, and stores some values otherwise than given. The client refuses them.
//! - There is no saving and loading: a restart of the server loses everything.

// `#[inline]` stands at methods that compile the engine for this generation: in the applications that use it, and not for all
// others in this crate.
mod client;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod kv;
mod one_way;
mod protocol;
mod reply;

pub use super::stored::Stored;
pub use crate::codes::nemesis_fusion::ErrorCode;
pub use client::{Builder, Client, ServerInfo};
pub use one_way::OneWayFailure;
