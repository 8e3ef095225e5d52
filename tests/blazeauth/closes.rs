//! What the client makes of BlazeAuth's close codes, of all of them: the error, and whether and when it comes back.

use crate::service::*;
use crate::support::{until, within};
use statuswire::Error;
use statuswire::blazeauth::{Client, CloseCode, ErrorCode, State};
use statuswire::codes::AnyCode;
use statuswire::error::{Cause, Delivery};
use statuswire_sandbox::{BlazeAuth, ConnectFault, Event, Fault};
use std::time::Duration;

/// How a client comes back, by the documentation's advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Back {
    Never,
    Fresh,
    After(u64),
}

fn back(code: u16) -> Back {
    match code {
        1000 | 4000 | 4200 | 4202 | 4400 | 4401 => Back::Fresh,
        4201 => Back::After(60),
        _ => Back::Never,
    }
}

/// What a close is for the caller: a banned client id is one thing, however it is told.
fn code_of(close: CloseCode) -> AnyCode {
    match close {
        CloseCode::ExternalIdBlacklisted => AnyCode::of(ErrorCode::ClientIDBlacklisted),
        close => AnyCode::of(close),
    }
}

#[track_caller]
fn assert_is(error: &Error, close: CloseCode) {
    let code = code_of(close);
    assert_eq!(error.code(), Some(code), "{error:?}");
    assert_eq!((error.kind(), error.recovery()), (code.kind(), code.recovery()), "{close}");
    let Cause::Closed(told) = error.cause() else { panic!("{error:?}") };
    assert_eq!((told.code, &*told.reason), (close.value(), "so it is"));
    let wait = (close == CloseCode::RateLimited).then_some(60 * SECOND);
    assert_eq!(error.retry_after(), wait, "{close}");
}

/// How the next connection began, if there was one: with a Resume-Id or not.
async fn next_connection(sandbox: &BlazeAuth, client: &Client, back: Back) {
    match back {
        Back::Never => {
            assert!(matches!(state(client, State::is_closed).await, State::Closed { cause: Some(_), .. }));
            // Whatever it did in spite of that, it would do within an hour.
            tokio::time::sleep(3600 * SECOND).await;
            assert_eq!(sandbox.record().opened(), 1);
        }
        Back::Fresh | Back::After(_) => {
            sandbox.record().wait_for(|record| record.received("initialize") == 2).await;
            state(client, State::is_ready).await;
            assert_eq!(sandbox.record().opened(), 2);
        }
    }
}

/// When a connection was accepted, and when it ended.
fn times(sandbox: &BlazeAuth, number: u64) -> (Duration, Option<Duration>) {
    let entries = sandbox.record().entries();
    let at = |event| entries.iter().find(|e| e.connection == number && e.event == event).map(|e| e.at);
    (at(Event::Opened).unwrap(), at(Event::Closed))
}

