//! Requests that a service composes, tokens that it fetches, sessions that it renews, and cookies.

use super::{options, with};
use crate::support::within;
use futures_util::future::try_join_all;
use statuswire::http::{Body, Builder, Client, Jar, Outgoing, Request, Response, Sender, Service};
use statuswire::reexport::http::{HeaderValue, StatusCode};
use statuswire::reexport::secrecy::ExposeSecret;
use statuswire::{Delivery, Error};
use statuswire_sandbox::http::{Fault, Routes, Server, json, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response as Answer;
use statuswire_sandbox::reexport::serde_json::json as value;
use std::io::Cursor;
use tokio::sync::Mutex;

/// A service whose token is fetched when it is needed, and again when it is refused.
#[derive(Default)]
struct Tokens(Mutex<Option<String>>);

impl Tokens {
    async fn fetch(&self, held: &mut Option<String>, sender: &Sender<'_>) -> Result<String, Error> {
        let answer = sender.send(Request::post("token").body("name=ada").secret()).await?;
        Ok(held.insert(answer.text().into_owned()).clone())
    }
}

impl Service for Tokens {
    fn service(&self) -> &'static str {
        "tokens"
    }

    async fn compose(&self, request: &mut Outgoing, sender: &Sender<'_>) -> Result<(), Error> {
        let mut held = self.0.lock().await;
        let token = match &*held {
            Some(token) => token.clone(),
            None => self.fetch(&mut held, sender).await?,
        };
        request.headers_mut().insert("x-token", HeaderValue::from_str(&token).unwrap());
        Ok(())
    }

    async fn renew(&self, response: &Response, _: &Error, sender: &Sender<'_>) -> Result<bool, Error> {
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(false);
        }
        let mut held = self.0.lock().await;
        let used = response.request().headers().get("x-token").and_then(|value| value.to_str().ok());
        if held.as_deref() == used {
            self.fetch(&mut held, sender).await?;
        }
        Ok(true)
    }
}

/// Counts tokens; only the newest is valid, if any.
#[derive(Default)]
struct State {
    tokens: u32,
    valid: bool,
}

async fn server() -> Server<Routes<State>> {
    let routes = Routes::new(State { valid: true, ..State::default() })
        .on("POST /token", |state: &mut State, _| {
            state.tokens += 1;
            text(StatusCode::OK, &format!("token-{}", state.tokens))
        })
        .on("/thing", |state, call| {
            let token = call.request.headers().get("x-token").map(|value| value.to_str().unwrap().to_owned());
            match token == Some(format!("token-{}", state.tokens)) && state.valid {
                true => json(StatusCode::OK, &value!(String::from_utf8_lossy(call.request.body()))),
                false => text(StatusCode::UNAUTHORIZED, "who are you?"),
            }
        });
    Server::start(routes).await.unwrap()
}

fn client(server: &Server<Routes<State>>) -> Client<Tokens> {
    Builder::new(server.url(), Tokens::default()).options(options()).build().unwrap()
}

#[tokio::test]
async fn a_token_is_fetched_when_needed_and_renewed_once_for_many_calls() {
    let server = server().await;
    let client = client(&server);
    let post = || Request::post("thing").body("whatever the method");
    for _ in 0..3 {
        within(client.send(post())).await.unwrap();
    }
    assert_eq!(server.record().received("/token"), 1);
    // The server forgets the token.
    server.service().state().tokens += 1;
    let calls = (0..10).map(|_| client.send(post()));
    within(try_join_all(calls)).await.unwrap();
    assert_eq!(server.record().received("/token"), 2);
}

#[tokio::test]
async fn a_session_is_renewed_once_per_call() {
    let server = server().await;
    let client = client(&server);
    server.service().state().valid = false;
    let error = within(client.send(Request::get("thing"))).await.unwrap_err();
    assert_eq!(error.http_failure().unwrap().status, StatusCode::UNAUTHORIZED);
    assert_eq!((error.delivery(), error.context().attempt), (Delivery::Answered, 2));
    assert_eq!((server.record().received("/thing"), server.record().received("/token")), (2, 2));
}

#[tokio::test]
async fn a_renewal_that_fails_is_the_error() {
    let server = server().await;
    let client = client(&server);
    within(client.send(Request::post("thing"))).await.unwrap();
    server.service().state().tokens += 1;
    server.fault(Fault::on("/token").reply(text(StatusCode::FORBIDDEN, "blocked")));
    let error = within(client.send(Request::post("thing"))).await.unwrap_err();
    assert_eq!(error.http_failure().unwrap().status, StatusCode::FORBIDDEN);
    // The request itself was answered; the error names the one that failed.
    assert_eq!((error.delivery(), &*error.context().command), (Delivery::Answered, "POST /token"));
}

