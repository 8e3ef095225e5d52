//! The protocol: JSON with ids over WebSocket, events under an id of their own, binary frames for the bytes of files.

use super::decode;
use super::event::{Event, EventType};
use super::frame::Frame;
use super::packet::{Command, Packet};
use super::reply::{EventNumber, Head, Reply};
use super::session::Session;
use crate::codes::blazeauth::ErrorCode;
use crate::codes::blazeauth_close::ErrorCode as CloseCode;
use crate::codes::{AnyCode, Field, Recovery};
use crate::error::{Cause, CloseFrame, Error, Redaction};
use crate::json::Members;
use crate::policy::Backoff;
use crate::rpc::{
    Close, CloseAction, Expect, Heartbeat, InFlight, Matching, Message, Opened, Opening, Outgoing, Part, Protocol,
    Reconnect, Routes, State, Unroutable, Window,
};
use crate::ws::{Request, Upgrade};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// The header in both directions.
const RESUME_ID: &str = "resume-id";
/// Packets on the wire.
const WINDOW: usize = 256;
/// The id of events; no packet may have it.
const EVENTS: u64 = u64::MAX;
/// How long to stay away after close 4201 or HTTP 429 if it does not say. The documentation leaves the length open.
const RATE_LIMITED: Duration = Duration::from_secs(60);

/// How long packets wait for their session to be resumed, if their own time limits are longer. How long the server keeps
/// sessions is not documented.
const RESUMABLE: Duration = Duration::from_secs(60);

/// Characters of a text without an id in the log.
const STRAY: usize = 200;

/// The least to stay away, whatever it says.
const SECOND: Duration = Duration::from_secs(1);

/// The protocol and what it knows of the session.
pub(super) struct BlazeAuth {
    pub(super) api_key: SecretString,
    pub(super) client_id: SecretString,
    pub(super) session: Session,
    /// The pace at which a login and a subscription that were refused for the moment are tried again.
    pub(super) backoff: Backoff,
}

impl BlazeAuth {
    async fn initialize(&self, link: &Opening<'_, Self>) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            websocket_api_key: &'a str,
            client_id: &'a str,
        }
        let fields =
            Fields { websocket_api_key: self.api_key.expose_secret(), client_id: self.client_id.expose_secret() };
        let reply = link.call(&Command::new(Packet::Initialize, &fields)).await?;
        self.session.initialized(reply.open(&self.session).and_then(|answer| answer.read())?);
        Ok(())
    }

    fn text(&self, text: bytestring::ByteString, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let head: Head<'_> = match serde_json::from_str(&text) {
            Ok(head) => head,
            Err(error) => return self.stray(&text, &error),
        };
        let Head { id, status, event_type, content, presigned_url } = head;
        if id == EVENTS {
            let number = event_type.and_then(|EventNumber(number)| number);
            let event_type = number.map_or(EventType::Unknown(None), EventType::from_value);
            let content = content.map(|content| Arc::from(content.get()));
            let event = Event { event_type, content };
            self.session.happened(&event);
            routes.event(event);
            return Ok(());
        }
        let is_last = presigned_url.is_some() || status.ends();
        self.pass(id, is_last, Reply::Text { text, status }, routes);
        Ok(())
    }

    fn binary(&self, bytes: &bytes::Bytes, routes: &mut Routes<Self>) {
        let what = match Frame::parse(bytes) {
            Ok(frame) => {
                let (id, is_last) = (frame.metadata.id, frame.metadata.is_last());
                return self.pass(id, is_last, Reply::Frame(Box::new(frame)), routes);
            }
            Err(what) => Arc::new(what),
        };
        match Frame::id(bytes) {
            // The stream may go on: its download ends it.
            Some(id) => self.pass(id, false, Reply::Undecodable(what), routes),
            // Only file streams have binary messages. Without any, it belongs to one that was given up.
            None => {
                for id in self.session.take_streams() {
                    routes.part(id, Part::Last, Reply::Undecodable(Arc::clone(&what)));
                }
            }
        }
    }

    /// Judges a text without a readable id. One that mentions an id may be an answer: on another connection, the resumed
    /// session brings it again. Any other concerns no packet, and only a second one costs the connection.
    fn stray(&self, text: &str, error: &serde_json::Error) -> Result<(), Unroutable> {
        let reason = decode::reason(error);
        let mentions_id = match serde_json::from_str::<Members<'_>>(text) {
            Ok(members) => members.get("id").is_some(),
            Err(_) => text.contains(r#""id""#),
        };
        if mentions_id || !self.session.is_first_stray() {
            return Err(Unroutable::new(reason));
        }
        let text = self.redaction().excerpt(text, STRAY);
        tracing::warn!(service = super::SERVICE, reason, text, "the server sent a text without an id: it is ignored");
        Ok(())
    }

    fn pass(&self, id: u64, is_last: bool, reply: Reply, routes: &mut Routes<Self>) {
        let part = if self.session.answered(id, &reply, is_last) { Part::Last } else { Part::Next };
        routes.part(id, part, reply);
    }
}

