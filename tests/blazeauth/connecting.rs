//! Initialize is a part of connecting; the states on the way.

use crate::service::*;
use crate::setup::Setup;
use crate::support::{Server, drain, within};
use statuswire::blazeauth::{CloseCode, ErrorCode, State};
use statuswire::error::{Cause, Delivery, Phase};
use statuswire::policy::Timeouts;
use statuswire_sandbox::{BlazeAuth, ConnectFault, Fault};
use tokio::sync::watch;
use tokio::time::Instant;

/// Every published state: no other task runs between a change and this.
fn names(mut states: watch::Receiver<State>) -> tokio::task::JoinHandle<Vec<String>> {
    let mut names = vec![name(&states.borrow_and_update())];
    tokio::spawn(async move {
        while states.changed().await.is_ok() {
            let state = states.borrow_and_update().clone();
            names.push(name(&state));
            if state.is_closed() {
                break;
            }
        }
        names.dedup();
        names
    })
}

/// Lets the task that gathers states see the latest.
async fn settle() {
    tokio::time::sleep(SECOND / 1000).await;
}

#[tokio::test(start_paused = true)]
async fn states_come_in_order() {
    let sandbox = sandbox().await;
    // Slow enough that each state can be seen.
    sandbox.fault(ConnectFault::upgrade().delay(SECOND));
    sandbox.fault(Fault::any().delay(SECOND));
    let client = builder(&sandbox.url()).connect_lazy().unwrap();
    let names = names(client.state());
    client.login_by_license(LICENSE).await.unwrap();
    session(&sandbox).cut();
    state(&client, |state| matches!(state, State::Resuming { .. })).await;
    state(&client, State::is_ready).await;
    settle().await;
    client.logout().await.unwrap();
    session(&sandbox).close(1000, "");
    state(&client, |state| !state.is_ready()).await;
    state(&client, State::is_ready).await;
    settle().await;
    client.shutdown(SECOND).await;
    assert_eq!(
        within(names).await.unwrap().join(" "),
        "connecting connected initialized authorized(license) waiting resuming authorized(license) initialized \
         waiting connecting connected initialized closing closed"
    );
}

#[tokio::test(start_paused = true)]
async fn calls_wait_for_a_lazy_client_to_be_initialized() {
    let sandbox = sandbox().await;
    sandbox.fault(Fault::on("initialize").nth(1).drop_connection());
    let client = builder(&sandbox.url()).connect_lazy().unwrap();
    assert!(matches!(*client.state().borrow(), State::Connecting { .. }));
    assert_eq!(client.application(), Default::default());
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    assert_eq!(client.application().name, "Harbour Kiosk");
    // Nothing went out before.
    let entries = sandbox.record().entries();
    let commands = entries.iter().filter_map(|entry| match &entry.event {
        statuswire_sandbox::Event::Received { command, .. } => command.clone(),
        _ => None,
    });
    assert_eq!(commands.collect::<Vec<_>>(), ["initialize", "initialize", "get_variable"]);
}

