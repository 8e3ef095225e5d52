//! A session that cannot be taken up: what was in flight may have been carried out, what was not goes on.

use crate::service::*;
use futures_util::future::join_all;
use statuswire::Error;
use statuswire::blazeauth::{CloseCode, State};
use statuswire::error::{Cause, Delivery};
use statuswire_sandbox::{BlazeAuth, ConnectFault, Fault};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;
use tokio::time::Instant;

/// Makes the next resumption fail with this code.
fn refuse(sandbox: &BlazeAuth, code: u16) {
    match code {
        4400 => sandbox.configure(|settings| settings.fail_resumption = true),
        _ => sandbox.advance(61 * SECOND),
    }
}

#[track_caller]
fn assert_maybe_sent(error: &Error, code: CloseCode) {
    assert_eq!((error.delivery(), error.code_as()), (Delivery::MaybeSent, Some(code)), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_in_flight_fails_and_what_waited_goes_on() {
    for (number, code) in [(4400, CloseCode::ResumeFailed), (4401, CloseCode::ResumeIdNotFound)] {
        for carried_out in [true, false] {
            let sandbox = sandbox().await;
            let client = builder(&sandbox.url()).connect().await.unwrap();
            client.login_by_license(LICENSE).await.unwrap();
            client.subscribe(true).await.unwrap();
            let fault = Fault::on("set_session_value").nth(1).drop_connection();
            sandbox.fault(if carried_out { fault.carried_out() } else { fault });
            sandbox.fault(ConnectFault::accept().connection(2).delay(SECOND));
            let store = client.store();
            let meanwhile = async {
                state(&client, |state| matches!(state, State::Resuming { .. })).await;
                refuse(&sandbox, number);
                tokio::join!(store.set("other", "v", None), client.variable("tide_table"))
            };
            let (held, (set, protected)) = tokio::join!(store.set("k", "v", None), meanwhile);
            assert_maybe_sent(&held.unwrap_err(), code);
            set.unwrap();
            protected.unwrap();
            // In the fresh session, which is as the last: logged in and subscribed, with another store.
            assert_eq!(store.get("k").await.unwrap(), None);
            assert!(session(&sandbox).is_authorized() && session(&sandbox).is_subscribed());
            // The first packet was sent once, and the others were carried out once.
            let record = sandbox.record();
            assert_eq!((record.received_id(4), record.executed_id(4)), (1, u64::from(carried_out)));
            assert_eq!((record.executed("set_session_value"), record.executed("get_variable")), {
                (1 + u64::from(carried_out), 1)
            });
            assert_eq!(record.opened(), 3, "it came back at once, and fresh");
        }
    }
}

/// Whoever waited is not lost in the closes: each is sent until it is answered, and carried out once.
#[tokio::test(start_paused = true)]
async fn a_crowd_that_waited() {
    let sandbox = sandbox().await;
    let client = builder(&sandbox.url()).connect().await.unwrap();
    sandbox.fault(ConnectFault::accept().connection(2).delay(SECOND));
    session(&sandbox).cut();
    state(&client, |state| matches!(state, State::Resuming { .. })).await;
    sandbox.configure(|settings| settings.fail_resumption = true);
    let store = client.store();
    let keys: Vec<_> = (0..300).map(|number| format!("key-{number}")).collect();
    let results = join_all(keys.iter().map(|key| store.delete(key))).await;
    assert!(results.iter().all(|result| matches!(result, Ok(false))), "{results:?}");
    assert_eq!(sandbox.record().received("initialize"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_knows_nothing_of_resumption() {
    // It takes the client's header for nothing special: the session is a fresh one, and not initialized.
    let server = server(|mut peer| async move {
        let begins = peer.packet().await;
        match (peer.number, begins) {
            (0, Some(packet)) => {
                peer.answer(packet.id, r#""app_name":"Played","app_version":"1","status":1"#).await;
                let _ = peer.packet().await;
            }
            (_, Some(packet)) if packet.kind == 0 => {
                assert_eq!(peer.resume_id, None);
                peer.answer(packet.id, r#""app_name":"Played","app_version":"1","status":1"#).await;
                peer.serve().await;
            }
            (_, Some(_)) => peer.close(4200, "connection is not initialized").await,
            (_, None) => {}
        }
    })
    .await;
    let client = builder(&server.url).connect().await.unwrap();
    let meanwhile = async {
        state(&client, |state| !state.is_ready()).await;
        client.variable("other").await
    };
    let (held, fresh) = tokio::join!(client.variable("name"), meanwhile);
    assert_maybe_sent(&held.unwrap_err(), CloseCode::NotInitialized);
    assert_eq!(fresh.unwrap(), "text");
    assert_eq!(server.connections(), 3);
}

#[tokio::test(start_paused = true)]
async fn packets_are_held_for_a_minute_and_no_longer() {
    let sandbox = sandbox().await;
    sandbox.configure(|settings| settings.resume_within = 600 * SECOND);
    let client = builder(&sandbox.url());
    let client = client.connect().await.unwrap().with_timeout(3600 * SECOND);
    sandbox.fault(Fault::on("set_session_value").nth(1).drop_connection().carried_out());
    let silent = sandbox.fault(ConnectFault::accept().silence());
    let begin = Instant::now();
    let error = client.store().set("k", "v", None).await.unwrap_err();
    assert_eq!(begin.elapsed().as_secs(), 60);
    assert!(error.is_connection() && error.is_outcome_unknown(), "{error:?}");
    assert!(!error.is_timeout() && matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    // The session itself is taken up as soon as the server lets it.
    silent.remove();
    let taken_up = client.store().get("k").await;
    assert_eq!(taken_up.unwrap().as_deref(), Some("v"));
}

/// The limit of a call holds while it is held.
#[tokio::test(start_paused = true)]
async fn a_call_does_not_wait_longer_than_it_may() {
    let sandbox = sandbox().await;
    let client = builder(&sandbox.url()).connect().await.unwrap();
    sandbox.fault(Fault::on("set_session_value").nth(1).drop_connection());
    sandbox.fault(ConnectFault::accept().silence());
    let begin = Instant::now();
    let error = client.with_timeout(5 * SECOND).store().set("k", "v", None).await.unwrap_err();
    assert_eq!(begin.elapsed().as_secs(), 5);
    assert!(error.is_timeout() && error.is_outcome_unknown(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_given_up_is_not_sent_again() {
    let sandbox = sandbox().await;
    let client = builder(&sandbox.url()).connect().await.unwrap();
    sandbox.fault(Fault::on("set_session_value").nth(1).drop_connection());
    sandbox.fault(ConnectFault::accept().connection(2).delay(5 * SECOND));
    let given_up = tokio::time::timeout(SECOND, client.store().set("k", "v", None)).await;
    assert!(given_up.is_err());
    assert_eq!(client.store().get("k").await.unwrap(), None);
    assert_eq!(sandbox.record().received("set_session_value"), 1);
}

/// The session was taken up, and then the server closes it: nothing is held over that.
#[tokio::test(start_paused = true)]
async fn a_close_after_the_resumption_ends_what_was_held() {
    for code in [1000, 4000, 4100, 4201] {
        let sandbox = sandbox().await;
        let client = builder(&sandbox.url()).connect().await.unwrap();
        sandbox.fault(Fault::on("set_session_value").connection(1).drop_connection());
        sandbox.fault(Fault::on("set_session_value").connection(2).close(code, ""));
        let error = client.store().set("k", "v", None).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::MaybeSent);
        assert!(matches!(error.cause(), Cause::Closed(close) if close.code == code), "{error:?}");
        tokio::time::sleep(600 * SECOND).await;
        let fresh = u64::from(code != 4100);
        assert_eq!((sandbox.record().opened(), sandbox.record().received("initialize")), (2 + fresh, 1 + fresh));
    }
}

/// The reply and the end of the connection come at once, the connection with the wrong session's close, too.
#[tokio::test(start_paused = true)]
async fn replies_that_came_before_the_loss_count() {
    let lost = Arc::new(AtomicBool::new(false));
    let server = server(move |mut peer| {
        let lost = Arc::clone(&lost);
        async move {
            if peer.number == 0 {
                peer.initialize().await;
                let (first, second) = (peer.packet().await.unwrap(), peer.packet().await.unwrap());
                peer.answer(second.id, r#""content":"second","status":1"#).await;
                lost.store(first.id < second.id, SeqCst);
            } else {
                assert!(lost.load(SeqCst));
                let packet = peer.packet().await.unwrap();
                assert_eq!(packet.members["name"], "first", "the other one was answered");
                peer.answer(packet.id, r#""content":"first","status":1"#).await;
                peer.listen().await;
            }
        }
    })
    .await;
    let client = builder(&server.url).connect().await.unwrap();
    let (first, second) = tokio::join!(client.variable("first"), client.variable("second"));
    assert_eq!((first.unwrap(), second.unwrap()), ("first".to_owned(), "second".to_owned()));
}

/// A session is not taken up for ever: after a long silence the server says so, and the client begins afresh.
#[tokio::test(start_paused = true)]
async fn a_client_that_was_away_for_long() {
    let sandbox = sandbox().await;
    let client = builder(&sandbox.url()).connect().await.unwrap();
    client.login_by_license(LICENSE).await.unwrap();
    sandbox.kill().await;
    sandbox.restart().await.unwrap();
    state(&client, |state| !state.is_ready()).await;
    assert!(client.license().await.is_ok());
    assert_eq!(sandbox.record().received("authorize_by_license"), 2);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(client.state().borrow().is_authorized());
}

/// Only the first word of a server to a resumption says that nothing was carried out.
#[tokio::test(start_paused = true)]
async fn a_late_refusal_leaves_no_call_unprocessed() {
    for code in [4400, 4401] {
        let sandbox = sandbox().await;
        let client = builder(&sandbox.url()).connect().await.unwrap();
        session(&sandbox).cut();
        state(&client, |state| !state.is_ready()).await;
        client.store().set("k", "v", None).await.unwrap();
        sandbox.fault(Fault::on("set_session_value").nth(1).close(code, "").carried_out());
        let error = client.store().set("k", "other", None).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{error:?}");
        assert_eq!((sandbox.record().executed("set_session_value"), sandbox.record().opened()), (2, 2));
    }
}
