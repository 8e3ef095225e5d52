//! A client to be: the options that a test changes, one by one.

use futures_util::FutureExt;
use statuswire::policy::{Backoff, Limits, RateLimit, Reconnecting, Retry, Timeouts};
use statuswire::rpc::Client;
use statuswire::ws::{Builder, Upgrade};
use statuswire::{ConnectOptions, Error};

/// The options that tests change, for what has a method `map`.
macro_rules! tuning {
    () => {
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
    };
}
#[allow(unused_imports, reason = "each test program uses a part")]
pub(crate) use tuning;

#[must_use]
#[derive(Debug)]
pub struct Setup<P> {
    url: String,
    protocol: P,
    pub options: ConnectOptions,
}

impl<P: Upgrade> Setup<P> {
    pub fn new(url: &str, protocol: P) -> Self {
        Self { url: url.to_owned(), protocol, options: ConnectOptions::default() }
    }

    pub fn map(self, change: impl FnOnce(ConnectOptions) -> ConnectOptions) -> Self {
        Self { options: change(self.options), ..self }
    }

    /// The same for another address.
    pub fn at(self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self }
    }

    tuning!();

    pub fn header(self, name: &str, value: &str) -> Self {
        self.map(|it| it.with_header(name, value))
    }

    pub fn secret_header(self, name: &str, value: &str) -> Self {
        self.map(|it| it.with_secret_header(name, value))
    }

    pub fn builder(self) -> Builder<P> {
        Builder::new(self.url, self.protocol).options(self.options)
    }

    pub async fn connect(self) -> Result<Client<P>, Error> {
        self.builder().connect().await
    }

    /// Connects in the background: nothing is waited for.
    pub fn connect_lazy(self) -> Result<Client<P>, Error> {
        self.map(|it| it.with_lazy(true)).connect().now_or_never().expect("it returns at once")
    }
}
