//! The server: answers in order, with a fixed value, as cheaply as it can.

use crate::message::BODY;
use futures_util::{FutureExt, SinkExt, StreamExt};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

/// The server in a process of its own; killed when dropped.
pub(crate) struct ServerProcess {
    child: Child,
    url: String,
}

impl ServerProcess {
    pub(crate) fn start() -> std::io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?).arg("serve").stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        Ok(Self { child, url: url.trim().to_owned() })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn run() -> crate::Outcome {
    crate::current_thread()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("ws://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        loop {
            let (stream, _) = listener.accept().await?;
            // A connection that fails fails the client's side of the bench too, which reports it.
            tokio::spawn(serve(stream));
        }
    })
}

/// Reads what is ready, answers it, then flushes.
async fn serve(stream: TcpStream) -> crate::Outcome {
    stream.set_nodelay(true)?;
    let mut socket = tokio_tungstenite::accept_async(stream).await?;
    while let Some(first) = socket.next().await {
        let mut next = Some(first);
        while let Some(message) = next {
            if let Message::Text(text) = message? {
                socket.feed(Message::text(answer(&text))).await?;
            }
            next = socket.next().now_or_never().flatten();
        }
        socket.flush().await?;
    }
    Ok(())
}

/// In the dialect of the question: with an id (JSON-RPC 2.0) or without.
fn answer(text: &str) -> String {
    match text.split_once(r#""id":"#).and_then(|(_, rest)| rest.split([',', '}']).next()) {
        Some(id) => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{BODY}}}"#),
        None if text.starts_with(r#"{"KV_SET":"#) => r#"{"KV_SET_RSP":{"st":1}}"#.to_owned(),
        None => format!(r#"{{"KV_GET_RSP":{BODY}}}"#),
    }
}
