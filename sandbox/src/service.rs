//! What a service says about itself, so that [`Server`](crate::Server) can serve it.
use std::net::IpAddr;

use http::HeaderMap;
use tokio::time::Instant;

use crate::link::Link;
use crate::message::Message;

/// The commands and the state of a service that a [`Server`](crate::Server) serves.
///
/// Three methods are required: how a message is read, which command it is, and what the command does. The server calls
/// the methods that take `self` one at a time, for all connections together, so that they need no lock. They must not
/// block. See the [crate's example](crate).
pub trait Service: Send + 'static {
    /// A message after it was read.
    type Request: Send;

    /// Reads a message. A message that makes no sense is a request too: [`carry_out`](Self::carry_out) refuses it.
    fn read(message: &Message) -> Self::Request;

    /// Returns the name of the command, by which faults and the record know the request.
    fn command(request: &Self::Request) -> Option<&str>;

    /// Carries a request out, in the order of arrival, and returns its replies.
    ///
    /// `connection` is the number of the connection, from 1 in the order of acceptance.
    fn carry_out(&mut self, connection: u64, request: Self::Request) -> Response;

    /// Returns the number that ties a reply to its request. Default: `None`, the messages have none.
    fn id(_request: &Self::Request) -> Option<u64> {
        None
    }

    /// Returns the reply for [`Fault::reply_status`](crate::Fault::reply_status). Default: `{"id":7,"status":5}`, or
    /// `{"status":5}` for a request without an id.
    fn status_reply(_command: Option<&str>, id: Option<u64>, status: u32) -> String {
        let id = id.map(|id| format!("\"id\":{id},")).unwrap_or_default();
        format!("{{{id}\"status\":{status}}}")
    }

    /// Decides on a connection that asks for its upgrade to WebSocket. `link` reaches the client until the connection
    /// ends; a service that sends messages on its own keeps it. Default: accepts.
    fn connect(&mut self, _request: &UpgradeRequest<'_>, _link: Link) -> Admission {
        Admission::default()
    }

    /// Takes notice of a ping, which the server answers by itself. Default: does nothing.
    fn pinged(&mut self, _connection: u64) {}

    /// Returns when [`timed_out`](Self::timed_out) is to be called. Asked again after each call that concerns the
    /// connection. Default: `None`, never.
    fn deadline(&self, _connection: u64) -> Option<Instant> {
        None
    }

    /// Acts on a deadline that has passed. Default: does nothing.
    fn timed_out(&mut self, _connection: u64) {}

    /// Takes notice of the end of a connection; `closed` tells whether the server sent a close frame. Not called for
    /// connections that [`Server::kill`](crate::Server::kill) ends. Default: does nothing.
    fn disconnected(&mut self, _connection: u64, _closed: bool) {}

    /// Returns the close code for a client that breaks the WebSocket protocol; `None` cuts the connection without a
    /// close frame, and the replies to messages that came in the same read are lost. Default: the code of RFC 6455.
    fn violation(violation: Violation) -> Option<u16> {
        Some(violation.close_code())
    }

    /// Forgets what a new process of the server would not know. Called by [`Server::restart`](crate::Server::restart)
    /// while no connection is open. Default: keeps everything.
    fn restarted(&mut self) {}
}

/// A request for an upgrade to WebSocket.
#[derive(Debug)]
#[non_exhaustive]
pub struct UpgradeRequest<'a> {
    /// Number of the connection, from 1 in the order of acceptance.
    pub connection: u64,
    /// Address of the client.
    pub peer: IpAddr,
    /// Headers of the request.
    pub headers: &'a HeaderMap,
}

/// The answer to an [`UpgradeRequest`].
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// The connection is upgraded.
    Accepted {
        /// Further headers of the answer.
        headers: Vec<(String, String)>,
    },
    /// The connection is refused and ends.
    Refused {
        /// HTTP status.
        status: u16,
        /// Further headers of the answer.
        headers: Vec<(String, String)>,
    },
}

impl Default for Admission {
    fn default() -> Self {
        Self::Accepted { headers: Vec::new() }
    }
}

/// What became of a request: whether it was carried out, and its replies.
///
/// ```
/// use statuswire_sandbox::Response;
///
/// let stored = Response::executed().reply("ok");
/// let unknown = Response::refused().reply("error: no such key");
/// let one_way = Response::executed();
/// ```
#[derive(Debug)]
#[must_use]
pub struct Response {
    pub(crate) fate: Fate,
    pub(crate) replies: Vec<Message>,
    pub(crate) late: Vec<Message>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Executed,
    Refused,
    Crashed,
    Frozen,
}

impl Response {
    fn new(fate: Fate) -> Self {
        Self { fate, replies: Vec::new(), late: Vec::new() }
    }

    /// The request passed its checks and had its effect. [`Record::executed`](crate::Record::executed) counts it.
    pub fn executed() -> Self {
        Self::new(Fate::Executed)
    }

    /// The request had no effect.
    pub fn refused() -> Self {
        Self::new(Fate::Refused)
    }

    /// The request crashes the server: it ends as [`Server::kill`](crate::Server::kill) ends it, without a reply.
    pub fn crashed() -> Self {
        Self::new(Fate::Crashed)
    }

    /// The request freezes the server: it sends nothing any more and answers no upgrade, on any connection, until
    /// [`Server::kill`](crate::Server::kill) or [`Server::restart`](crate::Server::restart).
    pub fn frozen() -> Self {
        Self::new(Fate::Frozen)
    }

    /// Adds a reply behind those that are there.
    pub fn reply(mut self, message: impl Into<Message>) -> Self {
        self.replies.push(message.into());
        self
    }

    /// Adds a reply as of a server that passes the request to another thread: it leaves when all messages that have arrived
    /// are handled, so that the other replies to them overtake it. Late replies keep their order. A fault that applies to
    /// the request sends them at once.
    pub fn late_reply(mut self, message: impl Into<Message>) -> Self {
        self.late.push(message.into());
        self
    }
}

/// How a client breaks the WebSocket protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A frame that RFC 6455 forbids.
    Protocol,
    /// A text message that is not UTF-8.
    NotUtf8,
    /// A message over [`Options::max_payload`](crate::Options::max_payload).
    TooLong,
}

impl Violation {
    /// Returns the close code of RFC 6455: 1002, 1007, 1009.
    pub fn close_code(self) -> u16 {
        match self {
            Self::Protocol => 1002,
            Self::NotUtf8 => 1007,
            Self::TooLong => 1009,
        }
    }
}
