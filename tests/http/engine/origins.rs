//! What another origin gets to see, and what it may say.

use super::{client, options, with};
use crate::support::authority::Authority;
use crate::support::files::plain;
use crate::support::{Server as RawServer, read_head, within};
use statuswire::http::{Builder, Outgoing, Request, Response, Sender, Service};
use statuswire::reexport::http::{HeaderValue, StatusCode};
use statuswire::{Cause, Delivery, Error};
use statuswire_sandbox::http::{Routes, Server, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response as Answer;
use std::error::Error as _;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use tokio::io::AsyncWriteExt;

const SECRET: &str = "c4nAry-secret";

/// Sends a token, and renews its session after each 401.
#[derive(Default)]
struct Renewing(AtomicU32);

impl Service for Renewing {
    fn service(&self) -> &'static str {
        "renewing"
    }

    async fn compose(&self, request: &mut Outgoing, _: &Sender<'_>) -> Result<(), Error> {
        request.headers_mut().insert("authorization", HeaderValue::from_static(SECRET));
        Ok(())
    }

    async fn renew(&self, response: &Response, _: &Error, _: &Sender<'_>) -> Result<bool, Error> {
        self.0.fetch_add(1, SeqCst);
        Ok(response.status() == StatusCode::UNAUTHORIZED)
    }
}

fn redirect(to: &str) -> Answer<Bytes> {
    Answer::builder().status(302).header("location", to).body(Bytes::new()).unwrap()
}

async fn replying(answer: Answer<Bytes>) -> Server<Routes<()>> {
    Server::start(Routes::new(()).reply("/*", answer)).await.unwrap()
}

#[tokio::test]
async fn a_secret_request_does_not_follow_a_redirect_to_another_origin() {
    let elsewhere = replying(text(StatusCode::OK, "elsewhere")).await;
    let server = Server::start(
        Routes::new(())
            .reply("/away", redirect(&elsewhere.url()))
            .reply("/here", redirect("/there"))
            .reply("/there", text(StatusCode::OK, "there")),
    )
    .await
    .unwrap();
    let client = client(&server.url());
    let secret = |path: &str| Request::get(path).body(SECRET).secret();
    let error = within(client.send(secret("away"))).await.unwrap_err();
    assert_eq!(error.http_failure().unwrap().status, StatusCode::FOUND);
    assert!(error.source().unwrap().to_string().contains("another origin"), "{error:?}");
    assert_eq!(elsewhere.record().total_received(), 0);
    assert_eq!(within(client.send(secret("here"))).await.unwrap().text(), "there");
}

#[tokio::test]
async fn another_origin_renews_no_session() {
    let elsewhere = replying(text(StatusCode::UNAUTHORIZED, "who are you?")).await;
    let server = replying(redirect(&elsewhere.url())).await;
    let client = Builder::new(server.url(), Renewing::default()).options(options()).build().unwrap();
    for request in [Request::get("x"), Request::get(elsewhere.url())] {
        let error = within(client.send(request)).await.unwrap_err();
        assert_eq!(error.http_failure().unwrap().status, StatusCode::UNAUTHORIZED);
        assert_eq!((error.context().attempt, error.delivery()), (1, Delivery::Answered));
    }
    assert_eq!((client.service().0.load(SeqCst), elsewhere.record().total_received()), (0, 2));
}

#[tokio::test]
async fn the_name_of_a_host_is_not_sent_to_another() {
    let elsewhere = replying(text(StatusCode::OK, "elsewhere")).await;
    let server = replying(redirect(&elsewhere.url())).await;
    within(client(&server.url()).send(Request::get("x").header("host", "virtual.example"))).await.unwrap();
    assert_eq!(server.record().exchanges()[0].request.headers()["host"], "virtual.example");
    let host = elsewhere.url().replace("http://", "");
    assert_eq!(elsewhere.record().exchanges()[0].request.headers()["host"].to_str().unwrap(), host);
}

/// However a `Location` writes another host, it is another host.
#[tokio::test]
async fn a_location_cannot_disguise_another_origin() {
    let elsewhere = replying(text(StatusCode::OK, "elsewhere")).await;
    let host = elsewhere.url().replace("http://", "");
    for to in [
        format!("//{host}/x"),
        format!("\\\\{host}\\x"),
        format!("/\\{host}/x"),
        format!("\t //{host}/x \t"),
        format!("HTTP://{host}/x"),
        format!("http:\\\\{host}/x"),
        format!("/\t/{host}/x"),
    ] {
        let server = replying(redirect(&to)).await;
        elsewhere.record().clear();
        let client = Builder::new(server.url(), Renewing::default()).options(options()).build().unwrap();
        let answer = within(client.send(Request::get("x"))).await.unwrap();
        assert_eq!(answer.text(), "elsewhere", "{to:?}");
        assert!(elsewhere.record().exchanges()[0].request.headers().get("authorization").is_none(), "{to:?}");
    }
}

#[tokio::test]
async fn paths_stay_at_their_origin_and_below_the_base() {
    let server = replying(text(StatusCode::OK, "home")).await;
    let client = client(&format!("{}/site", server.url()));
    for (path, seen) in [
        ("//evil.example/x", "/site/evil.example/x"),
        ("\\\\evil.example\\x", "/site/%5C%5Cevil.example%5Cx"),
        ("@evil.example", "/site/@evil.example"),
        (":80@evil.example/x", "/site/:80@evil.example/x"),
        ("http:/evil.example", "/site/http:/evil.example"),
        ("a/...%2f..%2fb", "/site/a/...%2f..%2fb"),
    ] {
        server.record().clear();
        assert!(client.is_own(path), "{path}");
        within(client.send(Request::get(path))).await.unwrap();
        assert_eq!(server.record().exchanges()[0].request.uri().path(), seen);
    }
    for text in ["..", ".", "%2e%2e", "", "%2E."] {
        let error = within(client.send(Request::get("a").segment(text))).await.unwrap_err();
        assert!(error.is_invalid_request(), "{text:?}");
    }
    let odd = "../a?b#c/\\%\r\n\u{e9}";
    server.record().clear();
    within(client.send(Request::get("a").segment(odd).query("p[a]&=+", "1&2=3+4 5%\u{e9}"))).await.unwrap();
    let uri = server.record().exchanges()[0].request.uri().clone();
    assert_eq!(uri.path(), "/site/a/..%2Fa%3Fb%23c%2F%5C%25%0D%0A%C3%A9");
    assert_eq!(uri.query(), Some("p%5Ba%5D%26%3D%2B=1%262%3D3%2B4%205%25%C3%A9"));
}

/// A certificate tells who the client is.
#[tokio::test]
async fn another_origin_does_not_get_the_client_certificate() {
    let authority = Authority::new();
    let acceptor = authority.acceptor_of_known_clients("127.0.0.1");
    let server = RawServer::raw(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            read_head(&mut stream).await;
            let _ = stream.write_all(&plain("200 OK", "Connection: close\r\n", b"known")).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let url = server.url.replace("ws://", "https://");
    let (certificate, key) = authority.issue("client", 2090);
    let options = options()
        .with_root_certificates(authority.pem.as_bytes())
        .with_client_certificate(certificate.pem().as_bytes(), key.serialize_pem());
    let own = with(&url, options.clone());
    assert_eq!(within(own.send(Request::get(&url))).await.unwrap().text(), "known");
    let elsewhere = replying(redirect(&url)).await;
    let other = with(&elsewhere.url(), options);
    for request in [Request::get(&url), Request::get("x")] {
        let error = within(other.send(request)).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    }
}
