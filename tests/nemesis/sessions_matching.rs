//! Replies with sessions that overtake each other, name nothing, or fail later: each call gets its own, or an error.

use crate::support::within;
use futures_util::StreamExt;
use futures_util::future::join_all;
use statuswire::nemesis::sessions::{Client, ErrorCode, NewSession, OneWayFailure, Session};
use statuswire::policy::{Backoff, Reconnecting, Retry, Timeouts};
use statuswire::rpc::Pushed;
use statuswire::{Cause, ConnectOptions, Delivery};
use statuswire_sandbox::{Fault, NemesisSessions};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

async fn start() -> (NemesisSessions, Client, Session) {
    let sandbox = NemesisSessions::start().await.unwrap();
    let options = ConnectOptions::default().with_retry(Retry::never());
    let db = Client::builder(&sandbox.url()).options(options).connect().await.unwrap();
    let session = db.create("a").await.unwrap().session;
    (sandbox, db, session)
}

async fn next(failures: &mut (impl futures_util::Stream<Item = Pushed<OneWayFailure>> + Unpin)) -> OneWayFailure {
    match within(failures.next()).await {
        Some(Pushed::Event(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn many_commands_are_on_the_wire_and_each_gets_its_reply() {
    let (sandbox, db, session) = start().await;
    let other = db.create("b").await.unwrap().session;
    let calls = (0..200_u32).map(|n| {
        let (db, session, other) = (&db, &session, &other);
        async move {
            let key = format!("k{n}");
            session.set(&key, &n).await.unwrap();
            other.set(&key, &(n + 1000)).await.unwrap();
            // Answered before the others, with the same or another name.
            assert!(db.open("nope").await.is_err());
            assert_eq!(db.totals().await.unwrap().sessions, 2);
            assert_eq!(session.get(&key).await.unwrap(), Some(n));
            assert_eq!(other.get(&key).await.unwrap(), Some(n + 1000));
            assert!(session.remove(&key).await.unwrap());
            assert!(!session.contains(&key).await.unwrap());
        }
    });
    join_all(calls).await;
    assert_eq!((session.count().await.unwrap(), other.count().await.unwrap()), (0, 200));
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn replies_overtake_each_other() {
    let (sandbox, db, session) = start().await;
    // The commands arrive together, so that the second is answered before the first.
    sandbox.fault(Fault::on("SH_INFO_ALL").nth(1).delay(Duration::from_millis(1)));
    let (_, set, open, count) = tokio::join!(db.totals(), session.set("k", &1), db.open("nope"), session.count());
    set.unwrap();
    assert_eq!(open.unwrap_err().code_as(), Some(ErrorCode::SessionOpenFail));
    assert_eq!(count.unwrap(), 1);
}

#[tokio::test]
async fn a_failed_path_is_the_error_of_its_own_call() {
    let (sandbox, _db, session) = start().await;
    session.set("k", &1).await.unwrap();
    let calls = (0..50).map(|n| {
        let session = &session;
        async move {
            match n % 5 {
                0 => assert_eq!(session.update("k", "$[?(", &1).await.unwrap_err().code_as(), Some(ErrorCode::Unknown)),
                _ => assert_eq!(session.get("k").await.unwrap(), Some(1)),
            }
        }
    });
    join_all(calls).await;
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn a_removed_key_in_place_of_the_token_reaches_its_own_call() {
    let (sandbox, db, session) = start().await;
    let other = db.create("b").await.unwrap().session;
    other.set("tkn", &1).await.unwrap();
    let calls = (0..40).map(|n| {
        let (session, other) = (&session, &other);
        async move {
            match n {
                20 => assert!(other.remove("tkn").await.unwrap()),
                _ if n % 2 == 0 => assert!(!session.remove("tkn").await.unwrap()),
                _ => assert!(!session.remove("k").await.unwrap()),
            }
        }
    });
    join_all(calls).await;
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn an_error_that_names_no_session_answers_the_only_command() {
    let (sandbox, _db, session) = start().await;
    for error in [
        r#"{"KV_COUNT":{"st":101,"tkn":null,"m":""}}"#,
        r#"{"KV_COUNT_RSP":{"st":101,"tkn":null,"m":""}}"#,
        r#"{"ERR":{"st":101,"m":""}}"#,
    ] {
        let fault = sandbox.fault(Fault::on("KV_COUNT").reply_text(error));
        let failed = session.count().await.unwrap_err();
        assert_eq!(failed.code_as(), Some(ErrorCode::SessionTokenInvalid), "{error}");
        assert_eq!(failed.delivery(), Delivery::Answered);
        fault.remove();
        assert_eq!(session.count().await.unwrap(), 0);
    }
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn an_error_that_names_no_session_answers_none_of_several() {
    for error in [r#"{"KV_GET_RSP":{"st":26,"tkn":null,"m":"keys"}}"#, r#"{"ERR":{"st":1000,"m":""}}"#] {
        let (sandbox, _db, session) = start().await;
        sandbox.fault(Fault::on("KV_GET").nth(3).reply_text(error));
        // Until the third arrives no reply leaves.
        sandbox.fault(Fault::on("KV_GET").nth(1).merge(3));
        let results = join_all((0..5).map(|_| session.get::<u8>("k"))).await;
        let unknown: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
        assert!(unknown.len() >= 3, "{results:?}");
        for error in unknown {
            assert_eq!(error.delivery(), Delivery::MaybeSent, "{error}");
            assert!(matches!(error.cause(), Cause::Protocol(_)), "{error}");
            assert!(error.code().is_none());
        }
        assert_eq!(session.count().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_reply_that_is_an_empty_object_harms_nothing() {
    let (sandbox, _db, session) = start().await;
    sandbox.fault(Fault::on("KV_COUNT").nth(1).change_reply(|reply| reply.replace("KV_COUNT_RSP", "KV_COUNT")));
    assert_eq!(session.count().await.unwrap(), 0);
    sandbox.fault(Fault::on("KV_COUNT").nth(1).flood(statuswire_sandbox::Flood::Text("{}".to_owned()), 3));
    for _ in 0..3 {
        assert_eq!(session.count().await.unwrap(), 0);
    }
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn one_way_commands_store_and_fail_later() {
    let (_sandbox, db, session) = start().await;
    let mut failures = Box::pin(db.one_way_failures());
    session.set_one_way("a", &1).await.unwrap();
    session.set_many_one_way([("b", 2), ("c", 3)]).await.unwrap();
    session.add_one_way("d", &4).await.unwrap();
    session.add_many_one_way([("a", 9), ("e", 5), ("b", 9)]).await.unwrap();
    assert_eq!(session.get_many::<u8>(["a", "b", "c", "d", "e"]).await.unwrap().values().sum::<u8>(), 15);
    db.fence().await.unwrap();
    let failure = next(&mut failures).await;
    assert_eq!((failure.command, failure.session.as_ref()), ("KV_ADDQ", Some(session.token())));
    assert_eq!(failure.existing, ["a", "b"]);
    assert_eq!(failure.error.code_as(), Some(ErrorCode::KeyExists));
    assert_eq!(&*failure.error.context().command, "KV_ADDQ");

    session.end().await.unwrap();
    session.set_one_way("a", &1).await.unwrap();
    // The failure is that of no other call.
    assert_eq!(session.set("a", &1).await.unwrap_err().code_as(), Some(ErrorCode::SessionNotExist));
    assert_eq!(db.totals().await.unwrap().sessions, 0);
    let failure = next(&mut failures).await;
    assert_eq!((failure.command, failure.session.as_ref()), ("KV_SETQ", Some(session.token())));
    assert_eq!(failure.error.code_as(), Some(ErrorCode::SessionNotExist));
    db.fence().await.unwrap();
}

#[tokio::test]
async fn a_failed_one_way_command_does_not_disturb_calls_in_flight() {
    let (sandbox, db, session) = start().await;
    let mut failures = Box::pin(db.one_way_failures());
    sandbox.fault(Fault::on("KV_SETQ").nth(2).reply_status(26));
    let gets = join_all((0..20).map(|_| session.get::<u8>("none")));
    let sends = async {
        for _ in 0..3 {
            session.set_one_way("k", &1).await.unwrap();
        }
    };
    let (gets, ()) = tokio::join!(gets, sends);
    assert!(gets.into_iter().all(|got| got.unwrap().is_none()));
    let failure = next(&mut failures).await;
    assert_eq!((failure.error.code_as(), failure.session), (Some(ErrorCode::ParamMissing), None));
    db.fence().await.unwrap();
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn a_fence_is_sent_before_more_than_64_are_unconfirmed() {
    let (sandbox, db, session) = start().await;
    let other = db.create("b").await.unwrap().session;
    let most = Arc::new(AtomicUsize::new(0));
    let unfenced = Arc::clone(&most);
    let now = AtomicUsize::new(0);
    sandbox.fault(Fault::any().delay(Duration::ZERO).when(move |call| {
        match call.command {
            Some("KV_SETQ") => {
                unfenced.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            }
            Some("KV_COUNT") => now.store(0, Ordering::SeqCst),
            _ => {}
        }
        false
    }));
    let sends = (0..300).map(|n| {
        let session = if n % 50 == 0 { &other } else { &session };
        async move { session.set_one_way(&format!("k{n}"), &n).await.unwrap() }
    });
    join_all(sends).await;
    assert!(most.load(Ordering::SeqCst) <= 64, "{most:?}");
    assert_eq!(session.count().await.unwrap() + other.count().await.unwrap(), 300);
}

#[tokio::test]
async fn a_count_of_the_same_session_confirms_one_way_commands() {
    let (sandbox, db, session) = start().await;
    let other = db.create("b").await.unwrap().session;
    let mut failures = Box::pin(db.one_way_failures());
    for is_confirmed in [false, true] {
        session.set_one_way("k", &1).await.unwrap();
        other.count().await.unwrap();
        assert_eq!(session.get("k").await.unwrap(), Some(1));
        if is_confirmed {
            session.count().await.unwrap();
        }
        sandbox.fault(Fault::on("SH_INFO_ALL").nth(1).drop_connection());
        assert_eq!(db.totals().await.unwrap_err().delivery(), Delivery::MaybeSent);
        assert_eq!(db.totals().await.unwrap().sessions, 2);
        if is_confirmed {
            assert!(futures_util::poll!(failures.next()).is_pending());
        } else {
            let failure = next(&mut failures).await;
            assert_eq!(failure.session.as_ref(), Some(session.token()));
            assert_eq!(failure.error.delivery(), Delivery::MaybeSent);
        }
    }
}

#[tokio::test]
async fn a_lost_connection_is_a_failure_of_what_was_unconfirmed() {
    let (sandbox, db, session) = start().await;
    let mut failures = Box::pin(db.one_way_failures());
    for n in 0..3 {
        session.set_one_way("k", &n).await.unwrap();
    }
    sandbox.fault(Fault::on("KV_COUNT").nth(1).drop_connection());
    assert_eq!(session.count().await.unwrap_err().delivery(), Delivery::MaybeSent);
    for _ in 0..3 {
        let failure = next(&mut failures).await;
        assert_eq!((failure.command, failure.session.as_ref()), ("KV_SETQ", Some(session.token())));
        assert_eq!(failure.error.delivery(), Delivery::MaybeSent);
    }
    // The session is not bound to the connection.
    assert_eq!(session.get("k").await.unwrap(), Some(2));
}

#[tokio::test]
async fn one_way_commands_that_cannot_be_written_end() {
    let sandbox = NemesisSessions::start().await.unwrap();
    let timeouts = Timeouts::default().with_call(Duration::from_millis(100));
    let db = Client::builder(&sandbox.url()).options(ConnectOptions::default().with_timeouts(timeouts));
    let db = db.connect().await.unwrap();
    let session = db.create("a").await.unwrap().session;
    sandbox.stop().await;
    // Together, not one after the other.
    for sent in join_all((0..5).map(|_| session.set_one_way("k", &1))).await {
        let error = sent.unwrap_err();
        assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
        assert_eq!(&*error.context().command, "KV_SETQ");
    }
}

#[tokio::test]
async fn a_token_that_is_none_is_not_shown() {
    let (sandbox, db, _session) = start().await;
    sandbox
        .fault(Fault::on("SH_NEW").change_reply(|reply| reply.replace("\"tkn\":", "\"tkn\":7777777777777777777777")));
    let error = db.create("b").await.unwrap_err();
    let shown = format!("{error} {error:?} {:?}", error.to_problem());
    assert!(shown.contains("this is not a token") && !shown.contains("77777"), "{shown}");
}

#[tokio::test]
async fn a_save_that_does_not_end() {
    let sandbox = NemesisSessions::start().await.unwrap();
    let options = ConnectOptions::default().with_timeouts(Timeouts::default().with_call(Duration::from_secs(2)));
    let db = Client::builder(&sandbox.url()).options(options).connect().await.unwrap();
    sandbox.fault(Fault::on("SH_SAVE").nth(1).half_reply(statuswire_sandbox::Then::Eof));
    let error = db.save("x").run().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeSent, "{error:?}");
    let started = r#"{"SH_SAVE_RSP":{"name":"x","st":120}}"#;
    sandbox.fault(Fault::on("SH_SAVE").nth(1).reply_text(started));
    sandbox.fault(Fault::on("SH_INFO_ALL").nth(1).drop_connection());
    let save = db.with_timeout(Duration::from_secs(3)).save("x").run();
    let (saved, totals) = tokio::join!(save, db.totals());
    // The save is on the wire alone, so that the other call waits for it.
    let error = saved.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!((error.delivery(), error.code_as()), (Delivery::MaybeSent, Some(ErrorCode::SaveStart)));
    assert!(totals.is_err());
}

#[tokio::test]
async fn no_token_is_shown() {
    let (sandbox, db, session) = start().await;
    let token = session.token().expose_secret().to_string();
    let mut shown = format!("{session:?} {db:?} {:?}", session.token());
    session.end().await.unwrap();
    let garbled = sandbox.fault(Fault::on("KV_KEYS").change_reply(|reply| reply.replace("\"st\":100", "\"st\":1")));
    for error in [session.count().await.unwrap_err(), session.keys().await.unwrap_err()] {
        shown += &format!("{error} {error:?} {:?}", error.to_problem());
    }
    garbled.remove();
    assert!(shown.contains("Token(***)") && !shown.contains(&token), "{shown}");
}

#[tokio::test]
async fn only_what_does_no_harm_twice_is_sent_again() {
    let sandbox = NemesisSessions::start().await.unwrap();
    let backoff = Backoff::default().with_base(Duration::from_millis(1)).with_cap(Duration::from_millis(5));
    let options = ConnectOptions::default().with_reconnecting(Reconnecting::default().with_backoff(backoff.clone()));
    let options = options.with_retry(Retry::default().with_backoff(backoff));
    let db = Client::builder(&sandbox.url()).options(options).connect().await.unwrap();
    for (command, times) in [
        ("KV_SET", 2),
        ("KV_ADD", 2),
        ("KV_GET", 2),
        ("KV_RMV", 2),
        ("KV_CONTAINS", 2),
        ("KV_KEYS", 2),
        ("KV_COUNT", 2),
        ("KV_CLEAR", 2),
        ("KV_FIND", 2),
        ("SH_OPEN", 2),
        ("SH_INFO", 2),
        ("SH_INFO_ALL", 2),
        ("KV_UPDATE", 1),
        ("SH_NEW", 1),
        ("SH_END", 1),
        ("SH_END_ALL", 1),
        ("SH_SAVE", 1),
        ("SH_LOAD", 1),
    ] {
        let session = db.create(NewSession::new(command).shared()).await.unwrap().session;
        session.set("k", &1).await.unwrap();
        let before = sandbox.record().received(command);
        sandbox.fault(Fault::on(command).nth(1).drop_connection());
        let result = match command {
            "KV_SET" => session.set("k", &1).await.map(drop),
            "KV_ADD" => session.add("k", &1).await.map(drop),
            "KV_GET" => session.get::<u8>("k").await.map(drop),
            "KV_RMV" => session.remove("k").await.map(drop),
            "KV_CONTAINS" => session.contains("k").await.map(drop),
            "KV_KEYS" => session.keys().await.map(drop),
            "KV_COUNT" => session.count().await.map(drop),
            "KV_CLEAR" => session.clear().await.map(drop),
            "KV_FIND" => session.find("$").keys().await.map(drop),
            "SH_OPEN" => db.open(command).await.map(drop),
            "SH_INFO" => session.info().await.map(drop),
            "SH_INFO_ALL" => db.totals().await.map(drop),
            "KV_UPDATE" => session.update("k", "$", &2).await.map(drop),
            "SH_NEW" => db.create("x").await.map(drop),
            "SH_END" => session.end().await,
            "SH_END_ALL" => db.end_all().await.map(drop),
            "SH_SAVE" => db.save("x").run().await.map(drop),
            _ => db.load("x").await.map(drop),
        };
        assert_eq!(sandbox.record().received(command) - before, times, "{command}");
        match times {
            1 => assert_eq!(result.unwrap_err().delivery(), Delivery::MaybeSent, "{command}"),
            _ => result.unwrap(),
        }
    }
}
