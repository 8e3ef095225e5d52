//! The link form of packet 7: what the answer says, what the link serves, and what can go wrong with it.

use std::time::Duration;

use crate::support::raw::Raw;
use serde_json::{Value, json};
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::{Application, File, License, LinkFault, RateLimit, TransferForm, TransferOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const KEY: &str = "BAtest-links-00000001";
const TEN: &[u8] = b"ab}{\x00\xff cde";
const TEN_SUM: &str = "61a003b4394ce412b3ab105f4d8335377702e008380067fe998834dc0589aede";

async fn sandbox() -> BlazeAuth {
    let application = Application::new(KEY, "Links")
        .license(License::new("LINKS-0001"))
        .file(File::new("ten.bin", TEN))
        .file(File::new("empty.bin", ""));
    let builder = BlazeAuth::builder().application(application);
    let configured = builder.configure(|settings| {
        settings.rate_limit = RateLimit::off();
        settings.transfers = links();
    });
    configured.start().await.unwrap()
}

fn links() -> TransferOptions {
    TransferOptions::new().form(TransferForm::Link)
}

struct Session {
    raw: Raw,
    id: u64,
}

impl Session {
    async fn login(sandbox: &BlazeAuth) -> Self {
        let mut session = Self { raw: Raw::connect(sandbox.addr()).await, id: 0 };
        session.ok(json!({"type": 0, "websocket_api_key": KEY, "client_id": "links-test"})).await;
        session.ok(json!({"type": 2, "license": "LINKS-0001"})).await;
        session
    }

    async fn ask(&mut self, mut packet: Value) -> Value {
        self.id += 1;
        packet["id"] = self.id.into();
        let reply: Value = serde_json::from_str(&self.raw.ask(&packet.to_string()).await).unwrap();
        assert_eq!(reply["id"], self.id);
        reply
    }

    async fn ok(&mut self, packet: Value) -> Value {
        let reply = self.ask(packet).await;
        assert_eq!(reply["status"], 1, "{reply}");
        reply
    }

    /// A link to ten.bin.
    async fn link(&mut self) -> String {
        let reply = self.ok(json!({"type": 7, "filename": "ten.bin", "resume_at": 0})).await;
        reply["presigned_url"].as_str().unwrap().to_owned()
    }

    async fn metadata(&mut self) -> Value {
        self.ok(json!({"type": 9, "filename": "ten.bin"})).await
    }
}

/// Host and target of a link.
fn parts(url: &str) -> (String, String) {
    let (host, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    (host.to_owned(), format!("/{target}"))
}

struct Got {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

async fn request(url: &str, method: &str, headers: &str) -> Got {
    let (host, target) = parts(url);
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let request = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Got { status, head, body: bytes[end..].to_vec() }
}

async fn get(url: &str) -> Got {
    request(url, "GET", "").await
}

#[tokio::test]
async fn the_answer_has_a_link_that_serves_once() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    assert_eq!(session.metadata().await["transfer_count"], 0);
    let reply = session.ok(json!({"type": 7, "filename": "ten.bin", "resume_at": 0})).await;
    let url = reply["presigned_url"].as_str().unwrap();
    let expected = json!({"id": 4, "presigned_url": url, "file_size": 10, "file_checksum": TEN_SUM, "status": 1});
    assert_eq!(reply, expected);
    let got = get(url).await;
    assert_eq!((got.status, got.body.as_slice(), got.header("Content-Length")), (200, TEN, Some("10")));
    assert_eq!(session.metadata().await["transfer_count"], 1);
    assert_eq!(get(url).await.status, 410);
    let other = session.link().await;
    assert_ne!(other, url);
    assert_eq!(get(&other).await.body, TEN);
    assert_eq!(session.metadata().await["transfer_count"], 2);
}

#[tokio::test]
async fn refusals() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    for (filename, resume_at, status) in [
        ("none.bin", 0, 300),
        ("ten.bin", -1, 303),
        ("ten.bin", 10, 303),
        ("ten.bin", 9, 1),
        ("empty.bin", 0, 1),
        ("empty.bin", 1, 303),
    ] {
        let reply = session.ask(json!({"type": 7, "filename": filename, "resume_at": resume_at})).await;
        assert_eq!(reply["status"], status, "{filename} {resume_at}");
        assert_eq!(reply.get("presigned_url").is_some(), status == 1);
    }
    session.ok(json!({"type": 5})).await;
    let reply = session.ask(json!({"type": 7, "filename": "ten.bin", "resume_at": 0})).await;
    assert_eq!(reply, json!({"id": reply["id"], "status": 3}));
}

#[tokio::test]
async fn ranges() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    for (range, status, body, content_range) in [
        ("bytes=4-", 206, &TEN[4..], Some("bytes 4-9/10")),
        ("bytes=0-", 206, TEN, Some("bytes 0-9/10")),
        ("bytes=?", 200, TEN, None),
    ] {
        let got = request(&session.link().await, "GET", &format!("range: {range}\r\n")).await;
        assert_eq!((got.status, got.body.as_slice()), (status, body), "{range}");
        assert_eq!(got.header("Content-Range"), content_range);
    }
    let got = request(&session.link().await, "GET", "Range: bytes=10-\r\n").await;
    assert_eq!((got.status, got.header("Content-Range")), (416, Some("bytes */10")));
    assert_eq!(session.metadata().await["transfer_count"], 3);
}

