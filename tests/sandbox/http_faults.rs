//! Each fault of the fake HTTP server, as a client sees it.

use crate::http_client::{Ended, Notes, Web, header, start, status};
use statuswire_sandbox::Then;
use statuswire_sandbox::http::{AnswerEnd, Fault, Server, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::{Response, StatusCode};
use std::time::Duration;
use tokio::time::Instant;

const LONG: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);

async fn with(fault: Fault) -> (Server<Notes>, Web) {
    let (server, web) = start().await;
    server.fault(fault);
    (server, web)
}

/// Waits until this answer, counted from 0, has ended, and returns how.
async fn end(server: &Server<Notes>, answer: usize) -> AnswerEnd {
    let end = || server.record().exchanges().get(answer).and_then(|exchange| exchange.end);
    server.record().wait_for(|_| end().is_some()).await;
    end().unwrap()
}

#[tokio::test]
async fn the_connection_ends_in_place_of_an_answer() {
    type Make = fn() -> Fault;
    let faults: [(Make, &str, Ended); 3] = [
        (|| Fault::on("POST /notes").drop_connection(), "", Ended::Eof),
        (|| Fault::on("POST /notes").reset(), "", Ended::Reset),
        (|| Fault::on("POST /notes").raw("SSH-2.0-what\r\n"), "SSH-2.0-what\r\n", Ended::Eof),
    ];
    for (fault, sent, ended) in faults {
        for (fault, executed) in [(fault(), 0), (fault().carried_out(), 1)] {
            let (server, mut web) = with(fault).await;
            web.ask("GET /hello").await;
            web.post("note").await;
            let got = web.rest().await;
            assert_eq!((got.0.as_str(), &got.1), (sent, &ended));
            assert_eq!(end(&server, 1).await, AnswerEnd::BrokenOff);
            let record = server.record();
            assert_eq!((record.received("POST /notes"), record.executed("POST /notes")), (1, executed));
            assert_eq!(server.service().state().len() as u64, executed);
            assert_eq!(record.exchanges()[1].carried_out, (executed == 1).then_some(StatusCode::CREATED));
        }
    }
}

