//! What a service says about itself.

use super::{Expect, Matching, Opening, State, Window};
use crate::codes::{AnyCode, Recovery};
use crate::error::{CloseFrame, Error, Redaction};
use bytes::Bytes;
use bytestring::ByteString;
use std::borrow::Cow;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

/// A message from the server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Message {
    /// Text, known to be UTF-8. It is a slice of the read buffer: copy what is kept for long.
    Text(ByteString),
    /// Binary; a slice, too.
    Binary(Bytes),
}

impl Message {
    /// The payload of either kind.
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// A message to the server, to be filled in by [`Protocol::encode`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outgoing {
    /// The payload; must be UTF-8 unless [`binary`](Self::binary) is set.
    pub payload: Vec<u8>,
    /// Sent as a binary message.
    pub binary: bool,
}

/// Whether more replies follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Counts as one of [`Replies::Exactly`](super::Replies::Exactly), or as one more until the last.
    Next,
    /// Ends the call, whatever was expected.
    Last,
}

/// What one message turned out to be: answers and events, in any number.
pub struct Routes<P: Protocol>(pub(crate) Vec<Route<P>>);

impl<P: Protocol> Default for Routes<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

pub(crate) enum Route<P: Protocol> {
    Answer { key: P::Key, part: Part, reply: P::Reply },
    Event(P::Event),
}

impl<P: Protocol> Routes<P> {
    /// It is the final reply to the command that `key` fits.
    pub fn answer(&mut self, key: P::Key, reply: P::Reply) {
        self.0.push(Route::Answer { key, part: Part::Last, reply });
    }

    /// It is one of several replies to the command that `key` fits.
    pub fn part(&mut self, key: P::Key, part: Part, reply: P::Reply) {
        self.0.push(Route::Answer { key, part, reply });
    }

    /// It answers nothing: the server pushed it.
    pub fn event(&mut self, event: P::Event) {
        self.0.push(Route::Event(event));
    }
}

/// A message that says of itself neither what it answers nor that it is an event.
///
/// With [`Matching::InOrder`] it still is the oldest command's answer, which fails as unreadable; in any case the
/// connection is discarded, since what follows cannot be trusted.
#[derive(Clone, Debug)]
pub struct Unroutable {
    /// Where in the message, for example `$.KV_GET_RSP`; empty for the message itself.
    pub path: String,
    /// What was wrong there.
    pub reason: String,
}

impl Unroutable {
    /// The message as a whole is wrong.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { path: String::new(), reason: reason.into() }
    }
}

/// Whether the server took up an earlier session again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// It did not: calls held over the loss ([`AfterLoss::Hold`]) fail.
    Fresh,
    /// It did: calls held over the loss are sent once more, verbatim.
    Resumed,
}

/// Whether and when to connect again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reconnect {
    /// At once, the first time; with backoff if that fails.
    Now,
    /// After the next delay of the backoff.
    Backoff,
    /// After so long: the server said so, or is known to want it. It is the error's
    /// [`retry_after`](Error::retry_after), too.
    After(Duration),
    /// Not again: the client is closed, every call fails.
    Never,
}

/// What happens at a loss to calls that were written and not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterLoss {
    /// They fail at once.
    Fail,
    /// They wait so long for a resumed session, then they fail. One that was sent again fails, too, if the connection
    /// ends because of a message that cannot be understood: the same answer may come each time.
    Hold(Duration),
}

