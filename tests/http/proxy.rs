//! Files through an HTTP proxy.

use crate::support::authority::{Authority, base64};
use crate::support::files::{FILE, Files, chain, collect, plain};
use crate::support::proxy::{Proxy, address, shown};
use crate::support::traced::Traced;
use crate::support::{MS, Server, drain, read_head, within};
use statuswire::ConnectOptions;
use statuswire::error::{Cause, Delivery, Error, Phase};
use statuswire::http::LinkClient;
use statuswire::policy::Timeouts;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt;

const PASSWORD: &str = "s3cret-p4ssword";
const SIZE: u64 = FILE.len() as u64;

fn through(proxy: &str) -> ConnectOptions {
    ConnectOptions::default().with_proxy(proxy).with_proxy_credentials("ada", PASSWORD)
}

fn authorization() -> String {
    format!("Basic {}", base64(format!("ada:{PASSWORD}").as_bytes()))
}

fn assert_no_secret(text: &str) {
    for secret in [PASSWORD, authorization().trim_start_matches("Basic ")] {
        assert!(!text.contains(secret), "{text}");
    }
}

async fn failure(options: &ConnectOptions, link: &str) -> (Error, String) {
    let error = within(LinkClient::new(options).unwrap().download(link, 0..SIZE)).await.unwrap_err();
    let text = shown(&error);
    assert_no_secret(&text);
    assert!(!text.contains("c4nary"), "{text}");
    (error, text)
}

#[tokio::test]
async fn with_and_without_tls_the_proxy_finds_the_server_and_only_it_gets_the_credentials() {
    let log = Traced::start();
    let authority = Authority::new();
    let acceptor = authority.acceptor("files.invalid", 2090);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let secure = Server::raw(move |stream, _| {
        let (acceptor, record) = (acceptor.clone(), Arc::clone(&record));
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let head = read_head(&mut stream).await;
            record.lock().unwrap().push(head);
            let _ = stream.write_all(&plain("200 OK", "", FILE)).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let proxy = Proxy::to(address(&secure)).await;
    let options = through(&proxy.url()).with_root_certificates(authority.pem.as_bytes());
    let client = LinkClient::new(&options).unwrap();
    let (bytes, end) = collect(&client, "https://files.invalid/c4nary".to_owned(), 0..SIZE).await;
    assert_eq!((bytes.as_slice(), end.unwrap()), (FILE, SIZE));
    let [connect] = &proxy.heads()[..] else { panic!("{:?}", proxy.heads()) };
    assert!(connect.starts_with("CONNECT files.invalid:443 HTTP/1.1\r\n") && connect.contains(&authorization()));
    let head = seen.lock().unwrap().pop().unwrap();
    assert!(head.starts_with("GET /c4nary HTTP/1.1\r\n") && !head.to_lowercase().contains("proxy"), "{head}");

    let plaintext = Files::answering(plain("200 OK", "", FILE)).await;
    let proxy = Proxy::to(address(&plaintext.server)).await;
    let client = LinkClient::new(&through(&proxy.url())).unwrap();
    let (bytes, end) = collect(&client, "http://files.invalid/c4nary".to_owned(), 0..SIZE).await;
    assert_eq!((bytes.as_slice(), end.unwrap()), (FILE, SIZE));
    let head = &proxy.heads()[0];
    assert!(head.starts_with("GET http://files.invalid/c4nary HTTP/1.1\r\n") && head.contains(&authorization()));
    assert_no_secret(&log.text());
    assert!(!log.text().contains("c4nary"));
}

#[tokio::test]
async fn a_refusal_of_the_proxy_tells_status_and_place() {
    for (status, link, delivery) in [
        (407, "https", Delivery::NotSent),
        (403, "https", Delivery::NotSent),
        (502, "https", Delivery::NotSent),
        (407, "http", Delivery::NotSent),
        // Who answered cannot be told here.
        (502, "http", Delivery::Answered),
    ] {
        let body = format!("no {} {PASSWORD} for you", authorization());
        let proxy = Proxy::answering(plain(&format!("{status} No"), "Retry-After: 9\r\n", body.as_bytes())).await;
        let (error, text) = failure(&through(&proxy.url()), &format!("{link}://files.invalid/c4nary")).await;
        let Cause::Http(failure) = error.cause() else { panic!("{text}") };
        assert_eq!((failure.status.as_u16(), error.delivery()), (status, delivery), "{text}");
        let place = Some(proxy.url()).filter(|_| delivery == Delivery::NotSent);
        assert_eq!(failure.proxy, place, "{text}");
        assert!(place.is_none_or(|place| error.to_string().contains(&place)), "{error}");
        // Accounts are locked after a few wrong passwords.
        let is_asked_once = (status, link) == (407, "https");
        assert_eq!(proxy.heads().len(), if is_asked_once || link == "http" { 1 } else { 2 });
        let excerpt = &failure.excerpt;
        assert!(is_asked_once || (excerpt.starts_with("no Basic ***") && excerpt.ends_with("for you")), "{text}");
        assert!(error.context().endpoint.starts_with(&format!("{link}://files.invalid")), "{text}");
        assert_eq!(error.retry_after().is_none(), is_asked_once, "{text}");
    }
}

#[tokio::test]
async fn a_proxy_that_misbehaves_is_named() {
    let flood = [b"HTTP/1.1 200 OK\r\n".to_vec(), b"X: y\r\n".repeat(1 << 17)].concat();
    let gone = Proxy::leaving().await.url();
    for (proxy, link) in [(gone.clone(), "https"), (gone, "http")] {
        let (error, text) = failure(&through(&proxy), &format!("{link}://files.invalid/c4nary")).await;
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(matches!(error.cause(), Cause::Transport(_)), "{text}");
        assert!(chain(&error).contains(&format!("the proxy {proxy} cannot be reached")), "{text}");
    }
    for proxy in [Proxy::leaving().await, Proxy::answering(flood).await, Proxy::answering("SSH-2.0\r\n\r\n").await] {
        let (error, text) = failure(&through(&proxy.url()), "https://files.invalid/c4nary").await;
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(matches!(error.cause(), Cause::Transport(_) | Cause::Protocol(_)), "{text}");
        assert!(chain(&error).contains(&proxy.url()), "{text}");
    }
    let silent = Proxy::answering("").await;
    let options = through(&silent.url()).with_timeouts(Timeouts::default().with_connect(150 * MS));
    let (error, text) = failure(&options, "https://files.invalid/c4nary").await;
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Connect)), "{text}");
    assert!(chain(&error).contains(&silent.url()), "{text}");
}

