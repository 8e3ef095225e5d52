//! The contenders. Each carries out a number of commands, 64 on the wire.

use crate::message::{KEY, Reply, User, check, command};
use crate::{Failure, Work};
use futures_util::{FutureExt, SinkExt, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use statuswire::nemesis::Client;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

const WINDOW: usize = 64;

/// What is stored.
#[derive(Serialize)]
struct Stored {
    name: &'static str,
    age: u32,
}

const STORED: Stored = Stored { name: "Ada Lovelace", age: 36 };

#[derive(Serialize)]
struct SetCommand {
    #[serde(rename = "KV_SET")]
    body: SetKeys,
}

#[derive(Serialize)]
struct SetKeys {
    keys: BTreeMap<&'static str, Stored>,
}

#[derive(Deserialize)]
struct SetReply {
    #[serde(rename = "KV_SET_RSP")]
    body: Status,
}

#[derive(Deserialize)]
struct Status {
    st: u16,
}

/// The floor: one task that fills the window, flushes once, and reads all that is ready.
pub(crate) struct Loop(WebSocketStream<TcpStream>);

impl Loop {
    pub(crate) async fn connect(url: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(url.trim_start_matches("ws://")).await?;
        stream.set_nodelay(true)?;
        Ok(Self(tokio_tungstenite::client_async(url, stream).await?.0))
    }

    pub(crate) async fn run(&mut self, work: Work, commands: usize) -> Result<Duration, Failure> {
        let start = Instant::now();
        let (mut sent, mut done) = (0, 0);
        while done < commands {
            while sent < commands && sent - done < WINDOW {
                let text = match work {
                    Work::Set => serde_json::to_string(&SetCommand { body: SetKeys { keys: [(KEY, STORED)].into() } })?,
                    Work::Get => serde_json::to_string(&command())?,
                };
                self.0.feed(Message::text(text)).await?;
                sent += 1;
            }
            self.0.flush().await?;
            let mut next = self.0.next().await;
            while let Some(message) = next {
                match work {
                    Work::Set => {
                        let reply: SetReply = serde_json::from_str(message?.to_text()?)?;
                        if reply.body.st != 1 {
                            return Err("a reply is wrong".into());
                        }
                    }
                    Work::Get => check(&serde_json::from_str::<Reply>(message?.to_text()?)?.body)?,
                }
                done += 1;
                next = self.0.next().now_or_never().flatten();
            }
        }
        Ok(start.elapsed())
    }
}

/// This crate's client.
pub(crate) struct Batched(Client);

impl Batched {
    pub(crate) async fn connect(url: &str) -> Result<Self, Failure> {
        Ok(Self(Client::connect(url).await?))
    }

    pub(crate) async fn run(&self, work: Work, commands: usize) -> Result<Duration, Failure> {
        let start = Instant::now();
        let kv = self.0.kv();
        match work {
            Work::Set => {
                let mut stored = self.0.batch((0..commands).map(|_| kv.set(KEY, &STORED)));
                while stored.try_next().await?.is_some() {}
            }
            Work::Get => {
                let mut read = self.0.batch((0..commands).map(|_| kv.get::<User>(KEY)));
                while let Some(user) = read.try_next().await? {
                    if user.is_none_or(|user| user.age != 36 || user.name.is_empty()) {
                        return Err("a value is wrong".into());
                    }
                }
            }
        }
        Ok(start.elapsed())
    }
}
