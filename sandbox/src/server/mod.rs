//! A server of one service: accepting connections, starting, stopping and killing.
mod connection;
mod frames;
mod opening;
mod outbox;
mod react;
mod serving;
mod shared;
mod upgrade;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::net::TcpListener;
use tokio::sync::{self, watch};

use crate::accepting::{Accepting, Ending, bind, lock, raised};
use crate::fault::{FaultHandle, Faults, Rule};
use crate::options::Options;
use crate::record::{Event, Record};
use crate::service::Service;
use serving::serve;
use shared::Shared;

/// A running fake server of a [`Service`], reached over WebSocket.
///
/// It serves in the process that starts it and needs a tokio runtime with I/O and time. Dropping it ends the server at
/// once, as [`kill`](Self::kill) does, but without waiting for it.
pub struct Server<S> {
    service: Arc<Mutex<S>>,
    options: Options,
    record: Record,
    faults: Faults,
    accepting: Accepting,
}

impl<S> fmt::Debug for Server<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A service may hold secrets.
        f.debug_struct("Server")
            .field("addr", &self.options.listen)
            .field("record", &self.record)
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
        let listener = bind(options.listen, options.send_buffer)?;
        options.listen = listener.local_addr()?;
        let server = Self {
            service: Arc::new(Mutex::new(service)),
            options,
            record: Record::new(),
            faults: Faults::default(),
            accepting: Accepting::default(),
        };
        server.run(listener);
        Ok(server)
    }

    /// Returns where to connect to: `ws://127.0.0.1:PORT/`.
    pub fn url(&self) -> String {
        format!("ws://{}/", self.addr())
    }

    /// Returns the address that is served; it stays the same over [`restart`](Self::restart).
    pub fn addr(&self) -> SocketAddr {
        self.options.listen
    }

    /// Locks the service, to look at its state or to change it. No request is carried out meanwhile; do not hold the
    /// guard over an `.await`.
    pub fn service(&self) -> MutexGuard<'_, S> {
        lock(&self.service)
    }

    /// Returns the service as handles keep it.
    pub(crate) fn shared_service(&self) -> Arc<Mutex<S>> {
        self.service.clone()
    }

    /// Adds a [`Fault`](crate::Fault) or a [`ConnectFault`](crate::ConnectFault), behind those that are there. It holds
    /// from now on, over restarts too, until it is removed.
    pub fn fault(&self, fault: impl Into<Rule>) -> FaultHandle {
        self.faults.add(fault.into())
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.faults.clear();
    }

    /// Returns what was received and carried out since the first start.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Stops gracefully: replies already produced are sent, then every connection is closed with code 1000. Returns
    /// when all have ended, within 5 s. Does nothing when not running. Cancelling it ends the server at once.
    ///
    /// # Panics
    /// Passes on a panic inside the server, such as one in a fault's condition.
    pub async fn stop(&self) {
        self.end(Ending::Graceful).await;
    }

    /// Ends at once: connections end without a close frame. Returns when the port is free.
    ///
    /// # Panics
    /// Passes on a panic inside the server, such as one in a fault's condition.
    pub async fn kill(&self) {
        self.end(Ending::Kill).await;
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
        self.run(bind(self.options.listen, self.options.send_buffer)?);
        Ok(())
    }

    fn run(&self, listener: TcpListener) {
        let shared = Arc::new(Shared {
            service: self.service.clone(),
            turn: sync::Mutex::new(()),
            options: self.options.clone(),
            record: self.record.clone(),
            faults: self.faults.clone(),
            crashed: watch::Sender::new(false),
        });
        self.record.add(0, Event::Started);
        let mut crashed = shared.crashed.subscribe();
        let crashed = async move { raised(&mut crashed).await };
        self.accepting.start(listener, crashed, move |accepted| {
            shared.record.add(accepted.number, Event::Opened);
            serve(shared.clone(), accepted)
        });
    }

    async fn end(&self, how: Ending) {
        self.accepting.end(how, || self.record.add(0, Event::Stopped)).await;
    }
}
