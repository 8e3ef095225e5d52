//! Files: from the server to a writer or to a path, checked, resumed, stopped.

mod backlog;
mod course;
mod digest;
mod disk;
mod download;
mod failure;
mod interrupted;
mod layout;
mod live;
mod metadata;
mod name;
mod partial;
mod place;
mod progress;
mod receive;
mod registry;
mod shared;
mod sink;
mod slow;
mod source;
mod stopper;
mod transfer;

pub use download::Download;
pub use interrupted::Interrupted;
pub use layout::Layout;
pub(super) use metadata::Metadata;
pub use progress::{Progress, Transferred, Verified};
pub(super) use shared::Files;
pub use slow::SlowWriter;
pub use stopper::Stopper;
