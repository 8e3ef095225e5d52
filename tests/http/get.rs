//! Downloads by link: what of an answer is taken, what is an error, and where redirects may lead.

use crate::support::authority::Authority;
use crate::support::files::{FILE, Files, chunked, client, collect, plain, respond};
use crate::support::{read_head, until, within};
use statuswire::ConnectOptions;
use statuswire::codes::Kind;
use statuswire::error::{Cause, Delivery, Error, Phase};
use statuswire::http::LinkClient;
use statuswire::policy::Timeouts;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio_rustls::rustls::crypto::CryptoProvider;

const SIZE: u64 = FILE.len() as u64;

fn status(error: &Error) -> u16 {
    assert_eq!(error.delivery(), Delivery::Answered, "{error:?}");
    let Cause::Http(failure) = error.cause() else { panic!("{error:?}") };
    failure.status.as_u16()
}

fn violation(error: &Error) -> &str {
    assert_eq!(error.delivery(), Delivery::Answered, "{error:?}");
    let Cause::Protocol(violation) = error.cause() else { panic!("{error:?}") };
    &violation.0
}

/// The error of a download that fails before the body.
async fn refused(answer: impl Into<Vec<u8>>, from: u64) -> Error {
    let files = Files::answering(answer).await;
    within(client().download(files.link("/f"), from..SIZE)).await.unwrap_err()
}

#[tokio::test]
async fn a_file_is_fetched_whole_and_nothing_is_sent_along() {
    let files = Files::answering(plain("200 OK", "Set-Cookie: a=b\r\nContent-Encoding: gzip\r\n", FILE)).await;
    let client = client();
    for _ in 0..2 {
        // Were it decompressed for the sake of its header, this would fail.
        let (bytes, end) = collect(&client, files.link("/f?a=b#c"), 0..SIZE).await;
        assert_eq!((bytes.as_slice(), end.unwrap()), (FILE, SIZE));
    }
    for head in files.heads() {
        assert!(head.starts_with("GET /f?a=b HTTP/1.1\r\n"), "{head}");
        let head = head.to_lowercase();
        assert!(head.contains("\r\naccept-encoding: identity\r\n"), "{head}");
        for name in ["range", "cookie", "referer", "authorization", "user-agent", "if-range"] {
            assert!(!head.contains(&format!("\r\n{name}:")), "{head}");
        }
    }
}

#[tokio::test]
async fn bodies_of_any_framing_are_read_in_any_pieces() {
    let close = respond("200 OK", "Connection: close\r\n", FILE);
    for answer in [plain("200 OK", "", FILE), chunked("200 OK", "", FILE, 7), chunked("200 OK", "", FILE, 1), close] {
        for piece in [1, 10, usize::MAX] {
            let files = Files::in_pieces(answer.clone(), piece).await;
            let (bytes, end) = collect(&client(), files.link("/f"), 0..SIZE).await;
            assert_eq!((bytes.as_slice(), end.unwrap()), (FILE, SIZE));
        }
    }
    let files = Files::answering(plain("200 OK", "", b"")).await;
    let (bytes, end) = collect(&client(), files.link("/empty"), 0..0).await;
    assert_eq!((bytes.len(), end.unwrap()), (0, 0));
}

#[tokio::test]
async fn the_rest_is_asked_for_and_a_server_that_sends_all_is_borne() {
    for from in [1, 5, SIZE - 1] {
        let rest = &FILE[usize::try_from(from).unwrap()..];
        let range = |whole: &str| format!("Content-Range: bytes {from}-{}/{whole}\r\n", SIZE - 1);
        for answer in [
            plain("206 Partial Content", &range(&SIZE.to_string()), rest),
            chunked("206 Partial Content", &range("*"), rest, 3),
            plain("200 OK", "", FILE),
            chunked("200 OK", "", FILE, 4),
        ] {
            let files = Files::in_pieces(answer, 9).await;
            let (bytes, end) = collect(&client(), files.link("/f"), from..SIZE).await;
            assert_eq!((bytes.as_slice(), end.unwrap()), (rest, SIZE));
            let head = files.heads().remove(0).to_lowercase();
            assert!(head.contains(&format!("\r\nrange: bytes={from}-\r\n")), "{head}");
        }
    }
}

#[tokio::test]
async fn ranges_without_bytes_are_refused_before_anything_is_sent() {
    let files = Files::answering(plain("200 OK", "", FILE)).await;
    #[allow(clippy::reversed_empty_ranges, reason = "it is what must be refused")]
    for range in [5..5, 6..5, SIZE..SIZE] {
        let error = client().download(files.link("/f"), range).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error:?}");
    }
    assert_eq!(files.server.connections(), 0);
}

