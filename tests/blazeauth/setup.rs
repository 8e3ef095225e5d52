//! A client to be: the options that a test changes, one by one.

use crate::support::setup::tuning;
use futures_util::FutureExt;
use statuswire::blazeauth::{Builder, Client};
use statuswire::policy::{Backoff, Limits, RateLimit, Reconnecting, Retry, Timeouts};
use statuswire::reexport::secrecy::SecretString;
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

    tuning!();

    pub fn resumption(self, resume: bool) -> Self {
        Self { builder: self.builder.resumption(resume), ..self }
    }

    pub fn login_again(self, again: bool) -> Self {
        Self { builder: self.builder.login_again(again), ..self }
    }

    pub async fn connect(self) -> Result<Client, Error> {
        self.builder.options(self.options).connect().await
    }

    /// Connects in the background: nothing is waited for.
    pub fn connect_lazy(self) -> Result<Client, Error> {
        self.map(|it| it.with_lazy(true)).connect().now_or_never().expect("it returns at once")
    }
}
