//! Who is logged in: as the server says it, over events, refusals and fresh sessions.

use crate::service::*;
use crate::setup::Setup;
use statuswire::Delivery;
use statuswire::blazeauth::{Authorization, Client, Credentials, ErrorCode, State};
use statuswire::policy::Backoff;
use statuswire_sandbox::{BlazeAuth, Fault};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

async fn start_with(change: impl FnOnce(Setup) -> Setup) -> (BlazeAuth, Client) {
    let sandbox = sandbox().await;
    let client = change(builder(&sandbox.url())).connect().await.unwrap();
    (sandbox, client)
}

fn authorization(client: &Client) -> Option<Authorization> {
    match *client.state().borrow() {
        State::Ready { authorization, .. } => authorization,
        ref other => panic!("{other:?}"),
    }
}

/// The server ends the session, and the client is in a fresh one.
async fn fresh(sandbox: &BlazeAuth, client: &Client) {
    session(sandbox).close(1000, "");
    state(client, |state| !state.is_ready()).await;
    state(client, State::is_ready).await;
}

#[tokio::test(start_paused = true)]
async fn logins_show_in_the_state() {
    let (_sandbox, client) = start().await;
    assert_eq!(authorization(&client), None);
    client.login_by_license(LICENSE).await.unwrap();
    assert_eq!(authorization(&client), Some(Authorization::License));
    client.logout().await.unwrap();
    assert_eq!(authorization(&client), None);
    let _ = client.login_by_account(&Credentials::account(LOGIN, "wrong")).await.unwrap_err();
    assert_eq!(authorization(&client), None);
    client.login_by_account(&Credentials::account(LOGIN, PASSWORD)).await.unwrap();
    assert_eq!(authorization(&client), Some(Authorization::Account));
    // The wrong kind of login is asked for: it stays.
    assert_eq!(client.license().await.unwrap_err().code_as(), Some(ErrorCode::NotAuthorized));
    assert_eq!(authorization(&client), Some(Authorization::Account));
}

