//! Ids: each packet has its own, to the very end of them, and replies are told by nothing else.

use crate::service::*;
use crate::support::within;
use futures_util::future::join_all;
use statuswire::blazeauth::State;
use statuswire::error::{Cause, Delivery};
use statuswire::policy::Retry;
use statuswire::rpc::Pushed;
use statuswire_sandbox::Fault;

/// The highest one belongs to events.
#[tokio::test(start_paused = true)]
async fn the_last_ids_are_used_and_the_highest_is_not() {
    let sandbox = sandbox().await;
    let client = builder(&sandbox.url()).first_id(u64::MAX - 3).retry(Retry::default()).connect().await.unwrap();
    client.subscribe(true).await.unwrap();
    let mut events = client.events();
    session(&sandbox).push_event(207, None);
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    assert!(matches!(events.next().await, Some(Pushed::Event(_))));
    for _ in 0..3 {
        let error = client.variable("motd_text").await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains("ids are used up"), "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    let received = |id| sandbox.record().received_id(id);
    assert_eq!([1, 2, 3].map(|back| received(u64::MAX - back)), [1, 1, 1]);
    assert_eq!((received(u64::MAX), sandbox.record().total_received()), (0, 3));
    assert!(client.state().borrow().is_ready(), "the session itself goes on");

    // For a fresh one there is no id: that is the end, and no loop.
    session(&sandbox).close(1000, "");
    let error = end(&client).await;
    assert!(error.is_invalid_request() && error.to_string().contains("ids are used up"), "{error}");
    assert_eq!(sandbox.record().opened(), 2);

    let error = builder(&sandbox.url()).first_id(u64::MAX).connect().await.unwrap_err();
    assert!(error.is_invalid_request(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn ids_count_up_over_all_sessions() {
    let (sandbox, client) = start().await;
    client.online_users().await.unwrap();
    session(&sandbox).close(1000, "");
    state(&client, |state| !state.is_ready()).await;
    client.online_users().await.unwrap();
    session(&sandbox).cut();
    state(&client, |state| !state.is_ready()).await;
    client.online_users().await.unwrap();
    for id in 1..=5 {
        assert_eq!(sandbox.record().received_id(id), 1, "{id}");
    }
    assert_eq!(sandbox.record().total_received(), 5);
}

#[tokio::test]
async fn replies_find_their_packets_in_any_order() {
    let server = server(|mut peer| async move {
        peer.initialize().await;
        let mut packets = Vec::new();
        for _ in 0..100 {
            packets.push(peer.packet().await.unwrap());
        }
        packets.sort_by_key(|packet| (packet.id % 7, packet.id));
        for packet in packets {
            let content = packet.members["name"].as_str().unwrap();
            peer.answer(packet.id, &format!(r#""content":"{content}","status":1"#)).await;
        }
        peer.listen().await;
    })
    .await;
    let client = builder(&server.url).connect().await.unwrap();
    let names: Vec<_> = (0..100).map(|number| format!("name-{number}")).collect();
    let contents = within(join_all(names.iter().map(|name| client.variable(name)))).await;
    assert!(contents.iter().zip(&names).all(|(content, name)| content.as_ref().unwrap() == name));
}

#[tokio::test]
async fn replies_to_no_packet_are_ignored() {
    let (sandbox, client) = start().await;
    for id in [0, 1, 77, u64::MAX - 1] {
        session(&sandbox).send_text(format!(r#"{{"id":{id},"content":"stray","status":1}}"#));
    }
    sandbox.fault(Fault::on("get_variable").nth(1).reply_twice());
    sandbox.fault(Fault::on("get_variable").nth(2).swap_with_next());
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    let (first, second) = tokio::join!(client.variable("motd_text"), client.online_users());
    assert_eq!((first.unwrap(), second.unwrap()), ("Mind the gap".to_owned(), 0));
    assert_eq!(sandbox.record().opened(), 1);
}

/// What has no id that can be one may be anybody's reply: the connection is not trusted any more, and the session is
/// taken up on another.
#[tokio::test(start_paused = true)]
async fn ids_that_are_none_cost_the_connection_and_nothing_else() {
    let (sandbox, client) = start().await;
    for (number, id) in [
        "\"2\"",
        "2.0",
        "-2",
        "18446744073709551616",
        "1e3",
        "null",
        "[2]",
        "{}",
        "true",
        // No JSON at all, or no object.
        "2",
        "",
    ]
    .into_iter()
    .enumerate()
    {
        let text = match id {
            "2" => "[2]".to_owned(),
            "" => r#"{"id":2,"status":1"#.to_owned(),
            id => format!(r#"{{"id":{id},"status":1}}"#),
        };
        let fault = sandbox.fault(Fault::on("get_online_users_count").nth(1).change_reply(move |_| text.clone()));
        assert_eq!(client.online_users().await.unwrap(), 0, "{id}");
        fault.remove();
        assert_eq!(sandbox.record().opened(), 2 + number as u64, "{id}");
    }
    assert_eq!(sandbox.record().received("initialize"), 1);
}

/// The cause says what could not be understood.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_understood_is_told() {
    let (sandbox, client) = start().await;
    session(&sandbox).send_text(r#"{"status":1}"#);
    let State::Waiting { cause, .. } = state(&client, |state| !state.is_ready()).await else { panic!() };
    assert!(matches!(cause.cause(), Cause::Protocol(_)), "{cause:?}");
    assert!(cause.to_string().contains("missing field `id`"), "{cause}");
}
