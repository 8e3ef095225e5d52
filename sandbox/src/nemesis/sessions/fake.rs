//! The running server and its builder.
use std::io;
use std::ops::Deref;
use std::time::Duration;

use super::database::Database;
use crate::options::{Options, SlowClient};
use crate::server::Server;

/// A running fake NemesisDB server of the generation with sessions (0.3.6). It has all methods of [`Server`]: `url`,
/// `fault`, `record`, `stop`...
///
/// It answers every command as a server 0.3.6 does: statuses and the order of the checks, values, misnamed replies, one-way
/// commands, and replies that overtake each other. Errors in the form of a command, and `SH_OPEN`, `SH_INFO_ALL`,
/// `SH_SAVE`, `SH_LOAD` and `SH_END_ALL`, are answered at once; all other replies leave when every command that has
/// arrived is handled.
///
/// Sessions expire by tokio's clock, which may be paused, and by [`advance`](Self::advance). Like the real server it looks
/// for expired sessions every 5 seconds, and deletes a session again whose shared name belonged to a session that expired.
/// JSONPath expressions may have names, positions, slices, wildcards, `..`, and filters with comparisons, arithmetic, `&&`,
/// `||`, `!` and functions. Regular expressions, `tokenize`, computed positions, parents (`^`) and functions outside filters
/// are answered as paths that do not parse.
///
/// A restart forgets all sessions. Saves are kept in memory and can be loaded after a restart.
#[derive(Debug)]
pub struct NemesisSessions(Server<Database>);

impl Deref for NemesisSessions {
    type Target = Server<Database>;

    fn deref(&self) -> &Server<Database> {
        &self.0
    }
}

impl NemesisSessions {
    /// Starts with all defaults, on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If the port cannot be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder with all defaults.
    pub fn builder() -> NemesisSessionsBuilder {
        let options = Options::new()
            .max_payload(4096)
            .max_waiting(24 * 1024 * 1024, SlowClient::LosesReplies)
            .idle(Duration::from_secs(160), Duration::from_secs(16));
        NemesisSessionsBuilder { options, save: true }
    }

    /// Lets time pass for the expiry of sessions, without waiting.
    pub fn advance(&self, by: Duration) {
        self.service().advance(by);
    }
}

/// Settings of a [`NemesisSessions`]. Every setter's doc names the default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct NemesisSessionsBuilder {
    options: Options,
    save: bool,
}

impl NemesisSessionsBuilder {
    /// Changes the address and the limits. Default: those of a NemesisDB server of this generation, which are a
    /// `max_payload` of 4,096, a `max_waiting` of 24 MiB with lost replies and `idle` of 160 s and 16 s.
    pub fn options(mut self, change: impl FnOnce(Options) -> Options) -> Self {
        self.options = change(self.options);
        self
    }

    /// Allows or forbids `SH_SAVE` (`session.save.enabled`). Default: true.
    pub fn save(mut self, enabled: bool) -> Self {
        self.save = enabled;
        self
    }

    /// Starts serving.
    ///
    /// # Errors
    /// If the address cannot be bound; the message names it.
    pub async fn start(self) -> io::Result<NemesisSessions> {
        Ok(NemesisSessions(Server::start_with(self.options, Database::new(self.save)).await?))
    }
}
