//! The client.

use super::builder::Builder;
use super::jsonapi::{ResourceType, Resources, Targets};
use super::menu::{Linkset, Menu};
use super::service::Site;
use super::session::Session;
use crate::error::Error;
use crate::http::{self, Request, Response};
use crate::reexport::http::{Method, StatusCode};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A client of a Drupal site.
///
/// Cheap to clone and safe to share between tasks: all clones share their connections and one session.
///
/// # Errors
///
/// All methods that talk to the site fail with
///
/// - [`Cause::Http`](crate::Cause::Http) if the site answers with an error. [`Error::code_as`] is an
///   [`ErrorCode`](super::ErrorCode), found by status and text. [`Error::details`] has all texts with their pointers and
///   fields, [`Error::details_of`] those of one field. If the texts have different codes, the error's is
///   [`AggregateError`](super::ErrorCode::AggregateError), and [`Error::children`] are the single errors;
/// - [`Cause::Decode`](crate::Cause::Decode) if an answer is not what was asked for: HTML in place of JSON, another
///   resource, a malformed document;
/// - [`Cause::InvalidRequest`](crate::Cause::InvalidRequest) if the call was not sent, because the site would refuse or
///   misunderstand it; the text says why;
/// - the causes of a lost connection or a timeout. [`Error::delivery`] then tells whether the site may have carried out the
///   call.
///
/// # Cancellation
///
/// Dropping the future of a method ends the request. The site may carry it out all the same.
#[derive(Clone)]
pub struct Client {
    pub(super) http: http::Client<Site>,
    pub(super) language: Option<Arc<str>>,
    pub(super) timeout: Option<Duration>,
}

impl Client {
    /// Makes an anonymous client with the default settings.
    ///
    /// `base` is the address of the site, and may contain a folder: `https://www.example.org/site`.
    ///
    /// # Errors
    ///
    /// If the address is not one.
    pub fn new(base: &str) -> Result<Self, Error> {
        Self::builder(base).build()
    }

    /// Prepares a client with other settings.
    pub fn builder(base: &str) -> Builder {
        Builder::new(base)
    }

    /// Returns a client of the same site and session that asks for a language: its prefix stands before each path. The
    /// sessions' own paths stay as they are.
    ///
    /// A resource that is not translated comes in its default language: compare the attribute `langcode`. Messages of
    /// validation come in this language too.
    #[must_use]
    pub fn in_language(&self, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        Self { language: (!prefix.is_empty()).then(|| prefix.into()), ..self.clone() }
    }

    /// Returns a client of the same site and session whose calls may take this long, from the call to the result, including
    /// retries. Default: [`Timeouts::call`](crate::policy::Timeouts). Large uploads need more. It takes the place of
    /// [`Request::timeout`] too.
    #[must_use]
    pub fn with_timeout(&self, limit: Duration) -> Self {
        Self { timeout: Some(limit), ..self.clone() }
    }

    /// Returns the resources of a type, with attributes that are read as `T`: a type of your own, or
    /// [`Attributes`](super::Attributes).
    pub fn resources<T>(&self, of: &ResourceType) -> Resources<T> {
        Resources::new(self.clone(), of.clone(), Targets::default())
    }

    /// Returns a menu as a tree.
    ///
    /// The site must serve menus: since Drupal 10.1, if the feature flag `linkset_endpoint` is on, or with the older module
    /// Decoupled Menus.
    ///
    /// # Errors
    ///
    /// [`ObjectNotFound`](super::ErrorCode::ObjectNotFound) if there is no such menu,
    /// [`CommandUnavailable`](super::ErrorCode::CommandUnavailable) if the site does not serve menus.
    pub async fn menu(&self, name: &str) -> Result<Menu, Error> {
        let request = self.request(Method::GET, "system/menu").segment(name).segment("linkset");
        let response = self.call(request.expect("application/linkset+json")).await?;
        response.json::<Linkset>()?.into_menu(name).map_err(|why| response.decode_failure(why.path, why.reason))
    }

    /// Reads the session that [`Builder::session_store`] keeps, and returns whether there was one. Whether the site still
    /// knows it tells [`is_logged_in`](Self::is_logged_in). A session of the JavaScript SDK has no cookie, since browsers keep
    /// it: set it in [`http`](Self::http)`().cookies()`.
    ///
    /// # Errors
    ///
    /// [`StorageInWebFail`](super::ErrorCode::StorageInWebFail) if the store fails, or what it holds is not a session. The
    /// client and the store are then unchanged.
    pub async fn restore(&self) -> Result<bool, Error> {
        self.session().load().await
    }

    /// Sends a request of your own, with the credentials, the session and the errors of this client. Its path is relative to
    /// the site's address. Redirects (3xx) are not followed: they are answers, as is 304.
    ///
    /// Drupal answers with a page of HTML and 200 if a path lacks `_format=json`: an error if the request was to write
    /// something, and otherwise only if the request [expects](Request::expect) another media type.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let statuses =
            [301, 302, 303, 304, 307, 308].into_iter().filter_map(|status| StatusCode::from_u16(status).ok());
        self.call(statuses.fold(request, Request::allow_status)).await
    }

    /// Returns the HTTP client below, for streamed answers and downloads.
    pub fn http(&self) -> &http::Client<impl http::Service + use<>> {
        &self.http
    }

    pub(super) fn session(&self) -> &Session {
        &self.http.service().session
    }

    /// Sends a request within the time limit of this client.
    pub(super) async fn call(&self, request: Request) -> Result<Response, Error> {
        let request = match self.timeout {
            Some(limit) => request.timeout(limit),
            None => request,
        };
        self.http.send(request).await
    }

    /// Begins a request to a path of the site.
    pub(super) fn request(&self, method: Method, path: &str) -> Request {
        match &self.language {
            Some(prefix) => Request::new(method, format!("{prefix}/{path}")),
            None => Request::new(method, path),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.http.base())
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}
