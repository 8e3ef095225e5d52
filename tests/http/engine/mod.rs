//! The engine for services: against the sandbox's fake server, and against raw bytes.

mod bodies;
mod calls;
mod connections;
mod credentials;
mod errors;
mod files;
mod hooks;
mod retries;
mod sessions;
mod uploads;

use crate::support::MS;
use statuswire::ConnectOptions;
use statuswire::http::{Builder, Client, Service};
use statuswire::policy::{Backoff, Retry, Timeouts};

/// A service with nothing of its own.
pub struct Plain;

impl Service for Plain {
    fn service(&self) -> &'static str {
        "plain"
    }
}

/// Options with short waits between attempts.
pub fn options() -> ConnectOptions {
    ConnectOptions::default().with_retry(Retry::default().with_backoff(Backoff::default().with_base(MS)))
}

/// The same with short time limits of one kind.
pub fn limited(timeouts: Timeouts) -> ConnectOptions {
    options().with_timeouts(timeouts)
}

pub fn client(url: &str) -> Client<Plain> {
    with(url, options())
}

pub fn with(url: &str, options: ConnectOptions) -> Client<Plain> {
    Builder::new(url, Plain).options(options).build().unwrap()
}
