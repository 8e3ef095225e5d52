//! The client.

use super::account::{Account, NewAccount};
use super::application::Application;
use super::calls::Calls;
use super::credentials::{Credentials, Login};
use super::event::Event;
use super::file_info::FileInfo;
use super::files::{Download, Files};
use super::license::License;
use super::packet::{Command, Packet};
use super::state::State;
use super::store::Store;
use super::time_left::TimeLeft;
use crate::error::Error;
use crate::rpc::{Events, Throttle};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A client of BlazeAuth: one session, shared by all clones, which connects and resumes by itself
/// ([more](super#what-the-client-does-by-itself)). It ends when the last clone is dropped, with
/// [`shutdown`](Self::shutdown), or when the server ends it for good.
///
/// # Cancellation
///
/// Dropping the future of a method cancels the wait, not the packet: once it is on the wire the server carries it out.
/// The client discards the reply, but still learns from it about the session. Other calls are not affected.
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
/// - the causes of a lost connection and of an exceeded time limit; [`Error::delivery`] then tells whether the packet
///   may have been carried out.
#[derive(Clone)]
pub struct Client {
    calls: Calls,
    files: Arc<Files>,
}

impl Client {
    pub(super) fn new(calls: Calls, files: Files) -> Self {
        Self { calls, files: Arc::new(files) }
    }

    // ---- the session ----

    /// Returns the application, as the server described it to the latest fresh session. Empty before the first.
    pub fn application(&self) -> Application {
        self.calls.session().application()
    }

    /// Returns what the session is doing, to read or to watch.
    pub fn state(&self) -> watch::Receiver<State> {
        self.calls.state()
    }

    /// Logs in by licence. One that was never used is activated, and one that is bound to no client id is bound to this
    /// one's.
    ///
    /// A login is remembered: a fresh session, after a loss that could not be resumed, is logged in again in the same
    /// way ([`Builder::login_again`](super::Builder::login_again)).
    ///
    /// # Errors
    ///
    /// [`AlreadyAuthorized`](super::ErrorCode::AlreadyAuthorized) if the session is logged in: [`logout`](Self::logout)
    /// first. [`License::of_refusal`] has what a refusal says of the licence. Otherwise see [`Client`].
    pub async fn login_by_license(&self, key: impl Into<SecretString>) -> Result<License, Error> {
        self.calls.call(self.log_in(Login::License(key.into()))).await
    }

    /// Logs in by an account's credentials ([`Credentials::account`], [`Credentials::email`]). It is remembered as
    /// [`login_by_license`](Self::login_by_license).
    ///
    /// # Errors
    ///
    /// As [`login_by_license`](Self::login_by_license). An unknown account and a wrong password are the same to the
    /// server: [`AppUserNotFound`](super::ErrorCode::AppUserNotFound).
    pub async fn login_by_account(&self, credentials: &Credentials) -> Result<Account, Error> {
        self.calls.call(self.log_in(Login::Account(credentials.clone()))).await
    }

    fn log_in(&self, login: Login) -> Command {
        login.secrets().for_each(|secret| self.calls.session().add_secret(secret));
        Command::log_in(Arc::new(login))
    }

    /// Ends the login. The session goes on, and another login may follow. From the call on, no fresh session is logged
    /// in again, even if the call fails.
    ///
    /// # Errors
    ///
    /// [`NotAuthorized`](super::ErrorCode::NotAuthorized) if the session is not logged in. Otherwise see [`Client`].
    pub async fn logout(&self) -> Result<(), Error> {
        self.calls.run(Command::bare(Packet::Logout)).await
    }

    /// Makes an account. It does not log in.
    ///
    /// # Errors
    ///
    /// [`TooManyRequests`](super::ErrorCode::TooManyRequests), sometimes with [`Error::retry_after`], for the fourth
    /// account without a licence in a day from one address. Otherwise see [`Client`].
    pub async fn create_account(&self, account: &NewAccount) -> Result<(), Error> {
        account.secrets().for_each(|secret| self.calls.session().add_secret(secret));
        self.calls.run(Command::create(account)).await
    }

