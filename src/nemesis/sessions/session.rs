//! Sessions: their tokens, how they are made, and what is known about them.

use super::client::Client;
use super::protocol::Key;
use super::reply::{Body, done};
use crate::error::Error;
use crate::nemesis::command::Command;
use crate::nemesis::connection::Request;
use crate::nemesis::verb::{SH_END, SH_INFO, Verb};
use secrecy::{ExposeSecret, SecretBox};
use serde::Deserialize;
use std::fmt;
use std::time::Duration;

/// The token of a session: all that is needed to read and change the session's keys, on any connection. `Debug` does not
/// show it.
#[derive(Clone)]
pub struct Token(SecretBox<u64>);

impl Token {
    /// Returns the number, to store it in a safe place.
    pub fn expose_secret(&self) -> u64 {
        *self.0.expose_secret()
    }
}

impl From<u64> for Token {
    fn from(token: u64) -> Self {
        Self(SecretBox::new(Box::new(token)))
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.expose_secret() == other.expose_secret()
    }
}

impl Eq for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// The longest time without use, in seconds. The server counts nanoseconds since the start of its computer in 63 bits
/// (source), which are 292 years.
const LONGEST_IDLE: u64 = 9_000_000_000;

/// A session, through which its keys are read and written; a handle of the same connection as its [`Client`].
///
/// A session is not bound to a connection: another client uses it with its [token](Self::token) ([`Client::session`]). It
/// lives until it is [ended](Self::end), expires, or the server stops. Commands for a session that does not exist fail with
/// [`SessionNotExist`](super::ErrorCode::SessionNotExist).
///
/// A command with several keys is atomic: no other client sees half of it. A command that exceeds the
/// [payload limit](super::Builder::payload_limit) is refused, never split, with one exception: a key named `tkn` is removed
/// by a command of its own.
///
/// A value is anything that serde serializes to JSON. What the server would change silently is refused before sending, with
/// the path to it, as [`nemesis::Kv`](crate::nemesis::Kv) says. Unlike there, members of objects keep their order, any key may
/// be stored and saved, and **null cannot be told from a missing key**.
///
/// Reads, and the writes that have the same effect when they run twice, are
/// [`Repeat::Safe`](crate::policy::Repeat): after a lost connection they may be sent again, as the client's
/// [`Retry`](crate::policy::Retry) says. What a write then says about each key is true of its last run: that it was replaced,
/// existed or was missing may be the work of the first. [`update`](Self::update) and [`end`](Self::end) are never sent twice.
///
/// ```no_run
/// # async fn doc() -> Result<(), statuswire::Error> {
/// use statuswire::nemesis::sessions::{Client, Expiry, NewSession};
/// use std::time::Duration;
///
/// let db = Client::connect("ws://localhost:1987").await?;
/// let new = NewSession::new("cart").shared().expires(Expiry::delete_after(Duration::from_secs(600)));
/// let session = db.create(new).await?.session;
/// session.set("item:1", &"book").await?;
/// let item: Option<String> = session.get("item:1").await?;
/// session.end().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    pub(super) client: Client,
    pub(super) token: Token,
}

impl Session {
    /// Returns the token, for another client.
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// Tells what the server knows about the session (`SH_INFO`). Asking does not keep it from expiring.
    pub async fn info(&self) -> Result<SessionInfo, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Timer {
            duration: u64,
            remaining: i64,
            delete_session: bool,
        }
        let read = |body: Body<'_>| {
            let timer: Option<Timer> = if body.field("expires")? { Some(body.field("expiry")?) } else { None };
            let expiry = timer.as_ref().map(|timer| Expiry {
                idle: Duration::from_secs(timer.duration),
                deletes_session: timer.delete_session,
            });
            let remaining = timer.map(|timer| Duration::from_secs(timer.remaining.try_into().unwrap_or(0)));
            Ok(SessionInfo { shared: body.field("shared")?, keys: body.field("keyCnt")?, expiry, remaining })
        };
        self.client.call(self.request(SH_INFO, |command| command.repeatable()), read).await
    }

    /// Ends the session, for all its users, and removes its keys (`SH_END`).
    ///
    /// # Errors
    ///
    /// See [`Client`]. [`SessionNotExist`](super::ErrorCode::SessionNotExist) if it has ended already.
    pub async fn end(&self) -> Result<(), Error> {
        self.client.call(self.request(SH_END, |command| command), done).await
    }

    /// Makes a command for this session.
    pub(super) fn request(&self, verb: Verb, write: impl FnOnce(Command) -> Command) -> Request<Key> {
        let token = self.token.expose_secret();
        let command = self.client.command(verb).number("tkn", token);
        Request::new(write(command), Key::new(verb, Some(token)))
    }
}

