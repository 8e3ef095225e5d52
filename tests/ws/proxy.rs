//! WebSockets through an HTTP proxy.

use crate::connect::{failure, lines};
use crate::support::authority::{Authority, base64};
use crate::support::files::chain;
use crate::support::proxy::{Proxy, address, shown};
use crate::support::setup::Setup;
use crate::support::traced::Traced;
use crate::support::*;
use crate::tls::{echoing, over_tls};
use statuswire::Error;
use statuswire::codes::Kind;
use statuswire::error::{Cause, Phase};
use statuswire::policy::Timeouts;
use statuswire::rpc::State;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::{WebSocketStream, tungstenite};

const PASSWORD: &str = "s3cret-p4ssword";

fn through(setup: Setup<Lines>, proxy: &Proxy) -> Setup<Lines> {
    setup.map(|it| it.with_proxy(&proxy.url()).with_proxy_credentials("ada", PASSWORD))
}

/// The header of these credentials.
fn authorization() -> String {
    format!("Basic {}", base64(format!("ada:{PASSWORD}").as_bytes()))
}

fn assert_no_secret(text: &str) {
    for secret in [PASSWORD, authorization().trim_start_matches("Basic ")] {
        assert!(!text.contains(secret), "{text}");
    }
}

async fn refused_through(proxy: &Proxy) -> (Error, String) {
    // The address is that of no server: nothing but the proxy is asked.
    let error = failure(through(lines("wss://service.invalid/"), proxy)).await;
    let text = shown(&error);
    assert_no_secret(&text);
    (error, text)
}

#[tokio::test]
async fn with_and_without_tls_the_proxy_finds_the_server_and_only_it_gets_the_credentials() {
    let upgrades = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&upgrades);
    let plain = Server::raw(move |mut stream, _| {
        let record = Arc::clone(&record);
        async move {
            let head = read_head(&mut stream).await;
            let _ = stream.write_all(&accept(&head)).await;
            record.lock().unwrap().push(head);
            let role = tungstenite::protocol::Role::Server;
            echo(WebSocketStream::from_raw_socket(stream, role, None).await, true).await;
        }
    })
    .await;
    let log = Traced::start();
    let proxy = Proxy::to(address(&plain)).await;
    let client = within(through(lines("ws://service.invalid/path"), &proxy).connect()).await.unwrap();
    assert_eq!(client.call(command("A", "hello")).await.unwrap(), "hello");
    let expected = format!(
        "CONNECT service.invalid:80 HTTP/1.1\r\nHost: service.invalid:80\r\nProxy-Authorization: {}\r\n\r\n",
        authorization()
    );
    assert_eq!(proxy.heads(), [expected]);
    let upgrade = upgrades.lock().unwrap().pop().unwrap();
    assert!(upgrade.starts_with("GET /path HTTP/1.1\r\nHost: service.invalid\r\n"), "{upgrade}");
    assert!(!upgrade.to_lowercase().contains("proxy"), "{upgrade}");

    let authority = Authority::new();
    let secure = echoing(authority.acceptor("service.invalid", 2090)).await;
    for established in [
        &b"HTTP/1.1 200 Connection established\r\n\r\n"[..],
        b"HTTP/1.0 200\r\n\r\n",
        // These headers mean nothing here (RFC 9110, section 9.3.6).
        b"HTTP/1.1 204 Fine\r\nContent-Length: 500\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ] {
        let proxy = Proxy::start(address(&secure).to_owned(), established).await;
        let setup = over_tls(&secure, &authority.pem).at("wss://service.invalid").map(|it| it.with_proxy(&proxy.url()));
        let client = within(setup.connect()).await.unwrap();
        let large = "x".repeat(1 << 20);
        assert_eq!(within(client.call(command("A", large.clone()))).await.unwrap(), large);
        assert_eq!(proxy.heads(), ["CONNECT service.invalid:443 HTTP/1.1\r\nHost: service.invalid:443\r\n\r\n"]);
    }
    let proxy = Proxy::to(address(&plain)).await;
    within(through(lines("ws://[2001:db8::1]:9/"), &proxy).connect()).await.unwrap();
    assert!(proxy.heads()[0].starts_with("CONNECT [2001:db8::1]:9 HTTP/1.1\r\nHost: [2001:db8::1]:9\r\n"));
    assert_no_secret(&log.text());
}

