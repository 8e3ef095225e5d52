//! Sessions: logging in and out, and what proves a session to the site.

mod any_store;
mod state;
mod store;

pub use state::CurrentUser;
pub use store::{FileStore, MemoryStore, SESSION_KEY, SessionStore};
