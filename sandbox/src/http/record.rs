//! What a server received and did, against which a test checks what a client says about delivery.
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};

use super::pattern::Pattern;
use crate::log::{Kept, MAX_NAMES, Watched, count};

/// The record of one server, over all its restarts. Cheap to clone; all clones show the same record.
///
/// Counts are exact for the first 4,096 different methods and paths. So that a flood cannot exhaust memory, exchanges
/// are kept up to 65,536 and 16 MiB of requests, the newest in any case; then the oldest are dropped
/// ([`forgotten`](Self::forgotten) counts them). See [Patterns](super#patterns).
///
/// `Debug` shows counts only: requests hold the secrets of clients.
///
/// ```
/// # async fn example(server: statuswire_sandbox::http::Server<statuswire_sandbox::http::Routes<()>>) {
/// use statuswire_sandbox::http::AnswerEnd;
///
/// server.record().wait_for(|record| record.received("POST /orders") == 1).await;
/// let order = &server.record().exchanges()[0];
/// assert_eq!(order.request.headers()["content-type"], "application/json");
/// assert_eq!(order.carried_out, None);
/// assert_eq!(order.end, Some(AnswerEnd::BrokenOff));
/// # }
/// ```
#[derive(Clone)]
pub struct Record(Arc<Watched<State>>);

#[derive(Default)]
struct State {
    exchanges: Kept<Exchange>,
    /// By method and path.
    received: HashMap<String, u64>,
    executed: HashMap<String, u64>,
    total_received: u64,
    malformed: u64,
    opened: u64,
    closed: u64,
}

/// A request and what became of it. `Debug` shows neither the query nor the values of headers nor the body: they may be
/// secrets.
#[derive(Clone)]
#[non_exhaustive]
pub struct Exchange {
    /// Position in the order of requests, over all connections; starts with 1.
    pub order: u64,
    /// Time since the server was made (tokio's clock, so it can be virtual) when the request was complete.
    pub at: Duration,
    /// The connection, numbered from 1 in the order of acceptance; restarts continue the numbers.
    pub connection: u64,
    /// The request.
    pub request: Arc<Request<Bytes>>,
    /// The status of the service's answer, whether or not it was sent; `None`: the request was not carried out.
    pub carried_out: Option<StatusCode>,
    /// How the answer ended; `None`: it has not ended yet.
    pub end: Option<AnswerEnd>,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerEnd {
    /// The whole answer was handed to the kernel.
    Sent,
    /// A fault ended the connection.
    BrokenOff,
    /// The client closed the connection before it was sent the whole answer.
    ClientGone,
    /// The server was stopped or killed.
    Stopped,
}

impl Record {
    pub(super) fn new() -> Self {
        Self(Arc::new(Watched::new()))
    }

    /// Returns how many requests of this pattern were read, whether or not they were carried out.
    pub fn received(&self, pattern: &str) -> u64 {
        sum(&self.0.state().received, pattern)
    }

    /// Returns how many requests of this pattern were carried out with success: the service answered with a status below
    /// 400, whether or not the answer was sent.
    pub fn executed(&self, pattern: &str) -> u64 {
        sum(&self.0.state().executed, pattern)
    }

    /// Returns how many requests were read in all.
    pub fn total_received(&self) -> u64 {
        self.0.state().total_received
    }

    /// Returns how many requests the server itself refused, because they were malformed or too long.
    pub fn malformed(&self) -> u64 {
        self.0.state().malformed
    }

    /// Returns how many TCP connections were accepted.
    pub fn opened(&self) -> u64 {
        self.0.state().opened
    }

    /// Returns how many connections have ended.
    pub fn closed(&self) -> u64 {
        self.0.state().closed
    }

    /// Returns how many exchanges are no longer kept.
    pub fn forgotten(&self) -> u64 {
        self.0.state().exchanges.forgotten()
    }

    /// Returns all exchanges that are kept, oldest first.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.0.state().exchanges.iter().cloned().collect()
    }

    /// Removes all exchanges and sets all counts to zero; `order` goes on.
    pub fn clear(&self) {
        let mut state = self.0.state();
        *state = State { exchanges: state.exchanges.cleared(), ..State::default() };
    }

    /// Waits until the condition holds. It is evaluated now and after every change; put a time limit around this if it
    /// may never hold. Cancelling has no effect on the server.
    pub async fn wait_for(&self, mut condition: impl FnMut(&Self) -> bool) {
        self.0.until(|| condition(self)).await;
    }

    pub(super) fn count_opened(&self) {
        self.0.change(|state, _| state.opened += 1);
    }

    pub(super) fn count_closed(&self) {
        self.0.change(|state, _| state.closed += 1);
    }

    pub(super) fn count_malformed(&self) {
        self.0.change(|state, _| state.malformed += 1);
    }

    pub(super) fn add(&self, connection: u64, request: Arc<Request<Bytes>>) -> Open {
        let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        let target = request.uri().path().len() + request.uri().query().map_or(0, str::len);
        let bytes = target + headers + request.body().len();
        let key = format!("{} {}", request.method(), request.uri().path());
        let order = self.0.change(|state, at| {
            state.total_received += 1;
            count(&mut state.received, key.as_str(), MAX_NAMES);
            let exchange = |order| Exchange { order, at, connection, request, carried_out: None, end: None };
            state.exchanges.push(bytes, exchange)
        });
        Open { record: self.clone(), order, key, end: AnswerEnd::Stopped }
    }
}

fn sum(counts: &HashMap<String, u64>, pattern: &str) -> u64 {
    let pattern = Pattern::new(pattern);
    let fits = |key: &str| key.split_once(' ').is_some_and(|(method, path)| pattern.fits(method, path));
    counts.iter().filter(|(key, _)| fits(key)).map(|(_, count)| count).sum()
}

/// An exchange that goes on. Its end is recorded when this is dropped, also on a connection that is killed.
pub(super) struct Open {
    record: Record,
    order: u64,
    key: String,
    pub(super) end: AnswerEnd,
}

impl Open {
    pub(super) fn carried_out(&self, status: StatusCode) {
        self.record.0.change(|state, _| {
            if status.as_u16() < 400 {
                count(&mut state.executed, self.key.as_str(), MAX_NAMES);
            }
            if let Some(exchange) = state.exchanges.get_mut(self.order) {
                exchange.carried_out = Some(status);
            }
        });
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.record.0.change(|state, _| {
            if let Some(exchange) = state.exchanges.get_mut(self.order) {
                exchange.end = Some(self.end);
            }
        });
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.state();
        f.debug_struct("Record")
            .field("opened", &state.opened)
            .field("closed", &state.closed)
            .field("received", &state.total_received)
            .field("malformed", &state.malformed)
            .field("exchanges", &state.exchanges.len())
            .field("forgotten", &state.exchanges.forgotten())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.request.headers().keys().collect();
        f.debug_struct("Exchange")
            .field("order", &self.order)
            .field("connection", &self.connection)
            .field("method", self.request.method())
            .field("path", &self.request.uri().path())
            .field("headers", &headers)
            .field("body_bytes", &self.request.body().len())
            .field("carried_out", &self.carried_out)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
