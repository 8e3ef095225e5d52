//! Request bodies that are streamed.

use super::{client, limited, with};
use crate::support::{MS, within};
use futures_util::stream;
use statuswire::http::{Body, Request};
use statuswire::policy::{Limits, Repeat, Timeouts};
use statuswire::reexport::bytes::Bytes;
use statuswire::reexport::http::StatusCode;
use statuswire::{Cause, ConnectOptions, Delivery};
use statuswire_sandbox::http::{Fault, Routes, Server, text};
use std::io::{self, Cursor};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// Returns the length and the sum of the bytes that came.
async fn server() -> Server<Routes<()>> {
    let routes = Routes::new(()).on("/up", |(), call| {
        let body = call.request.body();
        assert_eq!(call.request.headers()["content-length"].to_str().unwrap(), body.len().to_string());
        text(StatusCode::OK, &format!("{} {}", body.len(), sum(body)))
    });
    Server::start(routes).await.unwrap()
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

fn file() -> Vec<u8> {
    (0..1_000_000_u32).map(|number| (number % 251) as u8).collect()
}

#[tokio::test]
async fn streams_arrive_whole_with_their_length_and_report_progress() {
    let server = server().await;
    let client = client(&server.url());
    let bytes = file();
    let expected = format!("{} {}", bytes.len(), sum(&bytes));
    let length = bytes.len() as u64;
    let pieces: Vec<io::Result<Bytes>> = bytes.chunks(999).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let again = bytes.clone();
    for body in [
        Body::reader(length, Cursor::new(bytes.clone())),
        Body::stream(length, stream::iter(pieces)),
        Body::repeatable(length, move || std::future::ready(Ok(Cursor::new(again.clone())))),
        Body::from(bytes.clone()),
    ] {
        let seen: Arc<Mutex<Vec<u64>>> = Arc::default();
        let record = Arc::clone(&seen);
        let body = body.on_progress(move |sent, of| {
            assert_eq!(of, length);
            record.lock().unwrap().push(sent);
        });
        let answer = within(client.send(Request::post("up").body(body))).await.unwrap();
        assert_eq!(answer.text(), expected);
        let seen = seen.lock().unwrap();
        assert!(seen.is_sorted() && seen.last() == Some(&length), "{seen:?}");
    }
    let nothing = Body::reader(0, Cursor::new(Vec::new()));
    assert_eq!(within(client.send(Request::put("up").body(nothing))).await.unwrap().text(), "0 0");
}

#[tokio::test]
async fn a_stream_of_another_length_is_a_local_failure() {
    let server = server().await;
    let client = client(&server.url());
    for (claimed, delivery, why) in [
        (9, Delivery::MaybeSent, "more than the 9 bytes"),
        (11, Delivery::MaybeSent, "1 bytes before the 11"),
        (0, Delivery::NotSent, "more than the 0 bytes"),
    ] {
        let body = Body::reader(claimed, Cursor::new(b"0123456789".to_vec()));
        let error = within(client.send(Request::put("up").body(body))).await.unwrap_err();
        let Cause::Io(_) = error.cause() else { panic!("{error:?}") };
        assert_eq!(error.delivery(), delivery);
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(why), "{source}");
    }
    assert_eq!(server.record().executed("/up"), 0);
}

#[tokio::test]
async fn a_reader_that_fails_or_does_not_open_is_a_local_failure() {
    let server = server().await;
    let client = client(&server.url());
    let broken = || stream::iter([Ok(Bytes::from_static(b"abc")), Err(io::Error::other("the disk is gone"))]);
    let error = within(client.send(Request::put("up").body(Body::stream(10, broken())))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Io(_)), "{error:?}");
    assert_eq!((error.delivery(), error.context().attempt), (Delivery::MaybeSent, 1));
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the disk is gone");
    let missing = Body::repeatable(10, || tokio::fs::File::open("/nowhere/at/all"));
    let error = within(client.send(Request::put("up").body(missing))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Io(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn a_stream_is_sent_again_only_if_it_can_be_opened_again() {
    let server = server().await;
    let client = client(&server.url());
    server.fault(Fault::any().nth(1).drop_connection());
    let once = Request::put("up").body(Body::reader(3, Cursor::new(b"abc".to_vec())));
    let error = within(client.send(once)).await.unwrap_err();
    assert_eq!((error.delivery(), error.context().attempt), (Delivery::MaybeSent, 1));
    server.fault(Fault::any().nth(1).drop_connection());
    let opened = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&opened);
    let body = Body::repeatable(3, move || {
        count.fetch_add(1, SeqCst);
        async { Ok(Cursor::new(b"abc".to_vec())) }
    });
    let request = Request::post("up").body(body).repeat(Repeat::Safe);
    assert_eq!(within(client.send(request)).await.unwrap().text(), "3 294");
    assert_eq!(opened.load(SeqCst), 2);
}

#[tokio::test]
async fn an_upload_that_goes_on_is_not_silent() {
    let server = server().await;
    // Each piece comes later than the time limit for an answer allows.
    let pieces = stream::unfold(0_u8, |number| async move {
        tokio::time::sleep(60 * MS).await;
        (number < 5).then(|| (Ok(Bytes::from(vec![number])), number + 1))
    });
    let client = with(&server.url(), limited(Timeouts::default().with_reply(100 * MS)));
    let body = Body::stream(5, pieces);
    assert_eq!(within(client.send(Request::post("up").body(body))).await.unwrap().text(), "5 10");
}

#[tokio::test]
async fn a_large_body_in_memory_is_refused() {
    let options = ConnectOptions::default().with_limits(Limits::default().with_message_out(10));
    let server = server().await;
    let client = with(&server.url(), options);
    within(client.send(Request::post("up").body("0123456789"))).await.unwrap();
    let error = within(client.send(Request::post("up").body("0123456789a"))).await.unwrap_err();
    assert!(error.to_string().contains("Limits::message_out"), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
}

#[tokio::test]
async fn a_body_that_does_not_open_ends_in_time() {
    let server = server().await;
    let client = with(&server.url(), limited(Timeouts::default().with_call(50 * MS)));
    let never = Body::repeatable(3, std::future::pending::<io::Result<Cursor<Vec<u8>>>>);
    let error = within(client.send(Request::post("up").body(never))).await.unwrap_err();
    assert!(error.is_timeout() && error.delivery() == Delivery::NotSent, "{error:?}");
}
