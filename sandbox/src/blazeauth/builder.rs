//! Settings for the start of a sandbox.
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use indexmap::IndexMap;

use super::BlazeAuth;
use super::application::Application;
use super::clock::Clock;
use super::links::Links;
use super::settings::Settings;
use super::state::State;
use super::transfers::Desk;
use super::world::World;
use crate::server::{Options, Server, SlowClient, Violations};

/// Bytes of the longest message that is accepted; a longer one ends the session with 1009. The documentation names no limit.
const MAX_PAYLOAD: usize = 1024 * 1024;
/// Bytes that may wait for a client; while more wait, it is not read from.
const MAX_WAITING: usize = 1024 * 1024;

/// Settings of a [`BlazeAuth`] sandbox. Every setter's doc names the default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct BlazeAuthBuilder {
    options: Options,
    settings: Settings,
    apps: IndexMap<String, Application>,
    epoch: Option<Duration>,
}

impl BlazeAuthBuilder {
    pub(super) fn new() -> Self {
        let options = Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            max_payload: MAX_PAYLOAD,
            max_backpressure: MAX_WAITING,
            send_buffer: None,
            slow_client: SlowClient::Waits,
            violations: Violations::Told,
            idle: None,
        };
        Self { options, settings: Settings::default(), apps: IndexMap::new(), epoch: None }
    }

    /// Adds an application, or replaces the one with its key. Default: none.
    pub fn application(mut self, application: Application) -> Self {
        self.apps.insert(application.key.clone(), application);
        self
    }

    /// Changes the settings, whose fields tell their defaults.
    pub fn configure(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// The address to serve on; port 0 means a free one. Default: 127.0.0.1:0.
    pub fn listen(mut self, addr: impl Into<SocketAddr>) -> Self {
        self.options.listen = addr.into();
        self
    }

    /// Size of the kernel's send buffer in bytes, for tests of slow clients; the kernel rounds it. Default: the
    /// kernel's.
    pub fn send_buffer(mut self, bytes: u32) -> Self {
        self.options.send_buffer = Some(bytes);
        self
    }

    /// The Unix time at the start, from which the sandbox's time goes on by tokio's clock. Default: the system's.
    pub fn epoch(mut self, unix_time: Duration) -> Self {
        self.epoch = Some(unix_time);
        self
    }

    /// Starts serving.
    ///
    /// # Errors
    /// If the address, or a loopback port for links, cannot be bound; the message says which.
    pub async fn start(self) -> io::Result<BlazeAuth> {
        let clock = Clock::start(self.epoch);
        let (links, link_server) = Links::start(clock.clone()).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on a loopback port for links: {error}"))
        })?;
        let world = World::new(State::new(clock, self.settings, self.apps, Desk::new(links)));
        let listen = self.options.listen;
        let server = Server::start(self.options, world.clone())
            .await
            .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}")))?;
        Ok(BlazeAuth { server, world, _link_server: link_server })
    }
}
