//! A stand-in for BlazeAuth, a licensing and login service that is spoken to over WebSocket.
//!
//! It follows the service's documentation, of which parts are missing and parts contradict each other; what it does there
//! is a choice of its own, told in the docs of [`Settings`] and of the items here:
//!
//! - A packet's envelope is judged in the order: JSON object with `id` (an unsigned 64-bit integer) and `type` (a number),
//!   else close 4300; a known `type`, else 4301; an initialized session, else 4200; members that fit, else 4302. The id
//!   18446744073709551615 belongs to events: a packet with it is closed with 4302. Members beyond the known are ignored.
//! - A breach of the WebSocket protocol is closed with 1002, text that is not UTF-8 with 1007, a message of more than
//!   1 MiB with 1009.
//! - Lengths are counted in characters, the 16,384 bytes of a session's store in bytes of values.
//! - `time_left` is an absolute Unix time in the reply to the login that activates a licence, and whole seconds,
//!   rounded up, in all others.
//! - A session is remembered for its resumption with its last 4,096 replies, up to 4 MiB of them. A packet whose id is
//!   among them is not carried out again but answered with the same reply, also on the same connection. Unless
//!   the server closed it, a session can be resumed for [`Settings::resume_within`] after its connection ended, even
//!   if the client sent a close frame. At most 1,024 sessions wait for that.
//! - Events come from an operator, here from the test: no clock sends 2 when a licence ends.
//! - A session has one stream of a file at a time, a second one is answered with 6; streams of different files take turns.
//!   A stream ends with its connection. A transfer counts when its last bytes are handed over: a stream's with the frame
//!   that ends it, a link's with the answer to its request.
//! - Links lead to a server of their own on a loopback port, which runs until the sandbox is dropped. Every `GET` uses its
//!   link up; a used link is answered with 410, an expired one with 403.
//! - Online users, and the sessions that a quota counts, are those that are logged in and connected.
//! - A store takes exactly 64 keys and exactly 16,384 bytes; bytes are judged before keys, a replaced value gives its own
//!   back, expired ones count for nothing.
//! - The fourth failure in a row to find an application, 600 or 6, closes with 4205; a success forgets those before.
//! - A session that is resumed before it was initialized has the whole time for that again.
//! - Packet 8 needs no login, a logout ends no stream, and offset 0 of an empty file is allowed.
//! - Pings are answered and none are sent.
mod account;
mod accounts;
mod answers;
mod application;
mod application_handle;
mod builder;
mod clock;
mod closing;
mod content;
mod data;
pub mod demo;
mod files;
mod initialize;
mod license;
mod license_events;
mod links;
mod logins;
mod packet;
mod reply;
mod sending;
mod session;
mod session_handle;
mod settings;
mod state;
mod store;
mod stream;
mod traffic;
mod transfer_options;
mod transfers;
mod turn;
mod world;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

pub use account::Account;
pub use application::{Application, Variable};
pub use application_handle::ApplicationHandle;
pub use builder::BlazeAuthBuilder;
pub use files::File;
pub use license::License;
pub use links::{LinkFault, LinkRequest};
pub use session_handle::SessionHandle;
pub use settings::{BannedClient, Levels, ResumeIds, Settings};
pub use traffic::RateLimit;
pub use transfer_options::{Checksum, ChunkSize, FrameLayout, Interruption, LastFrame, TransferForm, TransferOptions};

use super::fault::{FaultHandle, Rule};
use super::record::Record;
use super::server::Server;
use links::LinkServer;
use world::World;

/// A running stand-in for BlazeAuth.
///
/// Time (expiry, life times, limits, the resumption of sessions) goes by tokio's clock and can be
/// [advanced](Self::advance). Faults know the packets by the names of the table `codes::blazeauth`: `initialize`,
/// `create_account`, `authorize_by_license`..., `transfer_file`, `stop_file_transfer`.
///
/// ```
/// use statuswire_sandbox::{BlazeAuth, Fault};
/// use statuswire_sandbox::blazeauth::{Application, License};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let kiosk = Application::new("BAquietharbour000041x", "Harbour Kiosk").license(License::new("HBR-9911-KIOSK"));
/// let sandbox = BlazeAuth::builder().application(kiosk).start().await?;
/// println!("serving on {}", sandbox.url());
/// // The reply to the packet with the id 7 gets lost together with the connection.
/// sandbox.fault(Fault::any().id(7).drop_connection().carried_out());
/// // ... let a client log in ...
/// if let Some(kiosk) = sandbox.application("BAquietharbour000041x") {
///     kiosk.blacklist_license("HBR-9911-KIOSK");
/// }
/// assert_eq!(sandbox.record().executed_id(7), 0);
/// sandbox.stop().await;
/// # Ok(())
/// # }
/// ```
///
/// Dropping it ends the server at once, as [`kill`](Self::kill) does, but without waiting for it.
#[derive(Debug)]
pub struct BlazeAuth {
    server: Server,
    world: World,
    /// Ends with the sandbox.
    _link_server: LinkServer,
}

