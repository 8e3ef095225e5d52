//! A lost connection is taken up again: nothing is lost, nothing is carried out twice.

use crate::service::*;
use crate::setup::Setup;
use crate::support::traced::Traced;
use crate::support::{Server, until};
use futures_util::future::join_all;
use statuswire::blazeauth::{Client, State};
use statuswire_sandbox::{BlazeAuth, ConnectFault, Fault};
use std::sync::{Arc, Mutex};

async fn start_with(change: impl FnOnce(Setup) -> Setup) -> (BlazeAuth, Client) {
    let sandbox = sandbox().await;
    let client = change(builder(&sandbox.url())).connect().await.unwrap();
    (sandbox, client)
}

/// Which of a session's packets the connection is lost with, and when; the caller notices nothing.
#[tokio::test(start_paused = true)]
async fn lost_requests_and_lost_replies_are_made_up_for_once() {
    for carried_out in [true, false] {
        let (sandbox, client) = start().await;
        let lost = |command: &str| {
            let fault = Fault::on(command).nth(1).drop_connection();
            sandbox.fault(if carried_out { fault.carried_out() } else { fault })
        };
        let faults = ["authorize_by_license", "set_session_value", "delete_session_value", "logout"].map(lost);
        client.login_by_license(LICENSE).await.unwrap();
        client.store().set("k", "v", None).await.unwrap();
        assert!(client.store().delete("k").await.unwrap(), "the second time it would not be there");
        client.logout().await.unwrap();
        assert!(faults.iter().all(|fault| fault.hits() == 1));
        for id in 2..=5 {
            assert_eq!((sandbox.record().received_id(id), sandbox.record().executed_id(id)), (2, 1), "{id}");
        }
        assert_eq!((sandbox.record().received("initialize"), sandbox.record().opened()), (1, 5));
    }
}

