//! A client for NemesisDB with sessions (0.3.6), an older generation in which every key belongs to a session.
//!
//! [`Client`] creates, finds, counts, saves and loads sessions; [`Session`] is the handle of one, and reads and writes its keys.
//!
//! ```no_run
//! # async fn doc() -> Result<(), statuswire::Error> {
//! use statuswire::nemesis::sessions::{Client, NewSession};
//!
//! let db = Client::connect("ws://localhost:1987").await?;
//! let users = db.create(NewSession::new("users").shared()).await?.session;
//! users.set_many([("user:1", "Ada"), ("user:2", "Grace")]).await?;
//! let name: Option<String> = users.get("user:1").await?;
//! assert_eq!(name.as_deref(), Some("Ada"));
//! db.save("monday").run().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What the client protects from
//!
//! All observed on a running server 0.3.6:
//!
//! - Replies have no ids and overtake each other. A reply is found by its name and the session's token. Up to 64 commands are
//!   on the wire, except where a reply would not tell what it answers: [`Session::update`], whose error names nothing, and the
//!   removal of a key named `tkn`, which takes the place of the token, are on the wire alone. So are saves and loads, and
//!   what has a reply of any size.
//! - A reply that does not tell which of several commands it answers closes the connection: the calls fail as
//!   [`MaybeSent`](crate::Delivery::MaybeSent), and none gets the reply to another one. One-way commands are not affected by
//!   the failures of others ([`Client::one_way_failures`]).
//! - Keys named `tkn`, `st` and `m` look like members of replies and errors. The client tells them apart.
//! - The server closes the connection when it gets a command above the payload limit. The client refuses such a command
//!   ([`Builder::payload_limit`]).
//! - The server stores some values otherwise than given, silently. The client refuses them ([`Session`]).
//! - Tokens are secrets: they appear in no error and no log.

// `#[inline]` stands at methods that compile the engine for this generation: in the applications that use it, and not for all
// others in this crate.
mod client;
mod find;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod kv;
mod one_way;
mod protocol;
mod reply;
mod save;
mod session;

pub use super::stored::Stored;
pub use crate::codes::nemesis_sessions::ErrorCode;
pub use client::{Builder, Client, Totals};
pub use find::Find;
pub use one_way::OneWayFailure;
pub use save::{Loaded, Save, SaveProgress, SaveStep, Saved};
pub use session::{Created, Expiry, NewSession, Session, SessionInfo, Token};
