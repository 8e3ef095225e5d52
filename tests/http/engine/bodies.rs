//! Bodies of answers: lengths, limits, compression, streams.

use super::{client, limited, options, with};
use crate::support::files::{chunked, plain, respond};
use crate::support::gzip;
use crate::support::{MS, Server as RawServer, drain, read_head, within};
use futures_util::{FutureExt, TryStreamExt};
use statuswire::error::Phase;
use statuswire::http::Request;
use statuswire::policy::{Limits, Retry, Timeouts};
use statuswire::{Cause, ConnectOptions, Delivery};
use statuswire_sandbox::Then;
use statuswire_sandbox::http::{Fault, Routes, Server, text};
use statuswire_sandbox::reexport::http::{Method, StatusCode};
use tokio::io::AsyncWriteExt;

/// Answers each connection with the same bytes.
async fn answering(answer: Vec<u8>) -> (RawServer, String) {
    let server = RawServer::raw(move |mut stream, _| {
        let answer = answer.clone();
        async move {
            read_head(&mut stream).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
            drain(&mut stream).await;
        }
    })
    .await;
    let url = server.url.replace("ws://", "http://");
    (server, url)
}

fn small() -> ConnectOptions {
    options().with_limits(Limits::default().with_message_in(1000)).with_retry(Retry::never())
}

#[tokio::test]
async fn bodies_of_any_framing_are_read() {
    let body: Vec<u8> = (0..100_000_u32).map(|byte| (byte % 251) as u8).collect();
    for answer in [
        plain("200 OK", "", &body),
        chunked("200 OK", "", &body, 777),
        respond("200 OK", "", &body),
        plain("200 OK", "Content-Encoding: gzip\r\n", &gzip::stored(&body)),
        chunked("200 OK", "Content-Encoding: gzip\r\n", &gzip::stored(&body), 777),
    ] {
        let (_server, url) = answering(answer).await;
        let answer = within(client(&url).send(Request::get("x"))).await.unwrap();
        assert!(answer.bytes() == &body);
        let mut stream = within(client(&url).open(Request::get("x"))).await.unwrap();
        let mut read = Vec::new();
        while let Some(chunk) = within(stream.chunk()).await.unwrap() {
            assert!(!chunk.is_empty());
            read.extend(chunk);
        }
        assert!(read == body && within(stream.chunk()).await.unwrap().is_none());
        let stream = within(client(&url).open(Request::get("x"))).await.unwrap();
        let chunks: Vec<_> = within(stream.try_collect()).await.unwrap();
        assert!(chunks.concat() == body);
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let exact = vec![b'x'; 1000];
    let more = vec![b'x'; 1001];
    for (ok, answer) in [
        (true, plain("200 OK", "", &exact)),
        (true, chunked("200 OK", "", &exact, 10)),
        (false, plain("200 OK", "", &more)),
        (false, chunked("200 OK", "", &more, 10)),
        (false, chunked("200 OK", "", &more, 2000)),
        (false, respond("200 OK", "", &more)),
        // The announced length is enough: the body never comes.
        (false, respond("200 OK", "Content-Length: 99999999999\r\n", b"")),
        (false, plain("200 OK", "Content-Encoding: gzip\r\n", &gzip::zeros(1 << 20))),
    ] {
        let (server, url) = answering(answer).await;
        // A body that is too large is not requested again.
        let result = within(with(&url, small().with_retry(Retry::default())).send(Request::get("x"))).await;
        assert_eq!(result.is_ok(), ok, "{result:?}");
        if let Err(error) = result {
            assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
            assert!(error.to_string().contains("Limits::message_in"), "{error}");
            assert_eq!((error.delivery(), server.connections()), (Delivery::Answered, 1));
        }
    }
    let (_server, url) = answering(plain("200 OK", "", &more)).await;
    let stream = within(with(&url, small()).open(Request::get("x"))).await.unwrap();
    assert_eq!(stream.length(), Some(1001));
    let chunks: Vec<_> = within(stream.try_collect()).await.unwrap();
    assert_eq!(chunks.concat().len(), 1001);
}

#[tokio::test]
async fn truncated_bodies_are_lost_connections() {
    let whole = gzip::stored(b"a compressed body");
    for answer in [
        respond("200 OK", "Content-Length: 10\r\n", b"short"),
        respond("200 OK", "Transfer-Encoding: chunked\r\n", b"5\r\nshort\r\n"),
        respond("200 OK", "Content-Encoding: gzip\r\nContent-Length: 100\r\n", &whole[..20]),
        // The length is right, but the compressed data end early.
        plain("200 OK", "Content-Encoding: gzip\r\n", &whole[..20]),
    ] {
        let (server, url) = answering(answer).await;
        let error = within(client(&url).send(Request::get("x"))).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
        assert_eq!((error.delivery(), server.connections()), (Delivery::MaybeSent, 3));
        let mut stream = within(client(&url).open(Request::get("x"))).await.unwrap();
        let first = loop {
            match within(stream.chunk()).await {
                Ok(chunk) => assert!(chunk.is_some(), "the end came"),
                Err(error) => break error,
            }
        };
        assert_eq!(within(stream.chunk()).await.unwrap_err().to_string(), first.to_string());
        assert!(!first.context().command.is_empty());
    }
}

#[tokio::test]
async fn what_cannot_be_decompressed_is_a_violation() {
    let (server, url) = answering(plain("200 OK", "Content-Encoding: gzip\r\n", b"this is no gzip at all")).await;
    let error = within(client(&url).send(Request::get("x"))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    assert_eq!((error.delivery(), server.connections()), (Delivery::Answered, 1));
}

#[tokio::test]
async fn a_stream_has_no_time_limit_but_that_for_silence() {
    let server = Server::start(Routes::new(()).reply("/x", text(StatusCode::OK, "0123456789"))).await.unwrap();
    server.fault(Fault::any().pieces(1, 30 * MS));
    let limits = Timeouts::default().with_call(100 * MS);
    let stream = within(with(&server.url(), limited(limits)).open(Request::get("x"))).await.unwrap();
    let chunks: Vec<_> = within(stream.try_collect()).await.unwrap();
    assert_eq!(chunks.concat(), b"0123456789");
    server.clear_faults();
    server.fault(Fault::any().cut_body(3, Then::Silence));
    let limits = Timeouts::default().with_idle(50 * MS);
    let mut stream = within(with(&server.url(), limited(limits)).open(Request::get("x"))).await.unwrap();
    assert_eq!(within(stream.chunk()).await.unwrap().unwrap(), "012");
    // A call that is given up loses nothing.
    assert!(stream.chunk().now_or_never().is_none());
    let error = within(stream.chunk()).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Idle)), "{error:?}");
}