#[tokio::test]
async fn a_part_that_was_not_asked_for_is_a_violation() {
    for (header, why) in [
        ("", "does not say which"),
        ("Content-Range: bytes */43\r\n", "does not say which"),
        ("Content-Range: bytes 9-3/43\r\n", "does not say which"),
        ("Content-Range: bytes 6-42/43\r\n", "from byte 6"),
        ("Content-Range: bytes 5-42/44\r\n", "44 bytes, not 43 as expected"),
    ] {
        let error = refused(plain("206 Partial Content", header, &FILE[5..]), 5).await;
        assert!(violation(&error).contains(why), "{error}");
        assert!(error.to_string().contains("http://127.0.0.1:"), "{error}");
    }
    // Nor is the length of the rest that of the file.
    let error = refused(plain("200 OK", "", &[b'x'; 44]), 5).await;
    assert!(violation(&error).contains("the server sends 44 bytes, not 43 as expected"), "{error}");
}

#[tokio::test]
async fn other_statuses_are_errors_with_the_beginning_of_their_bodies() {
    for (line, code, kind) in [
        ("416 Range Not Satisfiable", 416, Kind::OutOfRange),
        ("404 Not Found", 404, Kind::NotFound),
        ("403 Forbidden", 403, Kind::PermissionDenied),
        ("500 Internal Server Error", 500, Kind::Internal),
        ("503 Service Unavailable", 503, Kind::Unavailable),
        ("204 No Content", 204, Kind::Unknown),
        ("304 Not Modified", 304, Kind::Unknown),
        ("302 Found", 302, Kind::Unknown),
    ] {
        let body = if [204, 304].contains(&code) { "" } else { "no\r\nsuch file" };
        let error = refused(plain(line, "", body.as_bytes()), 5).await;
        assert_eq!((status(&error), error.kind()), (code, kind), "{error:?}");
        let Cause::Http(failure) = error.cause() else { unreachable!() };
        assert_eq!(failure.excerpt, body.escape_default().to_string());
        assert_eq!(error.retry_after(), None);
    }
    // A body without an end does not keep the error.
    let error =
        refused(format!("HTTP/1.1 500 Oops\r\nContent-Length: 9999999\r\n\r\n{}", "x".repeat(100_000)), 0).await;
    assert!(error.to_string().contains("xxx…"), "{error}");
    assert_eq!(status(&error), 500);
}

#[tokio::test]
async fn the_wait_that_a_server_asks_for_is_told() {
    let error = refused(plain("429 Too Many Requests", "Retry-After: 37\r\n", b""), 0).await;
    assert_eq!((status(&error), error.retry_after()), (429, Some(Duration::from_secs(37))));
    assert!(error.is_retryable());
    let past = "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
    let error = refused(plain("503 Service Unavailable", past, b""), 0).await;
    assert_eq!((status(&error), error.retry_after()), (503, Some(Duration::ZERO)));
}

#[tokio::test]
async fn a_download_that_was_cut_continues_where_it_ended() {
    let whole_chunks = chunked("200 OK", "", &FILE[..20], 5);
    let mut broken = plain("200 OK", "", FILE);
    broken.truncate(broken.len() - 23);
    for (answer, why) in [
        (broken, "end of file before message length reached"),
        (whole_chunks[..whole_chunks.len() - 5].to_vec(), "unexpected EOF"),
        (whole_chunks, "ended at byte 20 of 43"),
        (respond("200 OK", "Connection: close\r\n", &FILE[..20]), "ended at byte 20 of 43"),
    ] {
        let files = Files::answering(answer).await;
        let mut download = client().download(files.link("/f"), 0..SIZE).await.unwrap();
        let mut bytes = Vec::new();
        let error = loop {
            match within(download.chunk()).await {
                Ok(chunk) => bytes.extend(chunk.expect("it ended well")),
                Err(error) => break error,
            }
        };
        assert_eq!(bytes, &FILE[..20]);
        assert_eq!(download.position(), 20);
        assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
        assert_eq!((error.delivery(), error.is_retryable()), (Delivery::MaybeSent, true));
        let chain = crate::support::files::chain(&error);
        assert!(chain.contains(why), "{chain}");
        // It stays an error, never an end.
        assert_eq!(crate::support::files::chain(&download.chunk().await.unwrap_err()), chain);

        let files =
            Files::answering(plain("206 Partial Content", "Content-Range: bytes 20-42/43\r\n", &FILE[20..])).await;
        let (rest, end) = collect(&client(), files.link("/f"), download.position()..SIZE).await;
        assert_eq!((rest.as_slice(), end.unwrap()), (&FILE[20..], SIZE));
    }
    // The end may come in what is skipped already.
    let files = Files::answering(chunked("200 OK", "", &FILE[..3], 3)).await;
    let (bytes, error) = collect(&client(), files.link("/f"), 5..SIZE).await;
    let error = error.unwrap_err();
    assert!(bytes.is_empty() && crate::support::files::chain(&error).contains("ended at byte 3 of 43"), "{error:?}");
}

