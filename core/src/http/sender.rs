//! Requests that a service sends by itself.

use super::attempt::{Compose, Mode};
use super::cookies::Jar;
use super::deadline::Deadline;
use super::outgoing::Outgoing;
use super::request::Request;
use super::response::Response;
use super::wire::Wire;
use crate::error::Error;
use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Sends the requests that a service needs while it composes a request or renews a session: a token, a login. They share the
/// time limit, the connections and the cookies of the call.
pub struct Sender<'a> {
    pub(super) wire: &'a Arc<Wire>,
    pub(super) deadline: Deadline,
}

impl fmt::Debug for Sender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("service", &self.wire.service.name()).finish_non_exhaustive()
    }
}

impl Sender<'_> {
    /// Sends a request once, and reads the whole answer. It carries the headers of the client's options and the cookies, but
    /// the service does not compose it, and neither renews nor repeats it. It counts for the rate limit, but does not wait.
    /// [`Request::timeout`] can shorten its time.
    ///
    /// # Errors
    ///
    /// As [`Client::send`](super::Client::send).
    ///
    /// # Cancellation
    ///
    /// Dropping the future ends the request. The server may carry it out.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let call = self.wire.prepare(request).map_err(|error| self.wire.in_service(error))?;
        self.wire.pay();
        let own = Deadline::after(Instant::now(), call.request.timeout.unwrap_or(Duration::MAX));
        let arrived = self.wire.attempt(&Plain, &call, Mode::Whole, self.deadline.min(own), 1).await;
        arrived.map(|arrived| arrived.response).map_err(|failed| failed.error)
    }

    /// Returns the cookies of the client, if it keeps any.
    pub fn cookies(&self) -> Option<&Jar> {
        self.wire.jar.as_ref()
    }
}

/// Composes nothing.
struct Plain;

impl Compose for Plain {
    fn compose(&self, _: &mut Outgoing, _: &Sender<'_>) -> impl Future<Output = Result<(), Error>> + Send {
        ready(Ok(()))
    }
}
