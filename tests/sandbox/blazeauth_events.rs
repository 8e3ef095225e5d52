//! Events of the panel, and what follows them.

use crate::blazeauth_client::{KEY, Session, application, initialize, sandbox_of};
use serde_json::json;
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::{ApplicationHandle, License};

fn event(event_type: u64) -> String {
    format!(r#"{{"id":18446744073709551615,"event_type":{event_type}}}"#)
}

/// Two sessions that are logged in with the same licence; the first one has subscribed.
async fn two() -> (BlazeAuth, ApplicationHandle, Session, Session) {
    let app = application().license(License::new("HBR-0001")).license(License::new("HBR-0002"));
    let sandbox = sandbox_of(app).await;
    let handle = sandbox.application(KEY).unwrap();
    let (mut listening, mut unsubscribed) = (Session::start(&sandbox).await, Session::start(&sandbox).await);
    listening.login("HBR-0001").await;
    unsubscribed.login("HBR-0001").await;
    assert_eq!(listening.ask(17, r#""subscribed":true"#).await, r#""status":1}"#);
    (sandbox, handle, listening, unsubscribed)
}

#[tokio::test]
async fn events_that_end_sessions() {
    type Act = fn(&BlazeAuth, &ApplicationHandle);
    let kick: Act = |sandbox, _| sandbox.sessions().iter().for_each(|session| session.push_event(1, None));
    let pause: Act = |_, app| app.pause();
    let delete: Act = |_, app| app.push_event(100, None);
    for (act, number, code, reason, then) in [
        (kick, 1, 4100, "disconnected from panel", 1),
        (pause, 101, 4101, "application paused", 601),
        (delete, 100, 4102, "application deleted", 1),
    ] {
        let (sandbox, app, mut listening, mut unsubscribed) = two().await;
        let mut bystander = Session::connect(&sandbox, None).await;
        act(&sandbox, &app);
        assert_eq!(listening.raw.text().await, event(number));
        listening.expect_close(code, reason).await;
        unsubscribed.expect_close(code, reason).await;
        if number == 1 {
            bystander.expect_close(code, reason).await;
            continue;
        }
        // It has no application yet, so the event did not concern it.
        let reply = bystander.raw.ask(&initialize(1, KEY, "kiosk-17")).await;
        assert!(reply.ends_with(&format!(r#""status":{then}}}"#)), "{reply}");
    }
}

#[tokio::test]
async fn the_version_is_edited() {
    let (sandbox, app, mut listening, mut unsubscribed) = two().await;
    app.set_version("2.5.0");
    let text = r#"{"id":18446744073709551615,"event_type":102,"content":{"version":"2.5.0"}}"#;
    assert_eq!(listening.raw.text().await, text);
    unsubscribed.raw.expect_nothing_more().await;
    let mut fresh = Session::connect(&sandbox, None).await;
    assert!(fresh.raw.ask(&initialize(1, KEY, "kiosk-17")).await.contains(r#""app_version":"2.5.0""#));
}

#[tokio::test]
async fn what_happens_to_a_licence() {
    type Act = fn(&ApplicationHandle);
    let key = "HBR-0001";
    for (act, number, current, login) in [
        ((|app| app.blacklist_license("HBR-0001")) as Act, 201, 3, 105),
        (|app| app.reinitialize_license("HBR-0001"), 203, 3, 1),
        (|app| app.pause_license("HBR-0001"), 205, 1, 104),
    ] {
        let (sandbox, app, mut listening, mut unsubscribed) = two().await;
        let mut other = Session::start_as(&sandbox, "kiosk-18").await;
        other.login("HBR-0002").await;
        assert_eq!(other.status(17, r#""subscribed":true"#).await, 1);
        act(&app);
        assert_eq!(listening.raw.text().await, event(number));
        assert_eq!(listening.status(15, "").await, current, "{number}");
        assert_eq!(unsubscribed.status(15, "").await, current, "{number}");
        let authorized = !matches!(number, 201 | 203);
        assert_eq!(unsubscribed.status(5, "").await, if authorized { 1 } else { 3 }, "{number}");
        // No other session gets it, and an unknown licence has no events.
        app.pause_license("HBR-NONE");
        other.raw.expect_nothing_more().await;
        other.status(5, "").await;
        assert_eq!(other.status(2, &format!(r#""license":"{key}""#)).await, login, "{number}");
    }
}

#[tokio::test]
async fn a_session_that_lost_its_login_still_gets_events_of_the_licence() {
    let (_sandbox, app, mut listening, _unsubscribed) = two().await;
    app.blacklist_license("HBR-0001");
    app.reinitialize_license("HBR-0001");
    app.pause_license("HBR-0001");
    for number in [201, 203, 205] {
        assert_eq!(listening.raw.text().await, event(number));
    }
    // Until somebody logs in or out.
    listening.login("HBR-0002").await;
    app.pause_license("HBR-0001");
    listening.raw.expect_nothing_more().await;
    assert_eq!(listening.status(5, "").await, 1);
    app.pause_license("HBR-0002");
    listening.raw.expect_nothing_more().await;
}

#[tokio::test]
async fn a_reinitialized_licence_is_as_new() {
    let (sandbox, app, mut listening, _unsubscribed) = two().await;
    app.reinitialize_license("HBR-0001");
    assert_eq!(listening.raw.text().await, event(203));
    let before = sandbox.unix_time();
    let reply = listening.ask(2, r#""license":"HBR-0001""#).await;
    let (_, time) = reply.split_once(r#""time_left":"#).unwrap();
    let ends: u64 = time.split_once(',').unwrap().0.parse().unwrap();
    assert!(ends >= before + 30 * 86_400, "{reply}");
}

#[tokio::test]
async fn any_event_and_any_message() {
    let (sandbox, app, mut listening, mut unsubscribed) = two().await;
    app.push_event(2, None);
    app.push_event(299, Some(json!({"x": [1]})));
    app.push_event(u64::MAX, Some(json!(null)));
    assert_eq!(listening.raw.text().await, event(2));
    let text = r#"{"id":18446744073709551615,"event_type":299,"content":{"x":[1]}}"#;
    assert_eq!(listening.raw.text().await, text);
    let text = r#"{"id":18446744073709551615,"event_type":18446744073709551615,"content":null}"#;
    assert_eq!(listening.raw.text().await, text);
    unsubscribed.raw.expect_nothing_more().await;
    let sessions = sandbox.sessions();
    assert_eq!(sessions.iter().map(|session| session.is_subscribed()).collect::<Vec<_>>(), [true, false]);
    sessions[1].send_text("what?");
    sessions[1].send_binary([1, 2]);
    assert_eq!(unsubscribed.raw.text().await, "what?");
    assert_eq!(unsubscribed.raw.next().await, crate::support::raw::Got::Binary(vec![1, 2]));
    sessions[0].push_event(203, None);
    assert_eq!(listening.raw.text().await, event(203));
    assert_eq!(sessions.iter().map(|session| session.is_authorized()).collect::<Vec<_>>(), [false, true]);
    assert_eq!(sessions[0].client_id().as_deref(), Some("kiosk-17"));
}

#[tokio::test]
async fn a_subscription_is_asked_for_and_ends() {
    let (_sandbox, app, mut listening, mut unsubscribed) = two().await;
    assert_eq!(listening.status(17, r#""subscribed":true"#).await, 1);
    assert_eq!(listening.status(17, r#""subscribed":false"#).await, 1);
    assert_eq!(unsubscribed.status(17, r#""subscribed":true"#).await, 1);
    app.push_event(206, None);
    listening.raw.expect_nothing_more().await;
    assert_eq!(unsubscribed.raw.text().await, event(206));
}

#[tokio::test]
async fn a_session_that_blacklists_itself_sends_an_event_to_others() {
    let (_sandbox, _app, mut listening, mut unsubscribed) = two().await;
    assert_eq!(unsubscribed.status(6, "").await, 1);
    unsubscribed.expect_close(4203, "session was blacklisted").await;
    assert_eq!(listening.raw.text().await, event(201));
    assert_eq!(listening.status(15, "").await, 3);
}
