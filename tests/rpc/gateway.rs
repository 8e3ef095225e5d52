//! What gateways of other services do: the server speaks first, sessions resume at another address, credentials are
//! fetched for each attempt, heartbeats, subscriptions that end, close codes of the client's choice.

use crate::support::setup::Setup;
use crate::support::{MS, Server, Socket, read_head, send, until, within};
use futures_util::StreamExt;
use serde_json::{Value, json};
use statuswire::Error;
use statuswire::error::{Cause, Phase};
use statuswire::policy::{Backoff, Retry, Timeouts};
use statuswire::rpc::{
    Client, Expect, Heartbeat, Matching, Message, Opened, Opening, Outgoing, Part, Protocol, Replies, Routes,
    StreamOptions, Unroutable, Window,
};
use statuswire::ws::{Request, Upgrade};
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_tungstenite::tungstenite;

/// Commands are `{"op":NAME,"id":SEQ}`. The server begins with `{"op":"hello","beat":MS}`.
#[derive(Default)]
struct Gateway {
    beat: AtomicU64,
    beats: AtomicU64,
    resume: Arc<Mutex<Option<String>>>,
    attempts: Arc<AtomicUsize>,
    /// No token ever comes.
    stuck: bool,
}

#[derive(Clone, Debug)]
enum Command {
    Identify,
    Beat,
    Method(String),
    Subscribe,
    Unsubscribe(u64),
}

impl Protocol for Gateway {
    type Command = Command;
    type Reply = Value;
    type Event = ();
    type Key = u64;

    fn service(&self) -> &'static str {
        "gateway"
    }
    fn matching(&self) -> Matching {
        Matching::ById
    }
    fn window(&self) -> Window {
        Window::commands(8)
    }
    fn command_name(&self, command: &Command) -> Cow<'static, str> {
        match command {
            Command::Identify => "identify".into(),
            Command::Beat => "beat".into(),
            Command::Method(name) => name.clone().into(),
            Command::Subscribe => "subscribe".into(),
            Command::Unsubscribe(_) => "unsubscribe".into(),
        }
    }
    fn encode(&self, command: &Command, seq: u64, out: &mut Outgoing) -> Result<Expect<u64>, Error> {
        let mut text = json!({ "op": self.command_name(command), "id": seq });
        let replies = match command {
            Command::Beat => {
                text["beats"] = self.beats.fetch_add(1, SeqCst).into();
                Replies::One
            }
            Command::Subscribe => Replies::UntilLast,
            Command::Unsubscribe(key) => {
                text["of"] = (*key).into();
                Replies::None
            }
            _ => Replies::One,
        };
        out.payload = text.to_string().into_bytes();
        Ok(Expect::one(seq).replies(replies))
    }
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let reply: Value = serde_json::from_slice(message.bytes()).map_err(|e| Unroutable::new(e.to_string()))?;
        match reply["id"].as_u64() {
            Some(id) if reply["more"] == true => routes.part(id, Part::Next, reply),
            Some(id) => routes.answer(id, reply),
            None if reply["op"] == "hello" => routes.opening(reply),
            None => return Err(Unroutable::new("it has no id")),
        }
        Ok(())
    }
    async fn open(&self, opening: Opening<'_, Self>) -> Result<Opened, Error> {
        let hello = opening.receive().await?;
        self.beat.store(hello["beat"].as_u64().unwrap_or(0), SeqCst);
        let ready = opening.call(&Command::Identify).await?;
        *self.resume.lock().unwrap() = ready["resume"].as_str().map(str::to_owned);
        Ok(Opened::Fresh)
    }
    fn heartbeat(&self) -> Option<Heartbeat<Command>> {
        let beat = self.beat.load(SeqCst);
        (beat > 0).then(|| Heartbeat::new(Duration::from_millis(beat), Command::Beat))
    }
    fn cancel(&self, key: &u64) -> Option<Command> {
        Some(Command::Unsubscribe(*key))
    }
}

impl Upgrade for Gateway {
    async fn compose(&self, request: &mut Request) -> Result<(), Error> {
        if self.stuck {
            std::future::pending::<()>().await;
        }
        // As if a token were fetched.
        tokio::time::sleep(MS).await;
        let token = format!("token-{}", self.attempts.fetch_add(1, SeqCst));
        request.headers_mut().insert("x-token", token.parse().unwrap());
        if let Some(path) = &*self.resume.lock().unwrap() {
            let url = format!("{}{path}", request.url());
            request.set_url(url)?;
        }
        Ok(())
    }
    fn close_code(&self, because: Option<&Error>, _: u16) -> u16 {
        if because.is_some() { 4002 } else { 4900 }
    }
}

fn setup(url: &str) -> Setup<Gateway> {
    Setup::new(url, Gateway::default()).backoff(Backoff::default().with_base(MS).with_cap(5 * MS)).retry(Retry::never())
}

