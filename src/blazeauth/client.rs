//! The client.

use super::account::{Account, NewAccount};
use super::builder::Builder;
use super::credentials::{Credentials, LicenseFields};
use super::file_info::FileInfo;
use super::files::{Download, Files};
use super::packet::{Command, Packet};
use super::protocol::{BlazeAuth, subscription};
use super::reply::Body;
use super::{Application, Event, License, State, Store};
use crate::codes::Outcome;
use crate::error::{Error, redacted_endpoint};
use crate::policy::Retry;
use crate::rpc::{self, Backlog, CallOptions, Events, ReplyStream, StreamOptions, Throttle};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A client of BlazeAuth: one session, shared by all clones, which connects and resumes by itself
/// ([more](super#what-the-client-sees-to)). It ends when the last clone is dropped, with [`shutdown`](Self::shutdown), or
/// when the server says so.
///
/// # Cancellation
///
/// Dropping the future of any method gives up the wait, not the packet: once it is on the wire the server carries it
/// out, and its reply is thrown away; what it tells about the session is still learned. Other callers do not notice.
///
/// # Errors
///
/// All methods that talk to the server fail with
///
/// - [`Cause::Status`](crate::Cause::Status) if the server refuses; the code is an [`ErrorCode`](super::ErrorCode), and
///   `body` has what came with it, without secrets;
/// - [`Cause::Closed`](crate::Cause::Closed) if the server ends the session; the code is a
///   [`CloseCode`](super::CloseCode), except for a banned client id, which is
///   [`ErrorCode::ClientIDBlacklisted`](super::ErrorCode::ClientIDBlacklisted) in either way that the server says it;
/// - [`Cause::Decode`](crate::Cause::Decode) if the reply does not have the expected form;
/// - the causes of a lost connection and of time run out; [`Error::delivery`] then tells whether the packet may have been
///   carried out.
#[derive(Clone)]
pub struct Client {
    ws: rpc::Client<BlazeAuth>,
    call: CallOptions,
    endpoint: Arc<str>,
    files: Arc<Files>,
}

impl Client {
    /// Prepares a client. `url` is that of the service (`wss://eu1.blazeauth.net`) or of a stand-in (`ws://...`);
    /// `api_key` belongs to the application and has 21 characters; `client_id` names this installation, has 4 to 64
    /// characters and stays the same over restarts.
    pub fn builder(url: &str, api_key: impl Into<SecretString>, client_id: impl Into<SecretString>) -> Builder {
        Builder::new(url, api_key.into(), client_id.into())
    }

    pub(super) fn new(ws: rpc::Client<BlazeAuth>, url: &str, files: Files) -> Self {
        Self { ws, call: CallOptions::default(), endpoint: redacted_endpoint(url).into(), files: Arc::new(files) }
    }

    // ---- the session ----

    /// The application, as the server described it to the latest fresh session. Empty before the first.
    pub fn application(&self) -> Application {
        self.protocol().session.application()
    }

    /// What the session is doing, to read or to watch.
    pub fn state(&self) -> watch::Receiver<State> {
        self.protocol().session.state()
    }

    /// Logs in by licence or by account.
    ///
    /// A login is remembered: a fresh session, after a loss that could not be resumed, is logged in again in the same
    /// way ([`Builder::login_again`]).
    ///
    /// # Errors
    ///
    /// [`AlreadyAuthorized`](super::ErrorCode::AlreadyAuthorized) if somebody is logged in: [`logout`](Self::logout)
    /// first. [`License::of_refusal`] has what a refusal says of the licence. Otherwise see [`Client`].
    pub async fn login(&self, credentials: &Credentials) -> Result<(), Error> {
        self.authorize(credentials, |_| Ok(())).await
    }

    /// Logs in by licence. One that was never used is activated, and one that is bound to no client id is bound to this
    /// one's.
    ///
    /// # Errors
    ///
    /// As [`login`](Self::login).
    pub async fn login_by_license(&self, key: impl Into<SecretString>) -> Result<License, Error> {
        self.authorize(&Credentials::license(key), License::read).await
    }

    /// Logs in by an account's credentials ([`Credentials::account`], [`Credentials::email`]).
    ///
    /// # Errors
    ///
    /// As [`login`](Self::login). An unknown account and a wrong password are the same to the server:
    /// [`AppUserNotFound`](super::ErrorCode::AppUserNotFound).
    pub async fn login_by_account(&self, credentials: &Credentials) -> Result<Account, Error> {
        if let Credentials::License(_) = credentials {
            return Err(Error::invalid_request("a licence is no account: use `login_by_license`"));
        }
        self.authorize(credentials, Account::read).await
    }

