//! What can go wrong before a conversation begins, and what the client makes of it.

use crate::support::setup::Setup;
use crate::support::*;
use statuswire::error::{Cause, Delivery, Error, Phase};
use statuswire::policy::{Backoff, Timeouts};
use statuswire::rpc::{Matching, State};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

pub(super) fn lines(url: &str) -> Setup<Lines> {
    builder(url, Lines::new(Matching::ById))
}

pub(super) async fn failure(builder: Setup<Lines>) -> Error {
    let error = within(builder.connect()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
    assert_eq!(error.context().service, "lines");
    assert!(error.context().endpoint.starts_with("ws"), "{error:?}");
    error
}

type Expected = fn(&Cause) -> bool;

fn quickly() -> Timeouts {
    Timeouts::default().with_connect(150 * MS)
}

/// Answers the request for an upgrade with bytes of its own, then waits for the client to go.
pub(super) async fn answering(answer: &'static [u8]) -> Server {
    Server::raw(move |mut stream, _| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(answer).await;
        drain(&mut stream).await;
    })
    .await
}

#[tokio::test]
async fn a_refused_connection_is_a_transport_failure_with_its_reason() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    drop(listener);
    let error = failure(lines(&url)).await;
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("refused"), "{error:?}");
    assert!(error.to_string().contains(&url), "{error}");
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_a_transport_failure() {
    // Reserved for names that never resolve (RFC 6761).
    let error = failure(lines("ws://nobody.invalid:80/")).await;
    assert!(matches!(error.cause(), Cause::Transport(_) | Cause::Timeout(Phase::Connect)), "{error:?}");
}

#[tokio::test]
async fn silence_before_the_conversation_ends_with_the_limit_for_connecting() {
    // Silent at the upgrade; for a wss address the same server is silent at TLS.
    let server = Server::raw(|mut stream, _| async move { drain(&mut stream).await }).await;
    for url in [server.url.clone(), server.url.replace("ws://", "wss://")] {
        let error = failure(lines(&url).timeouts(quickly())).await;
        assert!(matches!(error.cause(), Cause::Timeout(Phase::Connect)), "{url}: {error:?}");
    }
    // Half an answer, then silence.
    let server = answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs").await;
    let error = failure(lines(&server.url).timeouts(quickly())).await;
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Connect)), "{error:?}");
    // Silent at TCP: the backlog of a listener that accepts nothing is full.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut backlog = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(50 * MS, TcpStream::connect(address)).await {
        backlog.push(stream);
    }
    let error = failure(lines(&format!("ws://{address}/")).timeouts(quickly())).await;
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Connect)), "{error:?}");
}

#[tokio::test]
async fn a_silent_handshake_ends_with_the_same_limit() {
    let server = Server::start(|mut socket, _| async move {
        receive(&mut socket).await;
        drain(socket.get_mut()).await;
    })
    .await;
    for matching in [Matching::InOrder, Matching::ById] {
        let mut lines = Lines::new(matching);
        lines.hello = "HELLO";
        let error = failure(builder(&server.url, lines).timeouts(quickly())).await;
        assert!(matches!(error.cause(), Cause::Timeout(Phase::Handshake)), "{error:?}");
    }
}

#[tokio::test]
async fn without_a_limit_for_connecting_there_is_none() {
    let server = Server::start(|socket, _| echo(socket, true)).await;
    let timeouts = Timeouts::default()
        .with_connect(Duration::MAX)
        .with_call(Duration::MAX)
        .with_ping(Duration::MAX)
        .with_idle(Duration::MAX)
        .with_reply(Duration::MAX)
        .with_close(Duration::MAX);
    let client = within(lines(&server.url).timeouts(timeouts).connect()).await.unwrap();
    assert_eq!(within(client.call(command("A", "x"))).await.unwrap(), "x");
    within(client.shutdown(Duration::MAX)).await;
}

