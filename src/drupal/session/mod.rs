//! Sessions: logging in and out, and what proves a session to the site.

mod account;
mod any_store;
pub(super) mod login;
mod shared;
mod state;
mod store;

pub use account::Registration;
pub(super) use any_store::AnyStore;
pub use login::LoggedOut;
pub(super) use shared::{Session, is_session_cookie};
pub use state::CurrentUser;
pub use store::{FileStore, MemoryStore, SESSION_KEY, SessionStore};