/// A service's protocol: how commands look on the wire, what the replies answer, and what a close means.
///
/// Methods take `&self` and may run on any task, several at a time; state of a connection goes behind a lock of the
/// implementor's. None of them may block or panic. [`encode`](Self::encode) runs in the caller's task,
/// [`route`](Self::route) in the connection's: route as little as needed and leave decoding to the caller.
pub trait Protocol: Send + Sync + Sized + 'static {
    /// What is sent.
    type Command: Send + Sync + 'static;
    /// A message read far enough to know what it answers.
    type Reply: Send + Sync + 'static;
    /// What the server sends unasked. `()` if nothing.
    type Event: Clone + Send + 'static;
    /// What tells replies apart: an id, a name.
    type Key: Clone + Eq + Hash + Debug + Send + 'static;

    /// The service's name, for errors and traces: `"nemesis"`.
    fn service(&self) -> &'static str;

    /// How replies find their commands.
    fn matching(&self) -> Matching;

    /// How much may be on the wire.
    fn window(&self) -> Window;

    /// The command's name, for errors and traces.
    fn command_name(&self, command: &Self::Command) -> Cow<'static, str>;

    /// Writes the command and says what to expect, or refuses it ([`Error::invalid_request`]): then nothing is sent.
    ///
    /// `seq` is unique for the life of the client, reconnects included; a retry gets a new one.
    fn encode(&self, command: &Self::Command, seq: u64, out: &mut Outgoing) -> Result<Expect<Self::Key>, Error>;

    /// Says what a message is. A message for which nothing is added to `routes` is ignored.
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable>;

    /// Whether a reply that calls itself `got` may answer a command that waits for `waiting`.
    fn fits(&self, waiting: &Self::Key, got: &Self::Key) -> bool {
        waiting == got
    }

    /// A harmless command whose answer proves that the one-way command `one-way` before it is done.
    fn fence(&self, one_way: &Self::Key) -> Option<Self::Command> {
        let _ = one_way;
        None
    }

    /// Whether an answer to `answered` proves that the one-way command `one-way`, written before it, is done. By default
    /// it does where replies come in order.
    fn proves(&self, one_way: &Self::Key, answered: &Self::Key) -> bool {
        let _ = (one_way, answered);
        self.matching() == Matching::InOrder
    }

    /// The status in a reply, for traces, and for the errors of commands that had some of their replies.
    fn status(&self, reply: &Self::Reply) -> Option<AnyCode> {
        let _ = reply;
        None
    }

    /// Bytes of memory that a reply takes, for [`Limits::reply_bytes`](crate::policy::Limits): what keeps a slice of a
    /// message alive counts. By default none, so that only the number of replies is bounded.
    fn reply_bytes(&self, reply: &Self::Reply) -> usize {
        let _ = reply;
        0
    }

    /// Adds headers to the request that opens the connection. Values marked sensitive are credentials and are not
    /// sent in the clear to another host unless that is allowed.
    fn request_headers(&self, headers: &mut http::HeaderMap) {
        let _ = headers;
    }

    /// Whether messages carry credentials: they are not sent in the clear to another host, like sensitive headers.
    fn sends_credentials(&self) -> bool {
        false
    }

    /// What errors and traces must not show of messages. Default: the members that commonly hold secrets.
    fn redaction(&self) -> Redaction {
        Redaction::default()
    }

    /// Sees the headers with which the server accepted the connection.
    fn accepted(&self, headers: &http::HeaderMap) {
        let _ = headers;
    }

    /// What it means in the service's own terms that the server refused the connection with an HTTP status.
    fn refused_upgrade(&self, status: http::StatusCode) -> Option<AnyCode> {
        let _ = status;
        None
    }

    /// Runs on every new connection before any caller's command. An error ends the attempt to connect; what follows
    /// says [`on_failed_open`](Self::on_failed_open).
    fn open(&self, link: Opening<'_, Self>) -> impl Future<Output = Result<Opened, Error>> + Send {
        let _ = link;
        async { Ok(Opened::Fresh) }
    }

    /// Whether to connect again after [`open`](Self::open) failed. By default not if what helps is to correct the
    /// request or to log in: what was refused for good is not asked for again and again.
    fn on_failed_open(&self, error: &Error) -> Reconnect {
        match error.recovery() {
            Recovery::Correct | Recovery::LogIn => Reconnect::Never,
            _ => Reconnect::Backoff,
        }
    }

    /// What a close code of the service's own means.
    fn close_code(&self, code: u16) -> Option<AnyCode> {
        let _ = code;
        None
    }

    /// Whether to connect again after the server closed.
    fn on_close(&self, close: &CloseFrame) -> Reconnect {
        let _ = close;
        Reconnect::Backoff
    }

    /// Why the server closed, if it said so before: the [`source`](std::error::Error::source) of the error. Its text
    /// must be free of secrets.
    fn close_source(&self, close: &CloseFrame) -> Option<Arc<dyn std::error::Error + Send + Sync>> {
        let _ = close;
        None
    }

    /// Whether a close says that nothing was carried out of what came on this connection: calls that were written on it
    /// alone then go back to the queue.
    fn disowns(&self, close: &CloseFrame) -> bool {
        let _ = close;
        false
    }

    /// Sees every change of the client's state, in order.
    fn state_changed(&self, state: &State) {
        let _ = state;
    }

    /// What becomes of written calls when the connection is lost. Asked after [`on_close`](Self::on_close).
    fn on_loss(&self) -> AfterLoss {
        AfterLoss::Fail
    }
}