#[tokio::test]
async fn a_refused_upgrade_tells_status_body_and_how_long_to_wait() {
    let server =
        answering(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 37\r\nContent-Length: 9\r\n\r\nslow down and more")
            .await;
    let error = failure(lines(&server.url)).await;
    let Cause::Http(failure) = error.cause() else { panic!("{error:?}") };
    assert_eq!((failure.status.as_u16(), failure.excerpt.as_str()), (429, "slow down"));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(37)));

    let client = lines(&server.url).connect_lazy().unwrap();
    let mut state = client.state();
    let waiting = within(state.wait_for(|state| matches!(state, State::Waiting { .. }))).await.unwrap().clone();
    let State::Waiting { attempt, delay, cause, .. } = waiting else { unreachable!() };
    assert_eq!(attempt, 2);
    // At least as long as the server asked for, and a little chance more.
    assert!(delay >= Duration::from_secs(37) && delay <= Duration::from_secs(38), "{delay:?}");
    assert!(matches!(cause.cause(), Cause::Http(_)));
}

#[tokio::test]
async fn a_refusal_of_credentials_is_final() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").leak();
        let server = answering(answer.as_bytes()).await;
        let client = lines(&server.url).connect_lazy().unwrap();
        let error = within(client.call(command("A", ""))).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Http(failure) if status.starts_with(failure.status.as_str())));
        assert_eq!(error.delivery(), Delivery::NotSent);
        let mut state = client.state();
        let end = within(state.wait_for(State::is_closed)).await.unwrap().clone();
        assert!(matches!(end, State::Closed { cause: Some(_), .. }));
        let again = within(client.call(command("A", ""))).await.unwrap_err();
        assert!(matches!(again.cause(), Cause::Http(_)), "the cause stays: {again:?}");
        assert_eq!(server.connections(), 1, "it tried again");
    }
}

#[tokio::test]
async fn what_is_no_answer_to_an_upgrade_is_a_violation_or_a_broken_connection() {
    let cases: [(&[u8], Expected); 8] = [
        (b"\x00\x01\x02 garbage\r\n\r\n", |cause| matches!(cause, Cause::Protocol(_))),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", |cause| matches!(cause, Cause::Protocol(_))),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            |cause| matches!(cause, Cause::Http(failure) if failure.status == 200 && failure.excerpt == "hello"),
        ),
        (
            b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n",
            |cause| matches!(cause, Cause::Http(failure) if failure.status == 503 && failure.excerpt.is_empty()),
        ),
        (
            b"HTTP/1.1 302 Found\r\nLocation: ws://elsewhere/\r\nContent-Length: 0\r\n\r\n",
            |cause| matches!(cause, Cause::Http(failure) if failure.status == 302),
        ),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", |cause| matches!(cause, Cause::Protocol(_))),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Accept: d3Jvbmc=\r\n\r\n",
            |cause| matches!(cause, Cause::Protocol(_)),
        ),
        (b"HTTP/1.1 101 Switching Protocols\r\nbroken header\r\n\r\n", |cause| matches!(cause, Cause::Protocol(_))),
    ];
    for (answer, expected) in cases {
        let server = answering(answer).await;
        let error = failure(lines(&server.url)).await;
        assert!(expected(error.cause()), "{}: {error:?}", String::from_utf8_lossy(answer));
    }
    // The end instead of an answer, and in the middle of one.
    for answer in ["", "HTTP/1.1 101 Swi"] {
        let server = Server::raw(move |mut stream, _| async move {
            read_head(&mut stream).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        })
        .await;
        let error = failure(lines(&server.url)).await;
        assert!(matches!(error.cause(), Cause::Transport(_) | Cause::Protocol(_)), "{answer:?}: {error:?}");
    }
}

#[tokio::test]
async fn the_location_of_a_refusal_shows_no_secret_of_the_request() {
    for location in ["https://login.example/k3y-s3cret/x", "https://login.example/k3y%2Ds3cret/x"] {
        let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n").leak();
        let server = answering(answer.as_bytes()).await;
        let error = failure(lines(&server.url).secret_header("x-key", "Key k3y-s3cret")).await;
        let Cause::Http(refusal) = error.cause() else { panic!("{error:?}") };
        assert_eq!(refusal.location.as_deref(), Some("https://login.example/***/x"));
    }
}