#[tokio::test(start_paused = true)]
async fn an_operator_takes_a_login_away() {
    for event in [201, 203] {
        let (sandbox, client) = start().await;
        client.login_by_license(LICENSE).await.unwrap();
        client.subscribe(true).await.unwrap();
        let app = sandbox.application(KEY).unwrap();
        match event {
            201 => app.blacklist_license(LICENSE),
            _ => app.reinitialize_license(LICENSE),
        }
        state(&client, |state| state.is_ready() && !state.is_authorized()).await;
        // And it is not tried again.
        fresh(&sandbox, &client).await;
        assert_eq!((authorization(&client), sandbox.record().received("authorize_by_license")), (None, 1));
    }
    // All others leave it.
    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    client.subscribe(true).await.unwrap();
    let mut events = client.events();
    for event in [2, 102, 200, 202, 204, 205, 206, 207, 300] {
        session(&sandbox).push_event(event, None);
        let _ = events.next().await.unwrap();
        assert_eq!(authorization(&client), Some(Authorization::License), "{event}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_without_events_notices_at_the_next_refusal() {
    for asked in ["variable", "license"] {
        let (sandbox, client) = start().await;
        client.login_by_license(LICENSE).await.unwrap();
        sandbox.application(KEY).unwrap().blacklist_license(LICENSE);
        assert_eq!(authorization(&client), Some(Authorization::License));
        let error = match asked {
            "variable" => client.variable("tide_table").await.unwrap_err(),
            _ => client.license().await.unwrap_err(),
        };
        assert_eq!(error.code_as(), Some(ErrorCode::NotAuthorized));
        assert_eq!(authorization(&client), None);
        fresh(&sandbox, &client).await;
        assert_eq!(authorization(&client), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_may_be_one_that_the_client_does_not_know() {
    let (sandbox, client) = start().await;
    // The reply to the login says nothing; the next attempt does.
    sandbox.fault(Fault::on("authorize_by_license").nth(1).change_reply(|reply| reply.replace("status", "nothing")));
    assert_eq!(unreadable_at(&client.login_by_license(LICENSE).await.unwrap_err()), "$.status");
    assert_eq!(authorization(&client), None);
    let error = client.login_by_account(&Credentials::account(LOGIN, PASSWORD)).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::AlreadyAuthorized));
    assert_eq!(authorization(&client), Some(Authorization::Unknown));
    client.license().await.unwrap();
    assert_eq!(authorization(&client), Some(Authorization::License));
    // The login of a known one stays what it is.
    assert!(client.login_by_license(LICENSE).await.is_err());
    assert_eq!(authorization(&client), Some(Authorization::License));
}

#[tokio::test(start_paused = true)]
async fn a_fresh_session_is_logged_in_and_subscribed_as_the_last() {
    for by in [Authorization::License, Authorization::Account] {
        let (sandbox, client) = start().await;
        match by {
            Authorization::License => drop(client.login_by_license(LICENSE).await.unwrap()),
            _ => drop(client.login_by_account(&Credentials::account(LOGIN, PASSWORD)).await.unwrap()),
        }
        client.subscribe(true).await.unwrap();
        for _ in 0..3 {
            fresh(&sandbox, &client).await;
            assert_eq!(authorization(&client), Some(by));
            assert!(session(&sandbox).is_authorized() && session(&sandbox).is_subscribed());
        }
        // Before anybody's call, also of those that waited.
        session(&sandbox).close(1000, "");
        state(&client, |state| !state.is_ready()).await;
        assert!(client.variable("tide_table").await.is_ok());
        client.subscribe(false).await.unwrap();
        fresh(&sandbox, &client).await;
        assert!(!session(&sandbox).is_subscribed());
    }
}

#[tokio::test(start_paused = true)]
async fn logging_in_again_can_be_switched_off() {
    let (sandbox, client) = start_with(|builder| builder.login_again(false)).await;
    client.login_by_license(LICENSE).await.unwrap();
    fresh(&sandbox, &client).await;
    assert_eq!(authorization(&client), None);

    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    client.logout().await.unwrap();
    fresh(&sandbox, &client).await;
    assert_eq!((authorization(&client), session(&sandbox).is_authorized()), (None, false));
}

/// Whether the server carried the logout out is not known; that it was wanted is.
#[tokio::test(start_paused = true)]
async fn a_logout_that_was_lost_is_not_undone() {
    for carried_out in [true, false] {
        let (sandbox, client) = start_with(|builder| builder.resumption(false)).await;
        client.login_by_license(LICENSE).await.unwrap();
        let lost = Fault::on("logout").drop_connection();
        sandbox.fault(if carried_out { lost.carried_out() } else { lost });
        assert!(client.logout().await.unwrap_err().is_outcome_unknown());
        state(&client, State::is_ready).await;
        assert_eq!(authorization(&client), None);
        assert_eq!(sandbox.record().received("authorize_by_license"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_refused_in_a_fresh_session_is_given_up() {
    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    sandbox.application(KEY).unwrap().pause_license(LICENSE);
    fresh(&sandbox, &client).await;
    assert_eq!(authorization(&client), None);
    fresh(&sandbox, &client).await;
    assert_eq!(sandbox.record().received("authorize_by_license"), 2);
}

/// What is refused for the moment only is tried again in the next fresh session.
#[tokio::test(start_paused = true)]
async fn a_login_that_fails_for_the_moment_is_not_forgotten() {
    for status in [5, 6, 8, 602] {
        let (sandbox, client) = start().await;
        client.login_by_license(LICENSE).await.unwrap();
        sandbox.fault(Fault::on("authorize_by_license").nth(1).reply_status(status));
        fresh(&sandbox, &client).await;
        assert_eq!(authorization(&client), None);
        fresh(&sandbox, &client).await;
        assert_eq!(authorization(&client), Some(Authorization::License), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_resumed_session_keeps_everything() {
    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    client.subscribe(true).await.unwrap();
    client.store().set("k", "v", None).await.unwrap();
    session(&sandbox).cut();
    state(&client, |state| !state.is_ready()).await;
    state(&client, State::is_ready).await;
    assert_eq!(authorization(&client), Some(Authorization::License));
    assert_eq!(client.store().get("k").await.unwrap().as_deref(), Some("v"));
    assert!(session(&sandbox).is_subscribed());
    for command in ["initialize", "authorize_by_license", "set_panel_events_subscription"] {
        assert_eq!(sandbox.record().received(command), 1, "{command}");
    }
}

/// Taken away while there was no connection, the client learns of it by the next refusal.
#[tokio::test(start_paused = true)]
async fn a_login_may_be_gone_after_a_resumption() {
    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    let session = session(&sandbox);
    session.cut();
    state(&client, |state| !state.is_ready()).await;
    sandbox.application(KEY).unwrap().blacklist_license(LICENSE);
    let error = client.variable("tide_table").await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::NotAuthorized));
    assert_eq!(authorization(&client), None);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_login_is_learned_of_all_the_same() {
    let (sandbox, client) = start().await;
    sandbox.fault(Fault::on("authorize_by_license").delay(SECOND));
    let login = tokio::time::timeout(Duration::from_millis(500), client.login_by_license(LICENSE)).await;
    assert!(login.is_err());
    state(&client, State::is_authorized).await;
}

/// Whether a session gets events, and why it lacks something.
fn missing(client: &Client) -> (bool, Option<String>) {
    match &*client.state().borrow() {
        State::Ready { subscribed, refused, .. } => {
            let refused = refused.as_ref();
            (*subscribed, refused.map(|error| format!("{} {}", error.context().command, error.code().unwrap().value())))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_fresh_session_is_live_without_the_subscription_that_is_refused() {
    for status in [2, 3, 799] {
        let (sandbox, client) = start().await;
        client.login_by_license(LICENSE).await.unwrap();
        client.subscribe(true).await.unwrap();
        assert_eq!(missing(&client), (true, None));
        let refused = sandbox.fault(Fault::on("set_panel_events_subscription").reply_status(status));
        fresh(&sandbox, &client).await;
        assert_eq!(client.variable("tide_table").await.unwrap(), r#"{"high":"04:12"}"#);
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(missing(&client), (false, Some(format!("set_panel_events_subscription {status}"))));
        assert_eq!(authorization(&client), Some(Authorization::License));
        assert_eq!(refused.hits(), 1, "a refusal for good is not repeated");
        // The next session may have it again.
        refused.remove();
        fresh(&sandbox, &client).await;
        assert_eq!(missing(&client), (true, None));
        assert!(session(&sandbox).is_subscribed());
    }
}

/// What is refused for the moment, or answered with nonsense, is tried again in the same session.
#[tokio::test(start_paused = true)]
async fn a_login_and_a_subscription_are_tried_again() {
    // 305 is no success, and no refusal either.
    for status in [6, 8, 602, 0, 305] {
        let (sandbox, client) = start_with(|builder| builder.backoff(Backoff::default())).await;
        client.login_by_license(LICENSE).await.unwrap();
        client.subscribe(true).await.unwrap();
        let login = sandbox.fault(Fault::on("authorize_by_license").reply_status(status));
        let subscription = sandbox.fault(Fault::on("set_panel_events_subscription").reply_status(status));
        fresh(&sandbox, &client).await;
        assert_eq!(authorization(&client), None);
        assert!(!client.state().borrow().is_subscribed());
        // A refusal that the missing login causes changes nothing.
        assert!(client.variable("tide_table").await.is_err());
        tokio::time::sleep(600 * SECOND).await;
        for hits in [login.hits(), subscription.hits()] {
            assert!((5..200).contains(&hits), "{hits} attempts in 10 minutes");
        }
        login.remove();
        subscription.remove();
        state(&client, |state| state.is_authorized() && state.is_subscribed()).await;
        assert_eq!(missing(&client), (true, None));
        assert!(session(&sandbox).is_authorized() && session(&sandbox).is_subscribed());
        assert_eq!((sandbox.record().opened(), sandbox.record().received("initialize")), (2, 2));
    }
}

/// While the login is tried again, the user may log out or in another way.
#[tokio::test(start_paused = true)]
async fn the_user_decides_while_a_login_is_tried_again() {
    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    let refused = sandbox.fault(Fault::on("authorize_by_license").reply_status(6));
    fresh(&sandbox, &client).await;
    assert_eq!(missing(&client).1.as_deref(), Some("authorize_by_license 6"));
    assert_eq!(client.logout().await.unwrap_err().code_as(), Some(ErrorCode::NotAuthorized));
    let hits = refused.hits();
    refused.remove();
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!((authorization(&client), missing(&client)), (None, (false, None)));
    assert!(!session(&sandbox).is_authorized());
    assert_eq!(sandbox.record().received("authorize_by_license"), 1 + hits);

    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    let refused = sandbox.fault(Fault::on("authorize_by_license").reply_status(6));
    fresh(&sandbox, &client).await;
    client.login_by_account(&Credentials::account(LOGIN, PASSWORD)).await.unwrap();
    refused.remove();
    tokio::time::sleep(60 * SECOND).await;
    assert_eq!((authorization(&client), missing(&client)), (Some(Authorization::Account), (false, None)));
}

#[tokio::test(start_paused = true)]
async fn a_login_is_repeated_without_the_licence_that_it_activated() {
    let (sandbox, client) = start().await;
    let credentials = Credentials::account(LOGIN, PASSWORD).activating("HBR-UNUSED");
    client.login_by_account(&credentials).await.unwrap();
    for _ in 0..2 {
        fresh(&sandbox, &client).await;
        assert_eq!((authorization(&client), missing(&client)), (Some(Authorization::Account), (false, None)));
    }
    assert_eq!(sandbox.record().executed("authorize_by_credentials"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_refused_for_good_shows_in_the_state() {
    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    sandbox.application(KEY).unwrap().pause_license(LICENSE);
    fresh(&sandbox, &client).await;
    assert_eq!(missing(&client).1.as_deref(), Some("authorize_by_license 104"));
    // Another login ends that.
    client.login_by_account(&Credentials::account(LOGIN, PASSWORD)).await.unwrap();
    assert_eq!(missing(&client), (false, None));
}

/// An unsubscription whose answer is lost is not undone.
#[tokio::test(start_paused = true)]
async fn an_unsubscription_that_was_lost_is_not_undone() {
    let (sandbox, client) = start_with(|builder| builder.resumption(false)).await;
    client.subscribe(true).await.unwrap();
    sandbox.fault(Fault::on("set_panel_events_subscription").nth(1).drop_connection());
    assert!(client.subscribe(false).await.unwrap_err().is_outcome_unknown());
    state(&client, State::is_ready).await;
    assert_eq!(missing(&client), (false, None));
    assert_eq!(sandbox.record().received("set_panel_events_subscription"), 2);
}

/// The user logs out and unsubscribes while a fresh session is being initialized, and does not wait.
#[tokio::test]
async fn what_the_user_ended_during_the_handshake_is_not_given_back() {
    let (asked, mut is_asked) = tokio::sync::mpsc::unbounded_channel();
    let go_on = Arc::new(Notify::new());
    let answer = Arc::clone(&go_on);
    let server = server_with(
        |_| None,
        move |mut peer| {
            let (asked, answer) = (asked.clone(), Arc::clone(&answer));
            async move {
                if peer.number == 0 {
                    peer.initialize().await;
                    for _ in 0..2 {
                        let packet = peer.packet().await.unwrap();
                        peer.answer(packet.id, r#""status":1"#).await;
                    }
                    return peer.close(1000, "").await;
                }
                while let Some(packet) = peer.packet().await {
                    let _ = asked.send(packet.kind);
                    if packet.kind == 0 {
                        answer.notified().await;
                    }
                    let members = r#""app_name":"","app_version":"","online_users_count":7,"status":1"#;
                    peer.answer(packet.id, members).await;
                }
            }
        },
    )
    .await;
    let client = builder(&server.url).connect().await.unwrap();
    client.login_by_license(LICENSE).await.unwrap();
    client.subscribe(true).await.unwrap();
    assert_eq!(is_asked.recv().await, Some(0));
    let hasty = client.with_timeout(Duration::from_millis(1));
    for error in [hasty.logout().await.unwrap_err(), hasty.subscribe(false).await.unwrap_err()] {
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    go_on.notify_one();
    assert_eq!(client.online_users().await.unwrap(), 7);
    assert_eq!(is_asked.recv().await, Some(10), "neither a login nor a subscription");
    assert_eq!((authorization(&client), missing(&client)), (None, (false, None)));
}

/// The answers to a login, a logout and a subscription arrive in the order of `answers`, which has the kinds of packets.
async fn answered_in(answers: &'static [(u64, u16)]) -> Client {
    let server = server(move |mut peer| async move {
        peer.initialize().await;
        let mut packets = Vec::new();
        for _ in answers {
            packets.push(peer.packet().await.unwrap());
        }
        for &(kind, status) in answers {
            let at = packets.iter().position(|packet| packet.kind == kind).unwrap();
            let packet = packets.remove(at);
            peer.answer(packet.id, &format!(r#""content":"","status":{status}"#)).await;
        }
        peer.listen().await;
    })
    .await;
    let client = builder(&server.url).connect().await.unwrap();
    std::mem::forget(server);
    client
}

#[tokio::test]
async fn the_later_request_wins_however_answers_arrive() {
    // Logged in, then out.
    for answers in [&[(2, 1), (5, 1)], &[(5, 1), (2, 1)]] {
        let client = answered_in(answers).await;
        let (login, logout) = tokio::join!(client.login_by_license(LICENSE), client.logout());
        assert!(login.is_ok() && logout.is_ok());
        assert_eq!(authorization(&client), None, "{answers:?}");
    }
    // Logged out, then in.
    for answers in [&[(5, 1), (2, 1)], &[(2, 1), (5, 1)], &[(2, 1), (5, 3)]] {
        let client = answered_in(answers).await;
        let (_, login) = tokio::join!(client.logout(), client.login_by_license(LICENSE));
        assert!(login.is_ok());
        assert_eq!(authorization(&client), Some(Authorization::License), "{answers:?}");
    }
    // A refusal of a request before the login.
    for answers in [&[(11, 3), (2, 1)], &[(2, 1), (11, 3)]] {
        let client = answered_in(answers).await;
        let (variable, login) = tokio::join!(client.variable("name"), client.login_by_license(LICENSE));
        assert!(variable.is_err() && login.is_ok());
        assert_eq!(authorization(&client), Some(Authorization::License), "{answers:?}");
    }
}

#[tokio::test]
async fn the_later_subscription_wins_however_answers_arrive() {
    for last in [true, false] {
        for reversed in [true, false] {
            let server = server(move |mut peer| async move {
                peer.initialize().await;
                let mut packets = [peer.packet().await.unwrap(), peer.packet().await.unwrap()];
                if reversed {
                    packets.reverse();
                }
                for packet in packets {
                    peer.answer(packet.id, r#""status":1"#).await;
                }
                peer.listen().await;
            })
            .await;
            let client = builder(&server.url).connect().await.unwrap();
            let (first, second) = tokio::join!(client.subscribe(!last), client.subscribe(last));
            assert!(first.is_ok() && second.is_ok());
            assert_eq!(client.state().borrow().is_subscribed(), last, "reversed: {reversed}");
        }
    }
}
