//! An HTTP client that shows every byte, and the service that it asks.

use crate::support::raw::Raw;
use statuswire_sandbox::http::{Routes, Server, json, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::{Response, StatusCode};
use statuswire_sandbox::reexport::serde_json;
use std::io::ErrorKind;
use std::net::SocketAddr;
use tokio::io::AsyncReadExt;

pub type Notes = Routes<Vec<String>>;

/// Stores notes, and has an answer of each form.
pub fn notes() -> Notes {
    let with = |name: &'static str, value: &str| {
        let mut response = text(StatusCode::OK, "hello");
        response.headers_mut().insert(name, value.parse().unwrap());
        response
    };
    let empty = |status| {
        let mut response = Response::new(Bytes::from_static(b"not sent"));
        *response.status_mut() = status;
        response
    };
    Routes::new(Vec::new())
        .on("POST /notes", |notes: &mut Vec<String>, call| {
            notes.push(String::from_utf8_lossy(call.request.body()).into_owned());
            json(StatusCode::CREATED, &serde_json::json!({ "id": notes.len() - 1 }))
        })
        .on("GET /notes/{id}", |notes, call| {
            let id = call.param("id").and_then(|id| id.parse::<usize>().ok());
            match id.and_then(|id| notes.get(id)) {
                Some(note) => text(StatusCode::OK, note),
                None => text(StatusCode::NOT_FOUND, "no such note"),
            }
        })
        .reply("GET /hello", text(StatusCode::OK, "hello"))
        .reply("GET /chunked", with("transfer-encoding", "chunked"))
        .reply("GET /bye", with("connection", "close"))
        .reply("GET /lies", with("content-length", "3"))
        .reply("/no-content", empty(StatusCode::NO_CONTENT))
        .reply("/not-modified", empty(StatusCode::NOT_MODIFIED))
}

pub async fn start() -> (Server<Notes>, Web) {
    let server = Server::start(notes()).await.unwrap();
    let web = Web::connect(server.addr()).await;
    (server, web)
}

pub struct Web(pub Raw);

/// How a connection ends.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    Eof,
    Reset,
}

impl Web {
    pub async fn connect(addr: SocketAddr) -> Self {
        Self(Raw::tcp(addr).await)
    }

    pub async fn write(&mut self, bytes: &str) {
        self.0.write(bytes.as_bytes()).await;
    }

    /// Sends a request without a body, such as `GET /`.
    pub async fn send(&mut self, request: &str) {
        self.write(&format!("{request} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
    }

    /// Sends a note.
    pub async fn post(&mut self, note: &str) {
        self.write(&format!("POST /notes HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{note}", note.len())).await;
    }

    /// Sends a request without a body, and returns the status and the body of its answer.
    pub async fn ask(&mut self, request: &str) -> (u16, String) {
        self.send(request).await;
        self.answer().await
    }

    /// Reads an answer with a length, and returns its status and body.
    pub async fn answer(&mut self) -> (u16, String) {
        let head = self.0.head().await;
        let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        (status(&head), self.take(length).await)
    }

    /// Reads this number of bytes.
    pub async fn take(&mut self, length: usize) -> String {
        while self.0.buffer.len() < length {
            assert!(self.0.fill().await, "the connection ended");
        }
        String::from_utf8(self.0.buffer.drain(..length).collect()).unwrap()
    }

    /// Reads to the end of the connection.
    pub async fn rest(&mut self) -> (String, Ended) {
        let mut rest = std::mem::take(&mut self.0.buffer);
        let ended = match self.0.stream.read_to_end(&mut rest).await {
            Ok(_) => Ended::Eof,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ended::Reset,
            Err(error) => panic!("{error}"),
        };
        (String::from_utf8(rest).unwrap(), ended)
    }
}

pub fn status(head: &str) -> u16 {
    head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()).unwrap_or_else(|| panic!("{head:?}"))
}

pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