#[tokio::test(start_paused = true)]
async fn a_lazy_client_ends_with_a_refusal_for_good() {
    for (key, id, code) in [("short", CLIENT, ErrorCode::InvalidAPIKey), (KEY, "abc", ErrorCode::ClientIDTooShort)] {
        let sandbox = sandbox().await;
        let client = Setup::new(&sandbox.url(), key, id).connect_lazy().unwrap();
        let error = client.online_users().await.unwrap_err();
        assert_eq!((error.code_as(), error.delivery()), (Some(code), Delivery::NotSent), "{error:?}");
        assert_eq!(&*error.context().command, "get_online_users_count");
        assert_eq!(end(&client).await.code_as(), Some(code));
        assert_eq!(sandbox.record().received("initialize"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_server_is_waited_out() {
    let sandbox = sandbox().await;
    let fault = sandbox.fault(Fault::on("initialize").reply_status(6));
    let client = builder(&sandbox.url()).connect_lazy().unwrap();
    sandbox.record().wait_for(|record| record.received("initialize") == 9).await;
    fault.remove();
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
}

#[tokio::test(start_paused = true)]
async fn connecting_has_a_limit_for_everything_together() {
    let seconds = 7 * SECOND;
    let limit = Timeouts::default().with_connect(seconds);
    for at in ["accept", "upgrade", "initialize"] {
        let sandbox = sandbox().await;
        match at {
            "accept" => sandbox.fault(ConnectFault::accept().silence()),
            "upgrade" => sandbox.fault(ConnectFault::upgrade().silence()),
            _ => sandbox.fault(Fault::on("initialize").silence()),
        };
        let begin = Instant::now();
        let error = builder(&sandbox.url()).timeouts(limit.clone()).connect().await.unwrap_err();
        let phase = if at == "initialize" { Phase::Handshake } else { Phase::Connect };
        assert!(matches!(error.cause(), Cause::Timeout(told) if *told == phase), "{at}: {error:?}");
        assert_eq!((begin.elapsed().as_secs(), error.delivery()), (7, Delivery::NotSent));
    }
}

/// The limit also holds for the login that follows Initialize in a fresh session.
#[tokio::test(start_paused = true)]
async fn a_stalled_login_fails_the_attempt_and_not_the_client() {
    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    let stalled = sandbox.fault(Fault::on("authorize_by_license").nth(1).silence());
    session(&sandbox).close(1000, "");
    state(&client, |state| !state.is_ready()).await;
    client.license().await.unwrap();
    assert_eq!((stalled.hits(), sandbox.record().opened()), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn the_servers_fifteen_seconds() {
    let sandbox = sandbox().await;
    sandbox.fault(Fault::on("initialize").nth(1).silence());
    let patient = Timeouts::default().with_connect(60 * SECOND);
    let begin = Instant::now();
    let error = builder(&sandbox.url()).timeouts(patient.clone()).connect().await.unwrap_err();
    assert_eq!(error.code_as(), Some(CloseCode::InitializeTimeout));
    assert_eq!(begin.elapsed().as_secs(), 15);
    sandbox.fault(Fault::on("initialize").nth(1).silence());
    let client = builder(&sandbox.url()).timeouts(patient).connect_lazy().unwrap();
    let begin = Instant::now();
    state(&client, State::is_ready).await;
    assert_eq!(begin.elapsed().as_secs(), 15, "it came back at once");
}

#[tokio::test]
async fn who_closes_the_door_at_once() {
    let server = Server::raw(|stream, number| async move {
        if number % 2 == 0 {
            drop(stream);
        } else {
            let mut stream = stream;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"220 mail ESMTP\r\n\r\n").await;
            drain(&mut stream).await;
        }
    })
    .await;
    for _ in 0..4 {
        let error = within(builder(&server.url).connect()).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
        assert!(matches!(error.cause(), Cause::Transport(_) | Cause::Protocol(_)), "{error:?}");
    }
}

#[tokio::test]
async fn addresses_and_settings_are_checked_before() {
    for url in ["", "http://host", "ws://", "eu1.blazeauth.net"] {
        assert!(Setup::new(url, KEY, CLIENT).connect_lazy().unwrap_err().is_invalid_request(), "{url}");
        assert!(Setup::new(url, KEY, CLIENT).connect().await.unwrap_err().is_invalid_request(), "{url}");
    }
    // Keys do not cross the network in the clear.
    let error = Setup::new("ws://service.invalid", KEY, CLIENT).connect().await.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("without TLS"), "{error}");
    let roots = Setup::new("wss://service.invalid", KEY, CLIENT).root_certificates(b"none");
    assert!(roots.connect().await.unwrap_err().is_invalid_request());
}

#[tokio::test]
async fn a_server_that_stops_is_found_again() {
    let sandbox = BlazeAuth::start().await.unwrap();
    let client = builder(&sandbox.url()).connect().await.unwrap();
    sandbox.stop().await;
    sandbox.restart().await.unwrap();
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    let mut states = client.state();
    states.mark_unchanged();
    sandbox.kill().await;
    states.changed().await.unwrap();
    sandbox.restart().await.unwrap();
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    assert!(client.state().borrow().is_ready());
}

/// Whoever has the last clone ends the session, and leaves nothing behind.
#[tokio::test]
async fn a_client_that_is_dropped_goes() {
    let sandbox = sandbox().await;
    let base = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let client = builder(&sandbox.url()).connect().await.unwrap();
    let (store, states) = (client.store(), client.state());
    drop(client);
    store.set("k", "v", None).await.unwrap();
    drop(store);
    within(sandbox.record().wait_for(|record| record.closed() == 1)).await;
    crate::support::until_tasks_are(base).await;
    assert!(states.borrow().is_closed() && matches!(&*states.borrow(), State::Closed { cause: None, .. }));
    // And one that never got so far.
    sandbox.fault(ConnectFault::accept().silence());
    let connecting = tokio::spawn(builder(&sandbox.url()).connect());
    sandbox.record().wait_for(|record| record.opened() == 2).await;
    connecting.abort();
    within(sandbox.record().wait_for(|record| record.closed() == 2)).await;
}

/// A file is asked for before there is a connection.
#[tokio::test(start_paused = true)]
async fn a_download_waits_for_a_lazy_client() {
    let sandbox = sandbox().await;
    sandbox.fault(ConnectFault::upgrade().delay(SECOND));
    let client = builder(&sandbox.url()).connect_lazy().unwrap();
    client.login_by_license(LICENSE).await.unwrap();
    session(&sandbox).close(1000, "");
    state(&client, |state| !state.is_ready()).await;
    let mut bytes = Vec::new();
    client.download("patch-0007").write_to(&mut bytes).await.unwrap();
    assert_eq!(bytes, b"ab}{\0\xff cde");
}
