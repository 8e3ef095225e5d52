//! How a server treats connections, whatever its service is.
use std::net::{Ipv4Addr, SocketAddr};

/// Settings of a [`Server`](super::Server). Every setter's doc names the default.
///
/// ```
/// use statuswire_sandbox::http::Options;
///
/// let options = Options::new().listen(([127, 0, 0, 1], 8088)).max_body(64 * 1024);
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until a server is started with them"]
pub struct Options {
    pub(super) listen: SocketAddr,
    pub(super) max_head: usize,
    pub(super) max_body: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), max_head: 64 * 1024, max_body: 16 * 1024 * 1024 }
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

    /// Sets the longest head of a request that is accepted, in bytes. A longer one is answered with 431, and the
    /// connection ends. Default: 64 KiB. A head has at most 128 headers in any case.
    pub fn max_head(mut self, bytes: usize) -> Self {
        self.max_head = bytes;
        self
    }

    /// Sets the longest body of a request that is accepted, in bytes. A longer one is answered with 413 before all of it
    /// is read, and the connection ends. Default: 16 MiB.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }
}
