//! Fake sites of a few answers.

use serde_json::Value;
use statuswire::ConnectOptions;
use statuswire::drupal::{Builder, Client};
use statuswire::policy::{Backoff, Retry};
use statuswire_sandbox::http::{Server, Service};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::{Request, Response};
use std::collections::HashMap;
use std::ops::Deref;
use std::time::Duration;

/// The cookie of sessions.
pub const COOKIE: &str = "SESS7b466b292d25df6ac84bde2d85152a02";

/// A request to a fake site.
pub struct Asked<'a> {
    request: &'a Request<Bytes>,
    line: String,
    times: usize,
}

impl Asked<'_> {
    /// Returns the method, and the path with its query.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Returns how often this line was asked for, this time included.
    pub fn times(&self) -> usize {
        self.times
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).map(|value| std::str::from_utf8(value.as_bytes()).unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(self.request.body()).unwrap()
    }

    /// Returns the decoded parameters of the query.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let decoded = |text: &str| {
            let mut bytes = Vec::new();
            let mut rest = text.as_bytes();
            while let [first, behind @ ..] = rest {
                let hex = behind.get(..2).filter(|_| *first == b'%');
                let byte = hex.map(|hex| u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap());
                bytes.push(byte.unwrap_or(*first));
                rest = if byte.is_some() { &behind[2..] } else { behind };
            }
            String::from_utf8(bytes).unwrap()
        };
        let pairs = self.request.uri().query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
    }

    pub fn parameter(&self, name: &str) -> Option<String> {
        self.parameters().into_iter().find(|(there, _)| there == name).map(|(_, value)| value)
    }
}

impl Deref for Asked<'_> {
    type Target = Request<Bytes>;

    fn deref(&self) -> &Request<Bytes> {
        self.request
    }
}

/// A site that a function plays.
pub struct Played<F> {
    play: F,
    requests: usize,
    lines: HashMap<String, usize>,
}

impl<F: FnMut(&Asked<'_>, usize) -> Response<Bytes> + Send + 'static> Service for Played<F> {
    fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let line = format!("{} {}", request.method(), request.uri());
        let times = self.lines.entry(line.clone()).or_default();
        *times += 1;
        self.requests += 1;
        (self.play)(&Asked { request, line, times: *times }, self.requests - 1)
    }
}

/// Starts a site that a function plays: it gets each request, and the number of requests before it.
pub async fn site<F>(play: F) -> Server<Played<F>>
where
    F: FnMut(&Asked<'_>, usize) -> Response<Bytes> + Send + 'static,
{
    Server::start(Played { play, requests: 0, lines: HashMap::new() }).await.unwrap()
}

/// Makes an answer.
pub fn answer(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Response<Bytes> {
    let response = Response::builder().status(status);
    let response = if media_type.is_empty() { response } else { response.header("content-type", media_type) };
    response.body(Bytes::from(body.into())).unwrap()
}

/// Makes an answer of JSON:API.
pub fn api(status: u16, body: &Value) -> Response<Bytes> {
    answer(status, "application/vnd.api+json", body.to_string())
}

/// Makes an answer of a REST resource.
pub fn json(status: u16, body: &Value) -> Response<Bytes> {
    answer(status, "application/json", body.to_string())
}

/// Makes an error of JSON:API.
pub fn api_error(status: u16, detail: &str) -> Response<Bytes> {
    api(status, &serde_json::json!({"errors": [{"status": status.to_string(), "detail": detail}]}))
}

/// Adds the session's cookie to an answer; `deleted` removes it.
pub fn with_cookie(mut response: Response<Bytes>, value: &str) -> Response<Bytes> {
    let age = if value == "deleted" { 0 } else { 2_000_000 };
    let cookie = format!("{COOKIE}={value}; Max-Age={age}; path=/; HttpOnly; SameSite=Lax");
    response.headers_mut().append("set-cookie", cookie.parse().unwrap());
    response
}

/// Returns the value of the session's cookie that a request was sent with.
pub fn cookie<'a>(asked: &'a Asked<'_>) -> Option<&'a str> {
    asked.header("cookie")?.split("; ").find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='))
}

/// Prepares a client that tries again at once.
pub fn builder(url: &str) -> Builder {
    let backoff = Backoff::default().with_base(Duration::from_millis(1));
    Client::builder(url).options(ConnectOptions::default().with_retry(Retry::default().with_backoff(backoff)))
}

pub fn client(url: &str) -> Client {
    builder(url).build().unwrap()
}
