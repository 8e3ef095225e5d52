//! BlazeAuth's client against the sandbox, and against servers that do what a test tells them.

use crate::setup::Setup;
use crate::support::{Server, Socket};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use statuswire::blazeauth::{Client, State};
use statuswire::error::{Cause, Delivery, Error};
use statuswire::policy::Backoff;
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::{Account, Application, File, License, RateLimit, SessionHandle, Variable};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};

/// Of the application, and of whom the client calls itself.
pub const KEY: &str = "BAquietharbour000041x";
pub const CLIENT: &str = "kiosk-17";
pub const LICENSE: &str = "HBR-9911-KIOSK";
pub const LOGIN: &str = "harbour-master";
pub const PASSWORD: &str = "correct horse";
pub const SECOND: Duration = Duration::from_secs(1);

pub fn application() -> Application {
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    Application::new(KEY, "Harbour Kiosk")
        .version("2.4.1")
        .license(License::new(LICENSE).lasts(hours(48)).levels(["staff"]).comment("bridge"))
        .license(License::new("HBR-RUNNING").active_for(hours(1)))
        .license(License::new("HBR-EXPIRED").expired().levels(["staff"]).comment("was good"))
        .license(License::new("HBR-PAUSED").paused().levels(["staff"]))
        .license(License::new("HBR-BANNED").blacklisted())
        .license(License::new("HBR-ELSEWHERE").client_id("kiosk-99"))
        .license(License::new("HBR-UNUSED"))
        .account(Account::new(LOGIN, PASSWORD).levels(["master"]).comment("day shift"))
        .account(Account::new("ada@example.org", "battery staple").email())
        .variable(Variable::new("motd_text", "Mind the gap"))
        .variable(Variable::new("tide_table", r#"{"high":"04:12"}"#).protected())
        .file(File::new("patch-0007", *b"ab}{\0\xff cde"))
}

/// A sandbox without a limit of traffic.
pub async fn sandbox() -> BlazeAuth {
    let builder = BlazeAuth::builder().application(application());
    builder.configure(|settings| settings.rate_limit = RateLimit::off()).start().await.unwrap()
}

/// A client that does not wait long to connect again, and keeps no rate limit.
pub fn builder(url: &str) -> Setup {
    let soon = Backoff::default().with_base(Duration::from_millis(1)).with_cap(Duration::from_millis(5));
    Setup::new(url, KEY, CLIENT).backoff(soon).rate_limit(None)
}

pub async fn start() -> (BlazeAuth, Client) {
    let sandbox = sandbox().await;
    let client = builder(&sandbox.url()).connect().await.unwrap();
    (sandbox, client)
}

/// The one session that a sandbox has.
#[track_caller]
pub fn session(sandbox: &BlazeAuth) -> SessionHandle {
    let sessions = sandbox.sessions();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    sessions[0].clone()
}

/// The path of what an answer has wrong.
#[track_caller]
pub fn unreadable_at(error: &Error) -> &str {
    assert_eq!(error.delivery(), Delivery::Answered, "{error:?}");
    match error.cause() {
        Cause::Decode(what) => &what.path,
        other => panic!("{other:?}"),
    }
}

/// Waits for a state, within what is much longer than anything takes.
pub async fn state(client: &Client, wanted: impl FnMut(&State) -> bool) -> State {
    let mut states = client.state();
    let state = tokio::time::timeout(86_400 * SECOND, states.wait_for(wanted)).await;
    state.expect("the state never comes").unwrap().clone()
}

/// The error for which a client is closed.
pub async fn end(client: &Client) -> Error {
    match state(client, State::is_closed).await {
        State::Closed { cause: Some(cause), .. } => (*cause).clone(),
        other => panic!("{other:?}"),
    }
}

/// The name of a state, with who is logged in.
pub fn name(state: &State) -> String {
    match state {
        State::Connecting { .. } => "connecting".into(),
        State::Resuming { .. } => "resuming".into(),
        State::Waiting { .. } => "waiting".into(),
        State::Closed { .. } => "closed".into(),
        State::Ready { authorization: Some(by), .. } => format!("authorized({by:?})").to_lowercase(),
        State::Ready { .. } => "initialized".into(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// One connection to a server that a test plays.
pub struct Peer {
    pub socket: Socket,
    /// From 0.
    pub number: usize,
    /// What the client wants to take up.
    pub resume_id: Option<String>,
}

/// Serves each connection with a header `Resume-Id: id-NUMBER`.
pub async fn server<F, S>(serve: S) -> Server
where
    F: Future<Output = ()> + Send + 'static,
    S: Fn(Peer) -> F + Send + Sync + 'static,
{
    server_with(|number| Some(format!("id-{number}")), serve).await
}

/// The same with another header, or without.
pub async fn server_with<F, S>(resume_id: fn(usize) -> Option<String>, serve: S) -> Server
where
    F: Future<Output = ()> + Send + 'static,
    S: Fn(Peer) -> F + Send + Sync + 'static,
{
    let serve = Arc::new(serve);
    Server::raw(move |stream, number| {
        let serve = Arc::clone(&serve);
        async move {
            let asked = Arc::new(Mutex::new(None));
            #[allow(clippy::result_large_err, reason = "tungstenite's type")]
            let answer = |request: &Request, mut response: Response| {
                let id = request.headers().get("resume-id").map(|id| id.to_str().unwrap().to_owned());
                *asked.lock().unwrap() = id;
                if let Some(id) = resume_id(number) {
                    response.headers_mut().insert("Resume-Id", id.parse().unwrap());
                }
                Ok(response)
            };
            if let Ok(socket) = tokio_tungstenite::accept_hdr_async(stream, answer).await {
                let resume_id = asked.lock().unwrap().take();
                serve(Peer { socket, number, resume_id }).await;
            }
        }
    })
    .await
}

/// A packet as it came, and its id.
#[derive(Clone, Debug, PartialEq)]
pub struct Packet {
    pub text: String,
    pub kind: u64,
    pub id: u64,
    pub members: Value,
}

impl Peer {
    /// The next packet; `None` when the client is gone.
    pub async fn packet(&mut self) -> Option<Packet> {
        loop {
            match self.socket.next().await?.ok()? {
                Message::Text(text) => {
                    let members: Value = serde_json::from_str(&text).unwrap();
                    let number = |name: &str| members[name].as_u64().unwrap();
                    let (kind, id) = (number("type"), number("id"));
                    return Some(Packet { text: text.to_string(), kind, id, members });
                }
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    pub async fn say(&mut self, text: impl Into<String>) {
        let _ = self.socket.send(Message::text(text.into())).await;
    }

    /// Answers a packet with these members behind its id.
    pub async fn answer(&mut self, id: u64, members: &str) {
        self.say(format!(r#"{{"id":{id},{members}}}"#)).await;
    }

    /// Answers the packet that initializes, which must come next.
    pub async fn initialize(&mut self) {
        if let Some(packet) = self.packet().await {
            assert_eq!(packet.kind, 0, "{packet:?}");
            self.answer(packet.id, r#""app_name":"Played","app_version":"1","status":1"#).await;
        }
    }

    /// Answers every packet with status 1 and what any of them may need.
    pub async fn serve(mut self) {
        while let Some(Packet { id, kind, .. }) = self.packet().await {
            let members = match kind {
                0 => r#""app_name":"Played","app_version":"1","#,
                10 => r#""online_users_count":7,"#,
                11 => r#""content":"text","#,
                13 => r#""value":"text","#,
                _ => "",
            };
            self.answer(id, &format!(r#"{members}"status":1"#)).await;
        }
    }

    /// Closes, and waits for the client's answer.
    pub async fn close(mut self, code: u16, reason: &str) {
        let frame = CloseFrame { code: code.into(), reason: reason.to_owned().into() };
        let _ = self.socket.send(Message::Close(Some(frame))).await;
        while self.socket.next().await.is_some_and(|message| message.is_ok()) {}
    }

    /// Until the client is gone.
    pub async fn listen(mut self) {
        while self.packet().await.is_some() {}
    }
}

/// What an error shows in any way.
pub fn shown(error: &Error) -> String {
    let mut text = format!("{error}\n{error:#}\n{error:?}\n{error:#?}\n");
    text += &serde_json::to_string(&error.to_problem()).unwrap();
    if let Cause::Status(status) = error.cause() {
        text += &format!("\n{:?} {:?}", status.message, status.body);
    }
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text += &format!("\n{error} {error:?}");
        source = error.source();
    }
    text
}

pub type Frame = tungstenite::Message;
