//! HTTP servers that answer as a test tells them, and what asks them.

use crate::support::{Server, drain, read_head, within};
use statuswire::ConnectOptions;
use statuswire::error::Error;
use statuswire::http::LinkClient;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;

pub const FILE: &[u8] = b"the quick brown fox\r\n\r\njumps\0over\xffthe lazy ";

/// A head without a length and a body behind it.
pub fn respond(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {status}\r\n{headers}\r\n").as_bytes(), body].concat()
}

/// With a length.
pub fn plain(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    respond(status, &format!("{headers}Content-Length: {}\r\n", body.len()), body)
}

/// A chunked answer, with `size` bytes per chunk.
pub fn chunked(status: &str, headers: &str, body: &[u8], size: usize) -> Vec<u8> {
    let mut chunks = Vec::new();
    for chunk in body.chunks(size) {
        chunks.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunks.extend(chunk);
        chunks.extend(b"\r\n");
    }
    chunks.extend(b"0\r\n\r\n");
    respond(status, &format!("{headers}Transfer-Encoding: chunked\r\n"), &chunks)
}

/// A server with one request per connection, which it records.
pub struct Files {
    pub server: Server,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Files {
    pub async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        Self::in_pieces(answer.into(), usize::MAX).await
    }

    /// Writes the answer in pieces of `piece` bytes.
    pub async fn in_pieces(answer: Vec<u8>, piece: usize) -> Self {
        Self::start(move |_, _| answer.clone(), piece, false).await
    }

    /// Says no more after the answer, and does not close.
    pub async fn then_silent(answer: Vec<u8>) -> Self {
        Self::start(move |_, _| answer.clone(), usize::MAX, true).await
    }

    /// Answers by the head and the number of the request.
    pub async fn serving(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start(answer, usize::MAX, false).await
    }

    async fn start(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static, piece: usize, stay: bool) -> Self {
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (record, answer) = (Arc::clone(&heads), Arc::new(answer));
        let server = Server::raw(move |mut stream, number| {
            let (record, answer) = (Arc::clone(&record), Arc::clone(&answer));
            async move {
                let head = read_head(&mut stream).await;
                let answer = answer(&head, number);
                record.lock().unwrap().push(head);
                for piece in answer.chunks(piece) {
                    let _ = stream.write_all(piece).await;
                    tokio::task::yield_now().await;
                }
                if !stay {
                    let _ = stream.shutdown().await;
                }
                drain(&mut stream).await;
            }
        })
        .await;
        Self { server, heads }
    }

    pub fn link(&self, path: &str) -> String {
        self.server.url.replace("ws://", "http://").trim_end_matches('/').to_owned() + path
    }

    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

pub fn client() -> LinkClient {
    LinkClient::new(&ConnectOptions::default()).unwrap()
}

/// All that comes, and the position or the error at the end.
pub async fn collect(client: &LinkClient, link: String, range: Range<u64>) -> (Vec<u8>, Result<u64, Error>) {
    let mut bytes = Vec::new();
    let fetch = async {
        let mut download = client.download(link, range).await?;
        while let Some(chunk) = download.chunk().await? {
            assert!(!chunk.is_empty());
            bytes.extend(chunk);
        }
        // The end stays the end.
        assert!(download.chunk().await?.is_none());
        Ok(download.position())
    };
    let end = within(fetch).await;
    (bytes, end)
}

/// The error and its sources, by `Display`.
pub fn chain(error: &Error) -> String {
    let sources = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    sources.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
