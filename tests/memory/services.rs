//! Raw servers for the shipped clients: they answer with frames that were made before anything is measured.

use crate::support::*;
use futures_util::StreamExt;
use serde_json::Value;
use statuswire::ConnectOptions;
use statuswire::policy::{Limits, Retry};
use std::sync::Arc;

/// Answers, as `frame` makes them.
pub type Frames = Vec<Vec<u8>>;

/// A NemesisDB server that sends `frames` once it has received `commands` commands on its first connection.
pub async fn nemesis(commands: usize, frames: Frames) -> (Server, statuswire::nemesis::Client) {
    let frames = Arc::new(frames);
    let server = Server::start(move |mut socket, number| {
        let frames = Arc::clone(&frames);
        async move {
            for _ in 0..commands {
                socket.next().await;
            }
            if number == 0 {
                for frame in frames.iter() {
                    send_raw(&mut socket, frame).await;
                }
            }
            while socket.next().await.is_some_and(|message| message.is_ok()) {}
        }
    })
    .await;
    let client = statuswire::nemesis::Client::connect(&server.url).await.unwrap();
    (server, client.with_retry(Retry::never()))
}

/// A BlazeAuth server that accepts every initialization, and sends `frames` once it has received the next packet of its
/// first connection, which has the id 2.
pub async fn blazeauth(frames: Frames, limits: Limits) -> (Server, statuswire::blazeauth::Client) {
    let frames = Arc::new(frames);
    let server = Server::start(move |mut socket, number| {
        let frames = Arc::clone(&frames);
        async move {
            let mut packets = 0;
            while let Some(Ok(message)) = socket.next().await {
                let Ok(packet) = serde_json::from_str::<Value>(message.to_text().unwrap_or_default()) else { break };
                packets += 1;
                if packets == 1 {
                    let id = &packet["id"];
                    send(&mut socket, format!(r#"{{"id":{id},"status":1,"app_name":"a","app_version":"1"}}"#)).await;
                } else if packets == 2 && number == 0 {
                    for frame in frames.iter() {
                        send_raw(&mut socket, frame).await;
                    }
                }
            }
        }
    })
    .await;
    let options = ConnectOptions::default().with_limits(limits);
    let builder = statuswire::blazeauth::Client::builder(&server.url, "key-of-the-app", "client-id-1").options(options);
    let client = builder.connect().await.unwrap();
    (server, client)
}
