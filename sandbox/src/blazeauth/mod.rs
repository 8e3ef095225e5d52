//! A fake server for BlazeAuth, a licensing and login service that is spoken to over WebSocket.
//!
//! It follows the service's documentation, of which parts are missing and parts contradict each other; what it does there
//! is a choice, documented at [`Settings`] and here:
//!
//! - A packet's envelope is judged in the order: JSON object with `id` (an unsigned 64-bit integer) and `type` (a number),
//!   else close 4300; a known `type`, else 4301; an initialized session, else 4200; members that fit, else 4302. The id
//!   18446744073709551615 belongs to events: a packet with it is closed with 4302. Members beyond the known are ignored.
//! - A breach of the WebSocket protocol is closed with 1002, text that is not UTF-8 with 1007, a message of more than
//!   1 MiB with 1009.
//! - Lengths are counted in characters, the 16,384 bytes of a session's store in bytes of values.
//! - `time_left` is an absolute Unix time in the reply to the login that activates a licence, and whole seconds,
//!   rounded up, in all others.
//! - A session is remembered for its resumption with its last 4,096 replies, up to 4 MiB of them. A packet whose id is
//!   among them is not carried out again but answered with the same reply, also on the same connection. Unless
//!   the server closed it, a session can be resumed for [`Settings::resume_within`] after its connection ended, even
//!   if the client sent a close frame. At most 1,024 sessions wait for that.
//! - Events come from an operator, here from the test: event 2 is not sent when a licence ends.
//! - A session has one stream of a file at a time, a second one is answered with 6; streams of different files take turns.
//!   A stream ends with its connection. A transfer counts when its last bytes are sent: a stream's with the frame that
//!   ends it, a link's with the answer to its request.
//! - Links lead to a server of their own on a loopback port, which runs until the fake server is dropped. Every `GET` uses its
//!   link up; a used link is answered with 410, an expired one with 403.
//! - Online users, and the sessions that a quota counts, are those that are logged in and connected.
//! - A store takes exactly 64 keys and exactly 16,384 bytes; bytes are judged before keys, a replaced value gives its own
//!   back, expired ones count for nothing.
//! - The fourth failure in a row to find an application, 600, closes with 4205; a success forgets those before.
//! - A session that is resumed before it was initialized has the whole time for that again.
//! - Packet 8 needs no login, a logout ends no stream, and offset 0 of an empty file is allowed.
//! - Pings are answered and none are sent.
//! - A frame of a file stream is the metadata, a JSON object, and directly behind its closing brace the bytes. The frame
//!   with the last bytes has status 1 and the checksums; an empty file is one text frame.
//! - A banned client id is closed with 4204 at Initialize. `levels` is an array of names. An address may create 3
//!   accounts in 24 hours without a licence; more are refused with 5 and `retry_after`.
mod account;
mod accounts;
mod answers;
mod application;
mod application_handle;
mod client;
mod closing;
mod content;
mod data;
pub mod demo;
mod desk;
mod dispatch;
mod fake;
mod files;
mod initialize;
mod license;
mod license_events;
mod links;
mod logins;
mod packet;
mod reply;
mod sending;
mod session;
mod session_handle;
mod settings;
mod state;
mod store;
mod stream;
mod traffic;
mod transfer_options;
mod transfers;
mod turn;
mod world;

pub use account::Account;
pub use application::{Application, Variable};
pub use application_handle::ApplicationHandle;
pub use fake::{BlazeAuth, BlazeAuthBuilder};
pub use files::File;
pub use license::License;
pub use links::{LinkFault, LinkRequest};
pub use session_handle::SessionHandle;
pub use settings::Settings;
pub use traffic::RateLimit;
pub use transfer_options::{Interruption, TransferForm, TransferOptions};