#[tokio::test]
async fn more_bytes_than_the_file_has_are_a_violation_and_are_not_given() {
    let longer = [FILE, b"!"].concat();
    let after_all = |mut head: Vec<u8>| {
        head.extend(b"1\r\n!\r\n0\r\n\r\n");
        head
    };
    let all = chunked("200 OK", "", FILE, 43);
    for answer in [
        chunked("200 OK", "", &longer, 44),
        chunked("200 OK", "", &longer, 1),
        after_all(all[..all.len() - 5].to_vec()),
        respond("200 OK", "Connection: close\r\n", &longer),
    ] {
        let files = Files::in_pieces(answer, 40).await;
        let (bytes, error) = collect(&client(), files.link("/f"), 0..SIZE).await;
        assert!(FILE.starts_with(&bytes), "{bytes:?}");
        assert!(violation(&error.unwrap_err()).contains("beyond the end of the file at byte 43"));
    }
    let error = refused(plain("200 OK", "", &longer), 0).await;
    assert!(violation(&error).contains("sends 44 bytes"), "{error}");
}

#[tokio::test]
async fn silence_in_the_body_ends_the_download() {
    let mut answer = plain("200 OK", "", FILE);
    answer.truncate(answer.len() - 10);
    let files = Files::then_silent(answer).await;
    let client = LinkClient::new(
        &ConnectOptions::default().with_timeouts(Timeouts::default().with_idle(Duration::from_secs(20))),
    )
    .unwrap();
    let mut download = client.download(files.link("/f"), 0..SIZE).await.unwrap();
    while download.position() < SIZE - 10 {
        within(download.chunk()).await.unwrap();
    }
    // A call that is given up loses nothing, nor does it count.
    tokio::time::pause();
    let given_up = tokio::time::timeout(Duration::from_secs(15), download.chunk()).await;
    assert!(given_up.is_err());
    let begun = tokio::time::Instant::now();
    let error = download.chunk().await.unwrap_err();
    assert!(begun.elapsed() >= Duration::from_secs(20));
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Idle)), "{error:?}");
    assert_eq!((error.delivery(), download.position()), (Delivery::MaybeSent, SIZE - 10));
}

#[tokio::test]
async fn a_call_for_a_piece_that_is_given_up_loses_no_bytes() {
    let files = Files::in_pieces(chunked("200 OK", "", FILE, 5), 1).await;
    let mut download = client().download(files.link("/f"), 3..SIZE).await.unwrap();
    let mut bytes = Vec::new();
    loop {
        tokio::select! {
            biased;
            chunk = download.chunk() => match chunk.unwrap() {
                Some(chunk) => bytes.extend(chunk),
                None => break,
            },
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(bytes, &FILE[3..]);
}

#[tokio::test]
async fn an_answer_that_does_not_come_and_a_connection_that_is_not_made_end_in_time() {
    let limits = Timeouts::default().with_call(Duration::from_secs(20)).with_connect(Duration::from_secs(10));
    let client = LinkClient::new(&ConnectOptions::default().with_timeouts(limits)).unwrap();
    let files = Files::then_silent(Vec::new()).await;
    let (asking, link) = (client.clone(), files.link("/f"));
    let asked = tokio::spawn(async move { asking.download(link, 0..SIZE).await.unwrap_err() });
    until(|| files.heads().len() == 1).await;
    tokio::time::pause();
    let error = asked.await.unwrap();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);

    // This server does not answer the greeting of TLS.
    let error = client.download(files.link("/f").replace("http:", "https:"), 0..SIZE).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Connect)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn without_limits_it_waits() {
    let limits = Timeouts::default().with_call(Duration::MAX).with_connect(Duration::MAX).with_idle(Duration::MAX);
    let client = LinkClient::new(&ConnectOptions::default().with_timeouts(limits)).unwrap();
    let files = Files::in_pieces(plain("200 OK", "", FILE), 10).await;
    let (bytes, end) = collect(&client, files.link("/f"), 0..SIZE).await;
    assert_eq!((bytes.as_slice(), end.unwrap()), (FILE, SIZE));
}

#[tokio::test]
async fn failures_to_connect_are_not_sent_and_those_after_it_maybe() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}/f", listener.local_addr().unwrap());
    drop(listener);
    let error = within(client().download(closed.clone(), 0..SIZE)).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    assert_eq!((error.delivery(), error.kind()), (Delivery::NotSent, Kind::Unavailable));

    for answer in ["", "HTTP/1.1 2", "SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"] {
        let error = refused(answer, 0).await;
        assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::MaybeSent, "{answer}");
    }
    // The link may be used up by the first of them.
    let error = refused(plain("302 Found", &format!("Location: {closed}\r\n"), b""), 0).await;
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    assert_eq!(format!("{}/f", error.context().endpoint), closed);
}