#[tokio::test]
async fn what_the_server_got_is_recorded() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    let url = session.link().await;
    let headers = "Authorization: Bearer x\r\nRange: bytes=4-\r\nCookie: a=b\r\n";
    request(&url, "GET", headers).await;
    request(&url, "POST", "").await;
    let requests = sandbox.link_requests();
    assert_eq!(requests.len(), 2);
    assert_eq!((requests[0].method.as_str(), requests[0].target.clone()), ("GET", parts(&url).1));
    assert_eq!((requests[0].header("AUTHORIZATION"), requests[0].header("cookie")), (Some("Bearer x"), Some("a=b")));
    assert_eq!((requests[0].header("range"), requests[0].header("accept")), (Some("bytes=4-"), None));
    assert_eq!((requests[0].status, requests[1].status), (206, 405));
    let shown = format!("{requests:?}");
    assert!(shown.contains("Authorization") && !shown.contains("Bearer") && !shown.contains("signature"), "{shown}");
}

#[tokio::test]
async fn links_that_do_not_serve() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    let url = session.link().await;
    assert_eq!(get(&format!("{url}0")).await.status, 403);
    assert_eq!(get(url.split_once('?').unwrap().0).await.status, 403);
    assert_eq!(get(&url.replace("/files/", "/files/77")).await.status, 404);
    assert_eq!(get(&url.replace("/files/", "/")).await.status, 404);
    assert_eq!(request(&url, "HEAD", "").await.status, 405);
    // None of these used it up.
    sandbox.advance(Duration::from_secs(59));
    assert_eq!(get(&url).await.status, 200);
    let late = session.link().await;
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(get(&late).await.status, 403);
}

#[tokio::test]
async fn other_texts_than_requests() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    let (host, _) = parts(&session.link().await);
    for (bytes, status) in [
        ("no http at all\r\n\r\n".to_owned(), "400"),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(65)), "431"),
        (format!("GET / HTTP/1.1\r\na: {}", "x".repeat(20_000)), "431"),
    ] {
        let mut stream = TcpStream::connect(&host).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{answer}");
    }
}

#[tokio::test]
async fn bodies_that_are_wrong() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    let corrupt: Vec<u8> = TEN.iter().enumerate().map(|(i, byte)| if i == 5 { byte ^ 1 } else { *byte }).collect();
    let cases: [(LinkFault, u16, &[u8], Option<&str>); 7] = [
        (LinkFault::IgnoreRange, 200, TEN, Some("10")),
        (LinkFault::Cut { after: 3 }, 206, &TEN[4..7], Some("6")),
        (LinkFault::Cut { after: 0 }, 206, b"", Some("6")),
        (LinkFault::EndEarly { after: 3 }, 206, &TEN[4..7], None),
        (LinkFault::Corrupt { at: 5 }, 206, &corrupt[4..], Some("6")),
        (LinkFault::Body(b"<html>".to_vec()), 206, b"<html>", Some("6")),
        (LinkFault::Extra(b"more".to_vec()), 206, b"\x00\xff cdemore", Some("10")),
    ];
    for (fault, status, body, length) in cases {
        sandbox.next_transfer(links().link_fault(fault.clone()));
        let got = request(&session.link().await, "GET", "Range: bytes=4-\r\n").await;
        assert_eq!(
            (got.status, got.body.as_slice(), got.header("Content-Length")),
            (status, body, length),
            "{fault:?}"
        );
    }
    assert_eq!(session.metadata().await["transfer_count"], 4);
}

#[tokio::test]
async fn a_status_in_place_of_the_file() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    let headers = vec![("Retry-After".to_owned(), "7".to_owned())];
    sandbox.next_transfer(links().link_fault(LinkFault::Status { status: 503, headers, body: "later".into() }));
    let url = session.link().await;
    let got = get(&url).await;
    assert_eq!((got.status, got.header("Retry-After"), got.body.as_slice()), (503, Some("7"), &b"later"[..]));
    // Used up all the same: who was refused asks for another one.
    assert_eq!(get(&url).await.status, 410);
}

#[tokio::test]
async fn a_slow_body_arrives_whole() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    let slow = LinkFault::Slow { piece: 3, pause: Duration::from_millis(5) };
    sandbox.next_transfer(links().link_fault(slow));
    assert_eq!(get(&session.link().await).await.body, TEN);
}

#[tokio::test]
async fn the_checksum_in_the_answer_can_be_wrong() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    sandbox.next_transfer(links().wrong_checksum());
    let reply = session.ok(json!({"type": 7, "filename": "ten.bin", "resume_at": 0})).await;
    assert_eq!(reply["file_checksum"], TEN_SUM.replacen('6', "0", 1));
    // Packet 8 knows only streams.
    assert_eq!(session.ask(json!({"type": 8, "filename": "ten.bin"})).await["status"], 305);
}
