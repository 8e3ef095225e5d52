//! Files: from the server to a writer or to a path, as a stream or by a link.

mod download;
mod registry;
mod stream;

pub use download::Download;
pub(super) use registry::Files;
