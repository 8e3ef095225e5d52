//! A stand-in for NemesisDB, generation "current" (project version 0.9).
mod array;
mod arrays;
mod database;
mod kv;
mod lists;
mod params;
mod paths;
mod saves;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::fault::{FaultHandle, Rule};
use super::record::Record;
use super::server::{Idle, Options, Server, SlowClient, Violations};
use database::{Database, Settings};

/// A running stand-in for a NemesisDB server of the current generation.
///
/// It answers every command as a server 0.9 does: statuses and the order of the checks, values (what they become and how
/// they are spelled), names of misnamed replies, limits, lost replies, idle pings, the ends of connections. Array and
/// list commands that bring a real server down, or spoil a list so that it goes down later, end this one, too, as
/// [`kill`](Self::kill) does: the [`record`](Self::record) has the crash, and [`restart`](Self::restart) starts anew.
///
/// Saves are files in a directory of the sandbox's own, whatever path a name spells; without
/// [`persist_dir`](NemesisBuilder::persist_dir) it is a temporary one that goes with the sandbox.
///
/// Dropping it ends the server at once, as [`kill`](Self::kill) does, but without waiting for it.
#[derive(Debug)]
pub struct Nemesis {
    server: Server,
    settings: Settings,
    /// Removed with the sandbox.
    _temporary: Option<TempDir>,
}

impl Nemesis {
    /// Starts with all defaults, on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If the port cannot be bound or the temporary directory cannot be made.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Settings for another start.
    pub fn builder() -> NemesisBuilder {
        NemesisBuilder {
            options: Options {
                listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                max_payload: 32_768,
                max_backpressure: 128 * 1024,
                send_buffer: None,
                slow_client: SlowClient::LosesReplies,
                violations: Violations::Cut,
                idle: Some(Idle { ping_after: Duration::from_secs(160), close_after: Duration::from_secs(16) }),
            },
            persist: true,
            persist_dir: None,
        }
    }

    /// Where to connect to: `ws://127.0.0.1:PORT/`.
    pub fn url(&self) -> String {
        format!("ws://{}/", self.addr())
    }

    /// The address that is served; it stays the same over [`restart`](Self::restart).
    pub fn addr(&self) -> SocketAddr {
        self.server.options.listen
    }

    /// Adds a [`Fault`](super::Fault) or [`ConnectFault`](super::ConnectFault), behind those that are there. It holds
    /// from now on, over restarts too, until it is removed.
    pub fn fault(&self, fault: impl Into<Rule>) -> FaultHandle {
        self.server.faults.add(fault.into())
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.server.faults.clear();
    }

    /// What was received and carried out, since the first start.
    pub fn record(&self) -> &Record {
        &self.server.record
    }

    /// Stops as a real server does on SIGTERM: replies already produced are sent, then every connection is closed with
    /// code 1000. Returns when all have ended, within 5 s. Does nothing when not running. Cancelling it ends the
    /// server at once.
    ///
    /// # Panics
    /// Passes a panic inside the server on, as one of a fault's condition.
    pub async fn stop(&self) {
        self.server.stop().await;
    }

    /// Ends as a real server does on SIGKILL: connections end without a close frame. Returns when the port is free.
    ///
    /// # Panics
    /// Passes a panic inside the server on, as one of a fault's condition.
    pub async fn kill(&self) {
        self.server.kill().await;
    }

    /// Starts again on the same port, after killing what may be running. As with the real server all keys are gone;
    /// saves can be loaded. Record and faults are kept.
    ///
    /// # Errors
    /// If the port is taken meanwhile.
    ///
    /// # Panics
    /// Passes a panic inside the server on, as one of a fault's condition.
    pub async fn restart(&self) -> io::Result<()> {
        self.server.start_again(Database::new(self.settings.clone())).await
    }
}

/// Settings of a [`Nemesis`] sandbox. Every setter's doc names the default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct NemesisBuilder {
    options: Options,
    persist: bool,
    persist_dir: Option<PathBuf>,
}

impl NemesisBuilder {
    /// The address to serve on; port 0 means a free one. Default: 127.0.0.1:0.
    pub fn listen(mut self, addr: impl Into<SocketAddr>) -> Self {
        self.options.listen = addr.into();
        self
    }

    /// Whether `KV_SAVE` is allowed (`persist.enabled`). Default: true.
    pub fn persist(mut self, enabled: bool) -> Self {
        self.persist = enabled;
        self
    }

    /// The directory for saves; it is made if it is missing, and kept. Default: a temporary one, removed in the end.
    pub fn persist_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.persist_dir = Some(directory.into());
        self
    }

    /// Bytes of the longest message that is accepted (`maxPayload`); a longer one ends the connection. Default: 32,768.
    pub fn max_payload(mut self, bytes: usize) -> Self {
        self.options.max_payload = bytes;
        self
    }

    /// Bytes that may wait for a client, beyond the kernel's buffers; while more wait, replies are dropped. Default:
    /// 131,072.
    pub fn max_backpressure(mut self, bytes: usize) -> Self {
        self.options.max_backpressure = bytes;
        self
    }

    /// Size of the kernel's send buffer in bytes, for tests of slow clients; the kernel rounds it. Default: the
    /// kernel's.
    pub fn send_buffer(mut self, bytes: u32) -> Self {
        self.options.send_buffer = Some(bytes);
        self
    }

    /// Silence of a client after which it is pinged, and further silence after which it is cut off. Default: 160 s and
    /// 16 s.
    pub fn idle(mut self, ping_after: Duration, close_after: Duration) -> Self {
        self.options.idle = Some(Idle { ping_after, close_after });
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
        let saves = paths::Root::make(&directory).map_err(|error| {
            let what = format!("cannot make the directory for saves {}: {error}", directory.display());
            io::Error::new(error.kind(), what)
        })?;
        let settings = Settings { persist: self.persist, saves: Arc::new(saves) };
        let listen = self.options.listen;
        let server = Server::start(self.options, Database::new(settings.clone()))
            .await
            .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}")))?;
        Ok(Nemesis { server, settings, _temporary: temporary })
    }
}
