//! A client for NemesisDB, an in-memory JSON store that speaks WebSocket.
//!
//! It speaks to the current generation of servers (0.9): [key-values](Kv), saves, [arrays](Array) of five families,
//! [lists](List) of objects, server information. [`Client::batch`] is for bulk work, [`raw`](Client::raw) for commands
//! without a method.
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
//! - Some requests bring the server down. They are refused ([below](#what-brings-the-server-down)).
//! - Data is in memory only. After a restart of the server everything is gone that was not saved and loaded again.
//!
//! # What brings the server down
//!
//! All of these were observed on a running server 0.9: they end its process, and with it everybody's data, or spoil a
//! list so that it ends later. The first column is refused before anything is sent, also by [`Client::raw`]. The second
//! depends on what the server holds, so the methods take a look before (`LEN`, `USED`): one more round trip, and between
//! the look and the command another client may change what was seen, or another call of the same one. So calls that look
//! must not overlap with others that change the same array or list, neither in tasks nor in a [batch](Client::batch):
//! all may look before any acts. [`Client::insist_on_danger`] skips both.
//!
//! | Fatal by itself | Fatal depending on the state | Instead |
//! |---|---|---|
//! | | a range appended to an unsorted array with fewer free places ([`Array::append_all`]) | append what fits |
//! | | a range put into a sorted array that holds items ([`Array::fill`]) | [`Array::add`] one by one |
//! | an empty range put into a sorted array | | nothing is sent |
//! | clearing a range of an array that runs backwards | clearing from beyond the used part ([`Array::clear_range`]) | ask [`Array::used`] |
//! | | reading up to beyond the capacity when more is used than there is ([`Array::get_range`]) | the end is cut |
//! | | removing an end of a list that is too short ([`List::remove_head`], [`remove_tail`](List::remove_tail), [`remove_ends`](List::remove_ends)) | ask [`List::len`] |
//! | | overwriting items of a list beyond its end ([`List::set_range`]) | [`List::push_all`] the rest |
//! | moving items between lists without a range, with a malformed or a backward one ([`List::move_to`]) | | give one or two positions |
//! | moving items of a list into itself | | read, remove, insert |

mod array;
mod batch;
mod checked;
mod client;
mod command;
mod danger;
mod kv;
mod list;
mod options;
mod parameters;
mod payload;
mod protocol;
mod raw;
mod reply;
mod save;
mod server;
mod span;
mod text;
mod verb;

pub use crate::codes::nemesis::ErrorCode;
pub use array::{
    Array, Family, IntArray, Integers, ObjectArray, Objects, Sorted, SortedIntegers, SortedInts, SortedStrings,
    SortedTexts, StringArray, Strings, Unsorted,
};
pub use batch::Batch;
pub use client::{Builder, Client};
pub use kv::Kv;
pub use list::{Added, List};
pub use raw::RawReply;
pub use save::{Loaded, Saved};
pub use server::ServerInfo;

/// The service's name in errors and traces.
const SERVICE: &str = "nemesis";
