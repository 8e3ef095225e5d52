//! The fake HTTP server without faults: connections, requests, limits, record, life.

use crate::http_client::{Ended, Web, header, notes, start, status};
use crate::support::raw::Raw;
use statuswire_sandbox::Then;
use statuswire_sandbox::http::{AnswerEnd, Fault, Options, Routes, Server, Service, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::{Request, Response, StatusCode};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LONG: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn requests_share_a_connection_and_need_not_wait() {
    let (server, mut web) = start().await;
    web.post("first").await;
    assert_eq!(web.answer().await, (201, r#"{"id":0}"#.into()));
    let post = "POST /notes HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n";
    web.write(&format!("{post}b{post}cGET /notes/2?x=1 HTTP/1.1\r\nHost: a\r\n\r\n\r\n\r\nGET /chunked HTTP/1.1\r\n"))
        .await;
    for body in [r#"{"id":1}"#, r#"{"id":2}"#] {
        assert_eq!(web.answer().await, (201, body.into()));
    }
    assert_eq!(web.answer().await, (200, "c".into()));
    web.write("Host: a\r\n\r\n").await;
    let head = web.0.head().await;
    assert_eq!((header(&head, "transfer-encoding"), header(&head, "content-length")), (Some("chunked"), None));
    assert_eq!(web.take(15).await, "5\r\nhello\r\n0\r\n\r\n");
    assert_eq!((server.record().opened(), server.record().total_received()), (1, 5));
    // Another connection is independent of the first.
    assert_eq!(Web::connect(server.addr()).await.ask("GET /notes/0").await, (200, "first".into()));
    assert_eq!(server.record().exchanges().last().unwrap().connection, 2);
}

#[tokio::test]
async fn bodies_come_in_chunks_with_every_cut() {
    let (server, mut web) = start().await;
    let request = "POST /notes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n\
                   3\r\none\r\n0b;x=\"y\"\r\n and \r\n two\r\n0\r\nTrailer: x\r\n\r\n";
    web.0.stream.set_nodelay(true).unwrap();
    for cut in 1..request.len() {
        web.write(&request[..cut]).await;
        tokio::task::yield_now().await;
        web.write(&request[cut..]).await;
        assert_eq!(web.answer().await.0, 201);
    }
    assert!(server.service().state().iter().all(|note| note == "one and \r\n two"));
    // Empty, with an empty trailer; then the connection can still be used.
    web.write("POST /notes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").await;
    assert_eq!(web.answer().await.0, 201);
    assert_eq!(server.service().state().last().unwrap(), "");
    assert_eq!(web.ask("GET /hello").await, (200, "hello".into()));
}

#[tokio::test]
async fn a_client_that_waits_is_told_to_send_its_body() {
    let (server, mut web) = start().await;
    let head = "POST /notes HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n";
    web.write(&format!("{head}Content-Length: 4\r\n\r\n")).await;
    assert_eq!(web.0.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    web.write("note").await;
    assert_eq!(web.answer().await.0, 201);
    web.write(&format!("{head}Transfer-Encoding: chunked\r\n\r\n")).await;
    assert_eq!(web.0.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    web.write("1\r\nx\r\n0\r\n\r\n").await;
    assert_eq!(web.answer().await.0, 201);
    // Not without a body, not to one that does not wait, and not before a refusal.
    web.write(&format!("{head}Content-Length: 0\r\n\r\n{head}Content-Length: 1\r\n\r\ny")).await;
    assert_eq!((web.answer().await.0, web.answer().await.0), (201, 201));
    web.write(&format!("{head}Content-Length: 99999999999\r\n\r\n")).await;
    assert_eq!(status(&web.0.head().await), 413);
    assert_eq!(*server.service().state(), ["note", "x", "", "y"]);
}

#[tokio::test]
async fn answers_have_a_body_only_where_http_has_one() {
    let (_server, mut web) = start().await;
    for (request, expected, length) in [
        ("HEAD /hello", 200, Some("5")),
        ("GET /no-content", 204, None),
        ("GET /not-modified", 304, None),
        ("HEAD /nothing", 404, Some("22")),
    ] {
        web.send(request).await;
        let head = web.0.head().await;
        assert_eq!((status(&head), header(&head, "content-length")), (expected, length), "{head}");
    }
    web.send("HEAD /chunked").await;
    assert!(web.0.head().await.contains("\r\ntransfer-encoding: chunked\r\n"));
    assert_eq!(web.ask("GET /hello").await, (200, "hello".into()));
    // A length of the service's own is sent as it is.
    assert_eq!(web.ask("GET /lies").await, (200, "hel".into()));
    assert_eq!(web.take(2).await, "lo");
}

#[tokio::test]
async fn the_connection_ends_when_either_side_says_so() {
    let (server, _) = start().await;
    for request in [
        "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n",
        "GET /bye HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /hello HTTP/1.0\r\n\r\n",
    ] {
        let mut web = Web::connect(server.addr()).await;
        web.write(request).await;
        let head = web.0.head().await;
        assert_eq!((status(&head), header(&head, "connection")), (200, Some("close")));
        assert_eq!(web.rest().await, ("hello".into(), Ended::Eof));
    }
    // In HTTP/1.0 there are no chunks: the end of the connection ends the body.
    let mut web = Web::connect(server.addr()).await;
    web.write("GET /chunked HTTP/1.0\r\n\r\n").await;
    let head = web.0.head().await;
    assert_eq!((header(&head, "transfer-encoding"), header(&head, "content-length")), (None, None));
    assert_eq!(web.rest().await, ("hello".into(), Ended::Eof));
    let ends: Vec<_> = server.record().exchanges().into_iter().map(|exchange| exchange.end).collect();
    assert_eq!(ends, [Some(AnswerEnd::Sent); 4]);
}

#[tokio::test]
async fn what_is_malformed_is_refused_and_reaches_no_service() {
    let (server, _) = start().await;
    let post = |headers: &str| format!("POST /notes HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n");
    let chunked = post("Transfer-Encoding: chunked");
    let requests = [
        (400, "what is this\r\n\r\n".to_owned()),
        (400, "GET /hello HTTP/2.0\r\n\r\n".to_owned()),
        (400, "GET /hello HTTP/1.1\r\n\r\n".to_owned()),
        (400, "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned()),
        (400, "GET /a\"b HTTP/1.1\r\nHost: a\r\n no name\r\n\r\n".to_owned()),
        (400, post("Content-Length: +1")),
        (400, post("Content-Length: ")),
        (400, post("Content-Length: 99999999999999999999999")),
        (400, post("Content-Length: 1\r\nContent-Length: 2")),
        (400, post("Content-Length: 1\r\nTransfer-Encoding: chunked")),
        (400, "POST /notes HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned()),
        (400, format!("{chunked}x\r\n")),
        (400, format!("{chunked}1\r\nabc")),
        (400, format!("{chunked}ffffffffffffffffff\r\n")),
        (400, format!("{chunked}1;{}", "x".repeat(5000))),
        (400, format!("{chunked}0\r\nno trailer\r\n\r\n")),
        (413, post("Content-Length: 16777217")),
        (413, format!("{chunked}1\r\na\r\nffffffffffffffff\r\n")),
        (431, format!("GET /hello HTTP/1.1\r\nHost: a\r\nX: {}", "x".repeat(70_000))),
        (431, format!("GET /hello HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: x\r\n".repeat(128))),
        (501, post("Transfer-Encoding: gzip, chunked")),
    ];
    for (number, (expected, request)) in requests.iter().enumerate() {
        let mut web = Web::connect(server.addr()).await;
        web.write(request).await;
        let head = web.0.head().await;
        assert_eq!((status(&head), header(&head, "connection")), (*expected, Some("close")), "{request:.80}");
        assert_eq!(web.rest().await.1, Ended::Eof);
        assert_eq!(server.record().malformed(), number as u64 + 1);
    }
    assert_eq!(server.record().total_received(), 0);
    assert!(server.service().state().is_empty());
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let (_server, mut web) = start().await;
    web.write("POST /notes HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n").await;
    let (mut read, mut write) = web.0.stream.split();
    let sending = async {
        write.write_all(&vec![b'x'; 4 * 1024 * 1024]).await.unwrap();
        write.shutdown().await.unwrap();
    };
    let mut answer = String::new();
    let (got, ()) = tokio::join!(read.read_to_string(&mut answer), sending);
    got.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.ends_with("the body is too long"), "{answer}");
}

#[tokio::test]
async fn the_limits_are_exact() {
    let head = |length: usize| format!("POST /notes HTTP/1.1\r\nHost: a\r\nContent-Length: {length:03}\r\n\r\n");
    let server = Server::start_with(Options::new().max_head(head(0).len()).max_body(100), notes()).await.unwrap();
    let mut web = Web::connect(server.addr()).await;
    let body = "x".repeat(101);
    for length in [0, 100] {
        web.write(&format!("{}{}", head(length), &body[..length])).await;
        assert_eq!(web.answer().await.0, 201);
    }
    web.write(&head(101)).await;
    assert_eq!(web.answer().await.0, 413);
    let mut web = Web::connect(server.addr()).await;
    web.write(&head(0).replace("Host: a", "Host: ab")).await;
    assert_eq!(web.answer().await.0, 431);
    assert_eq!(server.record().malformed(), 2);
}

#[tokio::test]
async fn routes_know_paths_methods_and_parameters() {
    let service = Routes::new(())
        .on("PUT /a/{first}/{second}", |(), call| {
            let param = |name| call.param(name).unwrap_or("none");
            text(StatusCode::OK, &format!("{} {} {}", param("first"), param("second"), param("third")))
        })
        .reply("GET /a/*", text(StatusCode::OK, "rest"))
        .reply("/a/b/{any}", text(StatusCode::OK, "any method"));
    let server = Server::start(service).await.unwrap();
    let mut web = Web::connect(server.addr()).await;
    assert_eq!(web.ask("PUT /a/b%2F/c?d").await, (200, "b%2F c none".into()));
    assert_eq!(web.ask("GET /a/b/c").await, (200, "rest".into()));
    assert_eq!(web.ask("PATCH /a/b/c").await, (200, "any method".into()));
    assert_eq!(web.ask("GET http://other/a/").await, (200, "rest".into()));
    assert_eq!(web.ask("GET /b").await.0, 404);
    web.send("DELETE /a/x/y").await;
    let head = web.0.head().await;
    assert_eq!((status(&head), header(&head, "allow")), (405, Some("PUT, GET")));
}

#[tokio::test]
async fn the_record_counts_and_keeps_requests_but_shows_no_secrets() {
    let (server, mut web) = start().await;
    let secret = "POST /notes?token=secret HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer secret\r\nCookie: s=secret\r\n\
                  X-Api-Key: secret\r\nContent-Length: 6\r\n\r\nsecret";
    web.write(secret).await;
    web.answer().await;
    web.ask("GET /notes/0").await;
    web.ask("GET /notes/9").await;
    let record = server.record();
    assert_eq!((record.received("POST /notes"), record.executed("POST /notes")), (1, 1));
    assert_eq!((record.received("GET /notes/{id}"), record.executed("GET /notes/{id}")), (2, 1));
    assert_eq!((record.received("/*"), record.received("GET /notes/9"), record.received("GET /other")), (3, 1, 0));
    let exchange = &record.exchanges()[0];
    assert_eq!((exchange.order, exchange.connection, exchange.carried_out), (1, 1, Some(StatusCode::CREATED)));
    assert_eq!(exchange.request.headers()["cookie"], "s=secret");
    assert_eq!(exchange.request.body(), "secret");
    let shown = format!("{record:?} {exchange:?} {server:?} {:?}", server.service());
    assert!(shown.contains("authorization") && shown.contains("/notes") && !shown.contains("secret"), "{shown}");
    record.clear();
    assert_eq!((record.received("/*"), record.exchanges().len()), (0, 0));
    web.ask("GET /hello").await;
    assert_eq!(record.exchanges()[0].order, 4);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_requests_that_hang() {
    let (server, mut idle) = start().await;
    idle.ask("GET /hello").await;
    let mut half = Web::connect(server.addr()).await;
    half.write("POST /notes HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc").await;
    let mut webs = vec![];
    let faults = [
        Fault::any().silence(),
        Fault::any().hold(LONG),
        Fault::any().delay(LONG),
        Fault::any().cut_body(3, Then::Silence),
        Fault::any().pieces(1, LONG),
    ];
    for (number, fault) in (3..).zip(faults) {
        server.fault(fault.connection(number));
        let mut web = Web::connect(server.addr()).await;
        web.send("GET /hello").await;
        server.record().wait_for(|record| record.total_received() == number - 1).await;
        webs.push(web);
    }
    server.fault(Fault::any().endless());
    let mut endless = Web::connect(server.addr()).await;
    endless.send("GET /hello").await;
    let reading = tokio::spawn(async move { endless.rest().await.1 });
    server.record().wait_for(|record| record.total_received() == 7).await;
    server.stop().await;
    assert_eq!(reading.await.unwrap(), Ended::Eof);
    for web in [&mut idle, &mut half].into_iter().chain(&mut webs) {
        assert_eq!(web.rest().await.1, Ended::Eof);
    }
    let record = server.record();
    assert_eq!((record.opened(), record.closed()), (8, 8));
    assert!(record.exchanges()[1..].iter().all(|exchange| exchange.end == Some(AnswerEnd::Stopped)), "{record:?}");
    assert!(tokio::net::TcpStream::connect(server.addr()).await.is_err());
}

#[tokio::test]
async fn a_stop_lets_an_answer_end_that_has_begun() {
    let body = "x".repeat(8 * 1024 * 1024);
    let server = Server::start(Routes::new(()).reply("/", text(StatusCode::OK, &body))).await.unwrap();
    let mut web = Web::connect(server.addr()).await;
    web.send("GET /").await;
    assert_eq!(status(&web.0.head().await), 200);
    let (rest, ()) = tokio::join!(web.rest(), server.stop());
    assert_eq!((rest.0.len(), rest.1), (body.len(), Ended::Eof));
    assert_eq!(server.record().exchanges()[0].end, Some(AnswerEnd::Sent));
}

/// Counts its restarts and its answers.
#[derive(Default)]
struct Counter {
    restarts: u32,
    answers: u32,
}

impl Service for Counter {
    fn answer(&mut self, _: &Request<Bytes>) -> Response<Bytes> {
        self.answers += 1;
        text(StatusCode::OK, &self.answers.to_string())
    }

    fn restarted(&mut self) {
        self.restarts += 1;
    }
}

#[tokio::test]
async fn a_restart_keeps_address_state_faults_and_record() {
    let server = Server::start(Counter::default()).await.unwrap();
    let url = server.url();
    assert_eq!(url, format!("http://{}", server.addr()));
    let mut web = Web::connect(server.addr()).await;
    assert_eq!(web.ask("GET /").await.1, "1");
    let fault = server.fault(Fault::any().nth(2).reply(text(StatusCode::BAD_GATEWAY, "")));
    assert_eq!(web.ask("GET /").await.1, "2");
    server.restart().await.unwrap();
    assert_ne!(web.rest().await.0, "3");
    assert_eq!(server.url(), url);
    let mut web = Web::connect(server.addr()).await;
    assert_eq!(web.ask("GET /").await.0, 502);
    assert_eq!(web.ask("GET /").await.1, "3");
    assert_eq!((fault.hits(), server.service().restarts, server.record().total_received()), (1, 1, 4));
    server.kill().await;
    server.stop().await;
    assert!(tokio::net::TcpStream::connect(server.addr()).await.is_err());
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let (server, _) = start().await;
    let error = Server::start_with(Options::new().listen(server.addr()), notes()).await.unwrap_err();
    assert!(error.to_string().contains(&server.addr().to_string()), "{error}");
}

#[tokio::test]
async fn a_panic_in_the_service_fails_the_test() {
    let server = Server::start(Routes::new(()).on("/", |(), _| panic!("a bug in the fake"))).await.unwrap();
    let mut raw = Raw::tcp(server.addr()).await;
    raw.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut scrap = Vec::new();
    let _ = raw.stream.read_to_end(&mut scrap).await;
    assert_eq!(scrap, b"");
    let stopped = tokio::spawn(async move { server.stop().await }).await;
    assert!(stopped.unwrap_err().is_panic());
}
