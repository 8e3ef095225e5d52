//! The builder of a client.

use super::base::Base;
use super::client::Client;
use super::connect::{Compression, Connector};
use super::cookies::Jar;
use super::limiter::Limiter;
use super::observer::{Attempt, Observer};
use super::service::{Judge, Service};
use super::wire::Wire;
use crate::error::{Error, redacted_endpoint};
use crate::policy::ConnectOptions;
use std::fmt;
use std::sync::Arc;

/// Builds a [`Client`] of a service.
#[must_use = "nothing happens before `build`"]
pub struct Builder<S> {
    url: String,
    service: S,
    options: ConnectOptions,
    jar: Option<Jar>,
    observer: Option<Observer>,
}

impl<S: Service> fmt::Debug for Builder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("url", &redacted_endpoint(&self.url))
            .field("service", &self.service.service())
            .field("options", &self.options)
            .field("jar", &self.jar)
            .finish_non_exhaustive()
    }
}

impl<S: Service> Builder<S> {
    /// Makes a builder for the service at a base URL, `https://host` or `https://host/folder`. The paths of requests are joined
    /// to it by one slash.
    pub fn new(base_url: impl Into<String>, service: S) -> Self {
        Self { url: base_url.into(), service, options: ConnectOptions::default(), jar: None, observer: None }
    }

    /// Sets the options. Default: [`ConnectOptions::default`]. Their headers go with each request to the origin of the base
    /// URL.
    pub fn options(mut self, options: ConnectOptions) -> Self {
        self.options = options;
        self
    }

    /// Keeps cookies in a jar, and sends them with each request that has no header `Cookie` of its own. Default: cookies are
    /// ignored.
    pub fn cookies(mut self, jar: Jar) -> Self {
        self.jar = Some(jar);
        self
    }

    /// Calls a function with each request on the wire and what became of it, also those that the service sends by itself. It
    /// must not block.
    pub fn on_attempt(mut self, observer: impl Fn(&Attempt<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Makes the client. It connects when it is used.
    ///
    /// # Errors
    ///
    /// If the base URL or an option is invalid.
    pub fn build(self) -> Result<Client<S>, Error> {
        let Self { url, service, options, jar, observer } = self;
        let service = Arc::new(service);
        let connector = Connector::new(&options, Compression::Gzip)?;
        let foreign = match options.client_certificate() {
            Some(_) => Connector::new(&options.clone().without_client_certificate(), Compression::Gzip)?,
            None => connector.clone(),
        };
        let wire = Wire {
            base: Base::parse(&url)?,
            connector,
            foreign,
            headers: options.headers()?.clone(),
            timeouts: options.timeouts().clone(),
            limits: options.limits().clone(),
            retry: options.retry(),
            plaintext_credentials: options.plaintext_credentials(),
            limiter: options.rate_limit().map(Limiter::new),
            jar,
            observer,
            service: Arc::clone(&service) as Arc<dyn Judge>,
        };
        Ok(Client::new(wire, service))
    }
}
