//! A BlazeAuth server that does with file streams what a test tells it.

use crate::setup::Setup;
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use statuswire::blazeauth::Client;
use statuswire::policy::{Backoff, Retry};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

pub const KEY: &str = "BAquietharbour000041x";

/// What the server does with one request for a file.
#[derive(Clone)]
pub struct Plan {
    pub file: Arc<Vec<u8>>,
    /// The lengths of the chunks, over and over.
    pub cuts: Vec<usize>,
    /// Breaks off after this many chunks.
    pub only: Option<(usize, Break)>,
    /// The last chunk comes with the end; otherwise the end is a text frame.
    pub end_with_bytes: bool,
    /// A chunk needs one permit.
    pub gate: Option<Arc<Semaphore>>,
    /// Changes the metadata of frames.
    pub edit: fn(&mut Value),
    /// Answers packet 8 with 305 and goes on.
    pub deaf: bool,
    /// Answers so instead of a stream.
    pub refuse: Option<Value>,
}

#[derive(Clone, Copy, Debug)]
pub enum Break {
    /// The connection is gone, without a close frame.
    Connection,
    /// The stream ends with a status.
    Status(u16),
    /// Nothing more comes.
    Silence,
}

pub fn plan(file: &[u8]) -> Plan {
    Plan {
        file: Arc::new(file.to_vec()),
        cuts: vec![16 << 10],
        only: None,
        end_with_bytes: true,
        gate: None,
        edit: |_| {},
        deaf: false,
        refuse: None,
    }
}

/// What the server received.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub packet: u64,
    pub file: String,
    pub resume_at: u64,
    pub at: Instant,
}

type Plans = dyn Fn(&str, usize, u64) -> Plan + Send + Sync;

pub struct Server {
    pub url: String,
    pub seen: Arc<Mutex<Vec<Seen>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// `plans` says what becomes of the nth request (from 0, over all connections) for a file, from an offset on.
    pub async fn start(plans: impl Fn(&str, usize, u64) -> Plan + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let (seen, plans): (Arc<Mutex<Vec<Seen>>>, Arc<Plans>) = (Arc::default(), Arc::new(plans));
        let log = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut running = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let (log, plans) = (Arc::clone(&log), Arc::clone(&plans));
                running.spawn(async move {
                    let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                    Connection { socket, log, plans, streams: BTreeMap::new() }.serve().await;
                });
            }
        });
        Self { url, seen, task }
    }

    /// The offsets that were asked for.
    pub fn offsets(&self) -> Vec<u64> {
        self.packets(7).iter().map(|seen| seen.resume_at).collect()
    }

    pub fn packets(&self, packet: u64) -> Vec<Seen> {
        self.seen.lock().unwrap().iter().filter(|seen| seen.packet == packet).cloned().collect()
    }

    pub async fn client(&self) -> Client {
        self.builder().connect().await.unwrap()
    }

    pub fn builder(&self) -> Setup {
        let quick = Backoff::default().with_base(Duration::from_millis(1)).with_cap(Duration::from_millis(5));
        Setup::new(&self.url, KEY, "kiosk-17").backoff(quick).retry(Retry::never()).rate_limit(None)
    }
}

struct Running {
    plan: Plan,
    name: String,
    /// The next byte.
    at: usize,
    begin: usize,
    chunks: usize,
}

struct Connection {
    socket: WebSocketStream<TcpStream>,
    log: Arc<Mutex<Vec<Seen>>>,
    plans: Arc<Plans>,
    streams: BTreeMap<u64, Running>,
}

impl Connection {
    async fn serve(mut self) {
        loop {
            let busy = self.streams.values().any(|stream| stream.may_send());
            let message = if busy {
                self.socket.next().now_or_never()
            } else if self.streams.is_empty() {
                Some(self.socket.next().await)
            } else {
                // A gate may open.
                tokio::time::timeout(Duration::from_millis(1), self.socket.next()).await.ok()
            };
            match message {
                Some(Some(Ok(Message::Text(text)))) => self.packet(&serde_json::from_str(&text).unwrap()).await,
                Some(Some(Ok(Message::Close(_)) | Err(_)) | None) => return,
                Some(Some(Ok(_))) => {}
                None if busy => {
                    let ids: Vec<u64> = self.streams.keys().copied().collect();
                    for id in ids {
                        if !self.step(id).await {
                            return;
                        }
                    }
                }
                None => {}
            }
        }
    }

