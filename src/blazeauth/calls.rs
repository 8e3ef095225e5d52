//! Packets and their replies: what the client, its store and its downloads share.

use super::packet::{Command, Packet};
use super::protocol::BlazeAuth;
use super::session::Session;
use super::state::State;
use crate::error::{Error, redacted_endpoint};
use crate::rpc::{self, Backlog, CallOptions, ReplyStream, StreamOptions};
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use tokio::sync::watch;

/// A session, and the options of calls in it.
#[derive(Clone)]
pub(super) struct Calls {
    pub(super) ws: rpc::Client<BlazeAuth>,
    pub(super) options: CallOptions,
    endpoint: Arc<str>,
}

impl Calls {
    pub(super) fn new(ws: rpc::Client<BlazeAuth>, url: &str) -> Self {
        Self { ws, options: CallOptions::default(), endpoint: redacted_endpoint(url).into() }
    }

    pub(super) fn session(&self) -> &Session {
        &self.ws.protocol().session
    }

    pub(super) fn state(&self) -> watch::Receiver<State> {
        self.session().state()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().borrow().is_closed()
    }

    /// Sends a packet with one reply, and decodes that.
    pub(super) async fn call<T: DeserializeOwned>(&self, command: Command) -> Result<T, Error> {
        self.ws.call_with(command, &self.options, |reply| reply.open(self.session())?.read()).await
    }

    /// Sends a packet whose reply tells no more than a status.
    pub(super) async fn run(&self, command: Command) -> Result<(), Error> {
        self.ws.call_with(command, &self.options, |reply| reply.open(self.session()).map(drop)).await
    }

    /// Sends a packet that is answered by the frames of a file.
    pub(super) async fn stream(&self, command: &Command) -> Result<ReplyStream<BlazeAuth>, Error> {
        // A download takes every frame and bounds what waits for its writer. The reader is held only while the network
        // is faster than hashing.
        let mut options = StreamOptions::default().with_backlog(Backlog::HoldReader);
        options.timeout = self.options.timeout;
        self.ws.call_many(command, &options).await
    }

    /// Adds to an error of a download what is not known where it arose.
    pub(super) fn in_context(&self, mut error: Error) -> Error {
        let context = error.context_mut();
        if context.service.is_empty() {
            context.service = super::SERVICE;
            context.command = Packet::TransferFile.name().into();
        }
        if context.endpoint.is_empty() {
            context.endpoint = Arc::clone(&self.endpoint);
        }
        error
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls")
            .field("endpoint", &self.endpoint)
            .field("state", &*self.state().borrow())
            .finish_non_exhaustive()
    }
}
