//! What is sent again, and what an error says about delivery.

use super::{client, limited, options, with};
use crate::support::{MS, Server as RawServer, within};
use statuswire::error::Phase;
use statuswire::http::{Body, Request};
use statuswire::policy::{RateLimit, Repeat, Retry, Timeouts};
use statuswire::reexport::http::{Method, StatusCode};
use statuswire::{Cause, Delivery};
use statuswire_sandbox::Then;
use statuswire_sandbox::http::{Fault, Routes, Server, text};
use statuswire_sandbox::reexport::bytes::Bytes;
use statuswire_sandbox::reexport::http::Response;
use std::time::Duration;

async fn serving() -> Server<Routes<()>> {
    Server::start(Routes::new(()).reply("/thing", text(StatusCode::OK, "a whole body"))).await.unwrap()
}

fn busy(wait: &str) -> Response<Bytes> {
    Response::builder().status(503).header("retry-after", wait).body("busy".into()).unwrap()
}

#[tokio::test]
async fn what_is_safe_is_sent_again_after_any_loss() {
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE] {
        let server = serving().await;
        server.fault(Fault::any().nth(1).drop_connection());
        server.fault(Fault::any().nth(2).reset().carried_out());
        let client = client(&server.url());
        within(client.send(Request::new(method.clone(), "thing"))).await.unwrap();
        assert_eq!(server.record().total_received(), 3, "{method}");
    }
    // Also a body that breaks off.
    let server = serving().await;
    server.fault(Fault::any().nth(1).cut_body(3, Then::Eof));
    let answer = within(client(&server.url()).send(Request::get("thing"))).await.unwrap();
    assert_eq!((answer.text().as_ref(), server.record().total_received()), ("a whole body", 2));
}

#[tokio::test]
async fn what_is_not_safe_is_sent_once_unless_the_caller_says_so() {
    for method in [Method::POST, Method::PATCH] {
        let server = serving().await;
        server.fault(Fault::any().nth(1).drop_connection());
        let client = client(&server.url());
        let error = within(client.send(Request::new(method.clone(), "thing").body("x"))).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
        assert_eq!((error.delivery(), error.context().attempt), (Delivery::MaybeSent, 1));
        server.fault(Fault::any().nth(1).drop_connection());
        let safe = Request::new(method, "thing").body("x").repeat(Repeat::Safe);
        within(client.send(safe)).await.unwrap();
        assert_eq!(server.record().total_received(), 3);
    }
    let server = serving().await;
    server.fault(Fault::any().nth(1).drop_connection());
    let unsafe_get = Request::get("thing").repeat(Repeat::Unsafe);
    within(client(&server.url()).send(unsafe_get)).await.unwrap_err();
    assert_eq!(server.record().total_received(), 1);
}

#[tokio::test]
async fn attempts_are_counted_and_their_delivery_is_that_of_all() {
    let server = serving().await;
    server.fault(Fault::any().drop_connection());
    let client = client(&server.url());
    let error = within(client.send(Request::get("thing").query("token", "s3cret"))).await.unwrap_err();
    assert_eq!((error.context().attempt, server.record().total_received()), (3, 3));
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    assert_eq!((error.context().service, &*error.context().command), ("plain", "GET /thing?token=***"));
    assert_eq!(&*error.context().endpoint, server.url());
    // The first attempt may have run, and the last one was answered.
    server.clear_faults();
    server.fault(Fault::any().nth(1).drop_connection());
    server.fault(Fault::any().nth(2).reply(text(StatusCode::NOT_FOUND, "")));
    let error = within(client.send(Request::delete("thing"))).await.unwrap_err();
    assert_eq!((error.delivery(), error.context().attempt), (Delivery::MaybeSent, 2));
    let once = Request::get("thing").retry(Retry::never());
    server.fault(Fault::any().drop_connection());
    assert_eq!(within(client.send(once)).await.unwrap_err().context().attempt, 1);
}

#[tokio::test]
async fn what_finds_no_connection_is_not_sent_and_tried_again_whatever_it_is() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let reader = Body::reader(3, std::io::Cursor::new(b"abc".to_vec()));
    let error = within(client(&url).send(Request::post("thing").body(reader))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    // The body was not touched: it could be sent again.
    assert_eq!((error.delivery(), error.context().attempt), (Delivery::NotSent, 3));
}

