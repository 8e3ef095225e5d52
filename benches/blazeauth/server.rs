//! The server: initializes whoever comes, answers variables, and streams files of any size, as cheaply as it can.

use crate::Outcome;
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Bytes of the file in a frame.
pub(crate) const CHUNK: usize = 16 * 1024;
/// Frames that are written at once.
const FRAMES: usize = 64;

#[derive(Deserialize)]
struct Packet {
    #[serde(rename = "type")]
    packet: u8,
    id: u64,
    /// Of a file: its size in frames.
    filename: Option<String>,
}

pub(crate) fn run() -> Outcome {
    crate::process::listen(serve)
}

/// Reads what is ready, answers it, then flushes.
async fn serve(stream: TcpStream) -> Outcome {
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    while let Some(first) = socket.next().await {
        let mut next = Some(first);
        while let Some(message) = next {
            if let Message::Text(text) = message? {
                let Packet { packet, id, filename } = serde_json::from_str(&text)?;
                match packet {
                    0 => {
                        let reply = format!(r#"{{"id":{id},"app_name":"Bench","app_version":"1","status":1}}"#);
                        socket.feed(Message::text(reply)).await?;
                    }
                    7 => stream_file(&mut socket, id, filename.unwrap_or_default().parse()?).await?,
                    _ => socket.feed(Message::text(variable(id))).await?,
                }
            }
            next = socket.next().now_or_never().flatten();
        }
        socket.flush().await?;
    }
    Ok(())
}

pub(crate) fn variable(id: u64) -> String {
    format!(r#"{{"id":{id},"content":"welcome aboard","status":1}}"#)
}

/// Frames of a file of zeros, prepared once and written past the WebSocket layer.
async fn stream_file(socket: &mut WebSocketStream<TcpStream>, id: u64, frames: usize) -> Outcome {
    let size = frames * CHUNK;
    let (sum, metadata) = (sum_of_zeros(size), format!(r#"{{"id":{id}}}"#));
    socket
        .send(Message::binary([format!(r#"{{"id":{id},"file_size":{size}}}"#).as_bytes(), &[0; CHUNK]].concat()))
        .await?;
    let length = u16::try_from(metadata.len() + CHUNK)?;
    let frame = [&[0x82, 126], &length.to_be_bytes()[..], metadata.as_bytes(), &[0; CHUNK]].concat();
    let (many, stream) = (frame.repeat(FRAMES), socket.get_mut());
    let mut left = frames.saturating_sub(1);
    while left > 0 {
        let now = left.min(FRAMES);
        stream.write_all(&many[..now * frame.len()]).await?;
        left -= now;
    }
    let end = format!(r#"{{"id":{id},"status":1,"file_checksum":"{sum}","range_checksum":"{sum}"}}"#);
    Ok(socket.send(Message::text(end)).await?)
}

fn sum_of_zeros(size: usize) -> String {
    use std::sync::Mutex;
    // Not to be paid for in every round.
    static KNOWN: Mutex<Option<(usize, String)>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((_, sum)) = known.as_ref().filter(|(known, _)| *known == size) {
        return sum.clone();
    }
    let mut hash = Sha256::new();
    for _ in 0..size / CHUNK {
        hash.update([0; CHUNK]);
    }
    let sum = hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    *known = Some((size, sum.clone()));
    sum
}