    async fn packet(&mut self, packet: &Value) {
        let (id, kind) = (packet["id"].as_u64().unwrap(), packet["type"].as_u64().unwrap());
        let file = packet["filename"].as_str().unwrap_or_default().to_owned();
        let resume_at = packet["resume_at"].as_u64().unwrap_or_default();
        let nth = {
            let mut log = self.log.lock().unwrap();
            log.push(Seen { packet: kind, file: file.clone(), resume_at, at: Instant::now() });
            log.iter().filter(|seen| seen.packet == 7 && seen.file == file).count()
        };
        match kind {
            0 => self.text(json!({"id": id, "status": 1, "app_name": "a", "app_version": "1"})).await,
            7 => {
                let plan = (self.plans)(&file, nth - 1, resume_at);
                let begin = usize::try_from(resume_at).unwrap();
                let running = self.streams.values().any(|stream| stream.name == file);
                match &plan.refuse {
                    Some(answer) => {
                        let mut answer = answer.clone();
                        answer["id"] = id.into();
                        self.text(answer).await;
                    }
                    None if running => self.text(json!({"id": id, "status": 6})).await,
                    None if begin > 0 && begin >= plan.file.len() => self.text(json!({"id": id, "status": 303})).await,
                    None => {
                        self.streams.insert(id, Running { plan, name: file, at: begin, begin, chunks: 0 });
                    }
                }
            }
            8 => {
                let found = self.streams.iter().find(|(_, stream)| stream.name == file && !stream.plan.deaf);
                let stopped = found.map(|(id, _)| *id);
                self.text(json!({"id": id, "status": if stopped.is_some() { 1 } else { 305 }})).await;
                if let Some(stream) = stopped {
                    self.streams.remove(&stream);
                    self.text(json!({"id": stream, "status": 306})).await;
                }
            }
            _ => self.text(json!({"id": id, "status": 1, "online_users_count": 3})).await,
        }
    }

    /// Sends a stream's next frame. False if the connection is to be dropped.
    async fn step(&mut self, id: u64) -> bool {
        let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.may_send()) else { return true };
        let plan = stream.plan.clone();
        if let Some((chunks, how)) = plan.only
            && stream.chunks >= chunks
        {
            match how {
                Break::Connection => return false,
                Break::Status(status) => {
                    self.streams.remove(&id);
                    self.text(json!({"id": id, "status": status})).await;
                }
                Break::Silence => {}
            }
            return true;
        }
        if let Some(gate) = &plan.gate {
            gate.try_acquire().unwrap().forget();
        }
        let begin = stream.begin;
        if stream.at == plan.file.len() && stream.chunks > 0 {
            self.streams.remove(&id);
            let mut metadata = sums(id, &plan, begin);
            (plan.edit)(&mut metadata);
            self.text(metadata).await;
            return true;
        }
        let length = plan.cuts[stream.chunks % plan.cuts.len()].min(plan.file.len() - stream.at);
        let chunk = plan.file[stream.at..stream.at + length].to_vec();
        let mut metadata = json!({"id": id});
        if stream.chunks == 0 {
            metadata["file_size"] = plan.file.len().into();
        }
        stream.at += length;
        stream.chunks += 1;
        let complete = stream.at == plan.file.len();
        if complete && (plan.end_with_bytes || chunk.is_empty()) {
            for (name, value) in sums(id, &plan, begin).as_object().unwrap() {
                metadata[name] = value.clone();
            }
            (plan.edit)(&mut metadata);
            self.streams.remove(&id);
            match chunk.is_empty() {
                true => self.text(metadata).await,
                false => self.binary(&metadata, &chunk).await,
            }
            return true;
        }
        (plan.edit)(&mut metadata);
        self.binary(&metadata, &chunk).await;
        true
    }

    async fn text(&mut self, value: Value) {
        let _ = self.socket.send(Message::text(value.to_string())).await;
    }

    async fn binary(&mut self, metadata: &Value, chunk: &[u8]) {
        let frame = [metadata.to_string().as_bytes(), chunk].concat();
        let _ = self.socket.send(Message::binary(frame)).await;
    }
}

impl Running {
    fn may_send(&self) -> bool {
        let silent = matches!(self.plan.only, Some((chunks, Break::Silence)) if self.chunks >= chunks);
        !silent && self.plan.gate.as_ref().is_none_or(|gate| gate.available_permits() > 0)
    }
}

/// What the last frame says.
fn sums(id: u64, plan: &Plan, begin: usize) -> Value {
    json!({
        "id": id,
        "status": 1,
        "file_checksum": sum(&plan.file),
        "range_checksum": sum(&plan.file[begin..]),
    })
}

pub fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes that are different everywhere.
pub fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8 ^ (n / 251 % 256) as u8).collect()
}
