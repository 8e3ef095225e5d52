//! What the client knows of its session, gathered from packets, replies and events.

use super::application::Application;
use super::credentials::Credentials;
use super::event::Event;
use super::packet::{Command, Intent, Packet};
use super::state::{Authorization, Stage, State};
use crate::codes::blazeauth::ErrorCode;
use crate::codes::blazeauth_close::ErrorCode as CloseCode;
use crate::error::{Cause, DecodeFailure, Delivery, Error, Redaction};
use crate::rpc;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Maximum packets whose replies are watched, more than can be in flight; the oldest are forgotten first.
const WATCHED: usize = 1 << 16;
/// Maximum earlier secrets that are still hidden in what the server sends; the oldest are forgotten first.
const SECRETS: usize = 64;

/// Maximum bytes of an id for resumption. It goes into each upgrade, and is searched for in what errors show.
const RESUME_ID: usize = 1024;

/// Characters of a path and of a reason in an error: both may quote what the server sent.
const REASON: usize = 500;

/// Members of messages that are not shown. What users store may be as secret as a licence.
const SECRET_MEMBERS: [&str; 6] = ["license", "websocket_api_key", "client_id", "presigned_url", "content", "value"];

pub(super) struct Session {
    inner: Mutex<Inner>,
    state: watch::Sender<State>,
    /// Resume lost sessions.
    resumption: bool,
    /// Log in to fresh sessions.
    login_again: bool,
    /// Hides the secrets that do not change.
    redaction: Redaction,
    /// Characters of an excerpt in an error.
    excerpt: usize,
}

struct Inner {
    /// `None` until the first change.
    link: Option<rpc::State>,
    stage: Stage,
    /// The session can be resumed: it is initialized, logged in and subscribed as the one before.
    established: bool,
    authorization: Option<Authorization>,
    application: Application,
    /// A reply has arrived on this connection.
    heard: bool,
    /// The id that resumes the session.
    resume_id: Option<SecretString>,
    /// Of the last login that succeeded and was not ended.
    credentials: Option<Arc<Credentials>>,
    subscribed: bool,
    /// Packets whose replies change what is known of the session, by id.
    watched: BTreeMap<u64, Watched>,
    /// File streams whose last frame has not arrived.
    streams: BTreeSet<u64>,
    /// The event that announces a close of this connection.
    announced: Option<Event>,
    /// The state has changed since it was last published.
    is_unpublished: bool,
    /// A task is publishing the state.
    is_publishing: bool,
    secrets: VecDeque<SecretString>,
}

/// What the client learns from a packet's reply.
enum Watched {
    Intent(Intent),
    LogOut,
    /// The packet needs a login, of this kind if there is one: its reply tells whether the session has it.
    Needs(Option<Authorization>),
}

impl Session {
    /// Makes a session in which `secrets` are never shown; excerpts of messages have at most `excerpt` characters.
    pub(super) fn new(secrets: [&SecretString; 2], excerpt: usize, resumption: bool, login_again: bool) -> Self {
        let redaction = SECRET_MEMBERS.into_iter().fold(Redaction::default(), Redaction::hide_member);
        let redaction = secrets.into_iter().cloned().fold(redaction, Redaction::hide);
        let state = watch::Sender::new(State::of(None, Stage::Down, None));
        let inner = Inner {
            link: None,
            stage: Stage::Down,
            established: false,
            authorization: None,
            application: Application::default(),
            heard: false,
            resume_id: None,
            credentials: None,
            subscribed: false,
            watched: BTreeMap::new(),
            streams: BTreeSet::new(),
            announced: None,
            is_unpublished: false,
            is_publishing: false,
            secrets: VecDeque::new(),
        };
        Self { inner: Mutex::new(inner), state, resumption, login_again, redaction, excerpt }
    }

