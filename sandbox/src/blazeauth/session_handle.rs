//! A session as a test sees it.
use serde_json::Value;

use super::closing::Closing;
use super::session::{Authorization, Session};
use super::world::World;
use crate::link::{Link, Outgoing};

/// A session of a running sandbox, over all its connections. Cheap to clone. After the session's end it does nothing.
#[derive(Clone, Debug)]
pub struct SessionHandle {
    pub(super) world: World,
    pub(super) number: u64,
}

impl SessionHandle {
    /// The number of its first connection, which names the session.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The number of the connection that it has; `None` while it waits for its resumption, and after its end.
    pub fn connection(&self) -> Option<u64> {
        self.look(Session::connection).flatten()
    }

    /// The client id that it was initialized with.
    pub fn client_id(&self) -> Option<String> {
        self.look(|session| session.client.as_ref().map(|client| client.id.clone())).flatten()
    }

    /// Whether somebody is logged in.
    pub fn is_authorized(&self) -> bool {
        self.look(|session| session.authorization != Authorization::None).unwrap_or(false)
    }

    /// Whether it gets panel events.
    pub fn is_subscribed(&self) -> bool {
        self.look(|session| session.subscribed).unwrap_or(false)
    }

    /// Whether it lives, connected or waiting for its resumption.
    pub fn is_alive(&self) -> bool {
        self.look(|_| ()).is_some()
    }

    /// Ends it as an operator does: event 1, then close 4100.
    pub fn kick(&self) {
        self.push_event(1, None);
    }

    /// Sends an event, if the session has subscribed, and does what follows it: see
    /// [`ApplicationHandle::push_event`](super::ApplicationHandle::push_event).
    pub fn push_event(&self, event_type: u64, content: Option<Value>) {
        self.world.lock().event(|number, _| number == self.number, event_type, content.as_ref());
    }

    /// Sends any text, subscribed or not.
    pub fn send_text(&self, text: impl Into<String>) {
        self.with_link(|link| link.send(Outgoing::Text(text.into())));
    }

    /// Sends any binary message.
    pub fn send_binary(&self, bytes: impl Into<Vec<u8>>) {
        self.with_link(|link| link.send(Outgoing::Binary(bytes.into())));
    }

    /// Sends a close frame with any code and reason. The session is gone, as with every close of the server's.
    pub fn close(&self, code: u16, reason: impl Into<String>) {
        self.world.lock().close(self.number, &Closing::Other { code, reason: reason.into() });
    }

    /// Ends the connection without a close frame; the session can be resumed.
    pub fn cut(&self) {
        self.with_link(Link::cut);
    }

    fn look<T>(&self, look: impl FnOnce(&Session) -> T) -> Option<T> {
        self.world.lock().sessions.get(&self.number).map(look)
    }

    fn with_link(&self, act: impl FnOnce(&Link)) {
        self.look(|session| session.link().map(act));
    }
}
