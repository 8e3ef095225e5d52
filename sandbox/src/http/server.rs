//! A server of one service: starting, stopping and killing.
use std::fmt;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::net::TcpListener;

use super::connection::serve;
use super::fault::{Fault, Faults};
use super::options::Options;
use super::record::Record;
use super::service::Service;
use crate::accepting::{Accepting, Ending, bind, lock};
use crate::fault::FaultHandle;

/// A running fake server of a [`Service`], reached over HTTP/1.1.
///
/// It serves in the process that starts it and needs a tokio runtime with I/O and time. Dropping it ends the server at
/// once, as [`kill`](Self::kill) does, but without waiting for it.
///
/// Connections are kept after an answer, unless the client uses HTTP/1.0; requests that are sent without waiting for
/// answers are answered one after the other. `Expect: 100-continue` is answered. Requests that are malformed or too long
/// are answered with 400, 413, 431 or 501, and their connection ends.
pub struct Server<S> {
    shared: Arc<Shared<S>>,
    accepting: Accepting,
}

/// What all connections share.
pub(super) struct Shared<S> {
    service: Mutex<S>,
    pub(super) options: Options,
    pub(super) record: Record,
    pub(super) faults: Faults,
}

impl<S> Shared<S> {
    pub(super) fn service(&self) -> MutexGuard<'_, S> {
        lock(&self.service)
    }
}

impl<S> fmt::Debug for Server<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A service may hold secrets.
        f.debug_struct("Server")
            .field("addr", &self.shared.options.listen)
            .field("record", &self.shared.record)
            .finish_non_exhaustive()
    }
}

impl<S: Service> Server<S> {
    /// Starts with all defaults, on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(service: S) -> io::Result<Self> {
        Self::start_with(Options::new(), service).await
    }

    /// Starts with these options.
    ///
    /// # Errors
    /// If the address cannot be bound; the message names it.
    pub async fn start_with(mut options: Options, service: S) -> io::Result<Self> {
        let listener = bind(options.listen, None)?;
        options.listen = listener.local_addr()?;
        let (service, record, faults) = (Mutex::new(service), Record::new(), Faults::default());
        let shared = Arc::new(Shared { service, options, record, faults });
        let server = Self { shared, accepting: Accepting::default() };
        server.run(listener);
        Ok(server)
    }

    /// Returns the base of all URLs, without a slash at its end: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr())
    }

    /// Returns the address that is served; it stays the same over [`restart`](Self::restart).
    pub fn addr(&self) -> SocketAddr {
        self.shared.options.listen
    }

    /// Locks the service, to look at its state or to change it. No request is carried out meanwhile; do not hold the
    /// guard over an `.await`.
    pub fn service(&self) -> MutexGuard<'_, S> {
        self.shared.service()
    }

    /// Adds a fault behind those that are there. It holds from now on, over restarts too, until it is removed.
    pub fn fault(&self, fault: Fault) -> FaultHandle {
        self.shared.faults.add(fault.0)
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Returns what was received and carried out since the first start.
    pub fn record(&self) -> &Record {
        &self.shared.record
    }

    /// Stops gracefully: no further connection is accepted, requests that are not complete are dropped, answers that have
    /// begun are sent, and answers that a fault keeps back are given up. Returns when all connections have ended, within
    /// 5 s. Does nothing when not running. Cancelling it ends the server at once.
    ///
    /// # Panics
    /// Passes on a panic inside the server, such as one in a fault's condition.
    pub async fn stop(&self) {
        self.accepting.end(Ending::Graceful, || {}).await;
    }

    /// Ends at once, whatever the connections do. Returns when the port is free.
    ///
    /// # Panics
    /// Passes on a panic inside the server, such as one in a fault's condition.
    pub async fn kill(&self) {
        self.accepting.end(Ending::Kill, || {}).await;
    }

    /// Kills what may be running and starts again on the same port, with what the service
    /// [keeps](Service::restarted). Record and faults are kept.
    ///
    /// # Errors
    /// If the port is taken meanwhile.
    ///
    /// # Panics
    /// Passes on a panic inside the server, such as one in a fault's condition.
    pub async fn restart(&self) -> io::Result<()> {
        self.kill().await;
        self.service().restarted();
        self.run(bind(self.addr(), None)?);
        Ok(())
    }

    fn run(&self, listener: TcpListener) {
        let shared = self.shared.clone();
        self.accepting.start(listener, pending(), move |accepted| {
            shared.record.count_opened();
            serve(shared.clone(), accepted)
        });
    }
}
