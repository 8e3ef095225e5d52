//! The link form of packet 7: a small HTTP server that hands each file out once, and for a short time.
mod fault;
mod http;
mod request;
mod serve;
mod table;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use super::files::File;
use crate::clock::Clock;
pub use fault::LinkFault;
pub use request::LinkRequest;
use table::Table;

/// Where links are made.
#[derive(Clone, Debug)]
pub(super) struct Links(Arc<Table>);

/// The server behind the links; dropping it ends it.
#[derive(Debug)]
pub(super) struct LinkServer(AbortHandle);

impl Drop for LinkServer {
    fn drop(&mut self) {
        // The connections live in the task and end with it.
        self.0.abort();
    }
}

impl Links {
    /// Binds a free loopback port and serves.
    pub(super) async fn start(clock: Clock) -> io::Result<(Self, LinkServer)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let table = Arc::new(Table::new(listener.local_addr()?, clock));
        let accepting = tokio::spawn(serve::accept(listener, table.clone())).abort_handle();
        Ok((Self(table), LinkServer(accepting)))
    }

    /// Returns a link that serves this file once, within 60 s.
    pub(super) fn issue(&self, file: &File, fault: Option<LinkFault>) -> String {
        self.0.issue(file, fault)
    }

    /// Returns the requests so far, oldest first; not more than the last 4,096.
    pub(super) fn requests(&self) -> Vec<LinkRequest> {
        self.0.requests()
    }
}