#[tokio::test]
async fn another_answer_takes_the_place() {
    let mut bomb = Response::new(Bytes::from_static(b"\x1f\x8b no gzip"));
    bomb.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    bomb.headers_mut().insert("x-huge", "x".repeat(100_000).parse().unwrap());
    let (server, mut web) = with(Fault::any().nth(1).reply(bomb)).await;
    server.fault(Fault::any().nth(2).reply(text(StatusCode::SERVICE_UNAVAILABLE, "busy")).carried_out());
    web.post("first").await;
    let head = web.0.head().await;
    assert_eq!((header(&head, "content-encoding"), header(&head, "content-length")), (Some("gzip"), Some("10")));
    assert_eq!(header(&head, "x-huge").unwrap().len(), 100_000);
    while web.0.buffer.len() < 10 {
        assert!(web.0.fill().await);
    }
    assert_eq!(std::mem::take(&mut web.0.buffer), b"\x1f\x8b no gzip");
    web.post("second").await;
    assert_eq!(web.answer().await, (503, "busy".into()));
    web.post("third").await;
    assert_eq!(web.answer().await, (201, r#"{"id":1}"#.into()));
    assert_eq!(*server.service().state(), ["second", "third"]);
}

#[tokio::test]
async fn an_answer_ends_in_its_head() {
    for (bytes, expected) in [(0, ""), (11, "HTTP/1.1 20")] {
        let (server, mut web) = with(Fault::any().cut_head(bytes, Then::Eof)).await;
        web.post("note").await;
        assert_eq!(web.rest().await, (expected.into(), Ended::Eof));
        assert_eq!((end(&server, 0).await, server.record().executed("/notes")), (AnswerEnd::BrokenOff, 1));
    }
    let (_server, mut web) = with(Fault::any().cut_head(9999, Then::Eof)).await;
    web.send("GET /hello").await;
    let (head, _) = web.rest().await;
    assert!(head.ends_with("content-length: 5\r\n\r\n"), "{head}");
}

#[tokio::test]
async fn an_answer_ends_in_its_body() {
    for (request, bytes, expected) in [
        ("GET /hello", 0, ""),
        ("GET /hello", 2, "he"),
        ("GET /hello", 99, "hello"),
        ("GET /chunked", 2, "5\r\nhe"),
        ("GET /chunked", 5, "5\r\nhello\r\n"),
        ("HEAD /hello", 2, ""),
    ] {
        let (server, mut web) = with(Fault::any().cut_body(bytes, Then::Eof)).await;
        web.send(request).await;
        let head = web.0.head().await;
        assert_eq!((status(&head), header(&head, "connection")), (200, None));
        assert!(head.contains("content-length: 5\r\n") || head.contains("chunked"));
        assert_eq!(web.rest().await, (expected.into(), Ended::Eof), "{request} {bytes}");
        assert_eq!(end(&server, 0).await, AnswerEnd::BrokenOff);
    }
}

#[tokio::test]
async fn part_of_an_answer_is_followed_by_a_reset_or_by_nothing() {
    let (server, mut web) = with(Fault::any().cut_body(2, Then::Reset)).await;
    web.send("GET /hello").await;
    assert_eq!(web.rest().await.1, Ended::Reset);
    assert_eq!(end(&server, 0).await, AnswerEnd::BrokenOff);

    let (server, mut web) = with(Fault::any().cut_body(2, Then::Silence)).await;
    web.send("GET /hello").await;
    web.0.head().await;
    assert_eq!(web.take(2).await, "he");
    // What comes meanwhile is not answered.
    web.send("GET /hello").await;
    drop(web);
    assert_eq!(end(&server, 0).await, AnswerEnd::ClientGone);
    assert_eq!(server.record().total_received(), 1);
}

#[tokio::test]
async fn silence_lasts_until_the_client_is_gone() {
    let (server, mut web) = with(Fault::any().silence()).await;
    web.post("note").await;
    server.record().wait_for(|record| record.total_received() == 1).await;
    assert_eq!(server.record().exchanges()[0].end, None);
    drop(web);
    assert_eq!(end(&server, 0).await, AnswerEnd::ClientGone);
    assert_eq!(server.record().executed("/notes"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_body_comes_in_pieces() {
    let (server, mut web) = with(Fault::any().pieces(2, SECOND)).await;
    let start = Instant::now();
    web.send("GET /chunked").await;
    web.0.head().await;
    assert_eq!(web.take(25).await, "2\r\nhe\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n");
    assert!(start.elapsed() >= 3 * SECOND);
    assert_eq!(web.ask("GET /hello").await, (200, "hello".into()));
    assert!(start.elapsed() >= 6 * SECOND);
    server.clear_faults();
    server.fault(Fault::any().pieces(0, SECOND).cut_body(3, Then::Eof));
    web.send("GET /chunked").await;
    web.0.head().await;
    assert_eq!(web.rest().await.0, "1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n");
}

#[tokio::test]
async fn a_length_is_claimed_that_is_wrong() {
    let (server, mut web) = with(Fault::on("GET /hello").content_length(3)).await;
    server.fault(Fault::on("GET /chunked").content_length(7));
    assert_eq!(web.ask("GET /hello").await, (200, "hel".into()));
    assert_eq!(web.take(2).await, "lo");
    web.send("GET /chunked").await;
    let head = web.0.head().await;
    assert_eq!((header(&head, "content-length"), header(&head, "transfer-encoding")), (Some("7"), None));
    assert_eq!(web.take(5).await, "hello");
    // The connection goes on.
    assert_eq!(web.ask("GET /notes/1").await.0, 404);
}

#[tokio::test]
async fn bytes_are_missing_and_no_length_tells() {
    for request in ["GET /hello", "GET /chunked"] {
        let (_server, mut web) = with(Fault::any().without_length().cut_body(3, Then::Eof)).await;
        web.send(request).await;
        let head = web.0.head().await;
        assert_eq!((header(&head, "content-length"), header(&head, "transfer-encoding")), (None, None));
        assert_eq!(header(&head, "connection"), Some("close"));
        assert_eq!(web.rest().await, ("hel".into(), Ended::Eof));
    }
}

#[tokio::test]
async fn an_upload_is_answered_before_its_body() {
    let head = "POST /notes HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n";
    let refusal = text(StatusCode::UNAUTHORIZED, "log in");
    let (server, mut web) = with(Fault::on("POST /notes").before_body().nth(1).reply(refusal)).await;
    server.fault(Fault::on("POST /notes").before_body().nth(2).reset());
    web.write(head).await;
    let answer = web.0.head().await;
    assert_eq!((status(&answer), header(&answer, "connection")), (401, Some("close")));
    web.write("some of the body").await;
    assert_eq!(web.rest().await, ("log in".into(), Ended::Eof));
    let mut web = Web::connect(server.addr()).await;
    web.write(&format!("{head}some of the body")).await;
    assert_eq!(web.rest().await.1, Ended::Reset);
    assert_eq!((end(&server, 0).await, end(&server, 1).await), (AnswerEnd::Sent, AnswerEnd::BrokenOff));
    let record = server.record();
    assert_eq!((record.received("/notes"), record.executed("/notes")), (2, 0));
    assert!(record.exchanges().iter().all(|exchange| exchange.request.body().is_empty()));
    let mut web = Web::connect(server.addr()).await;
    web.post("note").await;
    assert_eq!(web.answer().await.0, 201);
}

#[tokio::test]
async fn a_body_never_ends() {
    let (server, mut web) = with(Fault::any().endless()).await;
    web.send("HEAD /hello").await;
    assert!(web.0.head().await.contains("\r\ntransfer-encoding: chunked\r\n"));
    web.send("GET /hello").await;
    assert!(web.0.head().await.contains("\r\ntransfer-encoding: chunked\r\n"));
    let start = web.take(1024 * 1024).await;
    assert!(start.starts_with("4001\r\nhellohello"), "{start:.40}");
    drop(web);
    assert_eq!((end(&server, 0).await, end(&server, 1).await), (AnswerEnd::Sent, AnswerEnd::ClientGone));
    let (_server, mut web) =
        with(Fault::any().reply(text(StatusCode::OK, "")).endless().cut_body(20_000, Then::Eof)).await;
    web.send("GET /").await;
    web.0.head().await;
    let (body, ended) = web.rest().await;
    assert_eq!((body.matches(' ').count(), ended), (20_000, Ended::Eof));
}

#[tokio::test]
async fn a_connection_ends_without_notice_after_an_answer() {
    let (server, mut web) = with(Fault::any().nth(2).last()).await;
    web.ask("GET /hello").await;
    web.send("GET /hello").await;
    let head = web.0.head().await;
    assert_eq!((status(&head), header(&head, "connection")), (200, None));
    assert_eq!(web.rest().await, ("hello".into(), Ended::Eof));
    assert_eq!(end(&server, 1).await, AnswerEnd::Sent);
    // The server waits for the client's end of the connection.
    drop(web);
    server.record().wait_for(|record| record.closed() == 1).await;
}

#[tokio::test]
async fn requests_and_answers_are_delayed() {
    let (server, mut web) = with(Fault::on("POST /notes").nth(1).hold(LONG)).await;
    web.post("first").await;
    server.record().wait_for(|record| record.received("/notes") == 1).await;
    // Others are served meanwhile.
    server.fault(Fault::on("POST /notes").delay(LONG));
    let mut other = Web::connect(server.addr()).await;
    other.post("second").await;
    server.record().wait_for(|record| record.executed("/notes") == 1).await;
    assert_eq!(*server.service().state(), ["second"]);
    server.kill().await;
    assert_eq!(web.rest().await.0, "");
    assert_eq!(other.rest().await.0, "");
    assert_eq!(server.record().executed("/notes"), 1);
}

#[tokio::test(start_paused = true)]
async fn delays_end() {
    let (_server, mut web) = with(Fault::any().hold(SECOND).delay(SECOND)).await;
    let start = Instant::now();
    assert_eq!(web.ask("GET /hello").await, (200, "hello".into()));
    assert!(start.elapsed() >= 2 * SECOND);
}

#[tokio::test]
async fn rules_say_which_requests_they_are_for() {
    let (server, mut web) = start().await;
    let reply = |status| text(StatusCode::from_u16(status).unwrap(), "");
    let on_second = server.fault(Fault::any().connection(2).reply(reply(501)));
    let with_header =
        server.fault(Fault::on("GET /hello").when(|request| request.uri().query() == Some("bad")).reply(reply(502)));
    let counted = server.fault(Fault::on("/hello").calls(3..).reply(reply(503)));
    assert_eq!(web.ask("GET /hello").await.0, 200);
    // The first rule that applies wins, and later ones count the request all the same.
    assert_eq!(web.ask("GET /hello?bad").await.0, 502);
    assert_eq!(web.ask("GET /hello?bad").await.0, 502);
    assert_eq!(web.ask("GET /hello").await.0, 503);
    assert_eq!(Web::connect(server.addr()).await.ask("GET /notes/0").await.0, 501);
    assert_eq!((on_second.hits(), with_header.hits(), counted.hits()), (1, 2, 1));
    with_header.remove();
    assert_eq!(web.ask("GET /hello?bad").await.0, 503);
    server.clear_faults();
    assert_eq!(web.ask("GET /hello?bad").await.0, 200);
}
