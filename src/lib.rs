//! Tables of status codes become typed enums; clients turn everything that fails into one error that carries them.
//!
//! Services document their errors as tables: a number, a name, a meaning. Here the table is the source. A build script turns
//! it into an enum with lookups, and an async client turns what a server sends (a status in a reply, a close code, an HTTP
//! status) and what it does not send (a lost connection, a timeout) into one [`Error`]. The error says what happened, whether
//! the command may have run, and what to do next.
//!
//! The crate has clients for NemesisDB ([`nemesis`]), BlazeAuth ([`blazeauth`]) and Drupal ([`drupal`]). A client of your own
//! uses the same public parts as they do.
//!
//! # First program
//!
//! ```
//! use statuswire::nemesis::Client;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! // A fake server; the URL of a real one looks like `ws://localhost:1987`.
//! let server = statuswire_sandbox::Nemesis::start().await?;
//! let db = Client::connect(&server.url()).await?;
//! db.kv().set("greeting", "hello").await?;
//! let greeting: Option<String> = db.kv().get("greeting").await?;
//! assert_eq!(greeting.as_deref(), Some("hello"));
//! # Ok(())
//! # }
//! ```
//!
//! [`ConnectOptions`] holds what all clients have in common: timeouts, limits, retry, rate limit, reconnecting, certificates,
//! proxy, headers. A service's builder adds its own settings.
//!
//! # Errors and delivery
//!
//! [`Error::code_as`] returns the service's own code, [`Error::kind`] the same seventeen kinds for every service,
//! [`Error::recovery`] what helps, [`Error::cause`] what happened in full.
//!
//! ```
//! use statuswire::Error;
//! use statuswire::codes::Recovery;
//! use statuswire::nemesis::ErrorCode;
//!
//! fn advice(error: &Error) -> &'static str {
//!     match (error.code_as(), error.recovery()) {
//!         (Some(ErrorCode::LoadError), _) => "choose another save",
//!         (_, Recovery::Wait) => "try again later",
//!         _ => "report it",
//!     }
//! }
//! # let _ = advice;
//! ```
//!
//! [`Error::delivery`] says whether the command may have run:
//!
//! | [`Delivery`] | Meaning |
//! |---|---|
//! | `NotSent` | The message was never given to the socket. It is safe to send the command again. |
//! | `MaybeSent` | It was, and the final reply was not read. Send the command again only if running it twice does no harm. |
//! | `Answered` | The final reply was read. It says what happened to the command. |
//!
//! If an error is [retryable](Error::is_retryable), the retry rule ([`policy::Retry`]) sends the command again by itself: one
//! that was not sent, and one that is safe to repeat, within the call's time limit. The delivery in an error is that of all
//! attempts.
//!
//! # Cancellation
//!
//! Dropping the future of a call removes a command that is not written yet. A command on the wire runs at the server, and its
//! reply is discarded. Other calls are not affected. Dropping a stream of replies cancels it. Every async method says what
//! dropping it means.
//!
//! # Pipelining
//!
//! A client is cheap to clone, and all clones share one connection. Calls do not wait for each other's replies: many commands
//! are on the wire at a time, up to a window that the service sets. Await several futures together, spawn tasks, or use a
//! batch such as [`nemesis::Client::batch`]. Every queue has a limit ([`policy::Limits`]).
//!
//! # Runtime
//!
//! The clients need a tokio runtime with I/O and time enabled. Each connection has one task. It ends when the last clone of
//! the client is dropped, or with `shutdown`, which finishes the calls under way first. A lost connection is made again in
//! the background, with exponential backoff. If a host has several addresses, the next one is tried after 250 ms (RFC 8305).
//! Tests that pause tokio's clock read [`policy::Timeouts`] first.
//!
//! # TLS and proxies
//!
//! `wss://` and `https://` use rustls with the ring provider, which is not installed process-wide. The public roots are
//! trusted, or instead the certificates of [`ConnectOptions::with_root_certificates`], or what the operating system trusts
//! ([`ConnectOptions::with_platform_roots`], feature `platform-roots`). Verification cannot be switched off. Servers that ask
//! for a certificate get that of [`ConnectOptions::with_client_certificate`]. [`tls`] has the details.
//!
//! Connections are direct, or go through the HTTP proxy of [`ConnectOptions::with_proxy`]. Proxies that the environment names
//! are not used. Credentials are not sent without TLS to another host, unless
//! [`ConnectOptions::with_plaintext_credentials`] allows it.
//!
//! # Features
//!
//! No feature is on by default. The tables are always compiled.
//!
//! | Feature | Brings |
//! |---|---|
//! | (none) | [`codes`]: the tables, `no_std`, without an allocator |
//! | `explain` | [`codes::explain`]: finds the codes that a text names; needs an allocator, not std |
//! | `serde` | codes as their wire values in serde formats, without std |
//! | `std` | [`error`], [`policy`], [`json`] |
//! | `rpc` | [`rpc`]: the request/reply engine |
//! | `ws` | [`ws`]: its WebSocket transport |
//! | `http` | [`http`]: the HTTP engine, for a service of your own, and files behind links |
//! | `download` | [`download`]: downloads that are resumed and verified, from any source |
//! | `platform-roots` | [`ConnectOptions::with_platform_roots`]: `ws` and `http` trust what the operating system trusts |
//! | `nemesis`, `blazeauth`, `drupal` | [`nemesis`], [`blazeauth`], [`drupal`]: the clients |
//! | `nemesis-older` | [`nemesis::sessions`] and [`nemesis::fusion`]: the clients for older generations of NemesisDB |
//! | `full` | all of these |
//!
//! [`reexport`] has the crates whose types are public here, such as the crates `http` and `bytes`. Only two of them have
//! versions 0.x: `futures_core` (the trait `Stream`) and `secrecy` (secrets as arguments). The module [`http`] is this
//! crate's engine, not the crate `http`.
//!
//! # Bring your own table
//!
//! Write it as Markdown in `codes/`, and let a build script turn it into code:
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), statuswire_codegen::Error> {
//!     statuswire_codegen::Builder::new().tables("codes").build_script("codes.rs")
//! }
//! ```
//!
//! `include!(concat!(env!("OUT_DIR"), "/codes.rs"));` brings the enums into your crate. The crate `statuswire-codegen`
//! describes the format.
//!
//! # Bring your own service
//!
//! A service over WebSocket is a type that implements [`rpc::Protocol`] (six methods) and [`ws::Upgrade`] (all methods have
//! defaults). [`ws::Builder`] connects it and returns an [`rpc::Client`] with everything above: time limits, window, retry,
//! reconnecting, errors. The example `own_service` shows a table, its enum, a client and a fake server on four pages;
//! `examples/foreign` is a project of its own.
//!
//! A service over HTTP is a type that implements [`http::Service`]; only its name is required. [`http::Builder`] makes an
//! [`http::Client`] of it. The example `own_http_service` has all its parts.
//!
//! The crate `statuswire-sandbox` serves fake servers for tests, with faults on
//! demand.
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "explain")]
extern crate alloc;

