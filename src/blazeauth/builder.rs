//! Settings of a client.

use super::calls::Calls;
use super::client::Client;
use super::files::Files;
use super::protocol::BlazeAuth;
use super::session::Session;
use crate::error::{Error, redacted_endpoint};
use crate::policy::{Backoff, Limits, RateLimit, Retry, Timeouts};
use crate::{http, ws};
use secrecy::SecretString;
use std::fmt;
use std::time::Duration;

const RATE_LIMIT: RateLimit = RateLimit::new(60, Duration::from_secs(61));

/// Settings of a [`Client`].
#[derive(Clone)]
#[must_use = "nothing happens before `connect`"]
pub struct Builder {
    url: String,
    api_key: SecretString,
    client_id: SecretString,
    timeouts: Timeouts,
    limits: Limits,
    backoff: Backoff,
    retry: Retry,
    rate_limit: Option<RateLimit>,
    roots: Vec<u8>,
    plaintext_credentials: bool,
    resumption: bool,
    resume_within: Duration,
    login_again: bool,
    first_id: u64,
}

impl Client {
    /// Prepares a client. `url` is that of the service (`wss://eu1.blazeauth.net`) or of a sandbox (`ws://...`);
    /// `api_key` belongs to the application and has 21 characters; `client_id` names this installation, has 4 to 64
    /// characters and stays the same over restarts.
    pub fn builder(url: &str, api_key: impl Into<SecretString>, client_id: impl Into<SecretString>) -> Builder {
        Builder {
            url: url.to_owned(),
            api_key: api_key.into(),
            client_id: client_id.into(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            backoff: Backoff::default(),
            retry: Retry::never(),
            rate_limit: Some(RATE_LIMIT),
            roots: Vec::new(),
            plaintext_credentials: false,
            resumption: true,
            resume_within: Duration::from_secs(60),
            login_again: true,
            first_id: 1,
        }
    }
}

impl Builder {
    /// Time limits of the connection and of calls. The server gives a connection 15 seconds to initialize, which is the
    /// most that [`Timeouts::connect`] makes sense for. Default: [`Timeouts::default`].
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Size limits. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How attempts to connect again are spaced. Default: [`Backoff::default`].
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// When packets are sent again under a new id, after their failure. Resuming a session needs none of that. By other
    /// rules, such as [`Retry::default`], packets that read or set are repeated: after a status that asks to wait, and
    /// in a fresh session, where the store is empty and nobody may be logged in. Default: never.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// How many packets and pings are sent in which time; further ones wait, without failing for that, and
    /// [`Client::throttle`] shows them. The server ends sessions that send more than 60 in a minute (documented; another
    /// page says 90 for all sessions of an address). `None`: no limit on this side. Default: 60 in 61 seconds, since the
    /// network may bring together what was sent apart.
    pub fn rate_limit(mut self, limit: Option<RateLimit>) -> Self {
        self.rate_limit = limit;
        self
    }

    /// Trusts these certificates (PEM, one or more) instead of the public roots.
    pub fn root_certificates(mut self, pem: &[u8]) -> Self {
        self.roots.extend_from_slice(pem);
        self.roots.push(b'\n');
        self
    }

    /// Allows the API key, and everything else, to cross the network in the clear: `ws://` to a host that is not this
    /// machine is refused without it.
    pub fn allow_plaintext_credentials(mut self) -> Self {
        self.plaintext_credentials = true;
        self
    }

    /// Whether a session whose connection was lost is taken up again. Without, each loss begins a fresh session. Default:
    /// yes.
    pub fn resumption(mut self, resume: bool) -> Self {
        self.resumption = resume;
        self
    }

    /// How long packets without a reply wait for their session to be resumed before they fail. How long the server keeps
    /// sessions is not documented. Default: 60 seconds.
    pub fn resume_within(mut self, limit: Duration) -> Self {
        self.resume_within = limit;
        self
    }

    /// Whether a fresh session is logged in as the lost one was, if the server did not end that login. Default: yes. It
    /// keeps the credentials in memory.
    pub fn login_again(mut self, again: bool) -> Self {
        self.login_again = again;
        self
    }

    /// The id of the first packet; the following ones count up. The highest, 18,446,744,073,709,551,615, belongs to events,
    /// and a packet that would need it is refused. Default: 1.
    pub fn first_id(mut self, id: u64) -> Self {
        self.first_id = id;
        self
    }

    /// Connects and initializes the session.
    ///
    /// # Errors
    ///
    /// If the address or a setting is wrong, if there is no initialized session within [`Timeouts::connect`], or if the
    /// server refuses: with a status (an API key of the wrong form, an application that is paused), with a close (too
    /// many packets lately, 4201), or before that with HTTP 429, which has the code
    /// [`RateLimited`](super::ErrorCode::RateLimited) and in [`Error::retry_after`] the wait. The first attempt is not
    /// repeated.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the attempt.
    pub async fn connect(self) -> Result<Client, Error> {
        let (url, files) = (self.url.clone(), self.files());
        Ok(Client::new(Calls::new(self.ws().connect().await?, &url), files))
    }

    /// Returns at once and connects in the background, again and again until it succeeds or is refused for good: calls
    /// wait for it, within their limits.
    ///
    /// # Errors
    ///
    /// If the address or a setting is wrong.
    pub fn connect_lazy(self) -> Result<Client, Error> {
        let (url, files) = (self.url.clone(), self.files());
        Ok(Client::new(Calls::new(self.ws().connect_lazy()?, &url), files))
    }

    /// What fetches files by link: with the same limits and the same trust.
    fn files(&self) -> Files {
        let settings = http::Client::builder().timeouts(self.timeouts.clone());
        Files::new(if self.roots.is_empty() { settings } else { settings.root_certificates(&self.roots) })
    }

    fn ws(self) -> ws::Builder<BlazeAuth> {
        let secrets = [&self.api_key, &self.client_id];
        let protocol = BlazeAuth {
            session: Session::new(secrets, self.limits.excerpt, self.resumption, self.login_again),
            api_key: self.api_key,
            client_id: self.client_id,
            first_id: self.first_id,
            resume_within: self.resume_within,
        };
        let mut builder = ws::Client::builder(&self.url, protocol)
            .timeouts(self.timeouts)
            .limits(self.limits)
            .backoff(self.backoff)
            .retry(self.retry)
            .rate_limit(self.rate_limit);
        if !self.roots.is_empty() {
            builder = builder.root_certificates(&self.roots);
        }
        if self.plaintext_credentials {
            builder = builder.allow_plaintext_credentials();
        }
        builder
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("url", &redacted_endpoint(&self.url))
            .field("timeouts", &self.timeouts)
            .field("limits", &self.limits)
            .field("backoff", &self.backoff)
            .field("retry", &self.retry)
            .field("rate_limit", &self.rate_limit)
            .field("resumption", &self.resumption)
            .field("login_again", &self.login_again)
            .finish_non_exhaustive()
    }
}
