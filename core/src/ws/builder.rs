//! The builder of a client, and its first connection.

use super::connect::Target;
use super::driver::Driver;
use super::frame::Masking;
use super::upgrade::Upgrade;
use crate::error::{Cause, Delivery, Error, redacted_endpoint};
use crate::policy::{Attempts, ConnectOptions};
use crate::rpc::{Client, Engine, Settings, State};
use std::fmt;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Builds a [`Client`] that speaks `P` over a WebSocket.
#[must_use = "nothing happens before `connect`"]
pub struct Builder<P: Upgrade> {
    url: String,
    protocol: P,
    options: ConnectOptions,
}

impl<P: Upgrade> fmt::Debug for Builder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("url", &redacted_endpoint(&self.url))
            .field("service", &self.protocol.service())
            .field("options", &self.options)
            .finish()
    }
}

impl<P: Upgrade> Builder<P> {
    /// Makes a builder for a `ws://` or `wss://` address.
    pub fn new(url: impl Into<String>, protocol: P) -> Self {
        Self { url: url.into(), protocol, options: ConnectOptions::default() }
    }

    /// Sets the options. Default: [`ConnectOptions::default`].
    pub fn options(mut self, options: ConnectOptions) -> Self {
        self.options = options;
        self
    }

    /// Connects, runs the protocol's handshake, and starts the client's task on the current tokio runtime. With
    /// [`ConnectOptions::with_lazy`] it returns at once, and the task connects in the background.
    ///
    /// # Errors
    ///
    /// If an option is invalid or the first attempt fails, which is not repeated. [`Error::delivery`] is `NotSent`.
    /// With `with_lazy`, only if an option is invalid.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with time and I/O enabled, as tokio's own functions do.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the attempt.
    pub async fn connect(self) -> Result<Client<P>, Error> {
        let Self { url, protocol, options } = self;
        let target = Target::new(url, &options)?;
        target.permit(&protocol)?;
        let settings = Settings::new(Arc::clone(&target.endpoint.shown), &options);
        let engine = Arc::new(Engine::new(protocol, settings, Box::new(Masking::new())));
        let (sender, outcome) = oneshot::channel();
        let first = if options.is_lazy() { None } else { Some(sender) };
        let attempts = Attempts::new(options.reconnecting().clone());
        tokio::spawn(Driver::new(Arc::clone(&engine), target, attempts, first).run());
        let client = Client::new(engine);
        if options.is_lazy() {
            return Ok(client);
        }
        match outcome.await {
            Ok(result) => result.map(|()| client),
            // The task ended early. The state tells why.
            Err(_) => Err(match &*client.state().borrow() {
                State::Closed { cause: Some(cause) } => cause.clone_with_delivery(Delivery::NotSent),
                _ => Error::new(Cause::Shutdown, Delivery::NotSent),
            }),
        }
    }
}
