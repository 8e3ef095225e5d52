//! The state behind its lock, as the connections and the handles share it.
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::packet::Packet;
use super::session::Session;
use super::session_handle::SessionHandle;
use super::state::State;
use crate::link::Link;
use crate::record::Message;
use crate::service::{Admission, Arrival, CarriedOut, Service};

#[derive(Clone)]
pub(super) struct World(Arc<Mutex<State>>);

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It is full of keys.
        f.write_str("World")
    }
}

impl World {
    pub(super) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while it is locked ends the server; handles may still look.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn sessions(&self, fits: impl Fn(&Session) -> bool) -> Vec<SessionHandle> {
        let handle = |&number: &u64| SessionHandle { world: self.clone(), number };
        self.lock().sessions.iter().filter(|(_, session)| fits(session)).map(|(number, _)| handle(number)).collect()
    }
}

impl Service for World {
    type Request = Packet;

    fn read(message: &Message) -> Packet {
        Packet::read(message)
    }

    fn command(request: &Packet) -> Option<&str> {
        request.kind.as_ref().ok().map(|kind| kind.name())
    }

    fn id(request: &Packet) -> Option<u64> {
        request.id
    }

    fn arrive(&mut self, arrival: &Arrival<'_>, link: Link) -> Admission {
        self.lock().arrive(arrival, link)
    }

    fn carry_out(&mut self, connection: u64, request: Packet) -> CarriedOut {
        self.lock().carry_out(connection, request)
    }

    fn pinged(&mut self, connection: u64) {
        self.lock().pinged(connection);
    }

    fn deadline(&self, connection: u64) -> Option<Instant> {
        self.lock().deadline(connection)
    }

    fn time_out(&mut self, connection: u64) {
        self.lock().time_out(connection);
    }

    fn ended(&mut self, connection: u64, closed: bool) {
        self.lock().ended(connection, closed);
    }

    fn status_reply(_command: Option<&str>, id: Option<u64>, status: u32) -> String {
        let id = id.map(|id| format!("\"id\":{id},")).unwrap_or_default();
        format!("{{{id}\"status\":{status}}}")
    }

    fn renamed(reply: &str, name: &str) -> String {
        let Ok(mut members) = serde_json::from_str::<Map<String, Value>>(reply) else { return reply.to_owned() };
        members.insert("id".to_owned(), name.parse::<u64>().map_or_else(|_| name.into(), Value::from));
        Value::Object(members).to_string()
    }
}