#[tokio::test]
async fn a_server_that_accepts_and_makes_no_tls_connection_was_sent_nothing() {
    let server = RawServer::raw(|mut stream, _| async move { crate::support::drain(&mut stream).await }).await;
    let url = server.url.replace("ws://", "https://");
    for (timeouts, retry) in [
        (Timeouts::default().with_call(50 * MS), Retry::default()),
        (Timeouts::default().with_connect(50 * MS), Retry::never()),
    ] {
        let client = with(&url, limited(timeouts).with_retry(retry));
        for method in [Method::POST, Method::DELETE] {
            let error = within(client.send(Request::new(method, "thing"))).await.unwrap_err();
            assert!(matches!(error.cause(), Cause::Timeout(Phase::Connect)), "{error:?}");
            assert_eq!(error.delivery(), Delivery::NotSent);
        }
    }
}

#[tokio::test]
async fn time_limits_tell_what_they_waited_for() {
    let server = serving().await;
    server.fault(Fault::any().silence());
    let post = || Request::post("thing").body("x");
    for timeouts in [Timeouts::default().with_reply(50 * MS), Timeouts::default().with_call(50 * MS)] {
        let error = within(with(&server.url(), limited(timeouts)).send(post())).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::MaybeSent);
    }
    let error = within(client(&server.url()).send(post().timeout(50 * MS))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
    server.clear_faults();
    // A call that may take longer waits longer for its answer.
    server.fault(Fault::any().nth(1).delay(200 * MS));
    let short = with(&server.url(), limited(Timeouts::default().with_reply(50 * MS)));
    within(short.send(post().timeout(Duration::from_secs(100)))).await.unwrap();
    server.clear_faults();
    server.fault(Fault::any().cut_body(3, Then::Silence));
    let idle = with(&server.url(), limited(Timeouts::default().with_idle(50 * MS)));
    let error = within(idle.send(post())).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Idle)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    let error = within(client(&server.url()).send(post().timeout(50 * MS))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
}

#[tokio::test]
async fn the_wait_that_a_server_asks_for_is_kept_within_the_deadline() {
    let server = serving().await;
    server.fault(Fault::any().nth(1).reply(busy("0")));
    let client = client(&server.url());
    within(client.send(Request::get("thing"))).await.unwrap();
    assert_eq!(server.record().total_received(), 2);
    // A wait beyond the deadline is not begun, and what is not safe is not repeated.
    server.fault(Fault::any().nth(1).reply(busy("3600")));
    let error = within(client.send(Request::get("thing"))).await.unwrap_err();
    assert_eq!((error.retry_after(), error.context().attempt), (Some(Duration::from_secs(3600)), 1));
    server.fault(Fault::any().nth(1).reply(busy("0")));
    let error = within(client.send(Request::post("thing"))).await.unwrap_err();
    assert_eq!((error.delivery(), error.context().attempt), (Delivery::Answered, 1));
}

#[tokio::test]
async fn a_stale_connection_is_replaced() {
    let server = serving().await;
    server.fault(Fault::any().calls(1..=3).last());
    let client = client(&server.url());
    for _ in 0..6 {
        within(client.send(Request::get("thing"))).await.unwrap();
    }
}

#[tokio::test]
async fn the_rate_limit_delays_and_does_not_fail() {
    let server = serving().await;
    let limit = RateLimit::new(1, 20 * MS);
    let client = with(&server.url(), options().with_rate_limit(limit));
    let calls = (0..4).map(|_| client.send(Request::get("thing")));
    within(futures_util::future::try_join_all(calls)).await.unwrap();
    // A limit that the caller sets includes the wait.
    let slow = with(&server.url(), options().with_rate_limit(RateLimit::new(1, Duration::from_secs(3600))));
    within(slow.send(Request::get("thing"))).await.unwrap();
    let error = within(slow.send(Request::get("thing").timeout(Duration::from_secs(1)))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Queue)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("1 action in 3600s"), "{source}");
}
