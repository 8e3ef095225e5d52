//! A little protocol of the tests' own, and a server that does what a test tells it.
#![allow(dead_code, unreachable_pub, reason = "each test program uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails with a panic")]

pub mod authority;
pub mod files;
pub mod gzip;
pub mod proxy;
pub mod raw;
pub mod setup;
pub mod traced;

use self::setup::Setup;
use futures_util::{SinkExt, StreamExt};
use statuswire::error::Error;
use statuswire::policy::{Backoff, Retry, Timeouts};
use statuswire::rpc::{
    Close, CloseAction, Expect, InFlight, Matching, Message, OneWay, Opened, Opening, Outgoing, Part, Priority,
    Protocol, Reconnect, Repeat, Replies, Routes, Unroutable, Window,
};
use statuswire::ws::Upgrade;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite;

pub const MS: Duration = Duration::from_millis(1);

/// Commands are `<seq> <name> <argument>`. Replies are `<key>.<text>` (the last) or `<key>+<text>` (more follow), where
/// the key is the seq or the name, as the matching demands. `!<text>` is an event.
pub struct Lines {
    pub matching: Matching,
    pub window: Window,
    /// Sent as the handshake, if not empty.
    pub hello: &'static str,
    pub in_flight: InFlight,
    pub on_close: fn(u16) -> Reconnect,
}

impl Lines {
    pub fn new(matching: Matching) -> Self {
        Self {
            matching,
            window: Window::commands(64),
            hello: "",
            in_flight: InFlight::Fail,
            on_close: |_| Reconnect::Backoff,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Command {
    pub name: &'static str,
    pub argument: String,
    pub replies: Replies,
    pub repeat: Repeat,
    pub reply_bytes: usize,
    pub reply_timeout: Option<Duration>,
    pub hold: bool,
    pub priority: Priority,
    pub this_connection: bool,
}

pub fn command(name: &'static str, argument: impl Into<String>) -> Command {
    let argument = argument.into();
    Command {
        name,
        argument,
        replies: Replies::One,
        repeat: Repeat::Unsafe,
        reply_bytes: 0,
        reply_timeout: None,
        hold: true,
        priority: Priority::Normal,
        this_connection: false,
    }
}

impl Command {
    pub fn replies(mut self, replies: Replies) -> Self {
        self.replies = replies;
        self
    }
    pub fn safe(mut self) -> Self {
        self.repeat = Repeat::Safe;
        self
    }
    pub fn reply_bytes(mut self, bytes: usize) -> Self {
        self.reply_bytes = bytes;
        self
    }
    pub fn reply_timeout(mut self, limit: Duration) -> Self {
        self.reply_timeout = Some(limit);
        self
    }
    pub fn hold(mut self, hold: bool) -> Self {
        self.hold = hold;
        self
    }
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }
    pub fn this_connection(mut self) -> Self {
        self.this_connection = true;
        self
    }
}

impl Protocol for Lines {
    type Command = Command;
    type Reply = String;
    type Event = String;
    type Key = String;

    fn service(&self) -> &'static str {
        "lines"
    }
    fn matching(&self) -> Matching {
        self.matching
    }
    fn window(&self) -> Window {
        self.window
    }
    fn command_name(&self, command: &Command) -> std::borrow::Cow<'static, str> {
        command.name.into()
    }
    fn encode(&self, command: &Command, seq: u64, out: &mut Outgoing) -> Result<Expect<String>, Error> {
        if command.name == "REFUSED" {
            return Err(Error::invalid_request("REFUSED is never sent"));
        }
        out.payload = format!("{seq} {} {}", command.name, command.argument).into_bytes();
        let key = if self.matching == Matching::ById { seq.to_string() } else { command.name.to_owned() };
        let mut expect = Expect::one(key)
            .replies(command.replies)
            .repeat(command.repeat)
            .reply_bytes(command.reply_bytes)
            .hold(command.hold)
            .priority(command.priority)
            .this_connection(command.this_connection);
        expect.reply_timeout = command.reply_timeout;
        Ok(expect)
    }
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let Message::Text(text) = message else { return Err(Unroutable::new("it is binary")) };
        for line in text.lines() {
            if let Some(event) = line.strip_prefix('!') {
                routes.event(event.to_owned());
            } else if let Some(at) = line.find(['.', '+']) {
                let part = if line[at..].starts_with('.') { Part::Last } else { Part::Next };
                routes.part(line[..at].to_owned(), part, line[at + 1..].to_owned());
            } else {
                return Err(Unroutable::new("it has neither a dot nor a plus"));
            }
        }
        Ok(())
    }
    /// By name, `?` may answer any command.
    fn fits(&self, waiting: &String, got: &String) -> bool {
        waiting == got || self.is_ambiguous(got)
    }
    fn is_ambiguous(&self, got: &String) -> bool {
        self.matching == Matching::ByName && got == "?"
    }
    fn reply_bytes(&self, reply: &String) -> usize {
        reply.len()
    }
    fn one_way(&self) -> Option<&dyn OneWay<Self>> {
        Some(self)
    }
    async fn open(&self, link: Opening<'_, Self>) -> Result<Opened, Error> {
        if self.hello.is_empty() {
            return Ok(Opened::Fresh);
        }
        let reply = link.call(&command(self.hello, "")).await?;
        Ok(if reply == "resumed" { Opened::Resumed } else { Opened::Fresh })
    }
    fn on_close(&self, close: &Close<'_>) -> CloseAction {
        let action = match close {
            Close::Frame(frame) => CloseAction::new((self.on_close)(frame.code)),
            _ => CloseAction::usual(close),
        };
        action.with_in_flight(self.in_flight)
    }
}