/// What the server knows about a session; the answer to [`Session::info`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// Whether [`Client::open`] finds it by its name.
    pub shared: bool,
    /// The number of keys.
    pub keys: u64,
    /// When it expires; `None`: never.
    pub expiry: Option<Expiry>,
    /// How long until it expires, in whole seconds, if it is not used. Zero if its time is over and the server has not
    /// noticed yet, which takes up to five seconds.
    pub remaining: Option<Duration>,
}

/// When a session expires, and what happens then. Every command for its keys starts the time again. The server looks for
/// expired sessions every five seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expiry {
    /// The time without use, in whole seconds; at most 285 years.
    pub idle: Duration,
    /// Whether the session ends. Otherwise its keys are removed, and it lives on.
    pub deletes_session: bool,
}

impl Expiry {
    /// Ends the session after this time without use. A fraction of a second counts as a second.
    pub const fn delete_after(idle: Duration) -> Self {
        Self { idle, deletes_session: true }
    }

    /// Removes all keys of the session after this time without use. A fraction of a second counts as a second.
    pub const fn clear_after(idle: Duration) -> Self {
        Self { idle, deletes_session: false }
    }
}

/// A session to be created ([`Client::create`]). A name alone will do: it makes a session that only holders of its token
/// use, and that does not expire.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `Client::create`"]
pub struct NewSession {
    pub(super) name: String,
    shared: bool,
    expiry: Option<Expiry>,
}

impl NewSession {
    /// Makes a session of this name, which must not be empty.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), shared: false, expiry: None }
    }

    /// Lets others find the session by its name. **The token of a shared session depends on nothing but its name**, so
    /// that the name gives access.
    pub fn shared(mut self) -> Self {
        self.shared = true;
        self
    }

    /// Sets when the session expires.
    pub fn expires(mut self, expiry: Expiry) -> Self {
        self.expiry = Some(expiry);
        self
    }

    pub(super) fn command(&self, command: Command) -> Command {
        let command = named(command, &self.name);
        let command = if self.shared { command.flag("shared") } else { command };
        let Some(Expiry { idle, deletes_session }) = self.expiry else { return command };
        let seconds = idle.as_secs().saturating_add(u64::from(idle.subsec_nanos() > 0));
        let expiry = format!(r#"{{"duration":{seconds},"deleteSession":{deletes_session}}}"#);
        let command = command.json("expiry", &expiry);
        let reason = match seconds {
            0 => {
                "a session cannot expire after no time, and the server would read zero as never: give a longer time, or \
                 no expiry"
            }
            1..=LONGEST_IDLE => return command,
            _ => {
                "the server cannot count to a time that long, and the session could expire at once: give a shorter time, \
                 or no expiry"
            }
        };
        command.refuse(Error::invalid_request(reason))
    }
}

impl From<&str> for NewSession {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for NewSession {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

/// Adds the name of a session.
pub(super) fn named(command: Command, name: &str) -> Command {
    let command = command.text("name", name);
    if name.is_empty() {
        return command.refuse(Error::invalid_request("the name of a session must not be empty"));
    }
    command
}

/// A session that was created, or found ([`Client::create`]).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Created {
    /// The session.
    pub session: Session,
    /// Whether a shared session of the name existed, which this one then is.
    pub existed: bool,
}
