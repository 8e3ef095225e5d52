//! A peer that lies, stalls, floods or dies: clear errors, no panic, no memory without bound, nothing hangs.

use crate::service::*;
use crate::setup::Setup;
use crate::support::{frame, send_raw, within};
use futures_util::SinkExt;
use statuswire::blazeauth::{Client, State};
use statuswire::error::{Cause, Delivery};
use statuswire::policy::{Limits, Timeouts};
use statuswire::rpc::Pushed;
use statuswire_sandbox::{BlazeAuth, Fault, Flood, Split, Then};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::Instant;

async fn start_with(change: impl FnOnce(Setup) -> Setup) -> (BlazeAuth, Client) {
    let sandbox = sandbox().await;
    let client = change(builder(&sandbox.url())).connect().await.unwrap();
    (sandbox, client)
}

#[tokio::test]
async fn messages_beyond_the_limit_are_not_read() {
    let limits = Limits::default().with_message_in(10_000);
    let (sandbox, client) = start_with(|builder| builder.limits(limits).resumption(false)).await;
    sandbox.fault(Fault::on("get_variable").oversized(10_001));
    let error = within(client.variable("motd_text")).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    // It says so before the bytes come.
    let server = server(|mut peer| async move {
        peer.initialize().await;
        let _ = peer.packet().await;
        let mut head = vec![0x81, 127];
        head.extend((1_u64 << 62).to_be_bytes());
        send_raw(&mut peer.socket, &head).await;
        peer.listen().await;
    })
    .await;
    let client = builder(&server.url).resumption(false).connect().await.unwrap();
    let error = within(client.variable("motd_text")).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
}

