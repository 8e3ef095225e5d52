//! Fake sites of a few answers.

use statuswire::ConnectOptions;
use statuswire::drupal::{Builder, Client};
use statuswire::policy::{Backoff, Retry};
use statuswire_sandbox::http::{Server, Service};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::{Request, Response};
use std::time::Duration;

/// The cookie of sessions.
pub const COOKIE: &str = "SESS7b466b292d25df6ac84bde2d85152a02";

/// A site that a function plays: it gets each request, and the number of requests before it.
pub struct Played<F>(F, usize);

impl<F: FnMut(&Request<Bytes>, usize) -> Response<Bytes> + Send + 'static> Service for Played<F> {
    fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        self.1 += 1;
        (self.0)(request, self.1 - 1)
    }
}

/// Starts a site that a function plays.
pub async fn site<F>(answer: F) -> Server<Played<F>>
where
    F: FnMut(&Request<Bytes>, usize) -> Response<Bytes> + Send + 'static,
{
    Server::start(Played(answer, 0)).await.unwrap()
}

/// Makes an answer.
pub fn answer(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Response<Bytes> {
    let response = Response::builder().status(status);
    let response = if media_type.is_empty() { response } else { response.header("content-type", media_type) };
    response.body(Bytes::from(body.into())).unwrap()
}

/// Makes an answer of JSON:API.
pub fn api(status: u16, body: &serde_json::Value) -> Response<Bytes> {
    answer(status, "application/vnd.api+json", body.to_string())
}

/// Makes an answer of a REST resource.
pub fn json(status: u16, body: &serde_json::Value) -> Response<Bytes> {
    answer(status, "application/json", body.to_string())
}

/// Makes an error of JSON:API.
pub fn api_error(status: u16, detail: &str) -> Response<Bytes> {
    api(status, &serde_json::json!({"errors": [{"status": status.to_string(), "detail": detail}]}))
}

/// Adds a cookie to an answer.
pub fn with_cookie(mut response: Response<Bytes>, value: &str) -> Response<Bytes> {
    let age = if value == "deleted" { 0 } else { 2_000_000 };
    let cookie = format!("{COOKIE}={value}; Max-Age={age}; path=/; HttpOnly; SameSite=Lax");
    response.headers_mut().append("set-cookie", cookie.parse().unwrap());
    response
}

/// Returns the value of the session's cookie that a request was sent with.
pub fn cookie(request: &Request<Bytes>) -> Option<&str> {
    let cookies = request.headers().get("cookie")?.to_str().unwrap();
    cookies.split("; ").find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='))
}

/// Prepares a client that tries again at once.
pub fn builder(url: &str) -> Builder {
    let backoff = Backoff::default().with_base(Duration::from_millis(1));
    Client::builder(url).options(ConnectOptions::default().with_retry(Retry::default().with_backoff(backoff)))
}

pub fn client(url: &str) -> Client {
    builder(url).build().unwrap()
}
