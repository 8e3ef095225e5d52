//! What the server knows, and how it treats sessions and their packets.
use std::collections::HashMap;

use indexmap::IndexMap;
use tokio::time::Instant;

use super::answers::Answer;
use super::application::Application;
use super::closing::Closing;
use super::desk::Desk;
use super::dispatch::carry_out;
use super::initialize::initialize;
use super::packet::{Body, Kind, Packet};
use super::reply::Reply;
use super::session::{Place, Session, Sessions};
use super::settings::Settings;
use super::traffic::{Guard, Who};
use super::turn::{Answered, Turn};
use crate::clock::Clock;
use crate::link::Link;
use crate::message::Message;
use crate::service::{Admission, Response, Service, UpgradeRequest};
use statuswire::codes::blazeauth::ErrorCode as Status;

/// Sessions without a connection that are kept; the oldest are forgotten first.
const MAX_LOST: usize = 1024;

/// The state of a [`BlazeAuth`](super::BlazeAuth), reached through its handles.
pub struct State {
    pub(super) clock: Clock,
    pub(super) settings: Settings,
    pub(super) apps: IndexMap<String, Application>,
    pub(super) sessions: Sessions,
    /// The session of each connection that has one.
    connections: HashMap<u64, u64>,
    pub(super) guard: Guard,
    pub(super) desk: Desk,
}

impl State {
    pub(super) fn new(clock: Clock, settings: Settings, apps: IndexMap<String, Application>, desk: Desk) -> Self {
        let (sessions, connections, guard) = Default::default();
        Self { clock, settings, apps, sessions, connections, guard, desk }
    }

    /// The session that this id belongs to, unless that cannot be resumed.
    fn resumable(&mut self, id: &str) -> Result<u64, Closing> {
        self.forget_lost();
        let known = self.sessions.iter().find(|(_, session)| session.resume_id.as_deref() == Some(id));
        let number = known.map(|(&number, _)| number);
        if self.settings.fail_resumption {
            number.and_then(|number| self.remove(number));
            return Err(Closing::ResumeFailed);
        }
        number.ok_or(Closing::ResumeUnknown)
    }

    /// Forgets sessions that were without a connection for too long.
    fn forget_lost(&mut self) {
        let (now, within) = (self.clock.now(), self.settings.resume_within);
        let since = |session: &Session| match session.place {
            Place::Lost(since) => Some(since),
            Place::Connected { .. } => None,
        };
        self.sessions.retain(|_, session| since(session).is_none_or(|since| since.saturating_add(within) > now));
        let mut lost: Vec<_> = self.sessions.iter().filter_map(|(&n, session)| Some((since(session)?, n))).collect();
        lost.sort_unstable();
        for (_, number) in lost.iter().rev().skip(MAX_LOST) {
            self.sessions.remove(number);
        }
    }

    /// Goes on with a session on another connection.
    fn attach(&mut self, number: u64, connection: u64, link: Link) {
        let Some(session) = self.sessions.get_mut(&number) else { return };
        let place = Place::Connected { connection, link };
        // The server may not have noticed the loss yet.
        if let Place::Connected { connection, link } = std::mem::replace(&mut session.place, place) {
            self.connections.remove(&connection);
            link.cut();
        }
        session.streams.abandon();
        session.initialize_by = Instant::now() + self.settings.initialize_within;
        self.connections.insert(connection, number);
    }

    /// Ends a session by a close frame, which follows what was sent before. It cannot be resumed.
    pub(super) fn close(&mut self, number: u64, closing: &Closing) {
        if let Some(link) = self.remove(number).as_ref().and_then(Session::link) {
            close(link, closing);
        }
    }

    fn remove(&mut self, number: u64) -> Option<Session> {
        let session = self.sessions.remove(&number)?;
        if let Some(connection) = session.connection() {
            self.connections.remove(&connection);
        }
        Some(session)
    }

    fn of_connection(&self, connection: u64) -> Option<(u64, &Session)> {
        let number = *self.connections.get(&connection)?;
        Some((number, self.sessions.get(&number)?))
    }

    /// Counts an action.
    fn count(&mut self, number: u64) -> Result<(), Closing> {
        let Some(session) = self.sessions.get_mut(&number) else { return Ok(()) };
        let Session { client, address, traffic, .. } = session;
        let who = || client.clone().map_or(Who::Address(*address), Who::Client);
        self.guard.act(&self.settings.rate_limit, self.clock.now(), traffic, who)
    }

    /// The checks come in the order: limit of traffic, envelope, operation, initialized, members.
    fn packet(&mut self, number: u64, packet: Packet) -> Result<Response, Closing> {
        self.count(number)?;
        let kind = packet.kind?;
        let id = packet.id.ok_or(Closing::Envelope)?;
        let Some(mut session) = self.sessions.remove(&number) else { return Ok(Response::refused()) };
        let done = self.in_session(&mut session, kind, id, &packet.body);
        self.sessions.insert(number, session);
        let (carried_out, last) = done?;
        if let Some(closing) = last {
            self.close(number, &closing);
        }
        Ok(carried_out)
    }

