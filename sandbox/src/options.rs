//! How a server treats connections, whatever its service is.
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Settings of a [`Server`](crate::Server). Every setter's doc names the default.
#[derive(Clone, Debug)]
#[must_use = "options do nothing until a server is started with them"]
pub struct Options {
    pub(crate) listen: SocketAddr,
    pub(crate) max_payload: usize,
    pub(crate) max_waiting: usize,
    pub(crate) slow_client: SlowClient,
    pub(crate) send_buffer: Option<u32>,
    pub(crate) idle: Option<Idle>,
}

/// What happens to a client that reads too slowly; see [`Options::max_waiting`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlowClient {
    /// Nothing is read from it until it reads.
    Waits,
    /// Further replies to it are dropped.
    LosesReplies,
}

/// Pings to idle clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    pub(crate) ping_after: Duration,
    pub(crate) cut_after: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            max_payload: 1024 * 1024,
            max_waiting: 1024 * 1024,
            slow_client: SlowClient::Waits,
            send_buffer: None,
            idle: None,
        }
    }
}

impl Options {
    /// Returns the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the address to serve on; port 0 means a free one. Default: 127.0.0.1:0.
    pub fn listen(mut self, addr: impl Into<SocketAddr>) -> Self {
        self.listen = addr.into();
        self
    }

    /// Sets the longest message that is accepted, in bytes, all its fragments together. A longer one is a
    /// [violation](crate::Violation::TooLong). Default: 1 MiB.
    pub fn max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = bytes;
        self
    }

    /// Sets how many bytes may wait for a client, beyond the kernel's buffers, and what happens while more do.
    /// Default: 1 MiB, [`SlowClient::Waits`].
    pub fn max_waiting(mut self, bytes: usize, slow_client: SlowClient) -> Self {
        self.max_waiting = bytes;
        self.slow_client = slow_client;
        self
    }

    /// Sets the size of the kernel's send buffer in bytes, for tests of slow clients; the kernel rounds it. Default:
    /// the kernel's.
    pub fn send_buffer(mut self, bytes: u32) -> Self {
        self.send_buffer = Some(bytes);
        self
    }

    /// Pings a client from which nothing came for this time, and cuts it off after a further time. Default: never.
    pub fn idle(mut self, ping_after: Duration, cut_after: Duration) -> Self {
        self.idle = Some(Idle { ping_after, cut_after });
        self
    }
}