#[tokio::test]
async fn unexpected_binary_messages_are_ignored() {
    let (sandbox, client) = start_with(|builder| builder).await;
    for bytes in
        [&b""[..], b"{", b"\xff\xfe", b"{\"id\":2,\"status\":1}rest", b"{\"id\":18446744073709551615}", &[0; 9000]]
    {
        session(&sandbox).send_binary(bytes);
        assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    }
    // In the place of a reply it answers that packet, and cannot be read.
    sandbox.fault(Fault::on("get_variable").change_reply(|reply| format!("{reply} ")).delay(Duration::from_millis(1)));
    let reply = sandbox.fault(Fault::on("get_online_users_count").reply_binary(*b"{\"id\":9,\"status\":1}x"));
    let mut unread = 0;
    for _ in 0..4 {
        let answer = tokio::time::timeout(Duration::from_millis(100), client.online_users()).await;
        if let Ok(Err(error)) = answer {
            assert_eq!(unreadable_at(&error), "$");
            unread += 1;
        }
    }
    assert_eq!(unread, 1);
    reply.remove();
    assert_eq!((client.online_users().await.unwrap(), sandbox.record().opened()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn nonsense_costs_the_connection_and_not_the_session() {
    let (sandbox, client) = start_with(|builder| builder).await;
    client.login_by_license(LICENSE).await.unwrap();
    let open = "{\"id\":".repeat(100_000);
    for text in ["", "nonsense", "\u{0}", "[]", "{}", "5", "{\"id\"}", &open] {
        let opened = sandbox.record().opened();
        session(&sandbox).send_text(text);
        // The first one without an id is ignored.
        session(&sandbox).send_text(text);
        state(&client, |state| !state.is_ready()).await;
        state(&client, State::is_authorized).await;
        assert_eq!(sandbox.record().opened(), opened + 1);
    }
    assert_eq!(sandbox.record().received("initialize"), 1);
}

#[tokio::test]
async fn an_event_that_nests_deeply_keeps_its_number() {
    let (sandbox, client) = start_with(|builder| builder).await;
    let mut events = client.events();
    let content = format!("{}{}", "[".repeat(9000), "]".repeat(9000));
    session(&sandbox).send_text(format!(r#"{{"id":18446744073709551615,"event_type":207,"content":{content}}}"#));
    let Some(Pushed::Event(event)) = within(events.next()).await else { panic!("the event is gone") };
    assert_eq!((event.event_type.value(), event.content.as_deref()), (Some(207), Some(&*content)));
    // As members of an answer to no packet.
    let answer = sandbox.fault(Fault::on("get_online_users_count").change_reply(move |reply| {
        let rest = reply.strip_prefix('{').unwrap_or_default();
        format!(r#"{{"content":{content},"other":{content},{rest}"#)
    }));
    assert_eq!(within(client.online_users()).await.unwrap(), 0);
    answer.remove();
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn frames_that_are_none() {
    for bytes in [
        // Reserved bits, an unknown opcode, a continuation of nothing, text that is no UTF-8, a long control frame.
        frame(0xf1, b"{}"),
        frame(0x83, b"{}"),
        frame(0x80, b"{}"),
        frame(0x81, b"\xff\xff"),
        frame(0x89, &[0; 200]),
        b"HTTP/1.1 500 Oops\r\n\r\n".to_vec(),
    ] {
        let (sandbox, client) = start_with(|builder| builder).await;
        sandbox.fault(Fault::on("get_variable").nth(1).raw(bytes.clone()));
        // The session is taken up, and the packet sent again.
        assert_eq!(within(client.variable("motd_text")).await.unwrap(), "Mind the gap", "{bytes:?}");
        assert_eq!(sandbox.record().opened(), 2);
    }
}

#[tokio::test]
async fn a_hundred_thousand_events() {
    let (sandbox, client) = start_with(|builder| builder).await;
    client.subscribe(true).await.unwrap();
    let mut events = client.events();
    let text = r#"{"id":18446744073709551615,"event_type":207,"content":{"a":[1,2,3]}}"#;
    sandbox.fault(Fault::on("get_variable").nth(1).flood(Flood::Text(text.into()), 100_000));
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    assert_eq!(within(client.variable("motd_text")).await.unwrap(), "Mind the gap");
    let Some(Pushed::Missed(missed)) = events.next().await else { panic!("the events were not dropped") };
    let mut kept = 0;
    while kept < 100_000 - missed {
        assert!(matches!(events.next().await, Some(Pushed::Event(_))));
        kept += 1;
    }
    assert_eq!((kept, sandbox.record().opened()), (1024, 1));
}

#[tokio::test]
async fn replies_and_pings_in_floods() {
    let (sandbox, client) = start_with(|builder| builder).await;
    sandbox.fault(Fault::on("get_variable").nth(1).flood(Flood::Text(r#"{"id":1,"status":1}"#.into()), 20_000));
    sandbox.fault(Fault::on("get_variable").nth(2).flood(Flood::Pings, 20_000));
    for _ in 0..3 {
        assert_eq!(within(client.variable("motd_text")).await.unwrap(), "Mind the gap");
    }
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_given_up_and_found_again() {
    let (sandbox, client) = start_with(|builder| builder).await;
    let begin = Instant::now();
    sandbox.fault(Fault::on("get_variable").nth(1).half_reply(Then::Silence));
    // Pinged after 30 s of silence, and given up after another 15 s.
    let patient = client.with_timeout(300 * SECOND);
    assert_eq!(patient.variable("motd_text").await.unwrap(), "Mind the gap");
    assert_eq!((begin.elapsed().as_secs(), sandbox.record().opened()), (45, 2));
    assert_eq!(sandbox.record().executed("get_variable"), 1);
    // A call that is not so patient ends on its own, and the connection stays.
    sandbox.fault(Fault::on("get_variable").nth(1).silence());
    let error = client.with_timeout(SECOND).variable("motd_text").await.unwrap_err();
    assert!(error.is_timeout() && error.is_outcome_unknown(), "{error:?}");
    assert!(client.state().borrow().is_ready());
}

#[tokio::test(start_paused = true)]
async fn replies_in_pieces() {
    let (sandbox, client) = start_with(|builder| builder).await;
    for split in [Split::Segments, Split::Fragments] {
        let fault = sandbox.fault(Fault::any().split(split, 1000, SECOND / 100));
        assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
        fault.remove();
    }
    sandbox.fault(Fault::on("get_variable").half_reply(Then::Eof).nth(1));
    assert_eq!(client.variable("motd_text").await.unwrap(), "Mind the gap");
    assert_eq!(sandbox.record().opened(), 2);
}

/// It does not read, so that nothing more can be written: calls end in their time, and so does a shutdown.
#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_read() {
    let (sandbox, client) = start_with(|builder| builder).await;
    sandbox.fault(Fault::on("get_variable").nth(1).stop_reading());
    client.variable("motd_text").await.unwrap();
    let large = "x".repeat(1 << 20);
    let client = client.with_timeout(3 * SECOND);
    let store = client.store();
    let calls = (0..20).map(|_| store.set("k", &large, None));
    let results = futures_util::future::join_all(calls).await;
    assert!(results.iter().all(|result| result.as_ref().is_err_and(|error| error.is_timeout())));
    let begin = Instant::now();
    client.shutdown(SECOND).await;
    assert!(begin.elapsed() < 10 * SECOND);
}

/// A close without the rest of its handshake, with a broken body, or twice.
#[tokio::test(start_paused = true)]
async fn closes_in_bad_manners() {
    for close in
        [&[0x88, 0][..], &[0x88, 1, 0], &[0x88, 2, 0x0f, 0xa0], &[0x88, 2, 0, 0], &[0x88, 4, 0x0f, 0xa0, 0xff, 0xfe]]
    {
        let server = server(move |mut peer| async move {
            if peer.resume_id.is_none() {
                peer.initialize().await;
            }
            if peer.number == 0 {
                let _ = peer.packet().await;
                send_raw(&mut peer.socket, close).await;
                send_raw(&mut peer.socket, close).await;
                // And then nothing: it neither answers nor goes.
                tokio::time::sleep(3600 * SECOND).await;
            }
            peer.serve().await;
        })
        .await;
        let timeouts = Timeouts::default().with_call(60 * SECOND);
        let client = builder(&server.url).timeouts(timeouts).connect().await.unwrap();
        let begin = Instant::now();
        let _ = client.variable("name").await;
        assert_eq!(client.variable("name").await.unwrap(), "text", "{close:?}");
        assert!(begin.elapsed() < 5 * SECOND, "{close:?}");
    }
}

#[tokio::test]
async fn initialize_is_answered_with_anything() {
    for text in ["", "{}", "[]", r#"{"id":1}"#, r#"{"id":1,"app_name":"a","app_version":"1","status":"1"}"#] {
        let server = server(move |mut peer| async move {
            let _ = peer.packet().await;
            // The first text without an id is ignored.
            for _ in 0..2 {
                let _ = peer.socket.send(Frame::text(text)).await;
            }
            peer.listen().await;
        })
        .await;
        let error = within(builder(&server.url).connect()).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Decode(_) | Cause::Protocol(_)), "{text}: {error:?}");
        assert_eq!(server.connections(), 1);
    }
}

/// The status decides. What else the answer has is kept as far as it can be read.
#[tokio::test]
async fn an_initialization_that_succeeds_may_describe_the_application_in_any_way() {
    for (members, name, version, unread) in [
        (r#""app_name":"a","app_version":2.4"#, "a", "", &["app_version"][..]),
        (r#""app_name":5,"app_version":["1"]"#, "", "", &["app_name", "app_version"]),
        (r#""app_name":"a","app_name":"b","app_version":"1""#, "", "1", &["app_name"]),
        (r#""app_name":"a","app_version":null"#, "a", "", &[]),
        (r#""app_name":"a""#, "a", "", &[]),
        (r#""more":[]"#, "", "", &[]),
    ] {
        let server = server(move |mut peer| async move {
            let id = peer.packet().await.unwrap().id;
            peer.answer(id, &format!(r#"{members},"status":1"#)).await;
            peer.serve().await;
        })
        .await;
        let client = within(builder(&server.url).connect()).await.unwrap();
        let application = client.application();
        assert_eq!((&*application.name, &*application.version), (name, version), "{members}");
        assert_eq!(application.unread, unread, "{members}");
        assert_eq!(within(client.variable("name")).await.unwrap(), "text");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_understood_is_asked_for_twice_at_most() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let server = server(move |mut peer| {
        let count = Arc::clone(&count);
        async move {
            count.fetch_add(1, Relaxed);
            if peer.resume_id.is_none() {
                peer.initialize().await;
            }
            while let Some(packet) = peer.packet().await {
                match packet.kind {
                    14 => {
                        peer.say("nonsense").await;
                        peer.say("nonsense").await;
                    }
                    _ => peer.answer(packet.id, r#""online_users_count":7,"status":1"#).await,
                }
            }
        }
    })
    .await;
    let client = builder(&server.url).connect().await.unwrap();
    let error = within(client.store().delete("berth")).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    assert_eq!(connections.load(Relaxed), 2);
    assert_eq!(within(client.online_users()).await.unwrap(), 7);
}
