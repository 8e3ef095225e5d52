//! A client for BlazeAuth, a hosted service for licences and logins.
//!
//! A program keeps one WebSocket open, initializes it with the API key of an application and the id of this
//! installation, logs in by licence or by account, and then reads variables, a small key-value store and files.
//!
//! ```no_run
//! # async fn doc(api_key: String, license: String) -> Result<(), statuswire::Error> {
//! use statuswire::blazeauth::{Client, ErrorCode};
//!
//! let client = Client::builder("wss://eu1.blazeauth.net", api_key, "kiosk-17").connect().await?;
//! println!("{} {}", client.application().name, client.application().version);
//! match client.login_by_license(license).await {
//!     Ok(license) => println!("levels: {:?}", license.levels.names),
//!     Err(error) if error.code_as() == Some(ErrorCode::LicenseExpired) => println!("buy a new one: {error}"),
//!     Err(error) => return Err(error),
//! }
//! println!("{}", client.variable("motd_text").await?);
//! # Ok(())
//! # }
//! ```
//!
//! # What the client does by itself
//!
//! - **Initialize** is a part of connecting, also of connecting again.
//! - **A lost connection is resumed**: the session goes on where it was, and packets whose replies are missing are sent
//!   again with the same ids, which the server carries out once. If the server refuses, a fresh session is
//!   initialized, logged in again ([`Builder::login_again`]) and subscribed again; packets in flight then fail as
//!   [`MaybeSent`](crate::Delivery::MaybeSent). If the server refuses the login or the subscription, the session is live
//!   without it, and its [`State`] tells; what is refused for the moment is tried again.
//! - **Close codes decide** whether to connect again and when. A client that was kicked, banned or told that it sends
//!   nonsense does not come back by itself. [`State`] tells why.
//! - **The rate limit is kept**: more than 60 packets and pings a minute would end the session, so further ones wait
//!   ([`ConnectOptions::with_rate_limit`](crate::ConnectOptions::with_rate_limit), [`Client::throttle`]).
//! - **Authorization is followed**, not assumed: events and refusals that take it away show in the [`State`].
//! - **Secrets** (API key, client id, licences, passwords, the id for resumption) show in no error, log or `Debug`
//!   text.
//!
//! # What is assumed
//!
//! The codes and their classification are those of the service's documentation, which has gaps; nothing was checked
//! against the service. Where it is silent or contradicts itself, the client takes it that
//!
//! - the path of the upgrade is that of the URL, by default `/`, and no subprotocol or version is requested;
//! - a binary frame of a file is a JSON object directly followed by the file's bytes; the object may leave everything
//!   but `id` out, and a missing `status` is 0;
//! - a file comes as a stream or by a link, whichever the first answer shows ([`Download`]). A link's server may answer
//!   206, 200 (the beginning is then skipped) or 416, which is status 303;
//! - a stream of a file ends with its connection, not with the login, and is asked for anew under another id. Streams
//!   of several files may run at once, and only one of each;
//! - a resumption is not confirmed, and the newest `Resume-Id` is the one that counts;
//! - `credentials_type` is 0 or 1, a licence may come along with a login by account, and `time_left` of the current
//!   licence is in seconds (all three from an older edition); elsewhere it is guessed ([`TimeLeft`]);
//! - the packet that subscribes to events is 17, not 16;
//! - pongs and close frames do not count for the rate limit; close 4201 and HTTP 429 without a time mean 60 seconds;
//! - a text without an id is no answer: the first one on a connection is ignored, a second one costs the connection;
//! - unnamed events, statuses and closes may come at any time, and null is the same as a missing member.
//!
//! Lengths and forms of names, passwords, keys and comments are for the server to judge: they are sent as they are.

mod account;
mod application;
mod authority;
mod builder;
mod calls;
mod client;
mod credentials;
mod decode;
mod event;
mod file_info;
mod files;
mod frame;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod lenient;
mod levels;
mod license;
mod packet;
mod protocol;
mod reply;
mod session;
mod standing;
mod state;
mod store;
mod time_left;

pub use crate::codes::blazeauth::ErrorCode;
pub use crate::codes::blazeauth_close::ErrorCode as CloseCode;
pub use crate::download::{Interrupted, Progress, Stopper, Transferred, Verified};
pub use account::{Account, NewAccount};
pub use application::Application;
pub use builder::Builder;
pub use client::Client;
pub use credentials::{Credentials, CredentialsType};
pub use event::{Event, EventType};
pub use file_info::FileInfo;
pub use files::Download;
pub use levels::Levels;
pub use license::License;
pub use state::{Authorization, State};
pub use store::Store;
pub use time_left::{Reading, TimeLeft};

/// The service's name in errors and traces.
const SERVICE: &str = "blazeauth";
