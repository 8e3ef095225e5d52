//! A client to be: the options that a test changes, one by one.

use futures_util::FutureExt;
use secrecy::SecretString;
use statuswire::blazeauth::{Builder, Client};
use statuswire::policy::{Backoff, Limits, RateLimit, Reconnecting, Retry, Timeouts};
use statuswire::{ConnectOptions, Error};

#[must_use]
#[derive(Clone, Debug)]
pub struct Setup {
    builder: Builder,
    options: ConnectOptions,
}

impl Setup {
    pub fn new(url: &str, api_key: impl Into<SecretString>, client_id: impl Into<SecretString>) -> Self {
        Self { builder: Client::builder(url, api_key, client_id), options: ConnectOptions::default() }
    }

    fn map(self, change: impl FnOnce(ConnectOptions) -> ConnectOptions) -> Self {
        Self { options: change(self.options), ..self }
    }

    pub fn timeouts(self, timeouts: Timeouts) -> Self {
        self.map(|it| it.with_timeouts(timeouts))
    }

    pub fn limits(self, limits: Limits) -> Self {
        self.map(|it| it.with_limits(limits))
    }

    pub fn backoff(self, backoff: Backoff) -> Self {
        self.map(|it| it.with_reconnecting(Reconnecting::default().with_backoff(backoff)))
    }

    pub fn retry(self, retry: Retry) -> Self {
        self.map(|it| it.with_retry(retry))
    }

    pub fn rate_limit(self, limit: Option<RateLimit>) -> Self {
        self.map(|it| it.with_rate_limit(limit))
    }

    pub fn root_certificates(self, pem: &[u8]) -> Self {
        self.map(|it| it.with_root_certificates(pem))
    }

    pub fn resumption(self, resume: bool) -> Self {
        Self { builder: self.builder.resumption(resume), ..self }
    }

    pub fn resume_within(self, limit: std::time::Duration) -> Self {
        Self { builder: self.builder.resume_within(limit), ..self }
    }

    pub fn login_again(self, again: bool) -> Self {
        Self { builder: self.builder.login_again(again), ..self }
    }

    pub fn first_id(self, id: u64) -> Self {
        Self { builder: self.builder.first_id(id), ..self }
    }

    pub async fn connect(self) -> Result<Client, Error> {
        self.builder.options(self.options).connect().await
    }

    /// Connects in the background: nothing is waited for.
    pub fn connect_lazy(self) -> Result<Client, Error> {
        self.map(|it| it.with_lazy(true)).connect().now_or_never().expect("it returns at once")
    }
}