#[tokio::test]
async fn bytes_behind_the_answer_of_the_proxy_are_the_servers() {
    let answer = "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy";
    let proxy = Proxy::answering(answer).await;
    let error = failure(through(lines("ws://service.invalid/"), &proxy)).await;
    let Cause::Http(failure) = error.cause() else { panic!("{error:?}") };
    assert_eq!((failure.status.as_u16(), failure.excerpt.as_str(), &failure.proxy), (503, "busy", &None));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_refusal_of_the_proxy_tells_status_place_and_what_to_do() {
    for (status, kind, advice) in [
        (407, Kind::Unauthenticated, "give valid credentials with `ConnectOptions::with_proxy_credentials`"),
        (405, Kind::InvalidArgument, "correct the address of the proxy or of the service"),
        (403, Kind::PermissionDenied, "ask the operator of the proxy"),
        (502, Kind::Unavailable, "try again in 9 s"),
        (301, Kind::Unknown, "ask the operator of the proxy"),
        (101, Kind::Unknown, "ask the operator of the proxy"),
    ] {
        let body = format!("no {} {} for you", authorization(), PASSWORD);
        let head = format!("HTTP/1.1 {status} No\r\nRetry-After: 9\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let proxy = Proxy::answering(head).await;
        let (error, text) = refused_through(&proxy).await;
        let Cause::Http(failure) = error.cause() else { panic!("{text}") };
        assert_eq!((failure.status.as_u16(), failure.proxy.as_deref()), (status, Some(proxy.url().as_str())));
        let excerpt = &failure.excerpt;
        assert!(excerpt.starts_with("no ") && excerpt.ends_with("for you"), "{excerpt}");
        assert_eq!(error.kind(), kind, "{text}");
        let line = error.to_string();
        for part in ["wss://service.invalid", &proxy.url(), &format!("the proxy answered HTTP {status}"), advice] {
            assert!(line.contains(part), "{part}: {line}");
        }
        assert!(!error.to_problem().detail.contains(&proxy.url()), "a problem document shows no address");
        assert_eq!(proxy.heads().len(), 1);
    }
}

#[tokio::test]
async fn a_proxy_that_wants_other_credentials_is_asked_once() {
    for (status, is_final) in [("407 Who are you", true), ("403 No", true), ("502 Later", false)] {
        let proxy = Proxy::answering(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")).await;
        let client = through(lines("wss://service.invalid/"), &proxy).connect_lazy().unwrap();
        let mut state = client.state();
        if is_final {
            let closed = within(state.wait_for(|state| matches!(state, State::Closed { .. }))).await.unwrap();
            assert!(matches!(&*closed, State::Closed { cause: Some(_), .. }));
            assert_eq!(proxy.heads().len(), 1);
        } else {
            until(|| proxy.heads().len() > 2).await;
        }
    }
}

#[tokio::test]
async fn a_proxy_that_misbehaves_is_named_and_costs_no_more_than_the_limit() {
    let flood = [b"HTTP/1.1 200 OK\r\n".to_vec(), b"X: y\r\n".repeat(1 << 17)].concat();
    for (proxy, expected) in [
        (Proxy::leaving().await, "closed the connection before it answered"),
        (Proxy::answering(flood).await, "the proxy's answer to CONNECT is invalid"),
        (Proxy::answering("SSH-2.0-OpenSSH\r\n\r\n").await, "the proxy's answer to CONNECT is invalid"),
        (Proxy::answering("\x16\x03\x01\x02\0\r\n\r\n").await, "the proxy's answer to CONNECT is invalid"),
    ] {
        let (error, text) = refused_through(&proxy).await;
        assert!(matches!(error.cause(), Cause::Transport(_) | Cause::Protocol(_)), "{text}");
        assert!(chain(&error).contains(expected) && chain(&error).contains(&proxy.url()), "{text}");
    }
    let quickly = Timeouts::default().with_connect(150 * MS);
    for silence in ["", "HTTP/1.1 200 OK\r\nX: "] {
        let proxy = Proxy::answering(silence).await;
        let setup = through(lines("wss://service.invalid/"), &proxy).timeouts(quickly.clone());
        let error = failure(setup).await;
        assert!(matches!(error.cause(), Cause::Timeout(Phase::Connect)), "{error:?}");
        assert!(chain(&error).contains(&proxy.url()), "{error:?}");
    }
    let gone = Proxy::leaving().await.url();
    let error = failure(lines("wss://service.invalid/").map(|it| it.with_proxy(&gone))).await;
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    assert!(chain(&error).contains(&format!("the proxy {gone} cannot be reached")), "{error:?}");
}

#[tokio::test]
async fn credentials_without_tls_go_through_a_proxy_only_if_that_is_allowed() {
    let server = Server::start(|socket, _| echo(socket, true)).await;
    let proxy = Proxy::to(address(&server)).await;
    let setup = || through(lines(&server.url).secret_header("authorization", "Bearer 17"), &proxy);
    let error = within(setup().connect()).await.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("through a proxy"), "{error}");
    assert_eq!(proxy.heads().len(), 0);
    within(setup().map(|it| it.with_plaintext_credentials(true)).connect()).await.unwrap();
    assert_eq!(proxy.heads().len(), 1);
}

#[tokio::test]
async fn a_client_certificate_goes_through_the_tunnel() {
    let authority = Authority::new();
    let server = echoing(authority.acceptor_of_known_clients("service.invalid")).await;
    let proxy = Proxy::to(address(&server)).await;
    let (certificate, key) = authority.issue("client", 2090);
    let setup = through(over_tls(&server, &authority.pem).at("wss://service.invalid"), &proxy);
    let setup = setup.map(|it| it.with_client_certificate(certificate.pem().as_bytes(), key.serialize_pem()));
    let client = within(setup.connect()).await.unwrap();
    assert_eq!(client.call(command("A", "hello")).await.unwrap(), "hello");
}