#[tokio::test(start_paused = true)]
async fn every_close_of_the_table_with_a_call_in_flight() {
    for &close in CloseCode::ALL {
        let (sandbox, client) = start().await;
        sandbox.fault(Fault::on("get_variable").nth(1).close(close.value(), "so it is"));
        let told = async {
            // If it reconnects at once, no waiting state is visible.
            let wanted = |state: &State| matches!(state, State::Waiting { .. } | State::Closed { .. });
            if matches!(close.value(), 4202 | 4400 | 4401) { None } else { Some(state(&client, wanted).await) }
        };
        let (call, told) = tokio::join!(client.variable("motd_text"), told);
        let error = call.unwrap_err();
        assert_is(&error, close);
        assert_eq!((error.delivery(), &*error.context().command), (Delivery::MaybeSent, "get_variable"), "{close}");
        match told {
            Some(State::Waiting { cause, .. } | State::Closed { cause: Some(cause), .. }) => assert_is(&cause, close),
            Some(other) => panic!("{other:?}"),
            None => {}
        }

        let back = back(close.value());
        next_connection(&sandbox, &client, back).await;
        if let Back::After(seconds) = back {
            let away = times(&sandbox, 2).0 - times(&sandbox, 1).1.unwrap();
            assert_eq!(away.as_secs(), seconds, "{close}");
        }
        if back == Back::Never {
            let error = client.variable("motd_text").await.unwrap_err();
            assert_is(&error, close);
            assert_eq!(error.delivery(), Delivery::NotSent);
        } else {
            assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_close_of_the_table_during_initialize() {
    for &close in CloseCode::ALL {
        let sandbox = sandbox().await;
        sandbox.fault(Fault::on("initialize").nth(1).close(close.value(), "so it is"));
        let error = builder(&sandbox.url()).connect().await.unwrap_err();
        assert_is(&error, close);
        assert_eq!(error.delivery(), Delivery::NotSent, "{close}");
        assert_eq!(sandbox.record().opened(), 1, "an attempt that the caller waits for is not repeated");
    }
    for &close in CloseCode::ALL {
        let sandbox = sandbox().await;
        sandbox.fault(Fault::on("initialize").nth(1).close(close.value(), "so it is"));
        let client = builder(&sandbox.url()).connect_lazy().unwrap();
        next_connection(&sandbox, &client, back(close.value())).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_client_learns_of_every_close() {
    for &close in CloseCode::ALL {
        let (sandbox, client) = start().await;
        session(&sandbox).close(close.value(), "so it is");
        next_connection(&sandbox, &client, back(close.value())).await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_session_that_the_server_closed_is_taken_up() {
    let server = server(|mut peer| async move {
        assert_eq!(peer.resume_id, None);
        peer.initialize().await;
        if peer.number < 9 {
            let code = [1000, 1001, 1011, 1012, 4000, 4200, 4202, 4400, 4401][peer.number];
            peer.close(code, "").await;
        } else {
            peer.serve().await;
        }
    })
    .await;
    let client = builder(&server.url).connect_lazy().unwrap();
    until(|| server.connections() == 10).await;
    assert_eq!(client.variable("name").await.unwrap(), "text");
}

#[tokio::test(start_paused = true)]
async fn unknown_codes_end_it_and_those_of_the_protocol_do_not() {
    for code in [3000, 3999, 4001, 4099, 4103, 4206, 4305, 4402, 4999] {
        let (sandbox, client) = start().await;
        session(&sandbox).close(code, "what is it");
        next_connection(&sandbox, &client, Back::Never).await;
        let error = end(&client).await;
        assert!(matches!(error.cause(), Cause::Closed(close) if close.code == code), "{error:?}");
        assert!(error.code().is_none() && error.to_string().contains(&code.to_string()), "{error}");
    }
    for code in [1001, 1002, 1008, 1011, 1012, 1013] {
        let (sandbox, client) = start().await;
        session(&sandbox).close(code, "");
        next_connection(&sandbox, &client, Back::Fresh).await;
    }
}

#[tokio::test(start_paused = true)]
async fn too_much_traffic_is_answered_with_patience() {
    for (reason, seconds) in [
        ("rate limited, 7 seconds left", 7),
        ("rate limited, 1 seconds left", 1),
        ("rate limited, 0 seconds left", 1),
        ("rate limit hit", 60),
        ("rate limited", 60),
        ("rate limited, soon", 60),
        ("rate limited, -7 seconds left", 60),
        ("rate limited, 99999999999999999999 seconds left", 60),
        ("", 60),
    ] {
        let (sandbox, client) = start().await;
        session(&sandbox).close(4201, reason);
        let waiting = state(&client, |state| matches!(state, State::Waiting { .. })).await;
        let State::Waiting { delay, cause, .. } = waiting else { panic!("{waiting:?}") };
        assert_eq!((delay, cause.retry_after()), (seconds * SECOND, Some(seconds * SECOND)), "{reason}");
        assert_eq!(cause.code_as(), Some(CloseCode::RateLimited));
        next_connection(&sandbox, &client, Back::After(seconds.into())).await;
        let away = times(&sandbox, 2).0 - times(&sandbox, 1).1.unwrap();
        assert!(away >= seconds * SECOND && away < seconds * SECOND + SECOND, "{reason}: {away:?}");
    }
}

/// The whole way: the limit of the sandbox itself, and what it says to those that are back too early.
#[tokio::test(start_paused = true)]
async fn a_block_is_waited_for_to_its_end() {
    let sandbox = BlazeAuth::builder().application(application()).start().await.unwrap();
    let client = builder(&sandbox.url()).connect().await.unwrap();
    for _ in 0..59 {
        client.online_users().await.unwrap();
    }
    let error = client.online_users().await.unwrap_err();
    assert_eq!((error.code_as(), error.retry_after()), (Some(CloseCode::RateLimited), Some(60 * SECOND)));
    let early = builder(&sandbox.url()).connect().await.unwrap_err();
    assert_eq!((early.code_as(), early.retry_after()), (Some(CloseCode::RateLimited), Some(30 * SECOND)));
    assert_eq!(early.delivery(), Delivery::NotSent);
    assert_eq!(client.with_timeout(100 * SECOND).online_users().await.unwrap(), 0);
    assert_eq!(sandbox.record().opened(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refused_upgrade_says_when_to_come_back() {
    let later = httpdate::fmt_http_date(std::time::SystemTime::now() + 3600 * SECOND);
    let absurd = "Fri, 31 Dec 9999 23:59:59 GMT";
    let past = "Wed, 21 Oct 2015 07:28:00 GMT";
    for (header, wait) in [
        ("7", Some(7)),
        ("0", Some(0)),
        (past, Some(0)),
        (&*later, Some(3600)),
        (absurd, Some(u64::MAX)),
        // Without a time that can be read, as after close 4201.
        ("", Some(60)),
        ("soon", Some(60)),
        ("-1", Some(60)),
        ("Fri, 99 Foo 2030 00:00:00 GMT", Some(60)),
    ] {
        let (sandbox, client) = start().await;
        sandbox.configure(|settings| settings.resume_within = 86_400 * SECOND);
        sandbox.fault(ConnectFault::upgrade().connection(2).refuse(429, &[("Retry-After", header)], "later"));
        sandbox.fault(ConnectFault::upgrade().connection(3).refuse(429, &[("Retry-After", header)], "later"));
        // While connecting for the first time, and while connecting again.
        let first = builder(&sandbox.url()).connect().await.unwrap_err();
        session(&sandbox).cut();
        let refused = |state: &State| matches!(state, State::Waiting { cause, .. } if !cause.is_connection());
        let State::Waiting { delay, cause, .. } = state(&client, refused).await else { unreachable!() };
        for error in [&first, &*cause] {
            assert_eq!(error.code_as(), Some(ErrorCode::RateLimited), "{error:?}");
            assert!(matches!(error.cause(), Cause::Http(failure) if failure.status == 429));
            // The clock of dates is the real one.
            let told = error.retry_after().map(|told| told.as_secs());
            let fits = |told: u64| match header {
                header if header == absurd => told > 200_000_000_000,
                _ => (3590..3600).contains(&told),
            };
            assert!(told == wait || told.is_some_and(fits), "{header}: {told:?}");
        }
        assert!(delay >= cause.retry_after().unwrap_or_default().min(300 * SECOND));
        assert!(delay < 301 * SECOND, "{header}: {delay:?}");
        state(&client, State::is_ready).await;
        let record = sandbox.record();
        assert_eq!((record.opened(), record.upgraded(), record.received("initialize")), (4, 2, 1), "it was resumed");
        let away = times(&sandbox, 4).0 - times(&sandbox, 3).0;
        assert!(away >= delay, "{away:?} {delay:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_was_refused_access_stays_away() {
    for status in [401, 403] {
        let (sandbox, client) = start().await;
        sandbox.fault(ConnectFault::upgrade().refuse(status, &[], "no"));
        session(&sandbox).cut();
        let error = within(end(&client)).await;
        assert!(matches!(error.cause(), Cause::Http(failure) if failure.status == status), "{error:?}");
        assert_eq!(sandbox.record().opened(), 2);
    }
}

/// As far away as numbers go: the wish stays in the error, and the policy limits the wait.
#[tokio::test(start_paused = true)]
async fn a_wait_without_end_is_limited() {
    let (sandbox, client) = start().await;
    let never = u64::MAX.to_string();
    sandbox.fault(ConnectFault::upgrade().connection(2).refuse(429, &[("Retry-After", &never)], ""));
    session(&sandbox).cut();
    let refused = |state: &State| matches!(state, State::Waiting { delay, .. } if delay.as_secs() > 1);
    let State::Waiting { delay, cause, .. } = state(&client, refused).await else { unreachable!() };
    assert!(delay >= 300 * SECOND && delay < 301 * SECOND, "{delay:?}");
    assert_eq!(cause.retry_after(), Some(Duration::from_secs(u64::MAX)));
    let error = client.variable("motd_text").await.unwrap_err();
    assert!(error.is_timeout() && error.delivery() == Delivery::NotSent, "{error:?}");
    state(&client, State::is_ready).await;
    within(client.shutdown(SECOND)).await;
}
