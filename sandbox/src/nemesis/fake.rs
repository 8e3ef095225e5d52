//! The running server and its builder.
use std::io;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::database::Database;
use super::paths::Root;
use super::settings::{Limits, Settings};
use crate::options::{Options, SlowClient};
use crate::server::Server;

/// A running fake NemesisDB server of the current generation. It has all methods of [`Server`]: `url`, `fault`,
/// `record`, `stop`...
///
/// It answers every command as a server 0.9 does: statuses and the order of the checks, values, names of misnamed
/// replies, limits, lost replies, idle pings, the ends of connections. Floats keep their value, not their spelling. Array
/// and list commands that crash a real server, or spoil a list so that it crashes later, end this one as
/// [`Server::kill`] does: the record counts the crash, and [`Server::restart`] starts again.
///
/// A restart forgets all keys, arrays and lists; saves can be loaded. Saves are files in a directory of the fake server's
/// own, whatever path a name spells; without [`persist_dir`](NemesisBuilder::persist_dir) it is a temporary one that is
/// removed when this is dropped.
#[derive(Debug)]
pub struct Nemesis {
    server: Server<Database>,
    /// Removed with the server.
    _temporary: Option<TempDir>,
}

impl Deref for Nemesis {
    type Target = Server<Database>;

    fn deref(&self) -> &Server<Database> {
        &self.server
    }
}

impl Nemesis {
    /// Starts with all defaults, on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If the port cannot be bound or the temporary directory cannot be made.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder with all defaults.
    pub fn builder() -> NemesisBuilder {
        let options = Options::new()
            .max_payload(32_768)
            .max_waiting(128 * 1024, SlowClient::LosesReplies)
            .idle(Duration::from_secs(160), Duration::from_secs(16));
        NemesisBuilder { options, limits: Limits::default(), persist: true, persist_dir: None }
    }
}

/// Settings of a [`Nemesis`]. Every setter's doc names the default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct NemesisBuilder {
    options: Options,
    limits: Limits,
    persist: bool,
    persist_dir: Option<PathBuf>,
}

impl NemesisBuilder {
    /// Changes the address and the limits. Default: those of a NemesisDB server with the shipped configuration, which are
    /// a `max_payload` of 32,768, a `max_waiting` of 131,072 with lost replies and `idle` of 160 s and 16 s.
    pub fn options(mut self, change: impl FnOnce(Options) -> Options) -> Self {
        self.options = change(self.options);
        self
    }

    /// Sets the largest capacity that an array can be created with (`arrays.maxCapacity`). Default: 10,000.
    pub fn arrays_max_capacity(mut self, places: usize) -> Self {
        self.limits.arrays.max_capacity = places;
        self
    }

    /// Sets the position at which every range that is read from an array ends (`arrays.maxResponseSize`). Default: 10,000.
    pub fn arrays_max_response_size(mut self, position: usize) -> Self {
        self.limits.arrays.max_response = position;
        self
    }

    /// Sets the position at which every range that is read from a list ends (`lists.maxResponseSize`). A range that
    /// starts behind it, inside the list, crashes the server. Default: 10,000.
    pub fn lists_max_response_size(mut self, position: usize) -> Self {
        self.limits.max_list_response = position;
        self
    }

    /// Allows or forbids `KV_SAVE` (`persist.enabled`). Default: true.
    pub fn persist(mut self, enabled: bool) -> Self {
        self.persist = enabled;
        self
    }

    /// Sets the directory for saves; it is made if it is missing, and kept. Default: a temporary one.
    pub fn persist_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.persist_dir = Some(directory.into());
        self
    }

    /// Starts serving.
    ///
    /// # Errors
    /// If the address cannot be bound or the directory for saves cannot be made; the message says which.
    pub async fn start(self) -> io::Result<Nemesis> {
        let (directory, temporary) = match self.persist_dir {
            Some(directory) => (directory, None),
            None => {
                let temporary = tempfile::Builder::new().prefix("statuswire-sandbox-").tempdir()?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        let root = Root::make(&directory).map_err(|error| {
            let what = format!("cannot make the directory for saves {}: {error}", directory.display());
            io::Error::new(error.kind(), what)
        })?;
        let database = Database::new(Settings { persist: self.persist, root: Arc::new(root), limits: self.limits });
        let server = Server::start_with(self.options, database).await?;
        Ok(Nemesis { server, _temporary: temporary })
    }
}
