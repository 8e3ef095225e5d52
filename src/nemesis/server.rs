//! What a server says about itself.

use super::reply::Body;
use crate::error::Error;

/// The answer to [`server_info`](super::Client::server_info).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerInfo {
    /// The server's version, `0.9`.
    pub version: String,
    /// Whether it can save (`persist.enabled` in its configuration). Loading is always possible.
    pub persistence: bool,
}

impl ServerInfo {
    pub(super) fn read(body: &Body<'_>) -> Result<Self, Error> {
        Ok(Self { version: body.field("serverVersion")?, persistence: body.field("persistEnabled")? })
    }
}