    /// Locks the session. Poison is ignored: nothing that runs under the lock leaves it half changed.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Releases the lock and publishes the state. Only one task publishes at a time, so states are published in order;
    /// it also publishes what other tasks, or the watchers it wakes, change meanwhile.
    fn publish<'a>(&'a self, mut inner: MutexGuard<'a, Inner>) {
        inner.is_unpublished = true;
        if inner.is_publishing {
            return;
        }
        inner.is_publishing = true;
        while std::mem::take(&mut inner.is_unpublished) {
            let state = State::of(inner.link.as_ref(), inner.stage, inner.authorization);
            drop(inner);
            // This wakes watchers. The panic hook has reported a panic of a waker; the session must go on.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(self.state.send_replace(state))));
            inner = self.inner();
        }
        // Still under the lock that found nothing unpublished, so no change is lost.
        inner.is_publishing = false;
    }

    pub(super) fn application(&self) -> Application {
        self.inner().application.clone()
    }

    // ---- the connection ----

    pub(super) fn link_changed(&self, link: &rpc::State) {
        let mut inner = self.inner();
        if let rpc::State::Connecting { .. } = link {
            inner.set_first_stage();
        }
        inner.link = Some(link.clone());
        self.publish(inner);
    }

    /// Returns the id of the session to resume with the next upgrade, if there is one. A client that is shutting down
    /// connects without a change of its state, so the stage is set here, too.
    pub(super) fn resume_id(&self) -> Option<SecretString> {
        let mut inner = self.inner();
        inner.set_first_stage();
        inner.resume_id.clone()
    }

    /// Notes that the server accepted the upgrade, and the id that resumes the session after a loss. Without an id, the
    /// last one remains; with one that is too long, the session cannot be resumed.
    pub(super) fn accepted(&self, resume_id: Option<&HeaderValue>) {
        let resume_id = resume_id.filter(|_| self.resumption);
        let is_too_long = resume_id.is_some_and(|id| id.len() > RESUME_ID);
        if is_too_long {
            tracing::warn!(
                service = super::SERVICE,
                "the id for resumption has more than {RESUME_ID} bytes: this session will not be resumed"
            );
        }
        let mut inner = self.inner();
        inner.announced = None;
        inner.heard = false;
        if is_too_long {
            inner.resume_id = None;
        } else if let Some(Ok(id)) = resume_id.map(HeaderValue::to_str) {
            let id = SecretString::from(id);
            inner.add_secret(&id);
            inner.resume_id = Some(id);
        }
        if inner.stage == Stage::Down {
            inner.stage = Stage::Upgraded;
            self.publish(inner);
        }
    }

    /// Returns whether this connection resumes an earlier session.
    pub(super) fn is_resumed(&self) -> bool {
        self.inner().stage == Stage::Resuming
    }

    /// Returns whether this connection asked to resume an earlier session, and no reply has arrived yet.
    pub(super) fn is_resumption_unanswered(&self) -> bool {
        let inner = self.inner();
        inner.stage == Stage::Resuming && !inner.heard
    }

    /// Begins a fresh session. Returns how to log in to it, and whether to subscribe.
    pub(super) fn begin(&self) -> (Option<Arc<Credentials>>, bool) {
        let mut inner = self.inner();
        inner.established = false;
        inner.authorization = None;
        (inner.credentials.clone().filter(|_| self.login_again), inner.subscribed)
    }

    /// Keeps what the server told about the application.
    pub(super) fn initialized(&self, application: Application) {
        self.inner().application = application;
    }

    /// Notes that the fresh session is complete. If it is lost earlier, it is not resumed: its login would be missing.
    pub(super) fn established(&self) {
        self.inner().established = true;
    }

    /// Forgets the credentials: the server refused them for good.
    pub(super) fn forget_login(&self) {
        self.inner().credentials = None;
    }

    /// Forgets the id for resumption: the server ended the session.
    pub(super) fn closed(&self) {
        self.inner().resume_id = None;
    }

    /// Notes that the connection was lost. Returns whether the session can be resumed.
    pub(super) fn lost(&self) -> bool {
        let mut inner = self.inner();
        if !inner.established {
            inner.resume_id = None;
        }
        inner.resume_id.is_some()
    }

    /// Returns the event that announced a close with this code.
    pub(super) fn announced(&self, close: CloseCode) -> Option<Event> {
        self.inner().announced.clone().filter(|event| event.event_type.precedes() == Some(close))
    }

    // ---- packets ----

    /// Notes that a packet is sent with this id.
    pub(super) fn sent(&self, id: u64, command: &Command) {
        let watched = match (command.packet, &command.intent) {
            (_, Some(intent)) => Watched::Intent(intent.clone()),
            (Packet::Logout, _) => Watched::LogOut,
            (Packet::GetVariable | Packet::TransferFile, _) => Watched::Needs(None),
            (Packet::GetCurrentLicense, _) => Watched::Needs(Some(Authorization::License)),
            (Packet::GetCurrentAccount | Packet::LinkLicenseToAccount, _) => {
                Watched::Needs(Some(Authorization::Account))
            }
            _ => return,
        };
        let mut inner = self.inner();
        if let Watched::LogOut = watched {
            // Even if its reply is lost: a fresh session must not undo it.
            inner.credentials = None;
        }
        inner.watched.insert(id, watched);
        if inner.watched.len() > WATCHED {
            inner.watched.pop_first();
        }
        if command.packet == Packet::TransferFile {
            inner.streams.insert(id);
            // Streams of lost connections end without a last frame.
            if inner.streams.len() > WATCHED {
                inner.streams.pop_first();
            }
        }
    }

    /// Learns from a reply. Returns whether it is the last one with its id.
    pub(super) fn answered(&self, id: u64, status: Option<u16>, is_last: bool) -> bool {
        let mut inner = self.inner();
        inner.heard = true;
        if inner.streams.contains(&id) && !is_last {
            return false;
        }
        inner.streams.remove(&id);
        let Some(watched) = inner.watched.remove(&id) else { return true };
        let before = inner.authorization;
        inner.learn(watched, status.map(ErrorCode::from_value));
        if inner.authorization != before {
            self.publish(inner);
        }
        true
    }

    /// Removes the file streams in progress, and returns them.
    pub(super) fn take_streams(&self) -> BTreeSet<u64> {
        std::mem::take(&mut self.inner().streams)
    }

    /// Learns from an event.
    pub(super) fn happened(&self, event: &Event) {
        let mut inner = self.inner();
        if event.event_type.precedes().is_some() {
            inner.announced = Some(event.clone());
        }
        if event.event_type.ends_authorization() {
            inner.log_out();
            self.publish(inner);
        }
    }

    // ---- secrets ----

    /// Adds a secret that the server may repeat.
    pub(super) fn add_secret(&self, secret: &SecretString) {
        self.inner().add_secret(secret);
    }

    /// Returns what hides all secrets of the session.
    pub(super) fn redaction(&self) -> Redaction {
        let inner = self.inner();
        // Secrets in use are hidden however old they are.
        let in_use = inner.credentials.iter().flat_map(|credentials| credentials.secrets());
        in_use.chain(&inner.resume_id).chain(&inner.secrets).cloned().fold(self.redaction.clone(), Redaction::hide)
    }

    /// Makes the error about an answer that cannot be decoded.
    pub(super) fn undecodable(&self, path: &str, reason: &str, text: &str) -> Error {
        let redaction = self.redaction();
        let failure = DecodeFailure::new(
            redaction.excerpt(path, REASON),
            redaction.excerpt(reason, REASON),
            redaction.excerpt(text, self.excerpt),
        );
        Error::new(Cause::Decode(Box::new(failure)), Delivery::Answered)
    }
}

