//! Requests over HTTP: downloads of files by link.
//!
//! [`Client::download`] fetches a file, or the rest of one that was begun before, and gives it in pieces as they come.
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
//! - **A link is a secret.** Whoever has it has the file, so no error, no `Debug` output and no log shows more of it
//!   than scheme, host and port. What a server repeats of it in the body of a failure is hidden too.
//! - **Nothing else is sent along**: no credentials, cookies or referer. Proxies of the environment are not used.
//! - **Redirects** are followed, five at most, and never from `https` to `http`.
//! - **TLS** is rustls with the ring provider, as in all of this crate; nothing is installed process-wide. The public
//!   roots are trusted, or the certificates given with [`ConnectOptions::with_root_certificates`](crate::ConnectOptions::with_root_certificates); verification cannot be switched
//!   off.
//! - **Bytes** are as the server stores them: nothing is decompressed on the way, so that they can be hashed.

mod client;
mod content_range;
mod download;
mod link;

pub use client::Client;
pub use download::Download;
