//! Conversations over TLS: whom the client trusts, what it says of those it does not, and whether all bytes arrive.

use crate::support::authority::Authority;
use crate::support::setup::Setup;
use crate::support::*;
use futures_util::future::join_all;
use statuswire::error::{Cause, Delivery, Error};
use statuswire::rpc::{Matching, Pushed, Window};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

/// Echoes commands by id, in pieces of TLS records as they come.
pub async fn echoing(acceptor: TlsAcceptor) -> Server {
    Server::raw(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let Ok(socket) = tokio_tungstenite::accept_async(stream).await else { return };
            echo(socket, true).await;
        }
    })
    .await
}

pub fn over_tls(server: &Server, pem: &str) -> Setup<Lines> {
    let mut lines = Lines::new(Matching::ById);
    lines.window = Window::commands(64);
    builder(&server.url.replace("ws://", "wss://"), lines).root_certificates(pem.as_bytes())
}

async fn failure(builder: Setup<Lines>) -> (Error, String) {
    let error = within(builder.connect()).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    let why = std::error::Error::source(&error).unwrap().to_string();
    (error, why)
}

#[tokio::test]
async fn a_private_authority_is_trusted_and_large_messages_arrive_whole() {
    let authority = Authority::new();
    let server = echoing(authority.acceptor("127.0.0.1", 2090)).await;
    let client = over_tls(&server, &authority.pem).connect().await.unwrap();
    assert_eq!(client.call(command("A", "small")).await.unwrap(), "small");
    // Many at once, each more than a TLS record: what is written must be flushed, in both directions.
    let payload = |n: usize| format!("{n} {}", "x".repeat(64 << 10));
    let calls = (0..100).map(|n| client.call(command("A", payload(n))));
    for (n, reply) in within(join_all(calls)).await.into_iter().enumerate() {
        assert_eq!(reply.unwrap(), payload(n));
    }
    let huge = "y".repeat(4 << 20);
    assert_eq!(within(client.call(command("A", huge.clone()))).await.unwrap(), huge);
    within(client.shutdown(MS * 10_000)).await;
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn whom_nobody_vouches_for_is_not_spoken_to() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = echoing(authority.acceptor("127.0.0.1", 2090)).await;
    let (error, why) = failure(over_tls(&server, &other.pem)).await;
    // Both authorities bear the same name, so it is the signature that does not fit.
    assert!(why.contains("invalid peer certificate"), "{why}");
    assert!(error.to_string().contains("wss://127.0.0.1"), "{error}");

    let server = echoing(authority.acceptor("elsewhere.example", 2090)).await;
    let (_, why) = failure(over_tls(&server, &authority.pem)).await;
    assert!(why.contains("not valid for name") || why.contains("NotValidForName"), "{why}");

    let server = echoing(authority.acceptor("127.0.0.1", 2001)).await;
    let (_, why) = failure(over_tls(&server, &authority.pem)).await;
    assert!(why.contains("expired") || why.contains("Expired"), "{why}");

    // The public roots know no private authority.
    let url = server.url.replace("ws://", "wss://");
    let (_, why) = failure(builder(&url, Lines::new(Matching::ById))).await;
    assert!(why.contains("UnknownIssuer") || why.contains("xpired"), "{why}");
}

#[tokio::test]
async fn a_server_without_tls_is_a_transport_failure() {
    let authority = Authority::new();
    let server = Server::raw(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\nplain text only").await;
        drain(&mut stream).await;
    })
    .await;
    failure(over_tls(&server, &authority.pem)).await;
}

#[tokio::test]
async fn what_comes_with_the_answer_in_one_record_is_read_and_an_end_without_farewell_is_told() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("127.0.0.1", 2090);
    let server = Server::raw(move |stream, number| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let mut answer = accept(&read_head(&mut stream).await);
            answer.extend(frame(0x81, b"!early"));
            stream.write_all(&answer).await.unwrap();
            if number == 0 {
                // One command is read; then TCP ends without a word from TLS.
                let mut byte = [0];
                stream.read_exact(&mut byte).await.unwrap();
            } else {
                let mut bytes = [0; 1024];
                while stream.read(&mut bytes).await.is_ok_and(|n| n > 0) {}
            }
        }
    })
    .await;
    let client = over_tls(&server, &authority.pem).connect_lazy().unwrap();
    let mut events = client.events();
    let early = Some(Pushed::Event("early".to_owned()));
    assert_eq!(within(events.next()).await, early);
    let error = within(client.call(command("A", ""))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    assert_eq!(within(events.next()).await, early, "it connects again");
}

#[tokio::test]
async fn root_certificates_that_are_none_are_refused() {
    for (pem, why) in [
        (&b"not PEM at all"[..], "no certificate"),
        (b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", "PEM"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate"),
    ] {
        let builder = builder("wss://localhost/", Lines::new(Matching::ById)).root_certificates(pem);
        let error = within(builder.connect()).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
    }
}
