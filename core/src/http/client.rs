//! The client of a service, and its calls.

use super::attempt::{Arrived, Compose, Failed, Mode};
use super::base::is_absolute;
use super::cookies::Jar;
use super::deadline::Deadline;
use super::outgoing::Outgoing;
use super::request::Request;
use super::response::Response;
use super::sender::Sender;
use super::service::Service;
use super::stream::ResponseStream;
use super::wire::Wire;
use crate::error::{Delivery, Error};
use http::header::{ACCEPT, HeaderValue};
use reqwest::Url;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use tokio::time::Instant;

/// The client of a service. Clones share its connections, its cookies and its rate limit.
///
/// A call composes the request, sends it, and judges the answer. It
///
/// - **retries** by [`Retry`](crate::policy::Retry), within the time limit of the call: what was not sent, and what is safe to
///   repeat ([`Request::repeat`]);
/// - **renews** a session once, if the service can ([`Service::renew`]);
/// - **follows redirects** of GET, HEAD, OPTIONS and TRACE, five at most, never from `https` to `http`, and without credentials
///   to another origin. The error of another one tells where it leads;
/// - **keeps time limits**: [`Timeouts::connect`](crate::policy::Timeouts) for a connection, `reply` from the end of the request
///   to the head of the answer, `idle` between chunks of its body, `call` for all attempts together;
/// - **bounds memory**: a body has at most [`Limits::message_in`](crate::policy::Limits) bytes after decompression (gzip), the
///   heads of answers at most about 400 KiB, and 256 KiB of an error body are read.
///
/// # Errors
///
/// | what | [`cause`](Error::cause) | [`delivery`](Error::delivery) |
/// |---|---|---|
/// | the request is invalid, or would send credentials where they must not go | `InvalidRequest` | `NotSent` |
/// | no connection | `Transport`, `Timeout(Connect)` | `NotSent`; after a redirect `MaybeSent` |
/// | composing, or the rate limit, takes longer than the call may | `Timeout(Queue)` | `NotSent` |
/// | the connection broke before the head of the answer, or in the body | `Transport` | `MaybeSent` |
/// | no head of the answer in time; no next chunk of the body in time | `Timeout(Reply)`; `Timeout(Idle)` | `MaybeSent` |
/// | a request body that cannot be read | `Io` | `NotSent`; once the head is sent `MaybeSent` |
/// | a status that is an error, or a redirect that is not followed | `Http` | `Answered` |
/// | a body beyond the limit, or one that cannot be decompressed | `Protocol` | `Answered` |
/// | a success of another media type than expected, or JSON that cannot be decoded | `Decode` | `Answered` |
///
/// The delivery is that of all attempts. [`Error::context`] has the request line, without values of the query.
pub struct Client<S> {
    wire: Arc<Wire>,
    service: Arc<S>,
}

impl<S> Clone for Client<S> {
    fn clone(&self) -> Self {
        Self { wire: Arc::clone(&self.wire), service: Arc::clone(&self.service) }
    }
}

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &self.wire.service.name())
            .field("base", &self.wire.base.shown)
            .finish_non_exhaustive()
    }
}

impl<S: Service> Client<S> {
    pub(super) fn new(wire: Wire, service: Arc<S>) -> Self {
        Self { wire: Arc::new(wire), service }
    }

