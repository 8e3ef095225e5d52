//! The trait for a service of one's own.

use super::outgoing::Outgoing;
use super::response::Response;
use super::sender::Sender;
use crate::error::{Error, Redaction};
use std::future::Future;

/// A service over HTTP: how its requests are composed, and what its answers mean. Only its name is required.
///
/// For each request that goes to the origin of the base URL, the engine calls [`compose`](Self::compose), sends, and reads
/// the answer. Then
///
/// - a success (2xx, or a status that the request [allows](super::Request::allow_status)) goes through [`check`](Self::check);
/// - the error of any other answer goes through [`refused`](Self::refused);
/// - the error of a request without a usable answer goes through [`failed`](Self::failed).
///
/// After an error of the first two, [`renew`](Self::renew) may renew a session.
///
/// ```
/// use statuswire::http::{self, Request, Response};
/// use statuswire::Error;
///
/// struct Books;
///
/// impl http::Service for Books {
///     fn service(&self) -> &'static str {
///         "books"
///     }
/// }
///
/// # async fn doc() -> Result<(), Error> {
/// let client = http::Builder::new("https://books.example/api", Books).build()?;
/// let titles: Vec<String> = client.json(Request::get("titles").query("year", 1987)).await?;
/// # Ok(())
/// # }
/// ```
pub trait Service: Send + Sync + 'static {
    /// Returns the name of the service in lower case, for errors and traces.
    fn service(&self) -> &'static str;

    /// Composes a request: credentials, tokens, headers. It is called for each attempt and each redirect that is followed, but
    /// only for requests to the origin of the base URL. It may send requests of its own, for example to fetch a token; the
    /// time limit of the call includes them. An error fails the attempt, which is not sent.
    ///
    /// Cookies of the client's [`Jar`](super::Jar) are added afterwards.
    fn compose(&self, request: &mut Outgoing, sender: &Sender<'_>) -> impl Future<Output = Result<(), Error>> + Send {
        let _ = (request, sender);
        async { Ok(()) }
    }

    /// Checks an answer with the status of a success. An error fails the attempt; [`Response::failure`] makes one. For
    /// [`Client::open`](super::Client::open) the body is not read yet, and empty here. Default: all are taken.
    ///
    /// # Errors
    ///
    /// If the answer is a failure in spite of its status.
    fn check(&self, response: &Response) -> Result<(), Error> {
        let _ = response;
        Ok(())
    }

    /// Adds what the service knows to the error of an answer: its code ([`Error::with_code`]), or the codes of its details
    /// ([`Error::http_failure_mut`]). The error has status, [details](Error::details), `Retry-After` and context. Default:
    /// leaves it unchanged.
    fn refused(&self, response: &Response, error: Error) -> Error {
        let _ = response;
        error
    }

    /// Adds what the service knows to the error of a call without a usable answer: no connection, a time limit, a body that
    /// is truncated or too large or cannot be decoded. Default: leaves it unchanged.
    fn failed(&self, error: Error) -> Error {
        error
    }

    /// Renews the session or the token, if the answer says that it is lost, and returns whether the request is repeated. It is
    /// called once per call at most, and not for the answer of another origin. Default: false.
    ///
    /// Several calls may fail at a time. Hold a lock while you renew, and compare what the request was sent with
    /// ([`Response::request`]) with what you hold now: if it differs, another call has renewed it, and nothing needs to be
    /// sent.
    ///
    /// An error becomes the error of the call.
    fn renew(
        &self,
        response: &Response,
        error: &Error,
        sender: &Sender<'_>,
    ) -> impl Future<Output = Result<bool, Error>> + Send {
        let _ = (response, error, sender);
        async { Ok(false) }
    }

    /// Returns what else is hidden in errors. Sensitive headers of the request, cookies and the credentials of a proxy are
    /// hidden in any case. Default: nothing.
    fn redaction(&self) -> Redaction {
        Redaction::default()
    }
}

/// What the non-generic part of the engine needs of a service.
pub(super) trait Judge: Send + Sync {
    fn name(&self) -> &'static str;
    fn check(&self, response: &Response) -> Result<(), Error>;
    fn refused(&self, response: &Response, error: Error) -> Error;
    fn failed(&self, error: Error) -> Error;
    fn redaction(&self) -> Redaction;
}

impl<S: Service> Judge for S {
    fn name(&self) -> &'static str {
        self.service()
    }

    fn check(&self, response: &Response) -> Result<(), Error> {
        Service::check(self, response)
    }

    fn refused(&self, response: &Response, error: Error) -> Error {
        Service::refused(self, response, error)
    }

    fn failed(&self, error: Error) -> Error {
        Service::failed(self, error)
    }

    fn redaction(&self) -> Redaction {
        Service::redaction(self)
    }
}
