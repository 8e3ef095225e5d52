//! The HTTP upgrade.
use bytes::BytesMut;
use http::{HeaderMap, StatusCode};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::handshake::machine::TryParse;
use tokio_tungstenite::tungstenite::handshake::server::Request;

/// Longest request head that is read.
pub(super) const MAX_HEAD: usize = 16 * 1024;

/// What a request head asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Not yet complete.
    Incomplete,
    /// An upgrade.
    Upgrade(Upgrade),
    /// Something else; the bytes of the refusal.
    Other(Vec<u8>),
}

/// A request that can be granted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Upgrade {
    /// The head that grants it, without the empty line behind the last header.
    granted: Vec<u8>,
    pub(super) headers: HeaderMap,
}

impl Upgrade {
    /// The bytes that grant it, with further headers.
    pub(super) fn granted(mut self, headers: &[(String, String)]) -> Vec<u8> {
        for (name, value) in headers {
            self.granted.extend(format!("{name}: {value}\r\n").bytes());
        }
        self.granted.extend(b"\r\n");
        self.granted
    }
}

/// Reads a request head and takes it out of the buffer.
pub(super) fn read(buffer: &mut BytesMut) -> Asked {
    match Request::try_parse(buffer) {
        Ok(Some((length, request))) => {
            let _ = buffer.split_to(length);
            answer(request)
        }
        Ok(None) if buffer.len() < MAX_HEAD => Asked::Incomplete,
        // Other methods than GET end here too.
        Ok(None) | Err(_) => Asked::Other(not_found()),
    }
}

fn answer(request: Request) -> Asked {
    let header = |name: &str| request.headers().get(name).map(|value| value.as_bytes());
    // Any path and any query will do.
    let Some(key) = header("sec-websocket-key").filter(|key| key.len() == 24) else {
        return Asked::Other(not_found());
    };
    let mut head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n".to_vec();
    head.extend(format!("Sec-WebSocket-Accept: {}\r\n", derive_accept_key(key)).bytes());
    // The first protocol offered is accepted.
    if let Some(first) = header("sec-websocket-protocol").and_then(|offered| offered.split(|&byte| byte == b',').next())
    {
        head.extend(b"Sec-WebSocket-Protocol: ");
        head.extend(first.trim_ascii());
        head.extend(b"\r\n");
    }
    Asked::Upgrade(Upgrade { granted: head, headers: request.into_parts().0.headers })
}

fn not_found() -> Vec<u8> {
    response("404 File Not Found", &[], "<html><body><h1>File Not Found</h1></body></html>")
}

/// An answer that refuses the upgrade.
pub(super) fn refusal(status: u16, headers: &[(String, String)], body: &str) -> Vec<u8> {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Refused");
    response(&format!("{status} {reason}"), headers, body)
}

fn response(status: &str, headers: &[(String, String)], body: &str) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out.push_str(&format!("Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()));
    out.into_bytes()
}
