//! HTTP requests: downloads of files by link.
//!
//! [`Client::download`] fetches a file, or the rest of a partly downloaded one, in chunks as they arrive.
//!
//! ```no_run
//! # async fn fetch(link: String, size: u64) -> Result<Vec<u8>, statuswire::Error> {
//! let client = statuswire::http::Client::new(&statuswire::ConnectOptions::default())?;
//! let mut file = Vec::new();
//! let mut download = client.download(link, 0..size).await?;
//! while let Some(bytes) = download.chunk().await? {
//!     file.extend_from_slice(&bytes);
//! }
//! # Ok(file)
//! # }
//! ```
//!
//! The types of the crate `http`, such as `StatusCode`, are not here but in [`reexport::http`](crate::reexport::http).
//!
//! - **A link is a secret**, because it alone gives access to the file. No error, `Debug` output or log shows more than
//!   its scheme, host and port. If a server repeats parts of it in an error body, they are hidden too.
//! - **No credentials, cookies or referer are sent.** Proxies of the environment are not used, only that
//!   of [`ConnectOptions::with_proxy`](crate::ConnectOptions::with_proxy).
//! - **Redirects** are followed, five at most, and never from `https` to `http`.
//! - **TLS** is the same for all of this crate: see [`tls`](crate::tls).
//! - **Bytes** are not decompressed, so that they can be hashed as the server stores them.
//! - **HTTP/1.1** is used, also if another crate of the program enables HTTP/2, decompression or other features of
//!   `reqwest`.
//! - **No bytes of another part** are returned: status, `Content-Range` and `Content-Length` must fit the request.

mod client;
mod content_range;
mod download;
mod link;
mod part;
mod proxy;

pub use client::Client;
pub use download::Download;