#[tokio::test]
async fn error_bodies_are_read_as_far_as_they_come() {
    let server = Server::start(Routes::new(())).await.unwrap();
    let limits = Timeouts::default().with_idle(50 * MS);
    let client = with(&server.url(), limited(limits).with_retry(Retry::never()));
    let refusal = || text(StatusCode::IM_A_TEAPOT, "short and stout");
    for fault in [
        Fault::any().reply(refusal()).cut_body(5, Then::Silence),
        Fault::any().reply(refusal()).cut_body(5, Then::Eof),
        Fault::any().reply(refusal()).content_length(1_000_000),
        Fault::any().reply(refusal()).endless(),
    ] {
        server.clear_faults();
        server.fault(fault);
        let error = within(client.send(Request::post("x"))).await.unwrap_err();
        let failure = error.http_failure().unwrap();
        assert_eq!((failure.status, error.delivery()), (StatusCode::IM_A_TEAPOT, Delivery::Answered));
        assert!(failure.excerpt.starts_with("short"), "{error:?}");
    }
}

#[tokio::test]
async fn answers_without_a_body_need_no_compression() {
    let answer = |status: &str| respond(status, "Content-Encoding: gzip\r\nContent-Length: 20\r\n", b"");
    for (status, method) in [("200 OK", Method::HEAD), ("304 Not Modified", Method::GET)] {
        let (_server, url) = answering(answer(status)).await;
        let request = Request::new(method, "x").allow_status(StatusCode::NOT_MODIFIED).retry(Retry::never());
        let answer = within(client(&url).send(request)).await.unwrap();
        assert!(answer.bytes().is_empty(), "{status}");
    }
}