    /// Links a licence to the account that is logged in, and activates it.
    ///
    /// # Errors
    ///
    /// [`NotAuthorized`](super::ErrorCode::NotAuthorized) unless the login was by account. Otherwise see [`Client`].
    pub async fn link_license(&self, key: impl Into<SecretString>) -> Result<(), Error> {
        let key = key.into();
        self.calls.session().add_secret(&key);
        self.calls.run(Command::license(Packet::LinkLicenseToAccount, &key)).await
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
        self.calls.run(Command::new(Packet::Blacklist, &Fields { comment })).await
    }

    /// Returns the licence that is logged in. Its `time_left` is what remains, for certain.
    ///
    /// # Errors
    ///
    /// [`NotAuthorized`](super::ErrorCode::NotAuthorized) unless the login was by licence;
    /// [`LicenseExpired`](super::ErrorCode::LicenseExpired), with [`License::of_refusal`]. Otherwise see [`Client`].
    pub async fn license(&self) -> Result<License, Error> {
        let license: License = self.calls.call(Command::bare(Packet::GetCurrentLicense)).await?;
        Ok(License { time_left: license.time_left.map(TimeLeft::certainly), ..license })
    }

    /// Returns the account that is logged in.
    ///
    /// # Errors
    ///
    /// [`NotAuthorized`](super::ErrorCode::NotAuthorized) unless the login was by account. Otherwise see [`Client`].
    pub async fn account(&self) -> Result<Account, Error> {
        self.calls.call(Command::bare(Packet::GetCurrentAccount)).await
    }

    // ---- data ----

    /// Returns how many users of the application are online.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn online_users(&self) -> Result<u64, Error> {
        #[derive(Deserialize)]
        struct Count {
            online_users_count: u64,
        }
        let command = Command::bare(Packet::GetOnlineUsersCount);
        Ok(self.calls.call::<Count>(command).await?.online_users_count)
    }

    /// Returns the content of a variable of the application.
    ///
    /// # Errors
    ///
    /// [`NotAuthorized`](super::ErrorCode::NotAuthorized) if the variable is protected and the session not logged in.
    /// Otherwise see [`Client`].
    pub async fn variable(&self, name: &str) -> Result<String, Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            name: &'a str,
        }
        #[derive(Deserialize)]
        struct Variable {
            content: String,
        }
        let command = Command::new(Packet::GetVariable, &Fields { name });
        Ok(self.calls.call::<Variable>(command).await?.content)
    }

    /// Returns the session's own key-value store.
    pub fn store(&self) -> Store {
        Store::new(self.calls.clone())
    }

    /// Returns what the server knows about a file of the application. It needs no login.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn file_info(&self, name: &str) -> Result<FileInfo, Error> {
        self.calls.call(Command::file(Packet::GetFileMetadata, name)).await
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
        Download::new(self.calls.clone(), Arc::clone(&self.files), name)
    }

    // ---- events ----

    /// Asks the server to push events of the panel, or to stop that. It lasts for the session, and the client asks
    /// again in a fresh one. Closes come to every session.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    pub async fn subscribe(&self, subscribed: bool) -> Result<(), Error> {
        self.calls.run(Command::subscribe(subscribed)).await
    }

    /// Returns the events that are pushed from here on. Subscribe at the server, too: [`subscribe`](Self::subscribe).
    pub fn events(&self) -> Events<Event> {
        self.calls.ws.events()
    }

    // ---- the connection ----

    /// Returns a client of the same session whose calls have this time limit, from the call to the result.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        let mut client = self.clone();
        client.calls.options.timeout = Some(limit);
        client
    }

    /// Returns the state of the rate limit; `None` if the client has no limit
    /// ([`ConnectOptions::with_rate_limit`](crate::ConnectOptions::with_rate_limit)).
    pub fn throttle(&self) -> Option<Throttle> {
        self.calls.ws.throttle()
    }

    /// Ends the session of all clones: what is on the wire may finish within `limit`, everything else fails with
    /// [`Cause::Shutdown`](crate::Cause::Shutdown), and so does every later call. Dropping the future leaves the
    /// shutdown going on.
    pub async fn shutdown(&self, limit: Duration) {
        self.calls.ws.shutdown(limit).await;
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.calls).finish()
    }
}
