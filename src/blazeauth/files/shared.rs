//! What the downloads of a session share.

use super::registry::Registry;
use crate::error::Error;
use crate::http::{Builder, Client};
use std::sync::OnceLock;

/// Which files are on their way, and what fetches those that come by link.
pub(in crate::blazeauth) struct Files {
    pub(super) registry: Registry,
    settings: Builder,
    /// Made when the first link comes: most sessions never see one.
    http: OnceLock<Client>,
}

impl Files {
    pub(in crate::blazeauth) fn new(settings: Builder) -> Self {
        Self { registry: Registry::default(), settings, http: OnceLock::new() }
    }

    /// The client for links.
    pub(super) fn http(&self) -> Result<Client, Error> {
        if let Some(client) = self.http.get() {
            return Ok(client.clone());
        }
        let client = self.settings.clone().build()?;
        Ok(self.http.get_or_init(|| client).clone())
    }
}
