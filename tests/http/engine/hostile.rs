//! Answers that are made to harm: they end in clear errors, without secrets.

use super::{client, limited, options, with};
use crate::support::files::{plain, respond};
use crate::support::{MS, Server as RawServer, drain, read_head, within};
use statuswire::error::Phase;
use statuswire::http::{Builder, Outgoing, Request, Response, Sender, Service};
use statuswire::policy::{Retry, Timeouts};
use statuswire::reexport::http::{HeaderValue, StatusCode};
use statuswire::{Cause, Delivery, Error};
use statuswire_sandbox::http::{Routes, Server, json, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response as Answer;
use statuswire_sandbox::reexport::serde_json::{Value, json as value};
use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

const SECRET: &str = "c4nAry-secret";

async fn replying(answer: Answer<Bytes>) -> Server<Routes<()>> {
    Server::start(Routes::new(()).reply("/*", answer)).await.unwrap()
}

fn refusal(body: impl Into<Bytes>) -> Answer<Bytes> {
    Answer::builder().status(400).header("content-type", "application/json").body(body.into()).unwrap()
}

/// Returns the URL of a server that sends one piece after the other for ever, after a beginning.
async fn dripping(begin: &'static [u8], drip: &'static [u8]) -> (RawServer, String) {
    let server = RawServer::raw(move |mut stream, _| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(begin).await;
        while stream.write_all(drip).await.is_ok() {
            tokio::time::sleep(10 * MS).await;
        }
    })
    .await;
    let url = server.url.replace("ws://", "http://");
    (server, url)
}

