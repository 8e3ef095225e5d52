//! Who is logged in: as the server says it, over events, refusals and fresh sessions.

use crate::service::*;
use crate::setup::Setup;
use statuswire::blazeauth::{Authorization, Client, Credentials, ErrorCode, State};
use statuswire_sandbox::{BlazeAuth, Fault};
use std::time::Duration;

async fn start_with(change: impl FnOnce(Setup) -> Setup) -> (BlazeAuth, Client) {
    let sandbox = sandbox().await;
    let client = change(builder(&sandbox.url())).connect().await.unwrap();
    (sandbox, client)
}

fn authorization(client: &Client) -> Option<Authorization> {
    match *client.state().borrow() {
        State::Authorized(by) => Some(by),
        State::Initialized => None,
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
    let _ = client.login(&Credentials::account(LOGIN, "wrong")).await.unwrap_err();
    assert_eq!(authorization(&client), None);
    client.login(&Credentials::account(LOGIN, PASSWORD)).await.unwrap();
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
        state(&client, |state| matches!(state, State::Initialized)).await;
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
    let error = client.login(&Credentials::account(LOGIN, PASSWORD)).await.unwrap_err();
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
    let account = Credentials::account(LOGIN, PASSWORD);
    for (credentials, by) in
        [(Credentials::license(LICENSE), Authorization::License), (account, Authorization::Account)]
    {
        let (sandbox, client) = start().await;
        client.login(&credentials).await.unwrap();
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