impl Protocol for BlazeAuth {
    type Command = Command;
    type Reply = Reply;
    type Event = Event;
    type Key = u64;

    fn service(&self) -> &'static str {
        super::SERVICE
    }

    fn matching(&self) -> Matching {
        Matching::ById
    }

    fn window(&self) -> Window {
        Window::commands(WINDOW)
    }

    fn command_name(&self, command: &Command) -> Cow<'static, str> {
        command.packet.name().into()
    }

    fn encode(&self, command: &Command, seq: u64, out: &mut Outgoing) -> Result<Expect<u64>, Error> {
        // Numbers count from 1 and are never used twice.
        if seq == EVENTS {
            return Err(Error::invalid_request("all ids are used up; make another client"));
        }
        command.write(seq, &mut out.payload);
        self.session.sent(seq, command)?;
        let packet = command.packet;
        // A file stream ends with its connection; its download asks for the rest.
        let hold = packet != Packet::TransferFile;
        let expect = Expect::one(seq).replies(packet.replies()).repeat(packet.repeat());
        Ok(expect.hold(hold).priority(packet.priority()))
    }

    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        match message {
            Message::Text(text) => self.text(text, routes),
            message => {
                self.binary(message.bytes(), routes);
                Ok(())
            }
        }
    }

    fn status(&self, reply: &Reply) -> Option<AnyCode> {
        reply.status().map(AnyCode::of)
    }

    fn reply_bytes(&self, reply: &Reply) -> usize {
        match reply {
            Reply::Text { text, .. } => text.len(),
            Reply::Frame(frame) => {
                let link = frame.metadata.presigned_url.as_ref().map_or(0, |link| link.expose_secret().len());
                frame.chunk.len() + link
            }
            Reply::Undecodable(what) => what.path.len() + what.reason.len(),
        }
    }

    fn event_bytes(&self, event: &Event) -> usize {
        event.content.as_ref().map_or(0, |content| content.len())
    }

    fn redaction(&self) -> Redaction {
        self.session.redaction()
    }

    async fn open(&self, link: Opening<'_, Self>) -> Result<Opened, Error> {
        if self.session.is_resumed() {
            return Ok(Opened::Resumed);
        }
        let owed = self.session.begin();
        self.initialize(&link).await?;
        // The session learns from the answers. It is good without the login or the subscription, and its state tells.
        for intent in owed.into_iter().flatten() {
            // The user may have logged out or unsubscribed meanwhile.
            if self.session.is_owed(&intent) {
                link.call(&Command::restore(intent)).await?;
            }
        }
        self.session.established();
        Ok(Opened::Fresh)
    }

    /// Tries again to log in and to subscribe, if that was refused for the moment.
    fn heartbeat(&self) -> Option<Heartbeat<Command>> {
        let owed = self.session.owed()?;
        let wait = self.backoff.delay_after(owed.wait, owed.failures.saturating_sub(1), rand::random());
        Some(Heartbeat::new(wait, Command::restore(owed.intent)))
    }

    fn on_close(&self, close: &Close<'_>) -> CloseAction {
        let action = match close {
            Close::Frame(frame) => self.on_close_frame(frame),
            Close::Handshake(error) => CloseAction::new(match (error.cause(), error.recovery()) {
                // Not by the server: there are no ids left.
                (Cause::InvalidRequest(_), _) => Reconnect::Never,
                (Cause::Status(_), Recovery::Correct | Recovery::LogIn | Recovery::AskOperator) => Reconnect::Never,
                _ => Reconnect::Backoff,
            }),
            Close::Attempt(error) if is_rate_limited(error) && error.retry_after().is_none() => {
                CloseAction::new(Reconnect::After(RATE_LIMITED))
            }
            _ => CloseAction::usual(close),
        };
        let held = self.session.lost();
        action.with_in_flight(if held { InFlight::Hold(RESUMABLE) } else { InFlight::Fail })
    }

    fn state_changed(&self, state: &State) {
        self.session.link_changed(state);
    }
}

impl Upgrade for BlazeAuth {
    fn sends_credentials(&self) -> bool {
        true
    }

    async fn compose(&self, request: &mut Request) -> Result<(), Error> {
        let id = self.session.resume_id();
        if let Some(mut value) = id.and_then(|id| HeaderValue::from_str(id.expose_secret()).ok()) {
            value.set_sensitive(true);
            request.headers_mut().insert(RESUME_ID, value);
        }
        Ok(())
    }

    fn accepted(&self, headers: &HeaderMap) {
        self.session.accepted(headers.get(RESUME_ID));
    }