impl OneWay<Self> for Lines {
    fn fence(&self, _: &String) -> Option<Command> {
        Some(command("FENCE", ""))
    }
    fn proves(&self, _: &String, _: &String) -> bool {
        self.matching == Matching::InOrder
    }
}

impl Upgrade for Lines {}

/// A client with short delays between attempts and without retries.
pub fn builder(url: &str, lines: Lines) -> Setup<Lines> {
    Setup::new(url, lines)
        .backoff(Backoff::default().with_base(MS).with_cap(5 * MS))
        .retry(Retry::never())
        .timeouts(Timeouts::default().with_call(Duration::from_secs(20)))
}

/// A WebSocket server: `serve` runs for each connection, with the number of the connection from 0.
pub struct Server {
    pub url: String,
    pub connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

pub type Socket = WebSocketStream<TcpStream>;

/// What a WebSocket may run on.
pub trait Transport: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin {}
impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Transport for S {}

impl Server {
    pub async fn start<F, S>(serve: S) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
        S: Fn(Socket, usize) -> F + Send + Sync + 'static,
    {
        let serve = Arc::new(serve);
        Self::raw(move |stream, number| {
            let serve = Arc::clone(&serve);
            async move {
                if let Ok(socket) = tokio_tungstenite::accept_async(stream).await {
                    serve(socket, number).await;
                }
            }
        })
        .await
    }

    /// The same before the upgrade.
    pub async fn raw<F, S>(serve: S) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
        S: Fn(TcpStream, usize) -> F + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            let mut running = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                running.spawn(serve(stream, counter.fetch_add(1, SeqCst)));
            }
        });
        Self { url, connections, task }
    }

    pub fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A command as the server reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub seq: String,
    pub name: String,
    pub argument: String,
}

/// The next command; `None` when the client is gone.
pub async fn receive<S: Transport>(socket: &mut WebSocketStream<S>) -> Option<Received> {
    loop {
        match socket.next().await?.ok()? {
            tungstenite::Message::Text(text) => {
                let mut parts = text.splitn(3, ' ').map(str::to_owned);
                let mut part = || parts.next().unwrap_or_default();
                return Some(Received { seq: part(), name: part(), argument: part() });
            }
            tungstenite::Message::Close(_) => return None,
            _ => {}
        }
    }
}

pub async fn send<S: Transport>(socket: &mut WebSocketStream<S>, text: impl Into<String>) {
    let _ = socket.send(tungstenite::Message::text(text.into())).await;
}

/// Answers every command with its own argument.
pub async fn echo<S: Transport>(mut socket: WebSocketStream<S>, by_id: bool) {
    while let Some(Received { seq, name, argument }) = receive(&mut socket).await {
        let key = if by_id { seq } else { name };
        send(&mut socket, format!("{key}.{argument}")).await;
    }
}

/// Waits until a condition holds that other tasks bring about.
pub async fn until(condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(MS).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(100), wait).await.expect("the condition never came true");
}

/// The outer limit of what a test waits for: nothing may hang.
pub async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(120), work).await.expect("it hangs")
}

/// Bytes as they are, past the WebSocket layer.
pub async fn send_raw(socket: &mut Socket, bytes: &[u8]) {
    let _ = socket.get_mut().write_all(bytes).await;
}

/// Waits until the client is gone, whatever it still says.
pub async fn drain(stream: &mut TcpStream) {
    let mut bytes = vec![0; 64 << 10];
    while stream.read(&mut bytes).await.is_ok_and(|n| n > 0) {}
}

/// A frame as a server sends it, unmasked: the first byte (FIN, reserved bits, opcode) and the payload.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..126 => frame.push(length as u8),
        length @ 126..65536 => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}

/// Waits until the runtime has no tasks but those that were there.
pub async fn until_tasks_are(base: usize) {
    until(|| tokio::runtime::Handle::current().metrics().num_alive_tasks() <= base).await;
}

/// Reads the request for an upgrade, up to its blank line.
pub async fn read_head<S: Transport>(stream: &mut S) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// The answer that accepts such a request.
pub fn accept(head: &str) -> Vec<u8> {
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim())
    });
    let accept = tungstenite::handshake::derive_accept_key(key.unwrap().as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .into_bytes()
}
