//! Limits of traffic, with time that stands still.

use std::time::Duration;

use crate::blazeauth_client::{KEY, Session, freeze, initialize};
use crate::support::raw::{Got, masked};
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::RateLimit;

const SECOND: Duration = Duration::from_secs(1);

/// Sends this number of pings and packets, in turns.
async fn act(session: &mut Session, times: usize) {
    for time in 0..times {
        if time % 2 == 0 {
            session.raw.expect_nothing_more().await;
        } else {
            assert_eq!(session.status(5, "").await, 3);
        }
    }
}

#[tokio::test]
async fn sixty_actions_of_a_session_in_any_minute() {
    let sandbox = BlazeAuth::start().await.unwrap();
    let mut session = Session::start(&sandbox).await;
    let mut other = Session::start_as(&sandbox, "kiosk-18").await;
    let mut fresh = Vec::new();
    for _ in 0..4 {
        fresh.push(Session::connect(&sandbox, None).await);
    }
    let _frozen = freeze();
    sandbox.advance(59 * SECOND);
    act(&mut session, 59).await;
    // Initialize was a minute ago.
    sandbox.advance(SECOND);
    act(&mut session, 1).await;
    // Neither pongs nor what is refused with a status is special.
    session.raw.write(&masked(0x8a, b"")).await;
    session.send(5, "").await;
    session.expect_close(4201, "rate limit hit").await;
    act(&mut other, 30).await;
    let mut refused = fresh.pop().unwrap();
    refused.raw.send(&initialize(1, KEY, "kiosk-17")).await;
    refused.expect_close(4201, "rate limited, 30 seconds left").await;
    sandbox.advance(Duration::from_millis(29_001));
    let mut refused = fresh.pop().unwrap();
    refused.raw.send(&initialize(1, KEY, "kiosk-17")).await;
    refused.expect_close(4201, "rate limited, 1 seconds left").await;
    // Another client may.
    assert!(fresh.pop().unwrap().raw.ask(&initialize(1, KEY, "kiosk-19")).await.ends_with(r#""status":1}"#));
    sandbox.advance(Duration::from_millis(999));
    assert!(fresh.pop().unwrap().raw.ask(&initialize(1, KEY, "kiosk-17")).await.ends_with(r#""status":1}"#));
}

#[tokio::test]
async fn pings_alone_can_cross_the_limit() {
    let sandbox = BlazeAuth::start().await.unwrap();
    let mut session = Session::start(&sandbox).await;
    let mut uninitialized = Session::connect(&sandbox, None).await;
    let mut fresh = Session::connect(&sandbox, None).await;
    let _frozen = freeze();
    session.raw.write(&masked(0x89, b"").repeat(60)).await;
    for _ in 0..60 {
        assert_eq!(session.raw.next().await, Got::Pong(vec![]));
    }
    session.expect_close(4201, "rate limit hit").await;
    // Who has no name is blocked by address.
    uninitialized.raw.write(&masked(0x89, b"").repeat(61)).await;
    for _ in 0..61 {
        assert_eq!(uninitialized.raw.next().await, Got::Pong(vec![]));
    }
    uninitialized.expect_close(4201, "rate limit hit").await;
    fresh.raw.send(&initialize(1, KEY, "kiosk-20")).await;
    fresh.expect_close(4201, "rate limited, 30 seconds left").await;
}

#[tokio::test]
async fn no_limit() {
    let sandbox = BlazeAuth::builder()
        .application(crate::blazeauth_client::application())
        .configure(|settings| settings.rate_limit = RateLimit::off())
        .start()
        .await
        .unwrap();
    let mut session = Session::start(&sandbox).await;
    act(&mut session, 500).await;
}
