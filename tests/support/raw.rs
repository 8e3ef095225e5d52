//! A WebSocket client that shows every byte a server sends.

use std::net::SocketAddr;
use std::sync::Once;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Got {
    Text(String),
    Binary(Vec<u8>),
    /// The first frame of a message that goes on.
    Start(String),
    /// A further frame; whether it is the last.
    More(String, bool),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// Code (1005 without one) and reason.
    Close(u16, String),
    /// The end, with the number of bytes that make no frame.
    Eof(usize),
}

pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    pub(crate) buffer: Vec<u8>,
}

impl Raw {
    /// Connects and upgrades.
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        let mut raw = Self::tcp(addr).await;
        let head = raw.upgrade("/", "").await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        raw
    }

    /// Connects without an upgrade.
    pub(crate) async fn tcp(addr: SocketAddr) -> Self {
        watch_over_the_program();
        Self { stream: TcpStream::connect(addr).await.unwrap(), buffer: Vec::new() }
    }

    /// Asks for an upgrade and returns the head of the answer.
    pub(crate) async fn upgrade(&mut self, path: &str, headers: &str) -> String {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"
        );
        self.write(request.as_bytes()).await;
        self.head().await
    }

    /// Reads an HTTP head; what follows stays in the buffer. Empty at the end of the stream.
    pub(crate) async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                return String::from_utf8(self.buffer.drain(..end + 4).collect()).unwrap();
            }
            if !self.fill().await {
                return String::new();
            }
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.write(&masked(0x81, text.as_bytes())).await;
    }

    /// Sends a command and returns its reply.
    pub(crate) async fn ask(&mut self, text: &str) -> String {
        self.send(text).await;
        self.text().await
    }

    /// The next message, which must be text.
    pub(crate) async fn text(&mut self) -> String {
        match self.next().await {
            Got::Text(text) => text,
            other => panic!("expected a text, got {other:?}"),
        }
    }

    pub(crate) async fn next(&mut self) -> Got {
        loop {
            if let Some(got) = self.frame() {
                return got;
            }
            if !self.fill().await {
                return Got::Eof(self.buffer.len());
            }
        }
    }

    /// Whether all that was sent is answered: a pong comes behind every reply, so nothing else may come before it.
    pub(crate) async fn expect_nothing_more(&mut self) {
        self.write(&masked(0x89, b"anything else?")).await;
        assert_eq!(self.next().await, Got::Pong(b"anything else?".to_vec()));
    }

    /// Reads some bytes; `false` at the end.
    pub(crate) async fn fill(&mut self) -> bool {
        let mut chunk = vec![0; 64 * 1024];
        match self.stream.read(&mut chunk).await {
            Ok(0) | Err(_) => false,
            Ok(read) => {
                self.buffer.extend_from_slice(&chunk[..read]);
                true
            }
        }
    }

    fn frame(&mut self) -> Option<Got> {
        let bytes = &self.buffer;
        let (first, second) = (*bytes.first()?, *bytes.get(1)?);
        assert_eq!(second & 0x80, 0, "a server's frame is not masked");
        let (start, length) = match second {
            126 => (4, u16::from_be_bytes(bytes.get(2..4)?.try_into().unwrap()) as usize),
            127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().unwrap()) as usize),
            short => (2, short as usize),
        };
        let payload = bytes.get(start..start + length)?.to_vec();
        self.buffer.drain(..start + length);
        let text = |payload| String::from_utf8(payload).unwrap();
        Some(match first {
            0x81 => Got::Text(text(payload)),
            0x82 => Got::Binary(payload),
            0x01 => Got::Start(text(payload)),
            0x00 => Got::More(text(payload), false),
            0x80 => Got::More(text(payload), true),
            0x88 if payload.is_empty() => Got::Close(1005, String::new()),
            0x88 => Got::Close(u16::from_be_bytes([payload[0], payload[1]]), text(payload[2..].to_vec())),
            0x89 => Got::Ping(payload),
            0x8a => Got::Pong(payload),
            _ => panic!("no frame that a server sends: {first:#x}"),
        })
    }
}

/// A client's frame.
pub(crate) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    match payload.len() {
        short @ ..126 => out.push(0x80 | short as u8),
        middle @ ..65536 => {
            out.push(0x80 | 126);
            out.extend((middle as u16).to_be_bytes());
        }
        long => {
            out.push(0x80 | 127);
            out.extend((long as u64).to_be_bytes());
        }
    }
    let mask = [0x12, 0x34, 0x56, 0x78];
    out.extend(mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}

/// No test asserts a time, and with paused time none can limit one; a hang must still end.
fn watch_over_the_program() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::thread::spawn(|| {
            std::thread::sleep(Duration::from_secs(180));
            eprintln!("a test hangs");
            std::process::abort();
        });
    });
}
