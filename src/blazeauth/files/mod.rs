//! Files: from the server to a writer or to a path, checked, resumed, stopped.

mod backlog;
mod course;
mod digest;
mod layout;
mod metadata;
mod name;
mod partial;
mod place;

pub use layout::Layout;
pub(super) use metadata::Metadata;
