//! A client for NemesisDB, an in-memory JSON store that speaks WebSocket.
//!
//! It speaks to the current generation of servers (0.9): [key-values](Kv), saves, [arrays](Array) of five families,
//! [lists](List) of objects, server information. [`Client::batch`] does bulk work, [`Client::raw`] sends commands that
//! have no method. Servers of older generations have clients of their own, with the feature `nemesis-older`: [`sessions`], and before
//! that [`fusion`]; [`probe`] finds out which generation a server is.
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
//! # What the client protects from
//!
//! The server has properties that its users should know, all observed on a running server 0.9:
//!
//! - Replies have no ids and come in order, and the server silently drops replies to a client that is slow to read. So at
//!   most 64 commands and 64 KiB of expected replies are on the wire at a time; the client learns how large values are, or
//!   [is told](Builder::value_bytes). Every reply must fit the command that it answers. If one does not, or does not come
//!   in time, the connection is closed and all commands on it fail as [`MaybeSent`](crate::Delivery::MaybeSent).
//! - The server closes the connection when it gets a command above the payload limit. The client refuses such a command
//!   ([`Builder::payload_limit`]).
//! - The server stores some values otherwise than given, silently. The client refuses them ([`Kv`]).
//! - Some requests bring the server down. The client refuses them ([below](#what-brings-the-server-down)).
//! - Data is in memory only. A restart of the server loses everything that was not saved, and saves must be loaded.
//!
//! # What brings the server down
//!
//! Nearly all of these were observed on a running server 0.9: they end its process, and with it the data of all clients,
//! or damage a list so that it ends later or lacks items. The first column is refused before anything is sent, also by [`Client::raw`]. The
//! second depends on what the server holds, so the methods look at its state before (`LEN`, `USED`) and cut, split or
//! refuse the request. That is one more round trip, and another call or client may change the state between look and command. So calls that look must not
//! overlap with others that change the same array or list, neither in tasks nor in a [batch](Client::batch): all may look
//! before any acts. [`Client::insist_on_danger`] skips both.
//!
//! | Fatal by itself | Fatal depending on the state | Instead |
//! |---|---|---|
//! | | a range appended to an unsorted array with fewer free places ([`Array::append_all`]) | append what fits |
//! | | a range put into a sorted array that holds items ([`Array::fill`]) | [`Array::add`] one by one |
//! | an empty range put into a sorted array | | nothing is sent |
//! | clearing a range of an array that runs backwards | clearing from beyond the used part ([`Array::clear_range`]) | ask [`Array::used`] |
//! | | clearing up to beyond the capacity when `used` exceeds it ([`Array::clear_range`]) | the end is cut |
//! | | reading up to beyond the capacity when `used` exceeds it ([`Array::get_range`]) | the end is cut |
//! | | reading from inside a list but beyond the server's maximum response size, which the server does not tell ([`List::get_range`]) | a range starts where an earlier answer on the same connection has shown that the maximum is not reached; the rest is read item by item |
//! | | removing from beyond the end of a list, which removes other items ([`List::remove_range`]) | nothing is sent |
//! | | removing an end of a list that is too short ([`List::remove_head`], [`remove_tail`](List::remove_tail), [`remove_ends`](List::remove_ends)) | ask [`List::len`] |
//! | | overwriting items of a list beyond its end ([`List::set_range`]) | [`List::push_all`] the rest |
//! | moving items between lists without a range, with a malformed or a backward one ([`List::move_to`]) | | give one or two positions |
//! | moving items of a list into itself | | read, remove, insert |

mod array;
mod batch;
mod check;
mod client;
mod command;
#[cfg(feature = "nemesis-older")]
mod connection;
mod container;
mod danger;
mod fields;
mod finite;
#[cfg(feature = "nemesis-older")]
pub mod fusion;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod kv;
mod list;
mod path;
mod payload;
mod probe;
mod protocol;
mod raw;
mod reply;
mod save;
#[cfg(feature = "nemesis-older")]
pub mod sessions;
mod span;
#[cfg(feature = "nemesis-older")]
mod stored;
mod verb;
mod within;

pub use crate::codes::nemesis::ErrorCode;
pub use array::{
    Array, Family, IntArray, Integers, ObjectArray, Objects, Sorted, SortedIntegers, SortedInts, SortedStrings,
    SortedTexts, StringArray, Strings, Unsorted,
};
pub use batch::Batch;
pub use client::{Builder, Client, ServerInfo};
pub use kv::Kv;
pub use list::{Added, List};
pub use probe::{Generation, probe};
pub use raw::RawReply;
pub use save::{Loaded, Saved};