/// The next command, or the code of the close frame.
async fn next(socket: &mut Socket) -> Result<Value, Option<u16>> {
    loop {
        match socket.next().await {
            Some(Ok(tungstenite::Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
            Some(Ok(tungstenite::Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
            Some(Ok(_)) => {}
            _ => return Err(None),
        }
    }
}

async fn answer(socket: &mut Socket, command: &Value, mut reply: Value) {
    reply["id"] = command["id"].clone();
    send(socket, reply.to_string()).await;
}

/// The server's half of the handshake: it speaks first.
async fn greet(socket: &mut Socket, beat: u64, resume: &str) {
    send(socket, json!({ "op": "hello", "beat": beat }).to_string()).await;
    let identify = next(socket).await.unwrap();
    assert_eq!(identify["op"], "identify");
    answer(socket, &identify, json!({ "resume": resume })).await;
}

async fn call(client: &Client<Gateway>, name: &str) -> Result<Value, Error> {
    within(client.call(Command::Method(name.to_owned()))).await
}

#[tokio::test]
async fn the_server_may_speak_first() {
    let server = Server::start(|mut socket, number| async move {
        if number == 0 {
            // Several things at once, together with the answer to the upgrade.
            send(&mut socket, json!({ "op": "hello" }).to_string()).await;
            send(&mut socket, json!({ "op": "hello" }).to_string()).await;
            let identify = next(&mut socket).await.unwrap();
            answer(&mut socket, &identify, json!({})).await;
        } else {
            greet(&mut socket, 0, "").await;
        }
        while let Ok(command) = next(&mut socket).await {
            // What comes for the handshake after it means nothing.
            send(&mut socket, json!({ "op": "hello" }).to_string()).await;
            answer(&mut socket, &command, json!({ "did": command["op"] })).await;
        }
    })
    .await;
    let client = setup(&server.url).connect().await.unwrap();
    assert_eq!(call(&client, "any.method").await.unwrap()["did"], "any.method");
    assert_eq!(call(&client, "again").await.unwrap()["did"], "again");
}

#[tokio::test]
async fn a_server_that_says_nothing_or_too_much_fails_the_handshake() {
    let mute = Server::start(|mut socket, _| async move {
        let _ = next(&mut socket).await;
    })
    .await;
    let timeouts = Timeouts::default().with_connect(Duration::from_millis(200));
    let error = within(setup(&mute.url).timeouts(timeouts.clone()).connect()).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Handshake)), "{error:?}");

    let flood = Server::start(|mut socket, _| async move {
        send(&mut socket, json!({ "op": "hello" }).to_string()).await;
        while next(&mut socket).await.is_ok() {
            for _ in 0..100 {
                send(&mut socket, json!({ "op": "hello" }).to_string()).await;
            }
        }
    })
    .await;
    let limits = statuswire::policy::Limits::default().with_replies(10);
    let error = within(setup(&flood.url).timeouts(timeouts).limits(limits).connect()).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Overflow(_)), "{error:?}");
}

#[tokio::test]
async fn each_attempt_has_its_own_address_and_credentials() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let server = Server::raw(move |mut stream, number| {
        let heads = Arc::clone(&seen);
        async move {
            let head = read_head(&mut stream).await;
            let answer = crate::support::accept(&head);
            heads.lock().unwrap().push(head);
            tokio::io::AsyncWriteExt::write_all(&mut stream, &answer).await.unwrap();
            let role = tungstenite::protocol::Role::Server;
            let mut socket = Socket::from_raw_socket(stream, role, None).await;
            greet(&mut socket, 0, "resume?session=s3cret").await;
            while let Ok(command) = next(&mut socket).await {
                if number == 0 {
                    return;
                }
                answer_to(&mut socket, &command).await;
            }
        }
    })
    .await;
    let client = setup(&server.url).connect().await.unwrap();
    call(&client, "lost").await.unwrap_err();
    call(&client, "go").await.unwrap();
    let heads = heads.lock().unwrap();
    assert!(heads[0].starts_with("GET / HTTP/1.1\r\n") && heads[0].contains("x-token: token-0\r\n"), "{heads:?}");
    assert!(heads[1].starts_with("GET /resume?session=s3cret HTTP/1.1\r\n"), "{heads:?}");
    assert!(heads[1].contains("x-token: token-1\r\n"), "{heads:?}");
}

async fn answer_to(socket: &mut Socket, command: &Value) {
    answer(socket, command, json!({})).await;
}

#[tokio::test]
async fn an_error_about_another_address_shows_it_without_its_secrets() {
    let server = Server::raw(|stream, number| async move {
        if number == 0 {
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            // Later attempts go to another address, where no upgrade is answered.
            greet(&mut socket, 0, "x?session=s3cret").await;
            let _ = next(&mut socket).await;
        }
    })
    .await;
    let client = setup(&server.url).connect().await.unwrap();
    call(&client, "lost").await.unwrap_err();
    let shown = |client: &Client<Gateway>| format!("{:?}", *client.state().borrow());
    until(|| shown(&client).contains("session=***")).await;
    assert!(!shown(&client).contains("s3cret"));
}