#[tokio::test]
async fn deeply_nested_error_bodies_are_read_within_bounds() {
    let lists = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let objects = format!("{}1{}", r#"{"error":"#.repeat(20_000), "}".repeat(20_000));
    let both = format!("{}1{}", r#"{"errors":["#.repeat(10_000), "]}".repeat(10_000));
    let errors = format!("{}1{}", r#"{"code":1,"error":"#.repeat(10_000), "}".repeat(10_000));
    for body in [lists.clone(), format!(r#"{{"errors":{lists}}}"#), objects, both, errors] {
        let server = replying(refusal(body)).await;
        let error = within(client(&server.url()).send(Request::get("x"))).await.unwrap_err();
        assert!(error.details().len() <= 1, "{:?}", error.details());
        assert_eq!(error.delivery(), Delivery::Answered);
    }
    // A success as well.
    let server = replying(Answer::new(lists.into())).await;
    let error = within(client(&server.url()).json::<Value>(Request::get("x"))).await.unwrap_err();
    assert!(error.to_string().contains("recursion limit"), "{error}");
    // What services really nest is found.
    let nested = value!({ "error": { "errors": [{ "message": "deep", "location": "q" }] } });
    let server = replying(refusal(nested.to_string())).await;
    let error = within(client(&server.url()).send(Request::get("x"))).await.unwrap_err();
    assert_eq!(error.details()[0].text, "deep");
}

#[tokio::test]
async fn a_byte_order_mark_is_no_json() {
    let server = replying(Answer::new("\u{feff}{\"a\":1}".into())).await;
    let read: Value = within(client(&server.url()).json(Request::get("x"))).await.unwrap();
    assert_eq!(read["a"], 1);
    let server = replying(refusal("\u{feff}{\"message\":\"no\"}")).await;
    let error = within(client(&server.url()).send(Request::get("x"))).await.unwrap_err();
    assert_eq!(error.details()[0].text, "no");
}

#[tokio::test]
async fn another_compression_is_named() {
    for (encoding, is_named) in [("br", true), ("gzip, gzip", true), ("deflate", true), ("Identity", false)] {
        let answer = Answer::builder().header("content-encoding", encoding).body(Bytes::from_static(b"{}")).unwrap();
        let server = replying(answer).await;
        let result = within(client(&server.url()).json::<Value>(Request::get("x"))).await;
        let named = result.is_err_and(|error| {
            assert!(matches!(error.cause(), Cause::Decode(_)), "{error:?}");
            error.to_string().contains(&format!("compressed as {encoding:?}"))
        });
        assert_eq!(named, is_named, "{encoding}");
    }
}

#[tokio::test]
async fn what_cannot_be_decoded_shows_no_secret() {
    let server = replying(json(StatusCode::OK, &value!({ "user": { "csrf_token": SECRET } }))).await;
    let client = client(&server.url());
    type Numbers = BTreeMap<String, BTreeMap<String, u32>>;
    let error = within(client.json::<Numbers>(Request::get("x"))).await.unwrap_err();
    let Cause::Decode(failure) = error.cause() else { panic!("{error:?}") };
    assert_eq!(failure.path, "$.user.csrf_token");
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error:?}");
}

#[tokio::test]
async fn what_an_error_repeats_of_secrets_is_hidden_wherever_it_is_cut() {
    for filling in [1000, 1010, 1015, 1018, 1020, 1023] {
        // At the end of what a detail keeps.
        let message = format!("{} {SECRET} end", "x".repeat(filling));
        let server = replying(refusal(value!({ "message": message, "detail": { SECRET: ["bad"] } }).to_string())).await;
        let request = Request::get("x").secret_header("x-mine", SECRET);
        let error = within(client(&server.url()).send(request)).await.unwrap_err();
        assert!(!format!("{error} {error:?} {:?}", error.details()).contains("c4nA"), "{error:?}");
        assert!(error.details().iter().all(|detail| !detail.text.contains("c4nA")), "{:?}", error.details());
    }
}

#[tokio::test]
async fn secrets_of_any_alphabet_and_secret_queries_are_hidden() {
    let secret = "pässwörd-größe";
    let body = format!("no {secret}, no {SECRET}");
    let server = replying(text(StatusCode::FORBIDDEN, &body)).await;
    let client = client(&server.url());
    let request = Request::get("x").secret_header("x-mine", secret).query("q", SECRET).secret();
    let error = within(client.send(request)).await.unwrap_err();
    assert_eq!(error.details()[0].text, "no ***, no ***");
    assert_eq!(error.http_failure().unwrap().excerpt, "no ***, no ***");
}

#[tokio::test]
async fn messages_are_one_line() {
    let server = replying(refusal(r#"{"message":"one\r\ntwo\u001b[31m\u202e"}"#)).await;
    let error = within(client(&server.url()).send(Request::get("x"))).await.unwrap_err();
    let shown = error.to_string();
    assert!(!shown.contains(|c: char| c.is_control() || c == '\u{202e}'), "{shown:?}");
}

/// Nothing that a server drips extends the time of a call.
#[tokio::test]
async fn drops_do_not_extend_the_time() {
    let timeouts = || Timeouts::default().with_call(150 * MS).with_reply(100 * MS);
    for (begin, drip, delivery) in [
        (&b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"[..], &b"x"[..], Delivery::MaybeSent),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", Delivery::MaybeSent),
        (b"HTTP/1.1 200 OK\r\nX-A: ", b"x", Delivery::MaybeSent),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", Delivery::MaybeSent),
    ] {
        let (_server, url) = dripping(begin, drip).await;
        let error = within(with(&url, limited(timeouts())).send(Request::post("x"))).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
        assert_eq!(error.delivery(), delivery);
    }
    let begin = b"HTTP/1.1 503 Busy\r\nContent-Length: 1000000\r\n\r\n";
    let (_server, url) = dripping(begin, b"busy ").await;
    let error = within(with(&url, limited(timeouts())).send(Request::post("x"))).await.unwrap_err();
    assert_eq!(error.http_failure().unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(error.to_string().contains("busy"), "{error}");
}

/// Never composes, or never renews.
struct Hanging {
    composes: bool,
}

impl Service for Hanging {
    fn service(&self) -> &'static str {
        "hanging"
    }

    async fn compose(&self, _: &mut Outgoing, _: &Sender<'_>) -> Result<(), Error> {
        if self.composes { Ok(()) } else { pending().await }
    }

    async fn renew(&self, _: &Response, _: &Error, _: &Sender<'_>) -> Result<bool, Error> {
        pending().await
    }
}

#[tokio::test]
async fn a_service_that_hangs_ends_in_time() {
    let server = replying(text(StatusCode::UNAUTHORIZED, "who are you?")).await;
    for composes in [true, false] {
        let options = limited(Timeouts::default().with_call(50 * MS));
        let client = Builder::new(server.url(), Hanging { composes }).options(options).build().unwrap();
        let error = within(client.send(Request::get("x"))).await.unwrap_err();
        match composes {
            true => assert_eq!(error.http_failure().unwrap().status, StatusCode::UNAUTHORIZED),
            false => assert!(matches!(error.cause(), Cause::Timeout(Phase::Queue)), "{error:?}"),
        }
        let expected = if composes { Delivery::Answered } else { Delivery::NotSent };
        assert_eq!(error.delivery(), expected);
    }
}

/// Asks for a token that never comes, with a time limit.
struct Impatient;

impl Service for Impatient {
    fn service(&self) -> &'static str {
        "impatient"
    }

    async fn compose(&self, request: &mut Outgoing, sender: &Sender<'_>) -> Result<(), Error> {
        let token = sender.send(Request::get("token").timeout(30 * MS)).await;
        let held = if token.is_err() { "old" } else { "new" };
        request.headers_mut().insert("x-token", HeaderValue::from_static(held));
        Ok(())
    }
}

#[tokio::test]
async fn a_request_of_a_service_can_have_a_time_limit_of_its_own() {
    let server = replying(text(StatusCode::OK, "done")).await;
    server.fault(statuswire_sandbox::http::Fault::on("/token").silence());
    let hour = Duration::from_secs(3600);
    let options = limited(Timeouts::default().with_reply(hour).with_call(hour));
    let client = Builder::new(server.url(), Impatient).options(options).build().unwrap();
    let answer = within(client.send(Request::get("x"))).await.unwrap();
    assert_eq!(answer.request().headers()["x-token"], "old");
}

#[tokio::test]
async fn absurd_waits_are_not_waited_for() {
    for wait in ["99999999999999999999999", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let busy = Answer::builder().status(503).header("retry-after", wait).body(Bytes::new()).unwrap();
        let server = replying(busy).await;
        let error = within(client(&server.url()).send(Request::get("x"))).await.unwrap_err();
        assert_eq!((error.context().attempt, server.record().total_received()), (1, 1), "{wait}");
        assert!(error.retry_after().unwrap().as_secs() > 1 << 30);
    }
}

/// After each of these the client goes on with a new connection.
#[tokio::test]
async fn garbage_costs_one_connection() {
    for (garbage, is_ok) in [
        (plain("204 No Content", "", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), true),
        (respond("200 OK", "Content-Length: 2\r\n", b"okHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), true),
        (respond("200 OK", "Transfer-Encoding: chunked\r\n", b"zz\r\nx\r\n0\r\n\r\n"), false),
        (respond("200 OK", "Transfer-Encoding: chunked\r\n", b"ffffffffffffffffff\r\nx"), false),
        (respond("200 OK", "Content-Length: 1\r\nContent-Length: 2\r\n", b"xx"), false),
        (respond("200 OK", "Content-Length: -1\r\n", b"xx"), false),
        (b"garbage\r\n\r\n".to_vec(), false),
        (b"HTTP/1.1 200 OK\r\nX: \0\r\n\r\n".to_vec(), false),
        (b"\x16\x03\x01\x02".to_vec(), false),
    ] {
        let answer = garbage.clone();
        let server = RawServer::raw(move |mut stream, number| {
            let answer = if number == 0 { answer.clone() } else { plain("200 OK", "", b"good") };
            async move {
                read_head(&mut stream).await;
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
                drain(&mut stream).await;
            }
        })
        .await;
        let client = with(&server.url.replace("ws://", "http://"), options().with_retry(Retry::never()));
        let first = within(client.send(Request::get("x"))).await;
        assert_eq!(first.is_ok(), is_ok, "{:?}", String::from_utf8_lossy(&garbage));
        if let Err(error) = first {
            assert_ne!(error.delivery(), Delivery::NotSent, "{error:?}");
            assert!(error.to_string().len() < 400, "{error}");
        }
        assert_eq!(within(client.send(Request::get("y"))).await.unwrap().text(), "good");
    }
}