    fn refused(&self, status: StatusCode) -> Option<AnyCode> {
        (status == StatusCode::TOO_MANY_REQUESTS).then(|| AnyCode::of(ErrorCode::RateLimited))
    }
}

impl BlazeAuth {
    fn on_close_frame(&self, frame: &CloseFrame) -> CloseAction {
        // A session that the server ended cannot be resumed, whatever the code.
        self.session.closed();
        let code = CloseCode::from_value(frame.code);
        let action = CloseAction::new(match code {
            CloseCode::ResumeFailed | CloseCode::ResumeIdNotFound | CloseCode::InitializeTimeout => Reconnect::Now,
            CloseCode::RateLimited => Reconnect::After(seconds(frame).map_or(RATE_LIMITED, |wait| wait.max(SECOND))),
            CloseCode::NormalClosure | CloseCode::InternalServerError | CloseCode::NotInitialized => Reconnect::Backoff,
            // Codes of the protocol itself and of servers in between.
            _ if frame.code < 3000 => Reconnect::Backoff,
            _ => Reconnect::Never,
        });
        // The last one comes from a server that knows nothing of resumption and began a fresh session.
        let refused = [CloseCode::ResumeFailed, CloseCode::ResumeIdNotFound, CloseCode::NotInitialized];
        let action = action.with_unprocessed(refused.contains(&code) && self.session.is_resumption_unanswered());
        action.with_code(match code {
            // The server says it in one way or the other, so that users need to know one only.
            CloseCode::ExternalIdBlacklisted => Some(AnyCode::of(ErrorCode::ClientIDBlacklisted)),
            code if code.is_listed() => Some(AnyCode::of(code)),
            _ => None,
        })
    }
}

fn is_rate_limited(error: &Error) -> bool {
    error.code_as() == Some(ErrorCode::RateLimited)
}

/// How long a close's reason tells to stay away.
fn seconds(frame: &CloseFrame) -> Option<Duration> {
    let info = CloseCode::from_value(frame.code).info()?;
    match info.read_reason(&frame.reason)?.get("seconds")? {
        Field::Unsigned(seconds) => Some(Duration::from_secs(seconds)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol() -> BlazeAuth {
        let [api_key, client_id] = ["key", "client"].map(SecretString::from);
        let session = Session::new([&api_key, &client_id], 120, true, true);
        BlazeAuth { api_key, client_id, session, backoff: Backoff::default() }
    }

    #[test]
    fn the_highest_id_belongs_to_events() {
        let command = Command::bare(Packet::GetOnlineUsersCount);
        let mut out = Outgoing::default();
        assert_eq!(protocol().encode(&command, EVENTS - 1, &mut out).unwrap().key, EVENTS - 1);
        let error = protocol().encode(&command, EVENTS, &mut out).unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains("ids are used up"), "{error}");
    }

    #[test]
    fn a_frame_that_cannot_be_read_is_kept_once_and_counted() {
        let protocol = protocol();
        for id in 1..=3 {
            protocol.session.sent(id, &Command::file(Packet::TransferFile, "name")).unwrap();
        }
        let mut routes = Routes::default();
        protocol.route(Message::Binary(bytes::Bytes::from_static(b"{\"id\":-1}")), &mut routes).unwrap();
        let replies: Vec<Reply> = routes.into_answers().map(|(_, _, reply)| reply).collect();
        let texts: Vec<&Arc<Unroutable>> = replies
            .iter()
            .map(|reply| match reply {
                Reply::Undecodable(what) => what,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(texts.len(), 3);
        assert!(texts.iter().all(|text| Arc::ptr_eq(text, texts[0])));
        assert!(replies.iter().all(|reply| protocol.reply_bytes(reply) >= texts[0].reason.len()));
    }

    #[test]
    fn a_frame_whose_id_can_be_read_concerns_that_stream_only() {
        let protocol = protocol();
        for id in 1..=3 {
            protocol.session.sent(id, &Command::file(Packet::TransferFile, "name")).unwrap();
        }
        let route = |frame: &'static [u8]| {
            let mut routes = Routes::default();
            protocol.route(Message::Binary(bytes::Bytes::from_static(frame)), &mut routes).unwrap();
            routes.into_answers().map(|(id, part, _)| (id, part)).collect::<Vec<_>>()
        };
        assert_eq!(route(b"{\"id\":2,\"status\":\"x\"}abc"), [(2, Part::Next)]);
        // It is still there, as are the others.
        assert_eq!(route(b"{\"id\":2,\"status\":306}"), [(2, Part::Last)]);
        assert_eq!(route(b"{\"id\":2,\"status\":\"x\"}"), [(2, Part::Last)]);
        assert_eq!(route(b"{\"status\":1}"), [(1, Part::Last), (3, Part::Last)]);
    }
}
