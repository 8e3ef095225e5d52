//! What a service says about itself.

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
/// The first six methods are all that an ordinary service with ids needs. Methods take `&self` and may run on any task,
/// several at a time; state of a connection goes behind a lock of the implementor's. They must not block or panic.
/// [`encode`](Self::encode) runs in the caller's task, [`route`](Self::route) in the connection's: route as little as
/// needed and leave decoding to the caller.
pub trait Protocol: Send + Sync + Sized + 'static {
    /// What is sent.
    type Command: Send + Sync + 'static;
    /// A message read far enough to know what it answers.
    type Reply: Send + Sync + 'static;
    /// What the server sends unasked. `()` if nothing.
    type Event: Clone + Send + 'static;
    /// What tells replies apart: an id, a name.
    type Key: Clone + Eq + Hash + Debug + Send + 'static;

    /// Returns the service's name, for errors and traces: `"nemesis"`.
    fn service(&self) -> &'static str;

    /// Returns how replies find their commands.
    fn matching(&self) -> Matching;

    /// Returns how much may be on the wire.
    fn window(&self) -> Window;

    /// Returns the command's name, for errors and traces.
    fn command_name(&self, command: &Self::Command) -> Cow<'static, str>;

    /// Writes the command and says what to expect, or refuses it ([`Error::invalid_request`]): then nothing is sent.
    ///
    /// `seq` is unique for the life of the client, reconnects included; a retry gets a new one.
    fn encode(&self, command: &Self::Command, seq: u64, out: &mut Outgoing) -> Result<Expect<Self::Key>, Error>;

    /// Says what a message is. A message for which nothing is added to `routes` is ignored.
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable>;

    // ---- optional: replies ----

    /// Whether a reply that calls itself `got` may answer a command that waits for `waiting`. Default: if they are equal.
    fn fits(&self, waiting: &Self::Key, got: &Self::Key) -> bool {
        waiting == got
    }

    /// Returns the status in a reply, for traces, and for the errors of commands that had some of their replies.
    /// Default: none.
    fn status(&self, reply: &Self::Reply) -> Option<AnyCode> {
        let _ = reply;
        None
    }

    /// Returns the bytes of memory that a reply takes, for [`Limits::reply_bytes`](crate::policy::Limits): what keeps a
    /// slice of a message alive counts. Default: 0, so that only the number of replies is bounded.
    fn reply_bytes(&self, reply: &Self::Reply) -> usize {
        let _ = reply;
        0
    }

    /// Returns what errors and traces must not show of messages. Default: [`Redaction::default`].
    fn redaction(&self) -> Redaction {
        Redaction::default()
    }

    /// Returns the rules for one-way commands, if the protocol has commands that are answered on failure only. Default:
    /// no rules. Then no fence can be sent, and where replies come in order, any answer proves the commands before it
    /// done.
    fn one_way(&self) -> Option<&dyn OneWay<Self>> {
        None
    }

    /// Returns the command that tells the server that the replies to `key` are not wanted any more. It is sent when the
    /// stream of a call with several replies is dropped before its end, on the connection that carried the call; a call
    /// that waits for a resumed session is not cancelled at the server. Replies to either that still come are ignored, and
    /// unless replies come in order, the cancelled call keeps no place in the window. Default: none, the server goes on
    /// and its replies are thrown away.
    fn cancel(&self, key: &Self::Key) -> Option<Self::Command> {
        let _ = key;
        None
    }

    // ---- optional: the connection ----

    /// Runs on every new connection before any caller's command. An error ends the attempt to connect.
    fn open(&self, opening: Opening<'_, Self>) -> impl Future<Output = Result<Opened, Error>> + Send {
        let _ = opening;
        async { Ok(Opened::Fresh) }
    }

    /// Returns the protocol's own heartbeat, on top of the transport's pings. Asked after the handshake and after each
    /// beat. Default: none.
    fn heartbeat(&self) -> Option<Heartbeat<Self::Command>> {
        None
    }

    /// Decides what follows when a connection ended, or an attempt to make one. Asked once for each, before calls are
    /// failed. Default: [`CloseAction::usual`].
    fn on_close(&self, close: &Close<'_>) -> CloseAction {
        CloseAction::usual(close)
    }

    /// Sees every change of the client's state, in order. No lock is held meanwhile.
    fn state_changed(&self, state: &State) {
        let _ = state;
    }
}

/// The rules for one-way commands ([`Replies::OnlyOnFailure`](super::Replies::OnlyOnFailure)): how they are known to be
/// done.
pub trait OneWay<P: Protocol> {
    /// Returns a harmless command whose answer proves that the one-way command `one_way` before it is done.
    fn fence(&self, one_way: &P::Key) -> Option<P::Command>;

    /// Whether an answer to `answered` proves that the one-way command `one_way`, written before it, is done.
    fn proves(&self, one_way: &P::Key, answered: &P::Key) -> bool;
}

/// A command that shows, again and again, that both sides live.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Heartbeat<C> {
    /// How long to wait before the command is sent.
    pub every: Duration,
    /// The command, encoded when it is sent: [`Replies::One`](super::Replies) or [`Replies::None`](super::Replies). If its reply
    /// does not come within [`Timeouts::idle`](crate::policy::Timeouts), or the longer time that the oldest call is known
    /// to need, the connection is lost. Beats pass callers that wait for the window
    /// or the rate limit.
    pub command: C,
}

impl<C> Heartbeat<C> {
    /// Sends `command` whenever the time `every` has passed.
    pub const fn new(every: Duration, command: C) -> Self {
        Self { every, command }
    }
}

/// What one message turned out to be: answers and events, in any number.
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

    /// It answers nothing and belongs to the handshake, where the server speaks first: [`Opening::receive`] gets it.
    /// After the handshake it is ignored.
    pub fn opening(&mut self, message: P::Reply) {
        self.0.push(Route::Opening(message));
    }

    /// Whether nothing was found so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The connection as the protocol's handshake sees it: its commands go before everybody else's.
pub struct Opening<'a, P: Protocol>(&'a dyn Handshake<P>);

/// What the engine does for a handshake.
pub(super) trait Handshake<P: Protocol>: Sync {
    fn call<'a>(&'a self, command: &'a P::Command) -> Answered<'a, P>;
    fn receive(&self) -> Answered<'_, P>;
}

pub(super) type Answered<'a, P> = Pin<Box<dyn Future<Output = Result<<P as Protocol>::Reply, Error>> + Send + 'a>>;

impl<'a, P: Protocol> Opening<'a, P> {
    pub(super) fn new(handshake: &'a dyn Handshake<P>) -> Self {
        Self(handshake)
    }

    /// Sends a command that has one reply, and waits for that.
    ///
    /// # Errors
    ///
    /// As the attempt to connect fails or runs out of time.
    pub async fn call(&self, command: &P::Command) -> Result<P::Reply, Error> {
        self.0.call(command).await
    }

    /// Waits for the next message that [`Protocol::route`] gave to [`Routes::opening`]: for servers that speak first.
    /// Messages that came before the call are kept, up to [`Limits::replies`](crate::policy::Limits).
    ///
    /// # Errors
    ///
    /// As the attempt to connect fails or runs out of time.
    pub async fn receive(&self) -> Result<P::Reply, Error> {
        self.0.receive().await
    }
}
