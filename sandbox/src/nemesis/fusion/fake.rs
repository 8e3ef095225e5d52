//! The running server and its builder.
use std::io;
use std::ops::Deref;
use std::time::Duration;

use super::database::Database;
use crate::options::{Options, SlowClient};
use crate::server::Server;

/// A running fake NemesisDB server of the generation "fusion" (0.2.3). It has all methods of [`Server`]: `url`, `fault`,
/// `record`, `stop`...
///
/// It answers every command as a server 0.2.3 does: a reply for each key, statuses, values, one-way commands, and replies
/// that overtake each other. Errors in the form of a key or a command, and `KV_SERVER_INFO`, `KV_COUNT` and `KV_CLEAR`, are
/// answered at once; all other replies leave when every command that has arrived is handled.
///
/// A message that is a number, a string, a boolean or an array of one element ends it as [`Server::kill`] does; the record
/// counts the crash. A `KV_APPEND` that does not fit the stored value ends what a real server calls its worker: commands
/// for keys are not answered any more, and the next `KV_COUNT` or `KV_CLEAR` freezes everything: nothing more is sent, and
/// new connections are not upgraded. [`Server::restart`] starts again, without keys.
#[derive(Debug)]
pub struct NemesisFusion(Server<Database>);

impl Deref for NemesisFusion {
    type Target = Server<Database>;

    fn deref(&self) -> &Server<Database> {
        &self.0
    }
}

impl NemesisFusion {
    /// Starts with all defaults, on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If the port cannot be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder with all defaults.
    pub fn builder() -> NemesisFusionBuilder {
        let options = Options::new()
            .max_payload(1024)
            .max_waiting(16 * 1024 * 1024, SlowClient::LosesReplies)
            .idle(Duration::from_secs(160), Duration::from_secs(16));
        NemesisFusionBuilder { options }
    }
}

/// Settings of a [`NemesisFusion`]. Every setter's doc names the default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct NemesisFusionBuilder {
    options: Options,
}

impl NemesisFusionBuilder {
    /// Changes the address and the limits. Default: those of a NemesisDB server of this generation, which are a
    /// `max_payload` of 1,024, a `max_waiting` of 16 MiB with lost replies and `idle` of 160 s and 16 s.
    pub fn options(mut self, change: impl FnOnce(Options) -> Options) -> Self {
        self.options = change(self.options);
        self
    }

    /// Starts serving.
    ///
    /// # Errors
    /// If the address cannot be bound; the message names it.
    pub async fn start(self) -> io::Result<NemesisFusion> {
        Ok(NemesisFusion(Server::start_with(self.options, Database::default()).await?))
    }
}