impl Inner {
    /// Sets the stage in which a connection attempt begins.
    fn set_first_stage(&mut self) {
        self.stage = if self.resume_id.is_some() { Stage::Resuming } else { Stage::Down };
    }

    fn learn(&mut self, watched: Watched, status: Option<ErrorCode>) {
        let Some(status) = status else { return };
        match (watched, status) {
            (Watched::Intent(Intent::LogIn(credentials)), ErrorCode::Ok) => {
                self.authorization = Some(match &*credentials {
                    Credentials::License(_) => Authorization::License,
                    Credentials::Account { .. } => Authorization::Account,
                });
                self.credentials = Some(credentials);
            }
            (Watched::Intent(Intent::LogIn(_)), ErrorCode::AlreadyAuthorized) => {
                self.authorization.get_or_insert(Authorization::Unknown);
            }
            (Watched::Intent(Intent::Subscribe(subscribed)), ErrorCode::Ok) => self.subscribed = subscribed,
            (Watched::LogOut, ErrorCode::Ok | ErrorCode::NotAuthorized) => self.log_out(),
            (Watched::Needs(None), ErrorCode::NotAuthorized) => self.log_out(),
            // The session may be logged in in another way.
            (Watched::Needs(Some(way)), ErrorCode::NotAuthorized) if self.authorization == Some(way) => self.log_out(),
            (Watched::Needs(Some(way)), ErrorCode::Ok) => self.authorization = Some(way),
            _ => {}
        }
    }

    fn log_out(&mut self) {
        self.authorization = None;
        self.credentials = None;
    }

    fn add_secret(&mut self, secret: &SecretString) {
        let known = |other: &SecretString| other.expose_secret() == secret.expose_secret();
        if !self.secrets.iter().any(known) {
            if self.secrets.len() == SECRETS {
                self.secrets.pop_front();
            }
            self.secrets.push_back(secret.clone());
        }
    }
}
