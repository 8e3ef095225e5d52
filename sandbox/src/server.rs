//! Accepting connections; starting, stopping and killing.
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::connection::{self, stopped};
use super::fault::Faults;
use super::record::{Event, Record};
use super::service::Service;

/// How long a graceful stop waits for the connections.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// What differs between servers of one service.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) listen: SocketAddr,
    /// Bytes of one message, all its fragments together.
    pub(crate) max_payload: usize,
    /// Bytes that may wait for a client.
    pub(crate) max_backpressure: usize,
    /// Size of the kernel's send buffer, if not its default.
    pub(crate) send_buffer: Option<u32>,
    /// What a client costs that reads too slowly.
    pub(crate) slow_client: SlowClient,
    /// What happens to a client that breaks the WebSocket protocol or sends too much at once.
    pub(crate) violations: Violations,
    /// What is done about silence, if anything.
    pub(crate) idle: Option<Idle>,
}

/// What happens to a client that lets more wait than [`Options::max_backpressure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlowClient {
    /// Further replies are dropped.
    LosesReplies,
    /// It is not read from, either, until it reads.
    Waits,
}

/// What happens to a client that breaks the WebSocket protocol, or sends a message over [`Options::max_payload`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violations {
    /// The TCP connection ends without a word.
    Cut,
    /// A close frame says what it was, by the codes of RFC 6455.
    Told,
}

/// Pings to silent clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    /// Silence of a client after which it is pinged.
    pub(crate) ping_after: Duration,
    /// Further silence after which the connection is cut.
    pub(crate) close_after: Duration,
}

/// What all connections of one run share.
pub(super) struct Shared<S> {
    /// The single worker: who holds the lock is carried out.
    pub(super) worker: Mutex<S>,
    pub(super) options: Options,
    pub(super) record: Record,
    pub(super) faults: Faults,
    connections: Arc<AtomicU64>,
    /// The process is gone: nothing is carried out any more.
    pub(super) crashed: watch::Sender<bool>,
}

/// A server that can be stopped and started again on its port.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) options: Options,
    pub(crate) record: Record,
    pub(crate) faults: Faults,
    connections: Arc<AtomicU64>,
    running: StdMutex<Option<Running>>,
}

#[derive(Debug)]
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

impl Server {
    /// Binds the port and serves. From here on the options hold the address that was bound.
    pub(crate) async fn start<S: Service>(mut options: Options, service: S) -> io::Result<Self> {
        let listener = bind(&options)?;
        options.listen = listener.local_addr()?;
        let (record, faults) = (Record::new(), Faults::default());
        let server = Self { options, record, faults, connections: Arc::default(), running: StdMutex::default() };
        server.run(listener, service);
        Ok(server)
    }

    /// Serves again after [`stop`](Self::stop) or [`kill`](Self::kill), on the same port.
    pub(crate) async fn start_again<S: Service>(&self, service: S) -> io::Result<()> {
        self.kill().await;
        self.run(bind(&self.options)?, service);
        Ok(())
    }

    fn run<S: Service>(&self, listener: TcpListener, service: S) {
        let shared = Arc::new(Shared {
            worker: Mutex::new(service),
            options: self.options.clone(),
            record: self.record.clone(),
            faults: self.faults.clone(),
            connections: self.connections.clone(),
            crashed: watch::Sender::new(false),
        });
        self.record.add(0, Event::Started);
        let stopping = watch::Sender::new(false);
        let task = tokio::spawn(accept(listener, shared, stopping.subscribe()));
        *self.running() = Some(Running { stopping, task });
    }

    /// Ends gracefully: replies are flushed, every connection gets close code 1000.
    pub(crate) async fn stop(&self) {
        self.end(|running| {
            running.stopping.send_replace(true);
        })
        .await;
    }

    /// Ends at once.
    pub(crate) async fn kill(&self) {
        self.end(|running| running.task.abort()).await;
    }

    async fn end(&self, how: impl FnOnce(&Running)) {
        let Some(mut running) = self.running().take() else { return };
        how(&running);
        let ended = (&mut running.task).await;
        self.record.add(0, Event::Stopped);
        // A panic, as of a condition of a fault, is a failure of the test that made it.
        if let Err(error) = ended
            && let Ok(panic) = error.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bind(options: &Options) -> io::Result<TcpListener> {
    let socket = if options.listen.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // For restarts: connections of the last run may still be in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    if let Some(bytes) = options.send_buffer {
        // Accepted sockets inherit it.
        socket.set_send_buffer_size(bytes)?;
    }
    socket.bind(options.listen)?;
    socket.listen(1024)
}

async fn accept<S: Service>(listener: TcpListener, shared: Arc<Shared<S>>, mut stopping: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    let mut crashed = shared.crashed.subscribe();
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => break,
            // The port is free at once and all connections end.
            () = stopped(&mut crashed) => return,
            Some(ended) = connections.join_next() => pass_panic_on(ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let number = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
                    shared.record.add(number, Event::Opened);
                    connections.spawn(connection::serve(shared.clone(), number, (stream, peer), stopping.clone()));
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

fn pass_panic_on(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}
