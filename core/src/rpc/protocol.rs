//! The trait that a service implements.

use super::close::{Close, CloseAction, Opened};
use super::expect::{Expect, Matching, Window};
use super::message::{Message, Outgoing, Part, Unroutable};
use super::state::State;
use crate::codes::AnyCode;
use crate::error::{Error, Redaction};
use std::borrow::Cow;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::pin::Pin;
use std::time::Duration;

/// A service's protocol: how commands look on the wire, what the replies answer, and what a close means.
///
/// An ordinary service with ids needs only the first six methods. Methods take `&self` and may run concurrently on any
/// task, so state needs a lock. They must not block or panic. [`matching`](Self::matching), [`fits`](Self::fits),
/// [`reply_bytes`](Self::reply_bytes), the rules of [`one_way`](Self::one_way) and the traits of [`Key`](Self::Key) run
/// while the engine is locked: they must not use the client. [`encode`](Self::encode) runs in the caller's task,
/// [`route`](Self::route) in the connection's task: read only what routing needs, and leave decoding to the caller.
pub trait Protocol: Send + Sync + Sized + 'static {
    /// A command.
    type Command: Send + Sync + 'static;
    /// A reply, read far enough to know what it answers.
    type Reply: Send + Sync + 'static;
    /// A message that the server pushes; `()` if it pushes none.
    type Event: Clone + Send + 'static;
    /// What identifies a reply: an id or a name.
    type Key: Clone + Eq + Hash + Debug + Send + Sync + 'static;

    /// Returns the service's name, for errors and traces: `"nemesis"`.
    fn service(&self) -> &'static str;

    /// Returns how replies find their commands.
    fn matching(&self) -> Matching;

    /// Returns how much may be on the wire.
    fn window(&self) -> Window;

    /// Returns the command's name, for errors and traces.
    fn command_name(&self, command: &Self::Command) -> Cow<'static, str>;

    /// Writes the command into `out` and returns what to expect, or refuses it with [`Error::invalid_request`]; then
    /// nothing is sent.
    ///
    /// `seq` is unique for the life of the client, across reconnects. A retry gets a new number.
    fn encode(&self, command: &Self::Command, seq: u64, out: &mut Outgoing) -> Result<Expect<Self::Key>, Error>;

    /// Adds to `routes` what a message is. A message that adds nothing is ignored.
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable>;

    // ---- optional: replies ----

    /// Returns whether a reply with the key `got` may answer a command that waits for `waiting`. Default: if they are
    /// equal.
    fn fits(&self, waiting: &Self::Key, got: &Self::Key) -> bool {
        waiting == got
    }

    /// Returns whether a reply with the key `got` does not tell which of several commands it answers, because it names none
    /// and may overtake other replies. With [`Matching::ByName`] it is delivered only if it fits exactly one command;
    /// otherwise the connection is closed, so that no call gets the reply to another one. Default: it does tell.
    fn is_ambiguous(&self, got: &Self::Key) -> bool {
        let _ = got;
        false
    }

    /// Returns the status in a reply, for traces and for the errors of streams that end early. Default: none.
    fn status(&self, reply: &Self::Reply) -> Option<AnyCode> {
        let _ = reply;
        None
    }

    /// Returns the memory that a reply takes in bytes, including message data that it keeps alive, for
    /// [`Limits::reply_bytes`](crate::policy::Limits) and [estimates](super::Expect::estimated_reply_bytes). Default: 0, so
    /// that only the number of replies is limited.
    fn reply_bytes(&self, reply: &Self::Reply) -> usize {
        let _ = reply;
        0
    }

    /// Returns the memory that an event takes in bytes, including message data that it keeps alive, for
    /// [`Limits::event_bytes`](crate::policy::Limits). Default: 0, so that only the number of events is limited.
    fn event_bytes(&self, event: &Self::Event) -> usize {
        let _ = event;
        0
    }

    /// Returns what errors and traces must hide in messages. Default: [`Redaction::default`].
    fn redaction(&self) -> Redaction {
        Redaction::default()
    }

    /// Returns the rules for one-way commands, if the protocol has commands that are answered only on failure. Default:
    /// no rules. Then no fence can be sent, and if replies come in order, any answer confirms the commands before it.
    fn one_way(&self) -> Option<&dyn OneWay<Self>> {
        None
    }

    /// Returns the command that cancels the replies to `key`. It is sent when a [`ReplyStream`](super::ReplyStream) is
    /// dropped before its end, on the connection of the call. A call that waits for a resumed session is not cancelled at
    /// the server. Further replies to the call and the reply to the cancellation are ignored; by name, replies that were on
    /// their way may go to the next command with the same name. The cancelled call leaves
    /// the window, unless replies come in order. Default: none; the server continues, and its replies are discarded.
    fn cancel(&self, key: &Self::Key) -> Option<Self::Command> {
        let _ = key;
        None
    }

    // ---- optional: the connection ----

    /// Runs the protocol's handshake on every new connection, before any caller's command. An error ends the attempt to
    /// connect. Default: no handshake.
    fn open(&self, opening: Opening<'_, Self>) -> impl Future<Output = Result<Opened, Error>> + Send {
        let _ = opening;
        async { Ok(Opened::Fresh) }
    }

    /// Returns the protocol's own heartbeat, in addition to the transport's pings. It is called after the handshake and
    /// after each heartbeat. Default: none.
    fn heartbeat(&self) -> Option<Heartbeat<Self::Command>> {
        None
    }

    /// Decides what happens after a connection or an attempt to connect has ended. It is called once for each, before
    /// calls fail. Default: [`CloseAction::usual`].
    fn on_close(&self, close: &Close<'_>) -> CloseAction {
        CloseAction::usual(close)
    }

    /// Receives every change of the client's state, in order, without a lock held.
    fn state_changed(&self, state: &State) {
        let _ = state;
    }
}

