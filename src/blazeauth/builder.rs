//! Settings of a client.

use super::calls::Calls;
use super::client::Client;
use super::files::Files;
use super::protocol::BlazeAuth;
use super::session::Session;
use crate::error::{Error, redacted_endpoint};
use crate::policy::{ConnectOptions, RateLimit, Retry};
use crate::ws;
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
    options: ConnectOptions,
    resumption: bool,
    login_again: bool,
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
            options: ConnectOptions::default(),
            resumption: true,
            login_again: true,
        }
    }
}

impl Builder {
    /// Sets the options of the connection. Where they leave it to the service:
    ///
    /// - The rate limit is 60 packets and pings in 61 seconds: the server ends sessions that send more than 60 in a
    ///   minute (documented; another page says 90 for all sessions of an address), and packets may arrive closer
    ///   together than they were sent. Further packets wait, and [`Client::throttle`] shows them.
    /// - Packets are never sent again under a new id. Resuming a session does not need that. With other rules, such as
    ///   [`Retry::default`], packets that read or set are repeated: after a status that asks to wait, and in a fresh
    ///   session, where the store is empty and no login may be in effect.
    ///
    /// The server gives a connection 15 seconds to initialize: more than that makes no sense for
    /// [`Timeouts::connect`](crate::policy::Timeouts). No packet is one-way, so that `one_way` and `one_way_failures` of
    /// [`Limits`](crate::policy::Limits) mean nothing. Files that come by link are downloaded with the same time limits
    /// and root certificates. The API key crosses the network, so that `ws://` to a host that is not this machine is
    /// refused without [`ConnectOptions::with_plaintext_credentials`].
    pub fn options(mut self, options: ConnectOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets whether a session is resumed after its connection was lost. If not, each loss begins a fresh session.
    /// Default: yes.
    pub fn resumption(mut self, resume: bool) -> Self {
        self.resumption = resume;
        self
    }

    /// Sets whether a fresh session is logged in as the lost one was, unless the server ended that login. A licence that
    /// the login activated is not activated again. A refusal for the moment is followed by further attempts, with
    /// backoff; a refusal for good ends them, and [`State::Ready`](super::State) shows it. This keeps the credentials in
    /// memory. Default: yes.
    pub fn login_again(mut self, again: bool) -> Self {
        self.login_again = again;
        self
    }

    /// Connects and initializes the session. With [`ConnectOptions::with_lazy`] it returns at once and connects in the
    /// background, again and again until it succeeds or is refused for good: calls wait for it, within their limits.
    ///
    /// # Errors
    ///
    /// If the address or an option is wrong, if there is no initialized session within
    /// [`Timeouts::connect`](crate::policy::Timeouts), or if the server refuses: with a status (an API key of the wrong
    /// form, an application that is paused), with a close (too many packets lately, 4201), or before that with HTTP
    /// 429, which has the code [`RateLimited`](super::ErrorCode::RateLimited), and the wait in [`Error::retry_after`].
    /// The first attempt is not repeated. [`Error::delivery`] is [`Answered`](crate::Delivery::Answered) if the server
    /// answered Initialize. With `with_lazy`, only if the address or an option is wrong.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the attempt.
    pub async fn connect(self) -> Result<Client, Error> {
        let options = self.options.or_retry(Retry::never()).or_rate_limit(RATE_LIMIT);
        let files = Files::new(&options);
        let secrets = [&self.api_key, &self.client_id];
        let excerpt = options.limits().excerpt;
        let protocol = BlazeAuth {
            session: Session::new(secrets, excerpt, self.resumption, self.login_again),
            api_key: self.api_key,
            client_id: self.client_id,
            backoff: options.reconnecting().backoff.clone(),
        };
        let client = ws::Builder::new(self.url.as_str(), protocol).options(options).connect().await?;
        Ok(Client::new(Calls::new(client, &self.url), files))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("url", &redacted_endpoint(&self.url))
            .field("options", &self.options)
            .field("resumption", &self.resumption)
            .field("login_again", &self.login_again)
            .finish_non_exhaustive()
    }
}
