//! Fuzz targets for what a WebSocket server sends, and for addresses.

use super::endpoint::Endpoint;
use super::frame::{Incoming, Reader};
use super::handshake::upgrade;
use crate::net::answer::{MAX_BODY, read_body};
use bytes::BytesMut;
use http::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

const LIMIT: usize = 4096;

/// Reads frames. However the bytes are cut, they mean the same, and no message is longer than the limit.
pub fn frames(data: &[u8]) {
    let read = |piece: usize| {
        let mut reader = Reader::new(BytesMut::new(), LIMIT);
        let mut seen = Vec::new();
        for piece in data.chunks(piece) {
            reader.reserve();
            reader.buffer.extend_from_slice(piece);
            loop {
                match reader.next() {
                    Ok(None) => break,
                    Ok(Some(incoming)) => {
                        if let Incoming::Message(message) = &incoming {
                            assert!(message.bytes().len() <= LIMIT);
                        }
                        seen.push(format!("{incoming:?}"));
                    }
                    Err(fault) => {
                        seen.push(format!("{fault:?}"));
                        return seen;
                    }
                }
            }
        }
        seen
    };
    let whole = read(data.len().max(1));
    assert_eq!(whole, read(1));
    assert_eq!(whole, read(7));
}

/// Reads the answer to an upgrade and the body of a refusal. It ends in any case, what follows the head is kept, and of a
/// body little is.
pub fn upgrade_answers(data: &[u8]) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_time().build() else { return };
    let Ok(endpoint) = Endpoint::parse("ws://localhost/") else { return };
    runtime.block_on(async {
        let (mut client, mut server) = duplex(1 << 20);
        if server.write_all(data).await.is_err() || server.shutdown().await.is_err() {
            return;
        }
        match upgrade(&endpoint, &mut client, &HeaderMap::new()).await {
            Ok(mut answer) => {
                assert!(read_body(&mut answer, &mut client).await.len() <= MAX_BODY);
                while client.read_buf(&mut answer.rest).await.is_ok_and(|n| n > 0) {}
                assert!(data.ends_with(&answer.rest));
            }
            Err(error) => assert!(error.to_string().len() < 2048),
        }
    });
}

/// Reads an address. What it accepts has a host and a port, and what it refuses shows no password.
pub fn endpoints(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Endpoint::parse(&text) {
        Ok(endpoint) => assert!(!endpoint.host.is_empty() && endpoint.port != 0),
        Err(error) => {
            if let Some((before, _)) = text.rsplit_once('@')
                && let Some((_, password)) = before.rsplit_once(':')
                && password.len() > 8
            {
                assert!(!error.to_string().contains(password), "{error}");
            }
        }
    }
}
