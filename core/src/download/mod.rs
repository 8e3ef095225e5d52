//! Resumable, verified downloads from any source to a writer or a path.
//!
//! A [`Source`] requests one file from an offset on and returns its bytes as they arrive. A [`Download`] writes them.
//! It
//!
//! - **counts and hashes** every byte once, and compares the sums with the source's SHA-256 sums ([`Verified`]);
//! - **resumes** after a lost connection, and fails after three consecutive attempts without a byte;
//! - **saves only whole files**: bytes go to a hidden file in the same directory, which is renamed once it is verified.
//!   A partial file of an earlier download is checked and completed;
//! - **can be stopped** from any task ([`Stopper`]), and reports its progress on failure ([`Interrupted`]);
//! - **bounds memory**: if the writer is slower than the source, the source waits, or is stopped and asked again later.
//!
//! A file over HTTP with known size and sum:
//!
//! ```no_run
//! use statuswire::download::{Body, Download, Failure, Piece, Source, Sum};
//! use statuswire::{Error, http};
//!
//! struct Link {
//!     client: http::LinkClient,
//!     url: String,
//!     size: u64,
//!     sum: Sum,
//! }
//!
//! struct Response {
//!     download: http::Download,
//!     sum: Sum,
//! }
//!
//! impl Source for Link {
//!     type Body = Response;
//!
//!     async fn open(&mut self, offset: u64, _: Option<u64>) -> Result<Response, Failure> {
//!         let download = self.client.download(self.url.clone(), offset..self.size).await?;
//!         Ok(Response { download, sum: self.sum })
//!     }
//!
//!     fn size(&self) -> Option<u64> {
//!         Some(self.size)
//!     }
//! }
//!
//! impl Body for Response {
//!     async fn next(&mut self) -> Result<Piece, Failure> {
//!         Ok(match self.download.chunk().await? {
//!             Some(chunk) => Piece::bytes(chunk).with_version(self.download.version()),
//!             None => Piece::complete(None, Some(self.sum)),
//!         })
//!     }
//! }
//!
//! # async fn doc(link: Link) -> Result<(), Error> {
//! let saved = Download::new("patch.bin").save_in(link, "/srv/patches").await?;
//! println!("{} bytes, {} of them received now", saved.size, saved.received);
//! # Ok(())
//! # }
//! ```

mod account;
mod backlog;
mod digest;
mod disk;
mod interrupted;
mod name;
mod partial;
mod place;
mod prepared;
mod progress;
mod receive;
mod sink;
mod source;
mod stopper;
mod transfer;

pub use digest::Sum;
pub use interrupted::Interrupted;
pub use prepared::Download;
pub use progress::{Progress, Transferred, Verified};
pub use source::{Body, End, Failure, Piece, Source, StopRequest};
pub use stopper::Stopper;
