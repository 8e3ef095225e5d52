//! What a stand-in server of one service adds to the common parts.
use std::net::IpAddr;

use tokio::time::Instant;
use tokio_tungstenite::tungstenite::http::HeaderMap;

use super::link::Link;
use super::record::Message;

/// The commands and the state of one service. Its methods are called one at a time, for all connections together.
pub(crate) trait Service: Send + 'static {
    /// A message, read far enough to know its command.
    type Request: Send;

    /// Reads a message, without looking at the state.
    fn read(message: &Message) -> Self::Request;
    /// Name of the command, if the message has one.
    fn command(request: &Self::Request) -> Option<&str>;
    /// What ties the reply to the request, if the service's messages have it.
    fn id(_request: &Self::Request) -> Option<u64> {
        None
    }

    /// Somebody asks for an upgrade.
    fn arrive(&mut self, _arrival: &Arrival<'_>, _link: Link) -> Admission {
        Admission::default()
    }
    /// Carries a request out, in the order of arrival.
    fn carry_out(&mut self, connection: u64, request: Self::Request) -> CarriedOut;
    /// A ping was read.
    fn pinged(&mut self, _connection: u64) {}
    /// When [`time_out`](Self::time_out) is to be called, if nothing happens before that changes it.
    fn deadline(&self, _connection: u64) -> Option<Instant> {
        None
    }
    /// The deadline has passed.
    fn time_out(&mut self, _connection: u64) {}
    /// The connection has ended: with a close frame of the server's, or without.
    fn ended(&mut self, _connection: u64, _closed: bool) {}

    /// A reply with only a status, as the command would be answered.
    fn status_reply(command: Option<&str>, id: Option<u64>, status: u32) -> String;
    /// The same reply under another name.
    fn renamed(reply: &str, name: &str) -> String;
}

/// A request for an upgrade.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    /// Number of the connection.
    pub(crate) connection: u64,
    /// Where it comes from.
    pub(crate) peer: IpAddr,
    /// The request's headers.
    pub(crate) headers: &'a HeaderMap,
}

/// The answer to a request for an upgrade.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is granted, with these further headers.
    Granted(Vec<(&'static str, String)>),
    /// It is refused with this HTTP status.
    Refused { status: u16, headers: Vec<(String, String)> },
}

impl Default for Admission {
    fn default() -> Self {
        Self::Granted(Vec::new())
    }
}

/// What became of a request.
#[derive(Debug, Default)]
pub(crate) struct CarriedOut {
    /// It passed its checks and did what it does; refused requests did not.
    pub(crate) executed: bool,
    /// The real server's process dies of it.
    pub(crate) crashed: bool,
    /// The messages that answer it.
    pub(crate) replies: Vec<String>,
}
