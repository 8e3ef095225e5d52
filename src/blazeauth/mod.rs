//! A client for BlazeAuth, a hosted service for licences and logins that speaks WebSocket.

mod files;

pub use crate::codes::blazeauth::ErrorCode;
pub use files::Layout;

/// The service's name in errors and traces.
const SERVICE: &str = "blazeauth";