#[tokio::test(start_paused = true)]
async fn many_in_flight_come_again_verbatim_and_in_order() {
    let (sandbox, client) = start().await;
    // Every third is carried out; with the last one the connection is lost, and no reply was sent.
    sandbox.fault(Fault::any().connection(1).when(|call| call.id.is_some_and(|id| id % 3 != 0 && id < 21)).silence());
    let silent = Fault::any().connection(1).when(|call| call.id.is_some_and(|id| id < 21)).silence().carried_out();
    sandbox.fault(silent);
    sandbox.fault(Fault::any().connection(1).id(21).drop_connection());
    let store = client.store();
    let keys: Vec<_> = (2..=21).map(|number| number.to_string()).collect();
    let results = join_all(keys.iter().map(|key| store.set(key, "v\u{0}\"é", None))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let messages = sandbox.record().messages("set_session_value");
    assert_eq!(messages.len(), 40);
    assert_eq!(messages[..20], messages[20..], "the same bytes in the same order");
    for id in 2..=21 {
        assert_eq!((sandbox.record().received_id(id), sandbox.record().executed_id(id)), (2, 1), "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_called_meanwhile_comes_after() {
    let (sandbox, client) = start().await;
    sandbox.fault(Fault::on("set_session_value").connection(1).drop_connection());
    sandbox.fault(ConnectFault::accept().connection(2).delay(5 * SECOND));
    let store = client.store();
    let later = async {
        state(&client, |state| matches!(state, State::Resuming { .. })).await;
        store.get("k").await
    };
    let (set, got) = tokio::join!(store.set("k", "v", None), later);
    set.unwrap();
    assert_eq!(got.unwrap().as_deref(), Some("v"));
}

#[tokio::test(start_paused = true)]
async fn one_loss_after_another() {
    let (sandbox, client) = start().await;
    sandbox.fault(Fault::on("set_session_value").calls(..=7).drop_connection().carried_out());
    client.store().set("k", "v", None).await.unwrap();
    assert_eq!((sandbox.record().received_id(2), sandbox.record().executed_id(2)), (8, 1));
    assert_eq!(sandbox.record().opened(), 8);
}

#[tokio::test(start_paused = true)]
async fn upgrades_may_fail_on_the_way() {
    let (sandbox, client) = start().await;
    sandbox.fault(Fault::on("set_session_value").nth(1).drop_connection().carried_out());
    sandbox.fault(ConnectFault::accept().connection(2).drop_connection());
    sandbox.fault(ConnectFault::upgrade().connection(3).refuse(503, &[], "busy"));
    sandbox.fault(ConnectFault::upgrade().connection(4).raw("HTTP/1.1 200 Ok\r\n\r\n"));
    client.store().set("k", "v", None).await.unwrap();
    assert_eq!((sandbox.record().executed_id(2), sandbox.record().opened()), (1, 5));
}

/// Answers as if every connection went on with the same session, and notes what the client wants to take up.
async fn noting(asked: &Arc<Mutex<Vec<Option<String>>>>, header: fn(usize) -> Option<String>) -> Server {
    let asked = Arc::clone(asked);
    server_with(header, move |mut peer| {
        asked.lock().unwrap().push(peer.resume_id.clone());
        async move {
            if peer.resume_id.is_none() {
                peer.initialize().await;
            }
            // Lost with the first packet, six times.
            match peer.number {
                0..6 => drop(peer.packet().await),
                _ => peer.serve().await,
            }
        }
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn the_newest_id_wins_and_a_missing_one_leaves_the_last() {
    let asked = Arc::default();
    let header = |number: usize| (number % 3 != 2).then(|| format!("id-{number}"));
    let server = noting(&asked, header).await;
    let client = builder(&server.url).connect().await.unwrap();
    assert_eq!(client.variable("name").await.unwrap(), "text");
    let ids = ["id-0", "id-1", "id-1", "id-3", "id-4", "id-4"].map(|id| Some(id.to_owned()));
    assert_eq!(asked.lock().unwrap()[1..], ids);
}

#[tokio::test(start_paused = true)]
async fn an_id_of_more_than_1024_bytes_resumes_nothing() {
    for (length, is_resumed) in [(1024, true), (1025, false), (8000, false)] {
        let log = Traced::start();
        let asked = Arc::default();
        let header = match length {
            1024 => |_: usize| Some("x".repeat(1024)),
            1025 => |_: usize| Some("x".repeat(1025)),
            _ => |_: usize| Some("x".repeat(8000)),
        };
        let server = noting(&asked, header).await;
        let client = builder(&server.url).connect().await.unwrap();
        let result = client.variable("name").await;
        until(|| asked.lock().unwrap().len() >= 2).await;
        assert_eq!(asked.lock().unwrap()[1].as_ref().map(String::len), is_resumed.then_some(length));
        assert_eq!(result.is_ok(), is_resumed, "{result:?}");
        assert_eq!(log.text().contains("more than 1024 bytes"), !is_resumed);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_header_there_is_nothing_to_take_up() {
    let (sandbox, client) = start_with(|builder| builder).await;
    sandbox.configure(|settings| settings.resumable = false);
    session(&sandbox).close(1000, "");
    state(&client, |state| !state.is_ready()).await;
    state(&client, State::is_ready).await;
    sandbox.fault(Fault::on("set_session_value").nth(1).drop_connection());
    let error = client.store().set("k", "v", None).await.unwrap_err();
    assert!(error.is_connection() && error.is_outcome_unknown(), "{error:?}");
    assert_eq!(client.store().get("k").await.unwrap(), None);
    assert_eq!(sandbox.record().received("initialize"), 3);
}

/// An id that cannot be a header is ignored.
#[tokio::test(start_paused = true)]
async fn odd_ids() {
    for id in ["", " ", "ä", "a b,c;d=\"e\"", &"x".repeat(8000)] {
        let leaked: &'static str = String::leak(id.to_owned());
        let server = crate::support::Server::raw(move |mut stream, number| async move {
            let head = crate::support::read_head(&mut stream).await;
            let mut answer = crate::support::accept(&head);
            answer.truncate(answer.len() - 2);
            answer.extend(format!("Resume-Id: {leaked}\r\n\r\n").bytes());
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &answer).await;
            let role = tokio_tungstenite::tungstenite::protocol::Role::Server;
            let socket = tokio_tungstenite::WebSocketStream::from_raw_socket(stream, role, None).await;
            let mut peer = Peer { socket, number, resume_id: None };
            if number == 0 {
                peer.initialize().await;
            } else {
                peer.serve().await;
            }
        })
        .await;
        let client = builder(&server.url).connect_lazy().unwrap();
        until(|| server.connections() == 2).await;
        assert_eq!(client.variable("name").await.unwrap(), "text", "{id:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn resumption_can_be_off() {
    let (sandbox, client) = start_with(|builder| builder.resumption(false)).await;
    client.login_by_license(LICENSE).await.unwrap();
    sandbox.fault(Fault::on("set_session_value").nth(1).drop_connection().carried_out());
    let error = client.store().set("k", "v", None).await.unwrap_err();
    assert!(error.is_connection() && error.is_outcome_unknown(), "{error:?}");
    assert_eq!(client.store().get("k").await.unwrap(), None, "it is another session");
    assert!(client.license().await.is_ok());
    assert_eq!(sandbox.record().received("initialize"), 2);
    assert_eq!((sandbox.record().received_id(3), sandbox.record().executed_id(3)), (1, 1));
}

/// A loss before Initialize has succeeded leaves nothing that were worth it.
#[tokio::test(start_paused = true)]
async fn a_session_that_was_never_initialized_is_not_taken_up() {
    let server = server(|mut peer| async move {
        assert_eq!(peer.resume_id, None);
        if peer.number < 3 {
            let _ = peer.packet().await;
        } else {
            peer.serve().await;
        }
    })
    .await;
    let client = builder(&server.url).connect_lazy().unwrap();
    assert_eq!(client.variable("name").await.unwrap(), "text");
    assert_eq!(server.connections(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_a_session_for_ever() {
    let (sandbox, client) = start().await;
    sandbox.fault(Fault::on("set_session_value").nth(1).drop_connection().carried_out());
    sandbox.fault(ConnectFault::accept().calls(1..).silence());
    let held = tokio::spawn({
        let store = client.store();
        async move { store.set("k", "v", None).await }
    });
    state(&client, |state| matches!(state, State::Resuming { .. })).await;
    let begin = tokio::time::Instant::now();
    client.shutdown(3 * SECOND).await;
    assert!(begin.elapsed() <= 4 * SECOND, "{:?}", begin.elapsed());
    let error = held.await.unwrap().unwrap_err();
    assert!(error.is_shutdown() && error.is_outcome_unknown(), "{error:?}");
    let loss = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<statuswire::Error>()).unwrap();
    assert!(loss.is_connection(), "{loss:?}");
    assert!(client.store().get("k").await.unwrap_err().is_shutdown());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_lets_a_session_be_resumed_whenever_it_comes() {
    for waiting in [false, true] {
        let (sandbox, client) = start().await;
        sandbox.fault(Fault::on("set_session_value").nth(1).drop_connection().carried_out());
        sandbox.fault(ConnectFault::accept().calls(1..).delay(SECOND));
        let held = tokio::spawn({
            let store = client.store();
            async move { store.set("k", "v", None).await }
        });
        // While it connects, or already while it waits for that.
        state(&client, |state| match state {
            State::Waiting { .. } => waiting,
            state => matches!(state, State::Resuming { .. }),
        })
        .await;
        client.shutdown(30 * SECOND).await;
        held.await.unwrap().unwrap();
        assert_eq!((sandbox.record().received_id(2), sandbox.record().executed_id(2)), (2, 1));
    }
}