#[tokio::test]
async fn a_head_without_end_takes_no_memory_and_no_time() {
    let server = Server::raw(|mut stream, _| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let error = failure(lines(&server.url)).await;
    assert!(matches!(error.cause(), Cause::Protocol(_) | Cause::Transport(_)), "{error:?}");
}

#[tokio::test]
async fn messages_that_come_with_the_answer_to_the_upgrade_are_not_lost() {
    for (first, expected) in [
        (frame(0x81, b"!early"), "event"),
        (frame(0x88, b"\x0f\xa0early"), "close"),
        ([frame(0x89, b"ping"), frame(0x81, b"!early")].concat(), "event"),
    ] {
        let server = Server::raw(move |mut stream, number| {
            let first = first.clone();
            async move {
                let key = read_head(&mut stream).await;
                let mut answer = accept(&key);
                if number == 0 {
                    answer.extend(&first);
                }
                stream.write_all(&answer).await.unwrap();
                drain(&mut stream).await;
            }
        })
        .await;
        let client = lines(&server.url).connect_lazy().unwrap();
        let (mut events, mut state) = (client.events(), client.state());
        if expected == "event" {
            let event = within(events.next()).await;
            assert_eq!(event, Some(statuswire::rpc::Pushed::Event("early".to_owned())));
        } else {
            let waiting = within(state.wait_for(|state| matches!(state, State::Waiting { .. }))).await.unwrap().clone();
            let State::Waiting { cause, .. } = waiting else { unreachable!() };
            assert!(matches!(cause.cause(), Cause::Closed(close) if close.code == 4000), "{cause:?}");
        }
    }
}

#[tokio::test]
async fn attempts_are_counted_and_spaced() {
    let server = answering(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n").await;
    let client = lines(&server.url).backoff(Backoff::default().with_base(MS).with_cap(2 * MS)).connect_lazy().unwrap();
    let mut state = client.state();
    for wanted in [2, 3, 7] {
        let reached = |state: &State| matches!(state, State::Waiting { attempt, .. } if *attempt >= wanted);
        within(state.wait_for(reached)).await.unwrap();
    }
    drop(client);
    within(until_tasks_are(1)).await;
}

#[tokio::test]
async fn credentials_cross_no_network_in_the_clear_and_show_nowhere() {
    const SECRET: &str = "Bearer 5ecr3t";
    let with_secret = |url: &str| lines(url).secret_header("authorization", SECRET);
    let refused = with_secret("ws://db.example:80/").connect().await.unwrap_err();
    assert!(refused.is_invalid_request(), "{refused:?}");
    assert!(refused.to_string().contains("wss://"), "{refused}");
    let builder = with_secret("ws://db.example:80/?token=5ecr3t").map(|it| it.with_plaintext_credentials(true));
    let client = builder.connect_lazy().unwrap();
    for text in
        [format!("{refused:?} {refused}"), format!("{client:?}"), format!("{:?}", with_secret("ws://h/").builder())]
    {
        assert!(!text.contains("5ecr3t"), "{text}");
    }
    // To this machine they may go, and they arrive.
    let (sender, mut heads) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::raw(move |mut stream, _| {
        let sender = sender.clone();
        async move {
            sender.send(read_head(&mut stream).await).unwrap();
        }
    })
    .await;
    let error = failure(with_secret(&server.url)).await;
    assert!(!format!("{error:?} {error}").contains("5ecr3t"));
    assert!(within(heads.recv()).await.unwrap().contains(SECRET));
    // In the address they are refused.
    let error = Setup::new("ws://ada:5ecr3t@localhost/", Lines::new(Matching::ById)).connect().await.unwrap_err();
    assert!(error.is_invalid_request() && !format!("{error:?} {error}").contains("5ecr3t"), "{error:?}");
    // Neither does a wrong header tell its value.
    let error = lines("ws://localhost/").secret_header("authorization", "5ecr3t\n").connect().await.unwrap_err();
    assert!(error.is_invalid_request() && !format!("{error:?} {error}").contains("5ecr3t"), "{error:?}");
    let error = lines("ws://localhost/").header("no header", "x").connect().await.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("no header"), "{error:?}");
}
