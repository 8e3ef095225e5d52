//! The settings of a client.

use super::client::Client;
use super::credentials::Credentials;
use super::service::Site;
use super::session::{AnyStore, Session, SessionStore};
use crate::error::Error;
use crate::http::{self, Attempt, Jar};
use crate::policy::ConnectOptions;
use std::fmt;

/// How many pages are followed at most, unless another number is set: half a million resources.
const PAGES: usize = 10_000;

/// Settings of a [`Client`].
#[must_use = "nothing happens before `build`"]
pub struct Builder {
    base: String,
    jsonapi: String,
    credentials: Credentials,
    options: ConnectOptions,
    store: Option<Box<dyn AnyStore>>,
    pages: usize,
    observer: Option<Observer>,
}

type Observer = Box<dyn Fn(&Attempt<'_>) + Send + Sync>;

impl Builder {
    pub(super) fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            jsonapi: "jsonapi".to_owned(),
            credentials: Credentials::anonymous(),
            options: ConnectOptions::default(),
            store: None,
            pages: PAGES,
            observer: None,
        }
    }

    /// Sets who the client is to the site. Default: [`Credentials::anonymous`].
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Sets the path of JSON:API, for a site that changed it (`jsonapi.base_path`). Default: `jsonapi`.
    pub fn jsonapi_path(mut self, path: &str) -> Self {
        self.jsonapi = path.trim_matches('/').to_owned();
        self
    }

    /// Sets where the session is kept. It is written there when it is opened, renewed or ended, and read by
    /// [`Client::restore`]. Default: the session ends with the client.
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.store = Some(Box::new(store));
        self
    }

    /// Sets how many pages are followed at most when a collection is walked or counted. Default: 10,000.
    pub fn max_pages(mut self, pages: usize) -> Self {
        self.pages = pages;
        self
    }

    /// Sets time limits, size limits, retry, certificates, proxy, headers.
    pub fn options(mut self, options: ConnectOptions) -> Self {
        self.options = options;
        self
    }

    /// Calls a function after each attempt to send a request, for metrics and logs.
    pub fn on_attempt(mut self, observer: impl Fn(&Attempt<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Makes the client. It connects when it is used.
    ///
    /// # Errors
    ///
    /// If the address or one of the options cannot be used.
    pub fn build(self) -> Result<Client, Error> {
        let jar = Jar::new();
        let session = Session::new(jar.clone(), self.store, self.base.trim_end_matches('/').to_owned());
        let site = Site::new(self.credentials, session, self.jsonapi, self.pages);
        let mut http = http::Builder::new(self.base, site).options(self.options).cookies(jar);
        if let Some(observer) = self.observer {
            http = http.on_attempt(observer);
        }
        Ok(Client { http: http.build()?, language: None, timeout: None })
    }
}

/// Shows no secret.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("jsonapi", &self.jsonapi)
            .field("credentials", &self.credentials)
            .field("options", &self.options)
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}