    /// Sends a request, and reads the whole answer.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with time and I/O enabled, as tokio's own functions do.
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the request and closes its connection. The server may carry it out.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        self.call(request, Mode::Whole).await.map(|arrived| arrived.response)
    }

    /// Sends a request, and decodes the answer as JSON. Sends `Accept: application/json`, unless it is set.
    ///
    /// # Errors
    ///
    /// See [`Client`] and [`Response::json`].
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancellation
    ///
    /// As [`send`](Self::send).
    pub async fn json<T: DeserializeOwned>(&self, mut request: Request) -> Result<T, Error> {
        request.headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        self.send(request).await?.json()
    }

    /// Sends a request, and returns the answer when its head has arrived. The body can then be read in chunks; it has no size
    /// limit, and of the time limits only `idle` applies to it. A body that breaks off is not requested again.
    ///
    /// # Errors
    ///
    /// See [`Client`].
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancellation
    ///
    /// As [`send`](Self::send).
    pub async fn open(&self, request: Request) -> Result<ResponseStream, Error> {
        let Arrived { response, body, .. } = self.call(request, Mode::Head).await?;
        Ok(ResponseStream::new(response, body))
    }

    /// Returns the service that was given to the builder.
    pub fn service(&self) -> &S {
        &self.service
    }

    /// Returns the base URL, without a slash at its end.
    pub fn base(&self) -> &str {
        self.wire.base.url().as_str().trim_end_matches('/')
    }

    /// Returns the cookies, if the client keeps any.
    pub fn cookies(&self) -> Option<&Jar> {
        self.wire.jar.as_ref()
    }

    /// Returns whether a request for this path or URL goes to the origin of the base URL. Ask before you follow a link that the
    /// server sent.
    pub fn is_own(&self, url: &str) -> bool {
        !is_absolute(url) || Url::parse(url).is_ok_and(|url| self.wire.base.owns(&url))
    }

    async fn call(&self, request: Request, mode: Mode) -> Result<Arrived, Error> {
        let wire = &self.wire;
        let started = Instant::now();
        let call = wire.prepare(request).map_err(|error| wire.in_service(error))?;
        let request = &call.request;
        let limit = request.timeout.unwrap_or(wire.timeouts.call);
        let mut deadline = Deadline::after(started, limit);
        let span = tracing::debug_span!(
            "request",
            service = self.service.service(),
            request = super::sent::line(&request.method, &call.url),
            attempts = tracing::field::Empty,
            status = tracing::field::Empty,
            code = tracing::field::Empty,
            kind = tracing::field::Empty,
        );
        let retry = request.retry.as_ref().unwrap_or(&wire.retry);
        let (mut attempts, mut renewed) = (1, false);
        let mut earlier = Delivery::NotSent;
        loop {
            let attempt = async {
                deadline = wire.turn(deadline, request.timeout.is_none()).await?;
                wire.attempt(&Composer(&*self.service), &call, mode, deadline, attempts).await
            };
            let failed = match attempt.await {
                Ok(arrived) => {
                    span.record("attempts", attempts);
                    span.record("status", arrived.response.status.as_u16());
                    return Ok(arrived);
                }
                Err(failed) => failed,
            };
            let may_renew = !renewed && request.is_whole();
            let (error, again) = match may_renew {
                true => self.renewed(failed, deadline).await,
                false => (failed.error, false),
            };
            let delay = match again {
                true => Some(None),
                false if request.is_whole() => {
                    retry.decide(&error, request.repeats(), attempts, deadline.left(), rand::random()).map(Some)
                }
                false => None,
            };
            let Some(delay) = delay else {
                span.record("attempts", attempts);
                if let Some(failure) = error.http_failure() {
                    span.record("status", failure.status.as_u16());
                }
                if let Some(code) = error.code() {
                    span.record("code", tracing::field::display(code));
                }
                span.record("kind", tracing::field::debug(error.kind()));
                let delivery = earlier.combined(error.delivery());
                let mut error = wire.in_service(error.clone_with_delivery(delivery));
                let context = error.context_mut();
                context.attempt = attempts;
                context.elapsed = started.elapsed();
                return Err(error);
            };
            // An answer that cannot be read leaves the outcome of the attempt unknown.
            let unknown = error.is_outcome_unknown();
            earlier = earlier.combined(if unknown { Delivery::MaybeSent } else { error.delivery() });
            tracing::debug!(parent: &span, %error, ?delay, renewed = again, "trying again");
            if let Some(delay) = delay {
                tokio::time::sleep(delay).await;
            }
            renewed |= again;
            attempts += 1;
        }
    }

    /// Lets the service renew its session after an answer. Returns the error, and whether the request is sent again.
    async fn renewed(&self, failed: Failed, deadline: Deadline) -> (Error, bool) {
        let Failed { error, response: Some(response) } = failed else { return (failed.error, false) };
        // What the service sends would fail, and hide what was answered.
        if deadline.has_passed(Instant::now()) {
            return (error, false);
        }
        let sender = Sender { wire: &self.wire, deadline };
        match deadline.run(self.service.renew(&response, &error, &sender)).await {
            Ok(Ok(again)) => (error, again),
            // The request itself was answered.
            Ok(Err(failure)) => (failure.clone_with_delivery(error.delivery()), false),
            Err(_) => (error, false),
        }
    }
}

/// Composes requests as the service says.
struct Composer<'a, S>(&'a S);

impl<S: Service> Compose for Composer<'_, S> {
    fn compose(&self, request: &mut Outgoing, sender: &Sender<'_>) -> impl Future<Output = Result<(), Error>> + Send {
        self.0.compose(request, sender)
    }
}