#[cfg(feature = "blazeauth")]
pub mod blazeauth;
pub mod codes;
#[cfg(feature = "drupal")]
pub mod drupal;
#[cfg(all(feature = "std", any(test, fuzzing)))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "nemesis")]
pub mod nemesis;
#[cfg(feature = "std")]
pub mod reexport;

pub use codes::{AnyCode, ErrorCode, tables};
#[doc(hidden)]
pub use statuswire_core::__private;
#[cfg(feature = "download")]
#[doc(inline)]
pub use statuswire_core::download;
#[cfg(feature = "http")]
#[doc(inline)]
pub use statuswire_core::http;
#[cfg(feature = "rpc")]
#[doc(inline)]
pub use statuswire_core::rpc;
#[cfg(any(feature = "http", feature = "ws"))]
#[doc(inline)]
pub use statuswire_core::tls;
#[cfg(feature = "ws")]
#[doc(inline)]
pub use statuswire_core::ws;
#[cfg(feature = "std")]
#[doc(inline)]
pub use statuswire_core::{Cause, ConnectOptions, Delivery, Error, error, json, policy};

/// Keeps the examples in the README working.
#[cfg(all(doctest, feature = "blazeauth", feature = "drupal", feature = "nemesis"))]
#[doc = include_str!("../README.md")]
mod readme {}

/// Keeps the examples in the page about NemesisDB working.
#[cfg(all(doctest, feature = "nemesis-older"))]
#[doc = include_str!("../docs/nemesis.md")]
mod nemesis_page {}
