//! Servers that ask for a certificate of the client.

use crate::support::authority::Authority;
use crate::support::files::{FILE, chain, collect, plain};
use crate::support::{Server, read_head, within};
use statuswire::ConnectOptions;
use statuswire::error::{Cause, Delivery};
use statuswire::http::LinkClient;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_server_that_asks_gets_the_certificate() {
    let authority = Authority::new();
    let acceptor = authority.acceptor_of_known_clients("127.0.0.1");
    let server = Server::raw(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            read_head(&mut stream).await;
            let _ = stream.write_all(&plain("200 OK", "", FILE)).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let link = server.url.replace("ws://", "https://");
    let options = ConnectOptions::default().with_root_certificates(authority.pem.as_bytes());
    let (certificate, key) = authority.issue("client", 2090);
    let identified = options.clone().with_client_certificate(certificate.pem().as_bytes(), key.serialize_pem());
    let (bytes, end) = collect(&LinkClient::new(&identified).unwrap(), link.clone(), 0..FILE.len() as u64).await;
    assert_eq!((bytes.as_slice(), end.unwrap()), (FILE, FILE.len() as u64));

    let error = within(LinkClient::new(&options).unwrap().download(link, 0..1)).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    // With TLS 1.3 the server refuses only after the request.
    assert!(matches!(error.delivery(), Delivery::NotSent | Delivery::MaybeSent), "{error:?}");

    let other = authority.issue("client", 2090).1.serialize_pem();
    let mixed = options.with_client_certificate(certificate.pem().as_bytes(), other.clone());
    let error = LinkClient::new(&mixed).unwrap_err();
    assert!(error.is_invalid_request() && !chain(&error).contains(&other), "{error}");
}

#[cfg(feature = "platform-roots")]
#[tokio::test]
async fn what_the_system_trusts_can_be_combined_with_own_certificates() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("127.0.0.1", 2090);
    let server = Server::raw(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            read_head(&mut stream).await;
            let _ = stream.write_all(&plain("200 OK", "", FILE)).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let options = ConnectOptions::default().with_root_certificates(authority.pem.as_bytes()).with_platform_roots();
    let link = server.url.replace("ws://", "https://");
    let (bytes, _) = collect(&LinkClient::new(&options).unwrap(), link, 0..FILE.len() as u64).await;
    assert_eq!(bytes, FILE);
}
