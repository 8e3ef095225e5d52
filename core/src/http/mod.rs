//! HTTP: an engine for services of one's own, and downloads by secret links.
//!
//! A service is a type that implements [`Service`]; only its name is required. [`Builder`] makes a [`Client`] of it, which
//! sends [`Request`]s:
//!
//! ```no_run
//! use statuswire::http::{Builder, Request, Response, Service};
//! use statuswire::{AnyCode, Error};
//! # use statuswire::codes::nemesis::ErrorCode;
//!
//! struct Library;
//!
//! impl Service for Library {
//!     fn service(&self) -> &'static str {
//!         "library"
//!     }
//!
//!     /// The service's own code, from the body of an error answer.
//!     fn refused(&self, response: &Response, error: Error) -> Error {
//!         #[derive(serde::Deserialize)]
//!         struct Body {
//!             code: u16,
//!         }
//!         match response.json::<Body>() {
//!             Ok(Body { code }) => error.with_code(ErrorCode::from_value(code)),
//!             Err(_) => error,
//!         }
//!     }
//! }
//!
//! # async fn doc() -> Result<(), Error> {
//! let library = Builder::new("https://library.example/api", Library).build()?;
//! let book: serde_json::Value = library.json(Request::get("books").segment("Moby Dick")).await?;
//! library.send(Request::post("loans").json(&serde_json::json!({ "book": book["id"] }))).await?;
//! # Ok(())
//! # }
//! ```
//!
//! - **Errors** keep the status, the texts of the body, the fields that they belong to ([`Error::details`]), the headers that
//!   matter and the request line.
//! - **Credentials** (`Authorization`, cookies, tokens, secret headers, the client certificate) go to the origin of the base URL
//!   only: not to other absolute URLs, and not along with redirects. They are not sent without TLS to another host, unless
//!   [`ConnectOptions::with_plaintext_credentials`](crate::ConnectOptions::with_plaintext_credentials) allows it.
//! - **Bodies** are read through a limit that counts the bytes after decompression (gzip), or in chunks ([`Client::open`]).
//!   Request bodies can be streamed ([`Body`]).
//! - **Files** can be downloaded to a path, resumed and verified: with the feature `download`, `Client::file` is a source for
//!   [`download`](crate::download).
//!
//! [`LinkClient::download`] fetches the file behind a link that is a secret, or the rest of a partly downloaded one, in chunks as
//! they arrive:
//!
//! ```no_run
//! # async fn fetch(link: String, size: u64) -> Result<Vec<u8>, statuswire::Error> {
//! let client = statuswire::http::LinkClient::new(&statuswire::ConnectOptions::default())?;
//! let mut file = Vec::new();
//! let mut download = client.download(link, 0..size).await?;
//! while let Some(bytes) = download.chunk().await? {
//!     file.extend_from_slice(&bytes);
//! }
//! # Ok(file)
//! # }
//! ```
//!
//! - **A link is a secret**, because it alone gives access to the file. No error, `Debug` output or log shows more than
//!   its scheme, host and port. If a server repeats parts of it in an error body, they are hidden too.
//! - **No credentials, cookies or referer are sent** to a link.
//! - **Bytes** of a link are not decompressed, so that they can be hashed as the server stores them.
//! - **No bytes of another part** are returned: status, `Content-Range` and `Content-Length` must fit the request.
//!
//! Both follow **redirects**, five at most, and never from `https` to `http`. **TLS** is the same for all of this crate: see
//! [`tls`](crate::tls). Proxies of the environment are not used, only that of
//! [`ConnectOptions::with_proxy`](crate::ConnectOptions::with_proxy). **HTTP/1.1** is used, also if another crate of the program
//! enables HTTP/2, decompression or other features of `reqwest`.
//!
//! The types of the crate `http`, such as `StatusCode`, are not here but in [`reexport::http`](crate::reexport::http).
//!
//! [`Error::details`]: crate::Error::details

mod address;
mod attempt;
mod base;
mod body;
mod builder;
mod chunks;
mod client;
mod connect;
mod content_range;
mod cookies;
mod credentials;
mod deadline;
mod decode;
#[cfg(feature = "download")]
mod file;
mod limiter;
mod links;
mod observer;
mod outgoing;
mod part;
mod proxy;
mod report;
mod request;
mod response;
mod rest;
mod sender;
mod sent;
mod service;
mod stream;
mod upload;
mod wire;

pub use body::Body;
pub use builder::Builder;
pub use client::Client;
pub use cookies::{Jar, SetCookie};
pub use credentials::basic;
#[cfg(feature = "download")]
pub use file::{FileBody, FileSource};
pub use links::{Download, LinkClient};
pub use observer::Attempt;
pub use outgoing::Outgoing;
pub use request::Request;
pub use response::Response;
pub use sender::Sender;
pub use sent::Sent;
pub use service::Service;
pub use stream::ResponseStream;
