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
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{self, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::fault::{FaultHandle, Faults, Rule};
use crate::options::Options;
use crate::record::{Event, Record};
use crate::service::Service;
use serving::serve;
use shared::{Shared, lock, raised};

/// How long a graceful stop waits for the connections.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// A running fake server of a [`Service`], reached over WebSocket.
///
/// It serves in the process that starts it and needs a tokio runtime with I/O and time. Dropping it ends the server at
/// once, as [`kill`](Self::kill) does, but without waiting for it.
pub struct Server<S> {
    service: Arc<Mutex<S>>,
    options: Options,
    record: Record,
    faults: Faults,
    connections: Arc<AtomicU64>,
    running: Mutex<Option<Running>>,
}

struct Running {
    stopping: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // The connections live in the task and end with it.
        self.task.abort();
    }
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
        let listener = bind(&options)?;
        options.listen = listener.local_addr()?;
        let server = Self {
            service: Arc::new(Mutex::new(service)),
            options,
            record: Record::new(),
            faults: Faults::default(),
            connections: Arc::default(),
            running: Mutex::default(),
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
        self.end(|running| {
            running.stopping.send_replace(true);
        })
        .await;
    }

    /// Ends at once: connections end without a close frame. Returns when the port is free.
    ///
    /// # Panics
    /// Passes on a panic inside the server, such as one in a fault's condition.
    pub async fn kill(&self) {
        self.end(|running| running.task.abort()).await;
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
        self.run(bind(&self.options)?);
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
        let stopping = watch::Sender::new(false);
        let task = tokio::spawn(accept(listener, shared, self.connections.clone(), stopping.subscribe()));
        *lock(&self.running) = Some(Running { stopping, task });
    }

    async fn end(&self, how: impl FnOnce(&Running)) {
        let Some(mut running) = lock(&self.running).take() else { return };
        how(&running);
        let ended = (&mut running.task).await;
        self.record.add(0, Event::Stopped);
        // A panic in a fault's condition or in the service must fail the test.
        pass_panic_on(ended);
    }
}

fn bind(options: &Options) -> io::Result<TcpListener> {
    let bound = || {
        let socket = if options.listen.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // For restarts: connections of the last run may still be in TIME_WAIT.
        socket.set_reuseaddr(true)?;
        if let Some(bytes) = options.send_buffer {
            // Accepted sockets inherit it.
            socket.set_send_buffer_size(bytes)?;
        }
        socket.bind(options.listen)?;
        socket.listen(1024)
    };
    bound().map_err(|error: io::Error| {
        io::Error::new(error.kind(), format!("cannot listen on {}: {error}", options.listen))
    })
}

async fn accept<S: Service>(
    listener: TcpListener,
    shared: Arc<Shared<S>>,
    numbers: Arc<AtomicU64>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let mut crashed = shared.crashed.subscribe();
    loop {
        tokio::select! {
            () = raised(&mut stopping) => break,
            // The port is free at once and all connections end.
            () = raised(&mut crashed) => return,
            Some(ended) = connections.join_next() => pass_panic_on(ended),
            accepted = listener.accept() => match accepted {
                Ok(connection) => {
                    let number = numbers.fetch_add(1, Ordering::Relaxed) + 1;
                    shared.record.add(number, Event::Opened);
                    connections.spawn(serve(shared.clone(), number, connection, stopping.clone()));
                }
                // Out of file descriptors, or the client is gone already: others may be served.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(listener);
    let all = async {
        while let Some(ended) = connections.join_next().await {
            pass_panic_on(ended);
        }
    };
    let _ = timeout(STOP_WITHIN, all).await;
}

fn pass_panic_on(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}
