//! What the downloads of a session share.

use super::registry::Registry;
use crate::error::Error;
use crate::http::Client;
use crate::policy::ConnectOptions;
use std::sync::OnceLock;

/// Which files are on their way, and what fetches those that come by link.
pub(in crate::blazeauth) struct Files {
    pub(super) registry: Registry,
    options: ConnectOptions,
    /// Made when the first link comes: most sessions never see one.
    http: OnceLock<Client>,
}

impl Files {
    pub(in crate::blazeauth) fn new(options: &ConnectOptions) -> Self {
        Self { registry: Registry::default(), options: options.clone(), http: OnceLock::new() }
    }

    /// The client for links.
    pub(super) fn http(&self) -> Result<Client, Error> {
        if let Some(client) = self.http.get() {
            return Ok(client.clone());
        }
        let client = Client::new(&self.options)?;
        Ok(self.http.get_or_init(|| client).clone())
    }
}
