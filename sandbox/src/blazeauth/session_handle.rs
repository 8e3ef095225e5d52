//! What a test sees of a session and does to it.
use serde_json::Value;

use super::closing::Closing;
use super::session::{Authorization, Session};
use super::world::World;
use crate::link::Link;

/// A session of a running server, over all its connections. Cheap to clone. After the session's end it does nothing.
#[derive(Clone, Debug)]
pub struct SessionHandle {
    pub(super) world: World,
    pub(super) number: u64,
}

impl SessionHandle {
    /// Returns the sessions that fit, oldest first.
    pub(super) fn all(world: &World, fits: impl Fn(&Session) -> bool) -> Vec<Self> {
        let handle = |&number: &u64| Self { world: world.clone(), number };
        world.lock().sessions.iter().filter(|(_, session)| fits(session)).map(|(number, _)| handle(number)).collect()
    }

    /// Returns the number of its first connection, which names the session.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the number of its connection; `None` while it waits for its resumption, and after its end.
    pub fn connection(&self) -> Option<u64> {
        self.look(Session::connection).flatten()
    }

    /// Returns the client id that it was initialized with.
    pub fn client_id(&self) -> Option<String> {
        self.look(|session| session.client.as_ref().map(|client| client.id.clone())).flatten()
    }

    /// Whether it is logged in.
    pub fn is_authorized(&self) -> bool {
        self.look(|session| session.authorization != Authorization::None).unwrap_or(false)
    }

    /// Whether it gets panel events.
    pub fn is_subscribed(&self) -> bool {
        self.look(|session| session.subscribed).unwrap_or(false)
    }

    /// Sends an event, if the session has subscribed, and does what follows it: see
    /// [`ApplicationHandle::push_event`](super::ApplicationHandle::push_event).
    pub fn push_event(&self, event_type: u64, content: Option<Value>) {
        self.world.lock().event(|number, _| number == self.number, event_type, content.as_ref());
    }

    /// Sends any text, subscribed or not.
    pub fn send_text(&self, text: impl Into<String>) {
        self.with_link(|link| link.send(text.into()));
    }

    /// Sends any binary message.
    pub fn send_binary(&self, bytes: impl Into<Vec<u8>>) {
        self.with_link(|link| link.send(bytes.into()));
    }

    /// Sends a close frame with any code and reason. The session ends, as with every close by the server.
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
