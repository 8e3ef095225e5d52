//! The running server and its builder.
use std::io;
use std::ops::Deref;
use std::time::Duration;

use bytes::Bytes;

use super::settings::Settings;
use super::site::Site;
use super::world::World;
use crate::http::{Options, Server, Service};

impl Service for Site {
    fn answer(&mut self, request: &http::Request<Bytes>) -> http::Response<Bytes> {
        Self::answer(self, request)
    }
}

/// A running fake Drupal site. It has all methods of [`Server`]: `url`, `fault`, `record`, `stop`...
///
/// The site is checked against recordings of Drupal 10.6 with the standard profile and the modules jsonapi, rest and
/// basic_auth. Everything is kept in memory, content, sessions and failed logins alike, and survives
/// [`Server::restart`].
///
/// ```
/// use statuswire_sandbox::Drupal;
/// use statuswire_sandbox::drupal::World;
/// use statuswire_sandbox::http::Fault;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let site = Drupal::builder().world(World::Harbor).configure(|settings| settings.basic_auth = false).start().await?;
/// println!("serving on {}", site.url());
/// // The second request for vessels gets no answer.
/// site.fault(Fault::on("GET /jsonapi/node/vessel").nth(2).drop_connection());
/// site.configure(|settings| settings.maintenance = true);
/// // ... let a client work with it ...
/// assert_eq!(site.record().received("GET /jsonapi/node/vessel"), 0);
/// site.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Drupal {
    server: Server<Site>,
}

impl Deref for Drupal {
    type Target = Server<Site>;

    fn deref(&self) -> &Server<Site> {
        &self.server
    }
}

impl Drupal {
    /// Starts with all defaults, on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If the port cannot be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder with all defaults.
    pub fn builder() -> DrupalBuilder {
        DrupalBuilder { world: World::default(), settings: Settings::default(), options: Options::new() }
    }

    /// Changes the settings. The page cache is emptied.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        let mut site = self.server.service();
        change(&mut site.settings);
        site.cache.clear();
    }

    /// Lets this much time pass at once: dates, and the windows in which failed logins count.
    pub fn advance(&self, by: Duration) {
        self.server.service().clock.advance(by);
    }

    /// Sets the site's Unix time in seconds; it goes on from there by tokio's clock.
    pub fn set_time(&self, unix: u64) {
        self.server.service().clock.set(unix);
    }

    /// Returns the addresses that mails were sent to, oldest first: for new passwords and registrations.
    pub fn mails(&self) -> Vec<String> {
        self.server.service().mails.clone()
    }

    /// Carries out a line of words, as [`Site::control`] lists them.
    ///
    /// # Errors
    /// If there is no such command, or what it names does not exist; the message says so.
    pub fn control(&self, line: &str) -> Result<(), String> {
        self.server.service().control(line)
    }
}

/// Settings of a [`Drupal`]. Every setter's doc names the default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct DrupalBuilder {
    world: World,
    settings: Settings,
    options: Options,
}

impl DrupalBuilder {
    /// Chooses what the site holds. Default: [`World::Demo`].
    pub fn world(mut self, world: World) -> Self {
        self.world = world;
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

    /// Makes the site without serving it, for tests that need no network.
    pub fn site(self) -> Site {
        let mut site = self.world.site();
        site.settings = self.settings;
        site
    }

    /// Starts serving.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn start(self) -> io::Result<Drupal> {
        let options = self.options.clone();
        let server = Server::start_with(options, self.site()).await?;
        Ok(Drupal { server })
    }
}
