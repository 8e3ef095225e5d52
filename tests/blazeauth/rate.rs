//! The rate limit of BlazeAuth is kept on this side: what goes beyond it waits.

use crate::service::*;
use crate::setup::Setup;
use futures_util::future::join_all;
use statuswire::blazeauth::{Client, CloseCode, State};
use statuswire::policy::{Backoff, RateLimit, Retry, Timeouts};
use statuswire_sandbox::{BlazeAuth, Event, Fault};
use std::time::Duration;
use tokio::time::Instant;

/// A client that keeps the limit, and a sandbox that does.
async fn start_limited(timeouts: Timeouts) -> (BlazeAuth, Client) {
    let sandbox = BlazeAuth::builder().application(application()).start().await.unwrap();
    let soon = Backoff::default().with_cap(Duration::from_millis(5));
    let builder = Setup::new(&sandbox.url(), KEY, CLIENT).retry(Retry::never()).backoff(soon);
    let client = builder.timeouts(timeouts).connect().await.unwrap();
    (sandbox, client)
}

/// When messages were received.
fn received(sandbox: &BlazeAuth) -> Vec<Duration> {
    let entries = sandbox.record().entries();
    entries.iter().filter(|entry| matches!(entry.event, Event::Received { .. })).map(|entry| entry.at).collect()
}

#[tokio::test(start_paused = true)]
async fn one_more_than_allowed_waits_and_does_not_fail() {
    let (_sandbox, client) = start_limited(Timeouts::default()).await;
    let limit = client.throttle().unwrap().limit;
    assert_eq!(limit, RateLimit::new(60, 61 * SECOND));
    let begin = Instant::now();
    // Initialize was the first of the sixty.
    assert!(join_all((0..59).map(|_| client.online_users())).await.iter().all(Result::is_ok));
    assert!(begin.elapsed() < SECOND);
    assert_eq!(client.throttle().unwrap().left, 0);
    let waiting = async {
        tokio::time::sleep(SECOND).await;
        let throttle = client.throttle().unwrap();
        assert_eq!((throttle.left, throttle.waiting, throttle.delayed), (0, 1, 1));
        assert!(throttle.next.is_some_and(|next| next <= 60 * SECOND && next > 58 * SECOND), "{throttle:?}");
    };
    let (late, ()) = tokio::join!(client.online_users(), waiting);
    late.unwrap();
    assert_eq!(begin.elapsed().as_secs(), 61);
    assert_eq!(client.throttle().unwrap().waiting, 0);
}

#[tokio::test(start_paused = true)]
async fn the_server_never_sees_more_however_many_call() {
    let (sandbox, client) = start_limited(Timeouts::default()).await;
    let results = join_all((0..400).map(|_| client.online_users())).await;
    assert!(results.iter().all(Result::is_ok));
    let at = received(&sandbox);
    assert_eq!((at.len(), sandbox.record().opened()), (401, 1));
    for span in at.windows(61) {
        assert!(span[60] - span[0] >= 60 * SECOND, "{span:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn pings_count() {
    let timeouts = Timeouts::default().with_ping(SECOND);
    let (sandbox, client) = start_limited(timeouts).await;
    // A ping each second, and packets in between: together they would be too much.
    for _ in 0..120 {
        tokio::time::sleep(1500 * SECOND / 1000).await;
        client.online_users().await.unwrap();
    }
    assert_eq!((sandbox.record().opened(), sandbox.record().received("get_online_users_count")), (1, 120));
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_the_server_ends_it() {
    let sandbox = BlazeAuth::builder().application(application()).start().await.unwrap();
    let client = builder(&sandbox.url()).connect().await.unwrap();
    assert_eq!(client.throttle(), None);
    let results = join_all((0..60).map(|_| client.online_users())).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 59);
    let error = results.into_iter().find_map(Result::err).unwrap();
    assert_eq!(error.code_as(), Some(CloseCode::RateLimited));
}

/// A fresh session is initialized at once, and so is its login, though nothing else may be sent.
#[tokio::test(start_paused = true)]
async fn a_handshake_does_not_wait() {
    let (sandbox, client) = start_limited(Timeouts::default()).await;
    client.login_by_license(LICENSE).await.unwrap();
    assert!(join_all((0..58).map(|_| client.online_users())).await.iter().all(Result::is_ok));
    let begin = Instant::now();
    session(&sandbox).close(1000, "");
    state(&client, |state| !state.is_ready()).await;
    state(&client, State::is_authorized).await;
    assert!(begin.elapsed() < SECOND);
    assert!(client.license().await.is_ok());
    assert!(begin.elapsed() > 55 * SECOND);
    assert_eq!(sandbox.record().opened(), 2);
}

/// What a resumed session sends again counts again, as the server counts it.
#[tokio::test(start_paused = true)]
async fn resumed_sessions_keep_the_limit() {
    let (sandbox, client) = start_limited(Timeouts::default()).await;
    sandbox.fault(Fault::any().connection(1).id(60).drop_connection());
    sandbox.fault(Fault::any().connection(1).when(|call| call.id.is_some_and(|id| id > 30)).silence().carried_out());
    let results = join_all((0..100).map(|_| client.online_users())).await;
    assert!(results.iter().all(Result::is_ok), "{:?}", results.iter().find(|result| result.is_err()));
    for span in received(&sandbox).windows(61) {
        assert!(span[60] - span[0] >= 60 * SECOND, "{span:?}");
    }
    assert_eq!((sandbox.record().opened(), sandbox.record().executed("get_online_users_count")), (2, 100));
}
