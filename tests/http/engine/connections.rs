//! TLS and proxies: what the engine shares with the client for links.

use super::{Plain, options, with};
use crate::support::authority::Authority;
use crate::support::files::plain;
use crate::support::proxy::Proxy;
use crate::support::{Server, drain, read_head, within};
use statuswire::codes::nemesis::ErrorCode;
use statuswire::http::{Request, Response, Service};
use statuswire::reexport::http::StatusCode;
use statuswire::{Cause, Delivery, Error};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_private_authority_is_trusted_and_no_redirect_leads_out_of_tls() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost", 2090);
    let server = Server::raw(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let answer = match read_head(&mut stream).await.starts_with("GET /out") {
                true => plain("302 Found", "Connection: close\r\nLocation: http://localhost/x\r\n", b""),
                false => plain("200 OK", "Connection: close\r\n", b"over TLS"),
            };
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let url = server.url.replace("ws://127.0.0.1", "https://localhost");
    let trusting = with(&url, options().with_root_certificates(authority.pem.as_bytes()));
    // Credentials may be sent over TLS, to any host.
    let request = Request::get("x").header("authorization", "Bearer s3cret");
    assert_eq!(within(trusting.send(request)).await.unwrap().text(), "over TLS");
    let error = within(trusting.send(Request::get("out"))).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("from https to http"), "{source}");
    let error = within(with(&url, options()).send(Request::post("x"))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

/// Has a code for each refusal.
struct Coded;

impl Service for Coded {
    fn service(&self) -> &'static str {
        "coded"
    }

    fn refused(&self, _: &Response, error: Error) -> Error {
        error.with_code(ErrorCode::Bounds)
    }
}

#[tokio::test]
async fn what_a_proxy_refuses_is_not_the_services_refusal() {
    let refusal = plain("407 Proxy Authentication Required", "Connection: close\r\n", b"who are you?");
    let proxy = Proxy::answering(refusal).await;
    for url in ["http://service.example", "https://service.example"] {
        let options = options().with_proxy(&proxy.url());
        let client = statuswire::http::Builder::new(url, Coded).options(options).build().unwrap();
        let error = within(client.send(Request::post("x"))).await.unwrap_err();
        let failure = error.http_failure().unwrap();
        assert_eq!(failure.status, StatusCode::PROXY_AUTHENTICATION_REQUIRED, "{error:?}");
        assert_eq!(failure.proxy.as_deref(), Some(proxy.url().as_str()));
        assert_eq!((error.code(), error.delivery()), (None, Delivery::NotSent));
    }
    let server = Server::raw(|mut stream, _| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(&plain("200 OK", "Connection: close\r\n", b"through")).await;
        drain(&mut stream).await;
    })
    .await;
    let forwarding = Proxy::forwarding().await;
    let url = server.url.replace("ws://", "http://");
    let client = statuswire::http::Builder::new(url, Plain).options(options().with_proxy(&forwarding.url()));
    let answer = within(client.build().unwrap().send(Request::get("x"))).await.unwrap();
    assert_eq!((answer.text().as_ref(), forwarding.heads().len()), ("through", 1));
}
