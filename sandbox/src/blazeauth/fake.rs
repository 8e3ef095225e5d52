//! The running server and its builder.
use std::io;
use std::ops::Deref;
use std::time::Duration;

use indexmap::IndexMap;

use super::application::Application;
use super::application_handle::ApplicationHandle;
use super::demo;
use super::desk::Desk;
use super::links::{LinkRequest, LinkServer, Links};
use super::session_handle::SessionHandle;
use super::settings::Settings;
use super::state::State;
use super::transfer_options::TransferOptions;
use super::world::World;
use crate::clock::Clock;
use crate::options::Options;
use crate::server::Server;

/// A running fake BlazeAuth. It has all methods of [`Server`]: `url`, `fault`, `record`, `stop`...
///
/// Time (expiry, life times, limits, the resumption of sessions) goes by tokio's clock and can be
/// [advanced](Self::advance). Faults know the packets by the names of the table `codes::blazeauth`: `initialize`,
/// `create_account`, `authorize_by_license`..., `transfer_file`, `stop_file_transfer`. The record counts as executed what
/// was answered with status 1 and transfers that began, without repetitions.
///
/// A restart forgets sessions, and with them which clients are blocked; applications with all they hold, settings and
/// time are kept.
///
/// ```
/// use statuswire_sandbox::{BlazeAuth, Fault};
/// use statuswire_sandbox::blazeauth::{Application, License};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let kiosk = Application::new("BAquietharbour000041x", "Harbour Kiosk").license(License::new("HBR-9911-KIOSK"));
/// let server = BlazeAuth::builder().application(kiosk).start().await?;
/// println!("serving on {}", server.url());
/// // The reply to the packet with the id 7 gets lost together with the connection.
/// server.fault(Fault::any().id(7).drop_connection().carried_out());
/// // ... let a client log in ...
/// if let Some(kiosk) = server.application("BAquietharbour000041x") {
///     kiosk.blacklist_license("HBR-9911-KIOSK");
/// }
/// assert_eq!(server.record().executed_id(7), 0);
/// server.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct BlazeAuth {
    server: Server<State>,
    world: World,
    /// Ends when this is dropped.
    _link_server: LinkServer,
}

impl Deref for BlazeAuth {
    type Target = Server<State>;

    fn deref(&self) -> &Server<State> {
        &self.server
    }
}

impl BlazeAuth {
    /// Starts with all defaults, on a free port of 127.0.0.1, with the application of [`demo`].
    ///
    /// # Errors
    /// If the port cannot be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().application(demo::application()).start().await
    }

    /// Returns a builder with all defaults.
    pub fn builder() -> BlazeAuthBuilder {
        BlazeAuthBuilder { options: Options::new(), settings: Settings::default(), apps: IndexMap::new() }
    }

    /// Returns the application with this key.
    pub fn application(&self, key: &str) -> Option<ApplicationHandle> {
        let known = self.world.lock().apps.contains_key(key);
        known.then(|| ApplicationHandle { world: self.world.clone(), key: key.to_owned() })
    }

    /// Returns all sessions, oldest first: uninitialized ones, too, and those that wait for their resumption.
    pub fn sessions(&self) -> Vec<SessionHandle> {
        SessionHandle::all(&self.world, |_| true)
    }

    /// Changes the settings.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.world.lock().settings);
    }

    /// Sets how the next packet 7 that is not refused is answered; further options are for those after it. Without
    /// options, [`Settings::transfers`] count.
    pub fn next_transfer(&self, options: TransferOptions) {
        self.world.lock().desk.next.push_back(options);
    }

    /// Returns the requests to the server behind the links, oldest first; not more than the last 4,096.
    pub fn link_requests(&self) -> Vec<LinkRequest> {
        self.world.lock().desk.links.requests()
    }

    /// Lets this much time pass at once for expiry, life times, limits and the resumption of sessions; not for the time
    /// that a session has to initialize, nor for delays of faults.
    pub fn advance(&self, by: Duration) {
        self.world.lock().clock.advance(by);
    }

    /// Returns the fake server's Unix time in seconds.
    pub fn unix_time(&self) -> u64 {
        let state = self.world.lock();
        state.clock.unix(state.clock.now())
    }
}

/// Settings of a [`BlazeAuth`]. Every setter's doc names the default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct BlazeAuthBuilder {
    options: Options,
    settings: Settings,
    apps: IndexMap<String, Application>,
}

impl BlazeAuthBuilder {
    /// Adds an application, or replaces the one with its key. Default: none.
    pub fn application(mut self, application: Application) -> Self {
        self.apps.insert(application.key.clone(), application);
        self
    }

    /// Changes the settings, whose fields name their defaults.
    pub fn configure(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Changes the address and the limits. Default: [`Options::new`].
    pub fn options(mut self, change: impl FnOnce(Options) -> Options) -> Self {
        self.options = change(self.options);
        self
    }

    /// Starts serving.
    ///
    /// # Errors
    /// If the address, or a loopback port for links, cannot be bound; the message says which.
    pub async fn start(self) -> io::Result<BlazeAuth> {
        let clock = Clock::start();
        let (links, link_server) = Links::start(clock.clone()).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on a loopback port for links: {error}"))
        })?;
        let state = State::new(clock, self.settings, self.apps, Desk::new(links));
        let server = Server::start_with(self.options, state).await?;
        let world = World(server.shared_service());
        Ok(BlazeAuth { server, world, _link_server: link_server })
    }
}
