//! Downloads of files that survive interruptions: from any source, to a writer or to a path.
//!
//! A [`Source`] asks a server for one file from an offset on and gives its bytes as they come. A [`Download`] takes them
//! to their place. It
//!
//! - **counts and hashes** every byte once, and compares the SHA-256 sums that the source tells ([`Verified`]);
//! - **asks again** where the bytes end when a connection is lost, and gives up after three attempts in a row without a
//!   byte;
//! - **saves whole files only**: bytes go to a hidden file in the same directory, which takes the target's name once it is
//!   verified; what an earlier download left is checked and completed;
//! - **can be stopped** from any task ([`Stopper`]), and says how far it came ([`Interrupted`]);
//! - **bounds memory**: when the writer is slower than the source, the source waits or is ended and asked again later.
//!
//! A file over HTTP, of which the size and the sum are known:
//!
//! ```no_run
//! use statuswire::download::{Body, Download, Failure, Piece, Source, Sum};
//! use statuswire::{Error, http};
//!
//! struct Link {
//!     client: http::Client,
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
//!             Some(chunk) => Piece::bytes(chunk),
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
