//! Ids: each packet has its own, to the very end of them, and replies are told by nothing else.

use crate::service::*;
use crate::support::within;
use futures_util::future::join_all;
use statuswire::blazeauth::State;
use statuswire::error::Cause;
use statuswire_sandbox::Fault;

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

/// What mentions an id may be an answer: the connection is not trusted any more, and the session is resumed on another.
#[tokio::test(start_paused = true)]
async fn ids_that_cannot_be_read_cost_the_connection_and_nothing_else() {
    let (sandbox, client) = start().await;
    for (number, text) in [
        r#"{"id":"2","status":1}"#,
        r#"{"id":2.0,"status":1}"#,
        r#"{"id":-2,"status":1}"#,
        r#"{"id":18446744073709551616,"status":1}"#,
        r#"{"id":1e3,"status":1}"#,
        r#"{"id":null,"status":1}"#,
        r#"{"id":[2],"status":1}"#,
        r#"{"id":{},"status":1}"#,
        r#"{"id":true,"status":1}"#,
        r#"{"id":2,"status":1"#,
        r#"["id",2]"#,
    ]
    .into_iter()
    .enumerate()
    {
        let fault = sandbox.fault(Fault::on("get_online_users_count").nth(1).change_reply(move |_| text.to_owned()));
        assert_eq!(client.online_users().await.unwrap(), 0, "{text}");
        fault.remove();
        assert_eq!(sandbox.record().opened(), 2 + number as u64, "{text}");
    }
    assert_eq!(sandbox.record().received("initialize"), 1);
}

/// A notice that the client does not know is no reason to part; a server that sends nothing else is.
#[tokio::test(start_paused = true)]
async fn one_text_without_an_id_is_ignored_and_a_second_one_is_not() {
    let (sandbox, client) = start().await;
    for text in ["", "nonsense", "\u{0}", "[]", "{}", "5", r#"{"notice":"maintenance at noon","by":{"id":5}}"#] {
        let opened = sandbox.record().opened();
        session(&sandbox).send_text(text);
        assert_eq!(client.online_users().await.unwrap(), 0);
        assert_eq!(sandbox.record().opened(), opened, "{text}");
        session(&sandbox).send_text(text);
        state(&client, |state| !state.is_ready()).await;
        assert_eq!(client.online_users().await.unwrap(), 0);
        assert_eq!(sandbox.record().opened(), opened + 1, "{text}");
    }
    assert_eq!(sandbox.record().received("initialize"), 1);
}

/// The cause says what could not be understood.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_understood_is_told() {
    let (sandbox, client) = start().await;
    session(&sandbox).send_text(r#"{"status":1}"#);
    session(&sandbox).send_text(r#"{"status":1}"#);
    let State::Waiting { cause, .. } = state(&client, |state| !state.is_ready()).await else { panic!() };
    assert!(matches!(cause.cause(), Cause::Protocol(_)), "{cause:?}");
    assert!(cause.to_string().contains("missing field `id`"), "{cause}");
}