#[tokio::test]
async fn a_request_that_cannot_be_composed_is_not_sent() {
    let server = server().await;
    server.fault(Fault::on("/token").reply(text(StatusCode::FORBIDDEN, "blocked")));
    let error = within(client(&server).send(Request::post("thing"))).await.unwrap_err();
    assert_eq!(error.http_failure().unwrap().status, StatusCode::FORBIDDEN);
    assert_eq!((error.delivery(), server.record().received("/thing")), (Delivery::NotSent, 0));
    // A token request that finds no answer may be tried again: the request itself was not sent.
    server.clear_faults();
    server.fault(Fault::on("/token").nth(1).drop_connection());
    within(client(&server).send(Request::post("thing"))).await.unwrap();
    assert_eq!(server.record().received("/thing"), 1);
}

#[tokio::test]
async fn a_body_that_is_read_once_is_not_sent_again() {
    let server = server().await;
    let client = client(&server);
    within(client.send(Request::post("thing"))).await.unwrap();
    server.service().state().tokens += 1;
    let once = Request::post("thing").body(Body::reader(4, Cursor::new(b"once".to_vec())));
    let error = within(client.send(once)).await.unwrap_err();
    assert_eq!((error.http_failure().unwrap().status, error.context().attempt), (StatusCode::UNAUTHORIZED, 1));
    let again = Body::repeatable(5, || async { Ok(Cursor::new(b"again".to_vec())) });
    let got: String = within(client.json(Request::post("thing").body(again))).await.unwrap();
    assert_eq!(got, "again");
}

/// A success whose cookie is cleared is a lost session.
struct Cleared;

impl Service for Cleared {
    fn service(&self) -> &'static str {
        "cleared"
    }

    fn check(&self, response: &Response) -> Result<(), Error> {
        let is_lost = response.set_cookies().any(|cookie| cookie.name() == "session" && cookie.is_removal());
        if is_lost { Err(response.failure()) } else { Ok(()) }
    }

    async fn renew(&self, response: &Response, _: &Error, sender: &Sender<'_>) -> Result<bool, Error> {
        assert_eq!(response.status(), StatusCode::OK);
        assert!(sender.cookies().unwrap().get("session").is_none());
        sender.send(Request::post("login")).await.map(|_| true)
    }
}

#[tokio::test]
async fn a_success_can_be_a_lost_session() {
    let cookie = |line: &str| Answer::builder().header("set-cookie", line).body(Bytes::from_static(b"ok")).unwrap();
    let routes = Routes::new(()).reply("POST /login", cookie("session=a%2Cb; Path=/; HttpOnly; Max-Age=1000")).on(
        "/thing",
        move |(), call| match call.request.headers().get("cookie") {
            Some(value) if value == "session=a%2Cb; other=1" => text(StatusCode::OK, "yours"),
            _ => cookie("session=deleted; Path=/; Max-Age=0"),
        },
    );
    let server = Server::start(routes).await.unwrap();
    let jar = Jar::new();
    jar.set("session", "old").unwrap();
    jar.set("other", "1").unwrap();
    jar.remove("session");
    let jar_of_old = Jar::new();
    jar_of_old.set("session", "old").unwrap();
    jar_of_old.set("other", "1").unwrap();
    let client = Builder::new(server.url(), Cleared).options(options()).cookies(jar_of_old.clone()).build().unwrap();
    // Renewed, the session cookie comes last.
    let answer = within(client.send(Request::get("thing"))).await;
    assert_eq!(server.record().received("/login"), 1);
    let sent = server.record().exchanges().last().unwrap().request.headers()["cookie"].clone();
    assert_eq!(sent, "other=1; session=a%2Cb");
    assert!(answer.is_err());
    assert_eq!(client.cookies().unwrap().names(), ["other"]);
    // Saved cookies serve another client.
    jar_of_old.set("session", "a%2Cb").unwrap();
    let saved = jar_of_old.save();
    let restored = Jar::new();
    restored.restore(&saved).unwrap();
    assert_eq!(restored.get("session").unwrap().expose_secret(), "a%2Cb");
}

#[tokio::test]
async fn without_a_jar_cookies_are_ignored() {
    let answer = Answer::builder().header("set-cookie", "a=b").body(Bytes::new()).unwrap();
    let server = Server::start(Routes::new(()).reply("/x", answer)).await.unwrap();
    let client = with(&server.url(), options());
    for _ in 0..2 {
        let answer = within(client.send(Request::get("x"))).await.unwrap();
        assert_eq!(answer.set_cookies().next().unwrap().value().expose_secret(), "b");
    }
    assert!(server.record().exchanges().iter().all(|exchange| !exchange.request.headers().contains_key("cookie")));
}
