//! What BlazeAuth pushes: between replies, in floods, and before a close.

use crate::service::*;
use serde_json::{Value, json};
use statuswire::blazeauth::{Client, CloseCode, Event, EventType};
use statuswire::error::{Cause, Error};
use statuswire::policy::Limits;
use statuswire::rpc::{Events, Pushed};
use statuswire_sandbox::Fault;

async fn next(events: &mut Events<Event>) -> Event {
    match crate::support::within(events.next()).await {
        Some(Pushed::Event(event)) => event,
        other => panic!("{other:?}"),
    }
}

/// The content of an event.
fn read(event: Event) -> Option<Value> {
    event.content.map(|content| serde_json::from_str(&content).unwrap())
}

#[tokio::test]
async fn every_event_comes_with_what_it_brings() {
    let (sandbox, client) = start().await;
    let mut events = client.events();
    // No subscription asked for this one.
    session(&sandbox).push_event(102, Some(json!({"version": "0"})));
    client.subscribe(true).await.unwrap();
    sandbox.application(KEY).unwrap().set_version("2.5.0");
    let event = next(&mut events).await;
    assert_eq!((event.event_type, event.version().as_deref()), (EventType::AppVersionChanged, Some("2.5.0")));
    for number in [0, 2, 102, 200, 201, 202, 203, 204, 205, 206, 207, 299, 300, 399, 1 << 40] {
        for content in [None, Some(json!({"a": [1, {"b": null}]})), Some(json!("text"))] {
            session(&sandbox).push_event(number, content.clone());
            let event = next(&mut events).await;
            assert_eq!(event.event_type.value(), Some(i64::try_from(number).unwrap()));
            assert_eq!(read(event), content);
        }
    }
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn odd_events_are_events_too() {
    let (sandbox, client) = start().await;
    let mut events = client.events();
    for (members, number) in [
        (r#""event_type":"100""#, None),
        (r#""event_type":1.5"#, None),
        (r#""event_type":null"#, None),
        (r#""event_type":[],"status":1"#, None),
        (r#""event_type":-7"#, Some(-7)),
        (r#""event_type":18446744073709551615"#, None),
        (r#""x":1"#, None),
        (r#""event_type":205,"content":null,"status":6,"more":{}"#, Some(205)),
    ] {
        session(&sandbox).send_text(format!(r#"{{"id":18446744073709551615,{members}}}"#));
        let event = next(&mut events).await;
        assert_eq!((event.event_type.value(), event.content), (number, None), "{members}");
    }
    assert!(client.variable("motd_text").await.is_ok());
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn events_between_replies_do_not_disturb_them() {
    let (sandbox, client) = start().await;
    client.subscribe(true).await.unwrap();
    let mut events = client.events();
    sandbox.fault(Fault::on("get_variable").change_reply(|reply| reply.to_owned()).delay(SECOND / 500));
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.variable("motd_text").await })
        })
        .collect();
    for number in 0..20 {
        session(&sandbox).push_event(207, Some(json!(number)));
        assert_eq!(read(next(&mut events).await), Some(json!(number)));
        tokio::task::yield_now().await;
    }
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), "Mind the gap");
    }
}

#[tokio::test]
async fn who_is_slow_misses_the_oldest_and_is_told_how_many() {
    let sandbox = sandbox().await;
    let limits = Limits::default().with_events(16);
    let client = builder(&sandbox.url()).limits(limits).connect().await.unwrap();
    client.subscribe(true).await.unwrap();
    let (mut slow, mut late) = (client.events(), client.events());
    for number in 0..100 {
        session(&sandbox).push_event(207, Some(json!(number)));
    }
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    assert_eq!(slow.next().await, Some(Pushed::Missed(84)));
    for number in 84..100 {
        assert_eq!(read(next(&mut slow).await), Some(json!(number)));
    }
    client.shutdown(SECOND).await;
    assert!(matches!(late.next().await, Some(Pushed::Missed(84))));
    for _ in 84..100 {
        assert!(matches!(late.next().await, Some(Pushed::Event(_))));
    }
    assert_eq!((late.next().await, slow.next().await, client.events().next().await), (None, None, None));
}

#[tokio::test(start_paused = true)]
async fn an_event_comes_before_the_close_that_it_announces() {
    for (number, event, close) in [
        (1, EventType::Disconnect, CloseCode::DisconnectedFromPanel),
        (100, EventType::AppDeleted, CloseCode::ApplicationDeleted),
        (101, EventType::AppPaused, CloseCode::ApplicationPaused),
    ] {
        for subscribed in [true, false] {
            let (sandbox, client) = start().await;
            client.subscribe(subscribed).await.unwrap();
            let mut events = client.events();
            sandbox.fault(Fault::on("get_variable").silence());
            let in_flight = tokio::spawn({
                let client = client.clone();
                async move { client.variable("motd_text").await }
            });
            sandbox.record().wait_for(|record| record.received("get_variable") == 1).await;
            session(&sandbox).push_event(number, None);
            let errors = [end(&client).await, in_flight.await.unwrap().unwrap_err(), later(&client).await];
            for error in errors {
                assert_eq!(error.code_as(), Some(close), "{error:?}");
            }
            if subscribed {
                assert_eq!(next(&mut events).await.event_type, event);
            }
            assert_eq!(events.next().await, None, "no more will come");
        }
    }
}

async fn later(client: &Client) -> Error {
    client.variable("motd_text").await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn the_reply_to_a_blacklist_comes_before_its_close() {
    let (sandbox, client) = start().await;
    client.login_by_license(LICENSE).await.unwrap();
    client.blacklist(Some("a thief")).await.unwrap();
    let error = end(&client).await;
    assert_eq!(error.code_as(), Some(CloseCode::SessionBlacklisted));
    assert_eq!(sandbox.record().opened(), 1);
    let error = builder(&sandbox.url()).connect().await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Closed(close) if close.code == 4204), "{error:?}");
    // The same when both come in one piece, and with others in flight.
    let (sandbox, client) = start().await;
    sandbox.fault(Fault::on("get_variable").silence());
    let (banned, other) = tokio::join!(client.blacklist(None), client.variable("motd_text"));
    banned.unwrap();
    assert_eq!(other.unwrap_err().code_as(), Some(CloseCode::SessionBlacklisted));
}