impl BlazeAuth {
    /// Starts with all defaults, on a free port of 127.0.0.1, with the application of [`demo`].
    ///
    /// # Errors
    /// If the port cannot be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().application(demo::application()).start().await
    }

    /// Settings for another start.
    pub fn builder() -> BlazeAuthBuilder {
        BlazeAuthBuilder::new()
    }

    /// Where to connect to: `ws://127.0.0.1:PORT/`.
    pub fn url(&self) -> String {
        format!("ws://{}/", self.addr())
    }

    /// The address that is served; it stays the same over [`restart`](Self::restart).
    pub fn addr(&self) -> SocketAddr {
        self.server.options.listen
    }

    /// The application with this key.
    pub fn application(&self, key: &str) -> Option<ApplicationHandle> {
        let known = self.world.lock().apps.contains_key(key);
        known.then(|| ApplicationHandle { world: self.world.clone(), key: key.to_owned() })
    }

    /// Adds an application, or replaces the one with its key, under whose name the sessions go on.
    pub fn put_application(&self, application: Application) {
        self.world.lock().apps.insert(application.key.clone(), application);
    }

    /// All sessions in the order of their begin: uninitialized ones, too, and those that wait for their resumption.
    pub fn sessions(&self) -> Vec<SessionHandle> {
        self.world.sessions(|_| true)
    }

    /// Changes the settings.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.world.lock().settings);
    }

    /// How the next packet 7 is answered that is not refused; further options are for those after it. Without any,
    /// [`Settings::transfers`] count.
    pub fn next_transfer(&self, options: TransferOptions) {
        self.world.lock().desk.next.push_back(options);
    }

    /// The requests that the server behind the links got, the oldest first; not more than the last 4,096.
    pub fn link_requests(&self) -> Vec<LinkRequest> {
        self.world.lock().desk.links.requests()
    }

    /// Lets so much time pass at once for expiry, life times, limits and the resumption of sessions; not for the time
    /// that a session has to initialize, nor for delays of faults.
    pub fn advance(&self, by: Duration) {
        self.world.lock().clock.advance(by);
    }

    /// The sandbox's Unix time in seconds.
    pub fn unix_time(&self) -> u64 {
        let state = self.world.lock();
        state.clock.unix(state.clock.now())
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

    /// What was received and carried out, since the first start. Carried out is what was answered with status 1, and a
    /// transfer that began; not a repetition.
    pub fn record(&self) -> &Record {
        &self.server.record
    }

    /// Stops: replies already produced are sent, then every connection is closed with code 1000. Returns when all have
    /// ended, within 5 s. Does nothing when not running. Cancelling it ends the server at once.
    ///
    /// # Panics
    /// Passes a panic inside the server on, as one of a fault's condition.
    pub async fn stop(&self) {
        self.server.stop().await;
    }

    /// Ends at once: connections end without a close frame. Returns when the port is free.
    ///
    /// # Panics
    /// Passes a panic inside the server on, as one of a fault's condition.
    pub async fn kill(&self) {
        self.server.kill().await;
    }

    /// Starts again on the same port, after killing what may be running. Sessions are gone, and with them what blocks
    /// clients; applications with all they hold, settings, time, record and faults are kept.
    ///
    /// # Errors
    /// If the port is taken meanwhile.
    ///
    /// # Panics
    /// Passes a panic inside the server on, as one of a fault's condition.
    pub async fn restart(&self) -> io::Result<()> {
        self.server.kill().await;
        self.world.lock().forget_sessions();
        self.server.start_again(self.world.clone()).await
    }
}
