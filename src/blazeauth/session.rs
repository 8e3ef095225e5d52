//! What the client knows of its session, gathered from packets, replies and events.

use super::application::Application;
use super::credentials::Login;
use super::event::Event;
use super::packet::{Command, Intent, Packet};
use super::reply::Reply;
use super::standing::{Owed, Shown, Standing, Watched};
use super::state::{Authorization, Stage, State};
use crate::error::{Cause, DecodeFailure, Delivery, Error, Redaction};
use crate::rpc;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
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
    standing: Standing,
    /// What the state shows of it.
    shown: Shown,
    application: Application,
    /// A reply has arrived on this connection.
    heard: bool,
    /// The id that resumes the session.
    resume_id: Option<SecretString>,
    /// A text without an id has arrived on this connection.
    strayed: bool,
    /// Packets whose replies change what is known of the session, by id.
    watched: BTreeMap<u64, Sent>,
    /// File streams whose last frame has not arrived.
    streams: BTreeSet<u64>,
    /// The state has changed since it was last published.
    is_unpublished: bool,
    /// A task is publishing the state.
    is_publishing: bool,
    secrets: VecDeque<SecretString>,
}

/// A packet that was sent.
struct Sent {
    watched: Watched,
    /// Its place among the requests of the session.
    position: u64,
    /// What it gives back to a fresh session.
    restores: Option<Intent>,
}

impl Session {
    /// Makes a session in which `secrets` are never shown; excerpts of messages have at most `excerpt` characters.
    pub(super) fn new(secrets: [&SecretString; 2], excerpt: usize, resumption: bool, login_again: bool) -> Self {
        let redaction = SECRET_MEMBERS.into_iter().fold(Redaction::default(), Redaction::hide_member);
        let redaction = secrets.into_iter().cloned().fold(redaction, Redaction::hide);
        let state = watch::Sender::new(State::of(None, Stage::Down, Shown::default()));
        let inner = Inner {
            link: None,
            stage: Stage::Down,
            established: false,
            standing: Standing::new(login_again),
            shown: Shown::default(),
            application: Application::default(),
            heard: false,
            resume_id: None,
            strayed: false,
            watched: BTreeMap::new(),
            streams: BTreeSet::new(),
            is_unpublished: false,
            is_publishing: false,
            secrets: VecDeque::new(),
        };
        Self { inner: Mutex::new(inner), state, resumption, redaction, excerpt }
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
            let state = State::of(inner.link.as_ref(), inner.stage, inner.shown.clone());
            drop(inner);
            // This wakes watchers. The panic hook has reported a panic of a waker; the session must go on.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(self.state.send_replace(state))));
            inner = self.inner();
        }
        // Still under the lock that found nothing unpublished, so no change is lost.
        inner.is_publishing = false;
    }

    /// Publishes what has changed for the login and the subscription.
    fn publish_standing<'a>(&'a self, mut inner: MutexGuard<'a, Inner>) {
        let shown = inner.standing.shown();
        if shown != inner.shown {
            inner.shown = shown;
            self.publish(inner);
        }
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
        (inner.heard, inner.strayed) = (false, false);
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

    /// Begins a fresh session. Returns what it must be given.
    pub(super) fn begin(&self) -> [Option<Intent>; 2] {
        let mut inner = self.inner();
        inner.established = false;
        let owed = inner.standing.begin();
        // It is published together with the end of the handshake.
        inner.shown = inner.standing.shown();
        owed
    }

    /// Returns what is still to be given back to this session.
    pub(super) fn owed(&self) -> Option<Owed> {
        self.inner().standing.owed()
    }

    /// Returns whether this is still to be given back to this session.
    pub(super) fn is_owed(&self, intent: &Intent) -> bool {
        self.inner().standing.is_owed(intent)
    }

    /// Keeps what the server told about the application.
    pub(super) fn initialized(&self, application: Application) {
        self.inner().application = application;
    }

    /// Notes that the fresh session is complete. If it is lost earlier, it is not resumed: its login would be missing.
    pub(super) fn established(&self) {
        self.inner().established = true;
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

    /// Returns whether this is the first text without an id on this connection.
    pub(super) fn is_first_stray(&self) -> bool {
        !std::mem::replace(&mut self.inner().strayed, true)
    }

    // ---- packets ----

    /// Notes that a packet is sent with this id.
    ///
    /// # Errors
    ///
    /// If it gives back what is not missing any more.
    pub(super) fn sent(&self, id: u64, command: &Command) -> Result<(), Error> {
        let watched = match (command.packet, &command.intent) {
            (_, Some(intent)) => Watched::Intent(intent.clone()),
            (Packet::Logout, _) => Watched::LogOut,
            (Packet::GetVariable | Packet::TransferFile, _) => Watched::Needs(None),
            (Packet::GetCurrentLicense, _) => Watched::Needs(Some(Authorization::License)),
            (Packet::GetCurrentAccount | Packet::LinkLicenseToAccount, _) => {
                Watched::Needs(Some(Authorization::Account))
            }
            _ => return Ok(()),
        };
        let restores = command.intent.clone().filter(|_| command.restores);
        let mut inner = self.inner();
        let mut position = id;
        match &restores {
            // All other packets come later, also those that were encoded before.
            Some(_) if !inner.established => position = 0,
            Some(intent) if !inner.standing.is_owed(intent) => {
                return Err(Error::invalid_request("the session has what was missing, or it is not wanted any more"));
            }
            _ => {}
        }
        inner.standing.asked(position, &watched);
        inner.watched.insert(id, Sent { watched, position, restores });
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
        self.publish_standing(inner);
        Ok(())
    }

    /// Learns from a reply. Returns whether it is the last one with its id.
    pub(super) fn answered(&self, id: u64, reply: &Reply, is_last: bool) -> bool {
        let mut inner = self.inner();
        inner.heard = true;
        if inner.streams.contains(&id) && !is_last {
            return false;
        }
        inner.streams.remove(&id);
        let Some(Sent { watched, position, restores }) = inner.watched.remove(&id) else { return true };
        if let Some(status) = reply.status() {
            inner.standing.answered(position, &watched, status);
        }
        if let Some(intent) = restores {
            drop(inner);
            let refused = reply.open(self).err().map(|mut error| {
                let context = error.context_mut();
                context.service = super::SERVICE;
                context.command = intent.packet().name().into();
                error
            });
            if let Some(error) = &refused {
                tracing::warn!(service = super::SERVICE, %error, "a fresh session lacks what the lost one had");
            }
            inner = self.inner();
            inner.standing.given_back(&intent, refused);
        }
        self.publish_standing(inner);
        true
    }

    /// Removes the file streams in progress, and returns them.
    pub(super) fn take_streams(&self) -> BTreeSet<u64> {
        std::mem::take(&mut self.inner().streams)
    }

    /// Learns from an event.
    pub(super) fn happened(&self, event: &Event) {
        let mut inner = self.inner();
        if event.event_type.ends_authorization() {
            inner.standing.login_ended();
            self.publish_standing(inner);
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
        let in_use = inner.standing.login().into_iter().flat_map(Login::secrets);
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