#[tokio::test]
async fn five_redirects_are_followed_and_keep_the_range() {
    let rest = plain("206 Partial Content", "Content-Range: bytes 5-42/43\r\n", &FILE[5..]);
    let lines = ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"];
    let files = Files::serving(move |head, number| match lines.get(number) {
        _ if head.starts_with("GET /again") => plain("302 Found", "Location: again\r\n", b""),
        Some(line) => plain(line, &format!("Location: /{number}?x=y\r\n"), b"elsewhere"),
        None => rest.clone(),
    })
    .await;
    let (bytes, end) = collect(&client(), files.link("/f"), 5..SIZE).await;
    assert_eq!((bytes.as_slice(), end.unwrap()), (&FILE[5..], SIZE));
    let heads = files.heads();
    assert_eq!(heads.len(), 6);
    assert!(heads[5].starts_with("GET /4?x=y HTTP/1.1\r\n"), "{}", heads[5]);
    for head in heads {
        assert!(head.to_lowercase().contains("\r\nrange: bytes=5-\r\n"), "{head}");
        assert!(!head.to_lowercase().contains("\r\nreferer:"), "{head}");
    }

    let error = within(client().download(files.link("/again"), 0..SIZE)).await.unwrap_err();
    assert_eq!(status(&error), 302);
    assert!(crate::support::files::chain(&error).contains("more than 5"), "{error:?}");
    assert!(!error.is_retryable());
    assert_eq!(files.heads().len(), 12);
}

#[tokio::test]
async fn redirects_to_nowhere_are_not_followed() {
    for (location, why, shown) in [
        ("file:///etc/passwd", "neither http nor https", Some("file://")),
        ("http://user:pw@127.0.0.1:9/f?x=y", "password", Some("http://127.0.0.1:9")),
        ("http://[/", "invalid", None),
    ] {
        let error = refused(plain("302 Found", &format!("Location: {location}\r\n"), b""), 0).await;
        assert_eq!(status(&error), 302);
        let chain = crate::support::files::chain(&error);
        assert!(chain.contains("the redirect is not followed") && chain.contains(why), "{chain}");
        let Cause::Http(failure) = error.cause() else { unreachable!() };
        assert_eq!(failure.location.as_deref(), shown);
        assert!(shown.is_none_or(|shown| chain.contains(&format!("redirects to {shown}; "))), "{chain}");
    }
}

#[tokio::test]
async fn over_tls_a_private_authority_is_trusted_and_no_redirect_leads_out() {
    let (authority, other) = (Authority::new(), Authority::new());
    let plaintext = Files::answering(plain("200 OK", "", FILE)).await;
    let target = plaintext.link("/f");
    let acceptor = authority.acceptor("127.0.0.1", 2090);
    let server = crate::support::Server::raw(move |stream, _| {
        let (acceptor, target) = (acceptor.clone(), target.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            loop {
                let answer = match read_head(&mut stream).await {
                    head if head.is_empty() => return,
                    head if head.starts_with("GET /out") => plain("302 Found", &format!("Location: {target}\r\n"), b""),
                    head if head.starts_with("GET /in") => plain("302 Found", "Location: /f\r\n", b""),
                    _ => plain("200 OK", "", FILE),
                };
                let _ = stream.write_all(&answer).await;
                let _ = stream.flush().await;
            }
        }
    })
    .await;
    let link = |path: &str| server.url.replace("ws://", "https://").trim_end_matches('/').to_owned() + path;
    let trusting =
        |pem: &str| LinkClient::new(&ConnectOptions::default().with_root_certificates(pem.as_bytes())).unwrap();

    let trusted = trusting(&authority.pem);
    for path in ["/f", "/in"] {
        let (bytes, end) = collect(&trusted, link(path), 0..SIZE).await;
        assert_eq!((bytes.as_slice(), end.unwrap()), (FILE, SIZE));
    }
    let error = within(trusted.download(link("/out"), 0..SIZE)).await.unwrap_err();
    assert_eq!(status(&error), 302);
    assert!(crate::support::files::chain(&error).contains("from https to http"), "{error:?}");
    assert_eq!(plaintext.server.connections(), 0);

    for client in [trusting(&other.pem), client()] {
        let error = within(client.download(link("/f"), 0..SIZE)).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(crate::support::files::chain(&error).contains("invalid peer certificate"), "{error:?}");
    }
    assert!(CryptoProvider::get_default().is_none(), "a provider was installed for the whole process");

    let error = LinkClient::new(&ConnectOptions::default().with_root_certificates(b"none")).unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("no certificate"), "{error}");
}