/// The rules that confirm one-way commands ([`Replies::OnlyOnFailure`](super::Replies::OnlyOnFailure)).
pub trait OneWay<P: Protocol> {
    /// Returns a harmless command whose answer confirms the earlier one-way command `one_way`.
    fn fence(&self, one_way: &P::Key) -> Option<P::Command>;

    /// Returns whether an answer to `answered` confirms the one-way command `one_way`, which was written before it.
    fn proves(&self, one_way: &P::Key, answered: &P::Key) -> bool;
}

/// A command that is sent periodically to check the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Heartbeat<C> {
    /// How long to wait before the command is sent.
    pub every: Duration,
    /// The command, encoded when it is sent. It must expect [`Replies::One`](super::Replies) or
    /// [`Replies::None`](super::Replies). The connection is lost if its reply does not arrive within
    /// [`Timeouts::idle`](crate::policy::Timeouts) or the reply timeout of the oldest call, whichever is longer. Heartbeats
    /// do not wait for the window or the rate limit.
    pub command: C,
}

impl<C> Heartbeat<C> {
    /// Makes a heartbeat that sends `command` every `every`.
    pub const fn new(every: Duration, command: C) -> Self {
        Self { every, command }
    }
}

/// The answers and events in a message.
pub struct Routes<P: Protocol>(pub(super) Vec<Route<P>>);

impl<P: Protocol> Default for Routes<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

pub(super) enum Route<P: Protocol> {
    Answer { key: P::Key, part: Part, reply: P::Reply },
    Event(P::Event),
    Opening(P::Reply),
}

impl<P: Protocol> Routes<P> {
    /// Adds the final reply to the command that `key` fits.
    pub fn answer(&mut self, key: P::Key, reply: P::Reply) {
        self.0.push(Route::Answer { key, part: Part::Last, reply });
    }

    /// Adds one of several replies to the command that `key` fits.
    pub fn part(&mut self, key: P::Key, part: Part, reply: P::Reply) {
        self.0.push(Route::Answer { key, part, reply });
    }

    /// Adds an event that the server pushed.
    pub fn event(&mut self, event: P::Event) {
        self.0.push(Route::Event(event));
    }

    /// Adds a message for the handshake of a server that speaks first: [`Opening::receive`] returns it. After the
    /// handshake it is ignored.
    pub fn opening(&mut self, message: P::Reply) {
        self.0.push(Route::Opening(message));
    }

    /// Returns the answers: to test what [`Protocol::route`] makes of a message.
    pub fn into_answers(self) -> impl Iterator<Item = (P::Key, Part, P::Reply)> {
        self.0.into_iter().filter_map(|route| match route {
            Route::Answer { key, part, reply } => Some((key, part, reply)),
            Route::Event(_) | Route::Opening(_) => None,
        })
    }

    /// Returns whether nothing was added so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The connection during the protocol's handshake. Its commands go before those of callers.
pub struct Opening<'a, P: Protocol>(&'a dyn Handshake<P>);

/// The engine's functions for a handshake.
pub(super) trait Handshake<P: Protocol>: Sync {
    fn call<'a>(&'a self, command: &'a P::Command) -> Answered<'a, P>;
    fn receive(&self) -> Answered<'_, P>;
}

pub(super) type Answered<'a, P> = Pin<Box<dyn Future<Output = Result<<P as Protocol>::Reply, Error>> + Send + 'a>>;

impl<'a, P: Protocol> Opening<'a, P> {
    pub(super) fn new(handshake: &'a dyn Handshake<P>) -> Self {
        Self(handshake)
    }

    /// Sends a command with one reply and waits for the reply.
    ///
    /// # Errors
    ///
    /// If the connection is lost or the time limit for connecting passes.
    pub async fn call(&self, command: &P::Command) -> Result<P::Reply, Error> {
        self.0.call(command).await
    }

    /// Waits for the next message that [`Protocol::route`] gave to [`Routes::opening`]: for servers that speak first.
    /// Up to [`Limits::replies`](crate::policy::Limits) messages that arrive before the call are kept.
    ///
    /// # Errors
    ///
    /// If the connection is lost or the time limit for connecting passes.
    pub async fn receive(&self) -> Result<P::Reply, Error> {
        self.0.receive().await
    }
}
