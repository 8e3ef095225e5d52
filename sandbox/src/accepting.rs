//! Accepting connections until a server is stopped or killed.
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// How long a graceful stop waits for the connections.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Runs the task that accepts connections and in which they live. Dropping it ends them.
#[derive(Default)]
pub(crate) struct Accepting {
    running: Mutex<Option<Running>>,
    /// Connections so far, over all runs.
    numbers: Arc<AtomicU64>,
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

/// A connection that was accepted.
pub(crate) struct Accepted {
    /// From 1 in the order of acceptance.
    pub(crate) number: u64,
    pub(crate) stream: TcpStream,
    pub(crate) peer: SocketAddr,
    /// Raised when the server is to stop gracefully.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// How a server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The connections are told, and given time.
    Graceful,
    /// The connections end at once.
    Kill,
}

impl Accepting {
    /// Starts a run: `serve` serves each connection. When `crashed` completes, the run ends as if it was killed.
    pub(crate) fn start<F>(
        &self,
        listener: TcpListener,
        crashed: impl Future<Output = ()> + Send + 'static,
        serve: impl FnMut(Accepted) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let stopping = watch::Sender::new(false);
        let accepting = accept(listener, self.numbers.clone(), stopping.subscribe(), serve);
        let task = tokio::spawn(async move {
            tokio::select! {
                // The port is free at once and all connections end.
                () = crashed => {}
                () = accepting => {}
            }
        });
        *lock(&self.running) = Some(Running { stopping, task });
    }

    /// Ends the run, if there is one, and calls `ended`.
    ///
    /// # Panics
    /// Passes on a panic of a connection: one in a fault's condition or in the service must fail the test.
    pub(crate) async fn end(&self, how: Ending, ended: impl FnOnce()) {
        let Some(mut running) = lock(&self.running).take() else { return };
        match how {
            Ending::Graceful => drop(running.stopping.send_replace(true)),
            Ending::Kill => running.task.abort(),
        }
        let result = (&mut running.task).await;
        ended();
        pass_panic_on(result);
    }
}

/// Listens on the address; `send_buffer` is the size of the kernel's send buffers. The error's message names the address.
pub(crate) fn bind(addr: SocketAddr, send_buffer: Option<u32>) -> io::Result<TcpListener> {
    let bound = || {
        let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // For restarts: connections of the last run may still be in TIME_WAIT.
        socket.set_reuseaddr(true)?;
        if let Some(bytes) = send_buffer {
            // Accepted sockets inherit it.
            socket.set_send_buffer_size(bytes)?;
        }
        socket.bind(addr)?;
        socket.listen(1024)
    };
    bound().map_err(|error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {addr}: {error}")))
}

async fn accept<F>(
    listener: TcpListener,
    numbers: Arc<AtomicU64>,
    mut stopping: watch::Receiver<bool>,
    mut serve: impl FnMut(Accepted) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = raised(&mut stopping) => break,
            Some(ended) = connections.join_next() => pass_panic_on(ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let number = numbers.fetch_add(1, Ordering::Relaxed) + 1;
                    connections.spawn(serve(Accepted { number, stream, peer, stopping: stopping.clone() }));
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

/// A panic in a service ends the server and reaches the test; until then others may look.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Completes when the flag is raised.
pub(crate) async fn raised(flag: &mut watch::Receiver<bool>) {
    // The sender outlives the connections.
    let _ = flag.wait_for(|raised| *raised).await;
}
