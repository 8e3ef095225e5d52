//! What the server holds of one session.
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::answers::Answers;
use super::client::Client;
use super::closing::Closing;
use super::reply;
use super::sending::Streams;
use super::store::Store;
use super::traffic::Traffic;
use crate::link::Link;

/// All sessions by number, connected or not.
pub(super) type Sessions = BTreeMap<u64, Session>;

/// A session, over all its connections.
pub(super) struct Session {
    pub(super) address: IpAddr,
    pub(super) place: Place,
    pub(super) resume_id: Option<String>,
    /// When it must be initialized.
    pub(super) initialize_by: Instant,
    pub(super) client: Option<Client>,
    /// Failed attempts to find the application, in a row.
    pub(super) failures: u32,
    pub(super) authorization: Authorization,
    /// The licence whose login an event took away, until the next login or logout: its events are still sent.
    former_license: Option<String>,
    pub(super) subscribed: bool,
    pub(super) store: Store,
    pub(super) streams: Streams,
    pub(super) answers: Answers,
    pub(super) traffic: Traffic,
}

/// Where the other end of a session is.
pub(super) enum Place {
    Connected {
        connection: u64,
        link: Link,
    },
    /// Its connection was lost at this time; it can be resumed for a while.
    Lost(Duration),
}

/// Who is logged in.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Authorization {
    None,
    /// By the licence with this key.
    License(String),
    /// As the account with this login.
    Account(String),
}

impl Session {
    pub(super) fn new(address: IpAddr, connection: u64, link: Link, initialize_by: Instant) -> Self {
        Self {
            address,
            place: Place::Connected { connection, link },
            resume_id: None,
            initialize_by,
            client: None,
            failures: 0,
            authorization: Authorization::None,
            former_license: None,
            subscribed: false,
            store: Store::default(),
            streams: Streams::default(),
            answers: Answers::default(),
            traffic: Traffic::default(),
        }
    }

    pub(super) fn link(&self) -> Option<&Link> {
        match &self.place {
            Place::Connected { link, .. } => Some(link),
            Place::Lost(_) => None,
        }
    }

    pub(super) fn connection(&self) -> Option<u64> {
        match self.place {
            Place::Connected { connection, .. } => Some(connection),
            Place::Lost(_) => None,
        }
    }

    /// Whether it counts as a user who is online.
    pub(super) fn is_online(&self, application: &str) -> bool {
        self.link().is_some() && self.authorization != Authorization::None && self.is_of(application)
    }

    pub(super) fn is_of(&self, application: &str) -> bool {
        self.client.as_ref().is_some_and(|client| client.application == application)
    }

    /// Whether the events of a licence are for it.
    pub(super) fn gets_events_of(&self, key: &str) -> bool {
        match &self.authorization {
            Authorization::License(of) => of == key,
            Authorization::Account(_) => false,
            Authorization::None => self.former_license.as_deref() == Some(key),
        }
    }

    /// Ends the login because the client asks for it, and returns whose it was.
    pub(super) fn log_out(&mut self) -> Authorization {
        self.former_license = None;
        std::mem::replace(&mut self.authorization, Authorization::None)
    }

    fn take_login_away(&mut self) {
        match std::mem::replace(&mut self.authorization, Authorization::None) {
            Authorization::License(key) => self.former_license = Some(key),
            Authorization::Account(_) => self.former_license = None,
            Authorization::None => {}
        }
    }

    /// Sends an event, if it is subscribed and there, and does what follows. A closing ends the session.
    pub(super) fn event(&mut self, event_type: u64, content: Option<&Value>) -> Option<Closing> {
        if self.subscribed
            && let Some(link) = self.link()
        {
            link.send(reply::event(event_type, content));
        }
        match event_type {
            1 => return Some(Closing::Kicked),
            100 => return Some(Closing::Deleted),
            101 => return Some(Closing::Paused),
            201 | 203 => self.take_login_away(),
            _ => {}
        }
        None
    }
}

/// How many sessions of an application are logged in and connected.
pub(super) fn online(sessions: &Sessions, application: &str) -> usize {
    sessions.values().filter(|session| session.is_online(application)).count()
}