#[tokio::test]
async fn a_server_behind_the_proxy_that_fails_is_not_the_proxys_fault() {
    // It speaks no TLS.
    let server = Server::raw(|mut stream, _| async move {
        let _ = stream.write_all(b"220 mail ESMTP\r\n").await;
        drain(&mut stream).await;
    })
    .await;
    let proxy = Proxy::to(address(&server)).await;
    let (error, text) = failure(&through(&proxy.url()), "https://files.invalid/c4nary").await;
    assert!(matches!(error.cause(), Cause::Transport(_)), "{text}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(!chain(&error).contains("the proxy"), "{text}");
}

#[tokio::test]
async fn a_redirect_through_a_proxy_may_have_used_up_the_link() {
    let proxy = Proxy::answering(plain("302 Found", "Location: https://files.invalid/c4nary\r\n", b"")).await;
    let (error, text) = failure(&through(&proxy.url()), "http://files.invalid/c4nary").await;
    let Cause::Http(failure) = error.cause() else { panic!("{text}") };
    assert_eq!((failure.status.as_u16(), error.delivery()), (302, Delivery::MaybeSent), "{text}");
    assert_eq!(failure.proxy, Some(proxy.url()));
    assert_eq!(failure.location.as_deref(), Some("https://files.invalid"));
}

#[tokio::test]
async fn an_invalid_proxy_is_refused() {
    let error = LinkClient::new(&ConnectOptions::default().with_proxy("socks5://localhost")).unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("SOCKS"), "{error}");
}

#[tokio::test]
async fn asking_a_silent_proxy_for_the_reason_changes_no_verdict() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let server = Server::raw(move |mut stream, number| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            read_head(&mut stream).await;
            if number > 0 {
                drain(&mut stream).await;
            }
        }
    })
    .await;
    let limits = Timeouts::default().with_call(2_000 * MS).with_connect(3_000 * MS);
    let options = through(&format!("http://{}", address(&server))).with_timeouts(limits);
    let (error, text) = failure(&options, "https://files.invalid/c4nary").await;
    assert!(matches!(error.cause(), Cause::Transport(_)), "{text}");
    assert_eq!((error.delivery(), asked.load(Ordering::SeqCst)), (Delivery::NotSent, 2), "{text}");
}