#[tokio::test]
async fn heartbeats_are_sent_and_a_missing_answer_ends_the_connection() {
    let beats = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&beats);
    let server = Server::start(move |mut socket, number| {
        let beats = Arc::clone(&log);
        async move {
            greet(&mut socket, 20, "").await;
            let mut answered = 0;
            while let Ok(command) = next(&mut socket).await {
                if command["op"] == "beat" {
                    beats.lock().unwrap().push((number, command["beats"].as_u64().unwrap()));
                    answered += 1;
                    if number == 0 && answered > 3 {
                        continue;
                    }
                }
                answer_to(&mut socket, &command).await;
            }
        }
    })
    .await;
    let timeouts = Timeouts::default().with_idle(Duration::from_millis(150));
    let client = setup(&server.url).timeouts(timeouts).connect().await.unwrap();
    let mut states = client.state();
    let lost = within(states.wait_for(|state| matches!(state, statuswire::rpc::State::Waiting { .. }))).await;
    assert!(format!("{:?}", lost.unwrap().clone()).contains("Timeout(Idle)"));
    until(|| beats.lock().unwrap().iter().any(|(number, _)| *number == 1)).await;
    call(&client, "still").await.unwrap();
    // The command is encoded when it is sent: each beat has its own number.
    let numbers: Vec<_> = beats.lock().unwrap().iter().map(|(_, beat)| *beat).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b) && numbers.len() > 4, "{numbers:?}");
}

#[tokio::test]
async fn a_dropped_subscription_is_cancelled_at_the_server() {
    let unsubscribed = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&unsubscribed);
    let server = Server::start(move |mut socket, _| {
        let unsubscribed = Arc::clone(&log);
        async move {
            greet(&mut socket, 0, "").await;
            let mut first = Value::Null;
            while let Ok(command) = next(&mut socket).await {
                match command["op"].as_str().unwrap() {
                    "subscribe" => {
                        first = command["id"].clone();
                        answer(&mut socket, &command, json!({ "more": true })).await;
                    }
                    "unsubscribe" => unsubscribed.lock().unwrap().push(command["of"].clone() == first),
                    "end" => {
                        answer(&mut socket, &json!({ "id": first }), json!({ "more": false })).await;
                        answer_to(&mut socket, &command).await;
                    }
                    _ => answer_to(&mut socket, &command).await,
                }
            }
        }
    })
    .await;
    let client = setup(&server.url).connect().await.unwrap();
    let options = StreamOptions::default();
    let mut stream = client.call_many(&Command::Subscribe, &options).await.unwrap();
    within(stream.next()).await.unwrap().unwrap();
    drop(stream);
    until(|| !unsubscribed.lock().unwrap().is_empty()).await;
    assert_eq!(*unsubscribed.lock().unwrap(), [true]);

    // No end of the replies came, and none keeps a place in the window.
    for _ in 0..20 {
        let mut stream = client.call_many(&Command::Subscribe, &options).await.unwrap();
        within(stream.next()).await.unwrap().unwrap();
    }
    call(&client, "others").await.unwrap();
    assert_eq!(unsubscribed.lock().unwrap().len(), 21);

    // One that has ended needs no end.
    let mut stream = client.call_many(&Command::Subscribe, &options).await.unwrap();
    within(stream.next()).await.unwrap().unwrap();
    call(&client, "end").await.unwrap();
    within(stream.next()).await.unwrap().unwrap();
    assert!(within(stream.next()).await.is_none());
    drop(stream);
    call(&client, "last").await.unwrap();
    assert_eq!(unsubscribed.lock().unwrap().len(), 21);
    // Nothing is left to wait for.
    tokio::time::timeout(Duration::from_secs(5), client.shutdown(Duration::from_secs(600))).await.unwrap();
}

#[tokio::test]
async fn the_protocol_chooses_its_close_codes_and_names_commands_as_it_likes() {
    let closes = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&closes);
    let server = Server::start(move |mut socket, _| {
        let closes = Arc::clone(&log);
        async move {
            greet(&mut socket, 0, "").await;
            loop {
                match next(&mut socket).await {
                    Ok(command) if command["op"] == "nonsense" => send(&mut socket, "{}").await,
                    Ok(command) => answer_to(&mut socket, &command).await,
                    Err(code) => break closes.lock().unwrap().push(code),
                }
            }
            let _ = socket.close(None).await;
        }
    })
    .await;
    let client = setup(&server.url).connect().await.unwrap();
    let error = call(&client, "nonsense").await.unwrap_err();
    assert_eq!(error.context().command, "nonsense");
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    call(&client, "fine").await.unwrap();
    within(client.shutdown(Duration::from_secs(5))).await;
    until(|| closes.lock().unwrap().len() == 2).await;
    assert_eq!(*closes.lock().unwrap(), [Some(4002), Some(4900)]);
}

#[tokio::test]
async fn a_compose_that_never_ends_is_part_of_the_time_limit() {
    let timeouts = Timeouts::default().with_connect(Duration::from_millis(100));
    let stuck = Gateway { stuck: true, ..Gateway::default() };
    let error = within(Setup::new("ws://127.0.0.1:9/", stuck).timeouts(timeouts).connect()).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Connect)), "{error:?}");
}