    async fn authorize<T>(
        &self,
        credentials: &Credentials,
        read: impl Fn(&Body<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        credentials.secrets().for_each(|secret| self.protocol().session.add_secret(secret));
        self.call(Arc::new(credentials.clone()).command(), read).await
    }

    /// Ends the login. The session goes on, another login may follow. From the call on, whatever becomes of it, no fresh
    /// session is logged in again.
    ///
    /// # Errors
    ///
    /// [`NotAuthorized`](super::ErrorCode::NotAuthorized) if nobody is logged in. Otherwise see [`Client`].
    pub async fn logout(&self) -> Result<(), Error> {
        self.call(Command::bare(Packet::Logout), |_| Ok(())).await
    }

    /// Makes an account. It does not log in.
    ///
    /// # Errors
    ///
    /// [`TooManyRequests`](super::ErrorCode::TooManyRequests), sometimes with [`Error::retry_after`], for the fourth
    /// account without a licence in a day from one address. Otherwise see [`Client`].
    pub async fn create_account(&self, account: &NewAccount) -> Result<(), Error> {
        account.secrets().for_each(|secret| self.protocol().session.add_secret(secret));
        self.call(account.command(), |_| Ok(())).await
    }

    /// Links a licence to the account that is logged in, and activates it.
    ///
    /// # Errors
    ///
    /// [`NotAuthorized`](super::ErrorCode::NotAuthorized) unless the login was by account. Otherwise see [`Client`].
    pub async fn link_license(&self, key: impl Into<SecretString>) -> Result<(), Error> {
        let key = key.into();
        self.protocol().session.add_secret(&key);
        let fields = LicenseFields { license: key.expose_secret() };
        self.call(Command::new(Packet::LinkLicenseToAccount, &fields), |_| Ok(())).await
    }

    /// Bans this session's identities: the client id, the licence or account. The server answers and then closes
    /// (4203); the client does not come back.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn blacklist(&self, comment: Option<&str>) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            comment: Option<&'a str>,
        }
        self.call(Command::new(Packet::Blacklist, &Fields { comment }), |_| Ok(())).await
    }

    /// The licence that is logged in. Its `time_left` is what remains, for certain.
    ///
    /// # Errors
    ///
    /// [`NotAuthorized`](super::ErrorCode::NotAuthorized) unless the login was by licence;
    /// [`LicenseExpired`](super::ErrorCode::LicenseExpired), with [`License::of_refusal`]. Otherwise see [`Client`].
    pub async fn license(&self) -> Result<License, Error> {
        let read = |body: &Body<'_>| {
            let license = License::read(body)?;
            Ok(License { time_left: license.time_left.map(super::TimeLeft::certainly), ..license })
        };
        self.call(Command::bare(Packet::GetCurrentLicense), read).await
    }

    /// The account that is logged in.
    ///
    /// # Errors
    ///
    /// [`NotAuthorized`](super::ErrorCode::NotAuthorized) unless the login was by account. Otherwise see [`Client`].
    pub async fn account(&self) -> Result<Account, Error> {
        self.call(Command::bare(Packet::GetCurrentAccount), Account::read).await
    }

    // ---- data ----

    /// How many users of the application are online.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn online_users(&self) -> Result<u64, Error> {
        self.call(Command::bare(Packet::GetOnlineUsersCount), |body| body.required("online_users_count")).await
    }

    /// The content of a variable of the application.
    ///
    /// # Errors
    ///
    /// [`NotAuthorized`](super::ErrorCode::NotAuthorized) if the variable is protected and nobody is logged in.
    /// Otherwise see [`Client`].
    pub async fn variable(&self, name: &str) -> Result<String, Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            name: &'a str,
        }
        self.call(Command::new(Packet::GetVariable, &Fields { name }), |body| body.required("content")).await
    }

    /// The session's own key-value store.
    pub fn store(&self) -> Store {
        Store::new(self.clone())
    }

    /// What the server knows about a file of the application. It needs no login.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn file_info(&self, name: &str) -> Result<FileInfo, Error> {
        let command = Command::new(Packet::GetFileMetadata, &FileFields { filename: name });
        self.call(command, FileInfo::read).await
    }

    /// Prepares the download of a file, which needs a login. Nothing is sent yet.
    ///
    /// ```no_run
    /// # async fn doc(client: statuswire::blazeauth::Client) -> Result<(), statuswire::Error> {
    /// let saved = client
    ///     .download("patch-0007")
    ///     .progress(|progress| println!("{} of {} bytes", progress.at_hand(), progress.size))
    ///     .save_in("/srv/patches")
    ///     .await?;
    /// println!("{} bytes, asked for {} times", saved.size, saved.attempts);
    /// # Ok(())
    /// # }
    /// ```
    pub fn download(&self, name: &str) -> Download {
        Download::new(self.clone(), name)
    }

    /// Asks for a file from an offset on.
    pub(super) async fn transfer(&self, name: &str, resume_at: u64) -> Result<ReplyStream<BlazeAuth>, Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            filename: &'a str,
            resume_at: u64,
        }
        let command = Command::new(Packet::TransferFile, &Fields { filename: name, resume_at });
        // The download takes all that comes, and keeps its own account of a slow writer. What holds the reader then is
        // only that a network may be faster than hashing.
        let mut options = StreamOptions::default().with_backlog(Backlog::HoldReader);
        options.timeout = self.call.timeout;
        self.ws.call_many(&command, &options).await
    }

    /// What downloads share.
    pub(super) fn files(&self) -> &Files {
        &self.files
    }

    /// Adds to an error of a download what is not known where it arose.
    pub(super) fn in_context(&self, mut error: Error, attempt: u32, elapsed: Duration) -> Error {
        let context = error.context_mut();
        if context.service.is_empty() {
            context.service = super::SERVICE;
            context.command = Packet::TransferFile.name().into();
        }
        if context.endpoint.is_empty() {
            context.endpoint = Arc::clone(&self.endpoint);
        }
        context.attempt = attempt;
        context.elapsed = elapsed;
        error
    }

    /// Stops the transfer of a file in this session; the transfer itself then ends with
    /// [`FileTransferStopped`](super::ErrorCode::FileTransferStopped). `false` if there is none.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn stop_transfer(&self, name: &str) -> Result<bool, Error> {
        let command = Command::new(Packet::StopFileTransfer, &FileFields { filename: name });
        self.call(command, |body| Ok(body.status.outcome() == Outcome::Success)).await
    }

    // ---- events ----

    /// Asks the server to push events of the panel, or to stop that. It lasts for the session and is asked for again in a
    /// fresh one. Closes come to everybody.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn subscribe(&self, subscribed: bool) -> Result<(), Error> {
        self.call(subscription(subscribed), |_| Ok(())).await
    }

    /// The events that are pushed from here on. Subscribe at the server, too: [`subscribe`](Self::subscribe).
    pub fn events(&self) -> Events<Event> {
        self.ws.events()
    }

    // ---- the connection ----

    /// A client of the same session whose calls may take so long, from the call to the result.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        Self { call: self.call.clone().with_timeout(limit), ..self.clone() }
    }

    /// A client of the same session whose packets are sent again by other rules.
    #[must_use]
    pub fn with_retry(&self, retry: Retry) -> Self {
        Self { call: self.call.clone().with_retry(retry), ..self.clone() }
    }

    /// What the rate limit does at the moment; `None` if there is none ([`Builder::rate_limit`]).
    pub fn throttle(&self) -> Option<Throttle> {
        self.ws.throttle()
    }

    /// Ends the session of all clones: what is on the wire may finish within `limit`, everything else fails with
    /// [`Cause::Shutdown`](crate::Cause::Shutdown), and so does every later call. Dropping the future leaves the
    /// shutdown going on.
    pub async fn shutdown(&self, limit: Duration) {
        self.ws.shutdown(limit).await;
    }

    pub(super) fn protocol(&self) -> &BlazeAuth {
        self.ws.protocol()
    }

    /// Sends a packet with one reply, and reads that.
    pub(super) async fn call<T>(
        &self,
        command: Command,
        read: impl Fn(&Body<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.ws.call_with(command, &self.call, |reply| read(&reply.open(self.protocol())?)).await
    }
}

/// The members of packets that name a file.
#[derive(Serialize)]
struct FileFields<'a> {
    filename: &'a str,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .field("state", &*self.state().borrow())
            .finish_non_exhaustive()
    }
}
