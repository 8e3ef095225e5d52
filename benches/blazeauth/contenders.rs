//! Those who are compared.

use crate::Failure;
use crate::server::CHUNK;
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use statuswire::ConnectOptions;
use statuswire::blazeauth::Client;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// A variable is asked for.
#[derive(Serialize)]
struct Packet {
    #[serde(rename = "type")]
    packet: u8,
    id: u64,
    name: &'static str,
}

#[derive(Deserialize)]
struct Reply {
    id: u64,
    status: u16,
    content: String,
}

const NAME: &str = "motd_text";

/// The floor: a hand-written loop.
pub(crate) struct Loop {
    socket: WebSocketStream<TcpStream>,
    id: u64,
}

impl Loop {
    pub(crate) async fn connect(url: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(url.trim_start_matches("ws://")).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await?;
        Ok(Self { socket, id: 0 })
    }

    /// Fills the window, flushes once, and reads all that is ready.
    pub(crate) async fn packets(&mut self, in_flight: usize, packets: usize) -> Result<Duration, Failure> {
        let start = Instant::now();
        let (mut sent, mut done) = (0, 0);
        while done < packets {
            while sent < packets && sent - done < in_flight {
                self.id += 1;
                let text = serde_json::to_string(&Packet { packet: 11, id: self.id, name: NAME })?;
                self.socket.feed(Message::text(text)).await?;
                sent += 1;
            }
            self.socket.flush().await?;
            let mut next = self.socket.next().await;
            while let Some(message) = next {
                let reply: Reply = serde_json::from_str(message?.to_text()?)?;
                if reply.id > self.id || reply.status != 1 || reply.content.is_empty() {
                    return Err("a reply is wrong".into());
                }
                done += 1;
                next = self.socket.next().now_or_never().flatten();
            }
        }
        Ok(start.elapsed())
    }

    /// Reads the frames of a file and hashes them, nothing else.
    pub(crate) async fn file(&mut self, frames: usize) -> Result<Duration, Failure> {
        let start = Instant::now();
        self.id += 1;
        let ask = format!(r#"{{"type":7,"id":{},"filename":"{frames:04}","resume_at":0}}"#, self.id);
        self.socket.send(Message::text(ask)).await?;
        let mut hash = Sha256::new();
        loop {
            match self.socket.next().await.ok_or("the server is gone")?? {
                Message::Binary(frame) => hash.update(&frame[frame.len() - CHUNK..]),
                Message::Text(_) => break,
                _ => {}
            }
        }
        std::hint::black_box(hash.finalize());
        Ok(start.elapsed())
    }
}

/// This crate.
pub(crate) struct Ours(Client);

impl Ours {
    pub(crate) async fn connect(url: &str) -> Result<Self, Failure> {
        let builder = Client::builder(url, "BAbench00000000000041", "bench")
            .options(ConnectOptions::default().with_rate_limit(None));
        Ok(Self(builder.connect().await?))
    }

    pub(crate) async fn packets(&self, in_flight: usize, packets: usize) -> Result<Duration, Failure> {
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..in_flight {
            let client = self.0.clone();
            tasks.spawn(async move {
                for _ in 0..packets / in_flight {
                    if client.variable(NAME).await?.is_empty() {
                        return Err("a reply is wrong".into());
                    }
                }
                Ok::<_, Failure>(())
            });
        }
        while let Some(task) = tasks.join_next().await {
            task??;
        }
        Ok(start.elapsed())
    }

    /// Saves a file to a path.
    pub(crate) async fn save(&self, frames: usize, directory: &Path) -> Result<Duration, Failure> {
        let start = Instant::now();
        let done = self.0.download(&format!("{frames:04}")).save_in(directory).await?;
        if done.received != (frames * CHUNK) as u64 {
            return Err("the file is not whole".into());
        }
        Ok(start.elapsed())
    }

    pub(crate) async fn file(&self, frames: usize) -> Result<Duration, Failure> {
        let start = Instant::now();
        let done = self.0.download(&format!("{frames:04}")).write_to(&mut tokio::io::sink()).await?;
        if done.received != (frames * CHUNK) as u64 {
            return Err("the file is not whole".into());
        }
        Ok(start.elapsed())
    }
}