    fn in_session(
        &mut self,
        session: &mut Session,
        kind: Kind,
        id: u64,
        body: &Body,
    ) -> Result<(Response, Option<Closing>), Closing> {
        let begins = session.client.is_none();
        if begins && kind != Kind::Initialize {
            return Err(Closing::NotInitialized);
        }
        // Events have this id, so a reply with it would look like one.
        if id == u64::MAX {
            return Err(Closing::Body);
        }
        if let Some(answer) = session.answers.get(id) {
            return Ok((again(id, answer), None));
        }
        let answered = if begins {
            initialize(session, body, self.clock.now(), &self.guard, &self.apps, &self.sessions)?.into()
        } else {
            self.turn(session, kind, id, body)?
        };
        let (reply, last) = match answered {
            Answered::Reply(reply) => (reply, None),
            Answered::Last(reply, closing) => (reply, Some(closing)),
            Answered::Stream(running) => {
                session.answers.add(id, Answer::Stream(running));
                return Ok((Response::executed(), None));
            }
        };
        let text = reply.text(id);
        // An attempt to initialize that failed leaves nothing behind.
        if session.client.is_some() {
            session.answers.add(id, Answer::Text(text.as_str().into()));
        }
        let response = if reply.status == Status::Ok { Response::executed() } else { Response::refused() };
        Ok((response.reply(text), last))
    }

    fn turn(&mut self, session: &mut Session, kind: Kind, id: u64, body: &Body) -> Result<Answered, Closing> {
        let application = session.client.as_ref().map(|client| client.application.clone()).unwrap_or_default();
        let app = self.apps.get_mut(&application).ok_or(Closing::Deleted)?;
        let Some(link) = session.link().cloned() else { return Err(Closing::ResumeFailed) };
        let mut turn = Turn {
            now: self.clock.now(),
            clock: &self.clock,
            settings: &self.settings,
            session,
            app,
            others: &mut self.sessions,
            link: &link,
            desk: &mut self.desk,
        };
        carry_out(&mut turn, kind, id, body)
    }

    /// Sends an event to the sessions that fit, with what follows it.
    pub(super) fn event(
        &mut self,
        fits: impl Fn(u64, &Session) -> bool,
        event_type: u64,
        content: Option<&serde_json::Value>,
    ) {
        let mut closings = Vec::new();
        for (&number, session) in self.sessions.iter_mut().filter(|(number, session)| fits(**number, session)) {
            closings.extend(session.event(event_type, content).map(|closing| (number, closing)));
        }
        for (number, closing) in closings {
            self.close(number, &closing);
        }
    }
}

impl Service for State {
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

    fn connect(&mut self, request: &UpgradeRequest<'_>, link: Link) -> Admission {
        let wanted = request.headers.get("Resume-Id").map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
        let number = match wanted.map(|id| self.resumable(&id)) {
            Some(Ok(number)) => {
                self.attach(number, request.connection, link);
                Some(number)
            }
            Some(Err(closing)) => {
                close(&link, &closing);
                None
            }
            None => {
                let initialize_by = Instant::now() + self.settings.initialize_within;
                let session = Session::new(request.peer, request.connection, link, initialize_by);
                // Connections are numbered over restarts, too.
                self.sessions.insert(request.connection, session);
                self.connections.insert(request.connection, request.connection);
                Some(request.connection)
            }
        };
        let session = number.and_then(|number| self.sessions.get_mut(&number));
        Admission::Accepted { headers: resume_header(session, self.settings.resumable) }
    }

    fn carry_out(&mut self, connection: u64, packet: Packet) -> Response {
        // After its close a session carries nothing out.
        let Some(&number) = self.connections.get(&connection) else { return Response::refused() };
        self.packet(number, packet).unwrap_or_else(|closing| {
            self.close(number, &closing);
            Response::refused()
        })
    }

    fn deadline(&self, connection: u64) -> Option<Instant> {
        let (_, session) = self.of_connection(connection)?;
        session.client.is_none().then_some(session.initialize_by)
    }

    fn timed_out(&mut self, connection: u64) {
        if self.deadline(connection).is_some_and(|deadline| deadline <= Instant::now())
            && let Some(&number) = self.connections.get(&connection)
        {
            let seconds = crate::clock::seconds_to_wait(self.settings.initialize_within);
            self.close(number, &Closing::TooLate { seconds });
        }
    }

    fn pinged(&mut self, connection: u64) {
        let Some(&number) = self.connections.get(&connection) else { return };
        if let Err(closing) = self.count(number) {
            self.close(number, &closing);
        }
    }

    fn disconnected(&mut self, connection: u64, closed: bool) {
        let Some(number) = self.connections.remove(&connection) else { return };
        let now = self.clock.now();
        match self.sessions.get_mut(&number) {
            Some(session) if !closed && session.resume_id.is_some() => session.place = Place::Lost(now),
            _ => drop(self.sessions.remove(&number)),
        }
        self.forget_lost();
    }

    /// Applications, settings and the clock are kept.
    fn restarted(&mut self) {
        self.sessions.clear();
        self.connections.clear();
        self.guard = Guard::default();
    }
}

/// Answers a packet that was carried out before: with the same reply. A stream that has ended is answered as stopped, so
/// that the client begins another one; a stream that runs answers by itself.
fn again(id: u64, answer: &Answer) -> Response {
    let response = Response::refused();
    match answer {
        Answer::Text(text) => response.reply(&**text),
        Answer::Stream(running) if running.is_running() => response,
        Answer::Stream(_) => response.reply(Reply::from(Status::FileTransferStopped).text(id)),
    }
}

fn resume_header(session: Option<&mut Session>, resumable: bool) -> Vec<(String, String)> {
    // Also a connection that is closed at once has one, which is good for nothing.
    let id = resumable.then(|| format!("{:032x}", rand::random::<u128>()));
    if let Some(session) = session {
        session.resume_id.clone_from(&id);
    }
    id.map(|id| ("Resume-Id".to_owned(), id)).into_iter().collect()
}

fn close(link: &Link, closing: &Closing) {
    let (code, reason) = closing.code_and_reason();
    link.close(code, reason);
}
