//! Replies of a fusion server that come in any order, too often, too late, for other keys or not at all: each call gets its
//! own, or an error.

use futures_util::future::join_all;
use serde_json::json;
use statuswire::nemesis::fusion::{Client, ErrorCode, Stored};
use statuswire::policy::{Retry, Timeouts};
use statuswire::{Cause, ConnectOptions, Delivery, Error};
use statuswire_sandbox::{Fault, NemesisFusion};
use std::time::Duration;

async fn connect(url: &str, change: impl FnOnce(ConnectOptions) -> ConnectOptions) -> Client {
    let options = change(ConnectOptions::default().with_retry(Retry::never()));
    Client::builder(url).options(options).connect().await.unwrap()
}

async fn start() -> (NemesisFusion, Client) {
    let sandbox = NemesisFusion::start().await.unwrap();
    let db = connect(&sandbox.url(), |options| options).await;
    (sandbox, db)
}

/// Of a client that soon takes silence for a lost connection.
async fn impatient(sandbox: &NemesisFusion) -> Client {
    let timeouts = Timeouts::default().with_reply(Duration::from_millis(100));
    connect(&sandbox.url(), |options| options.with_timeouts(timeouts)).await
}

#[track_caller]
fn code(error: &Error) -> ErrorCode {
    error.code_as().unwrap_or_else(|| panic!("{error:?}"))
}

#[tokio::test]
async fn replies_for_keys_come_in_any_order() {
    let (sandbox, db) = start().await;
    for (key, value) in [("key_01", 1), ("key_02", 2), ("key_03", 3), ("key_04", 4)] {
        db.set(key, &value).await.unwrap();
    }
    sandbox.fault(Fault::on("KV_GET").nth(1).swap_with_next());
    sandbox.fault(Fault::on("KV_GET").nth(3).swap_with_next());
    let keys = ["key_01", "key_02", "key_03", "key_04"];
    let found = join_all(keys.map(|key| db.get::<u8>(key))).await;
    assert_eq!(found.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [Some(1), Some(2), Some(3), Some(4)]);
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn replies_that_come_twice_answer_no_other_key() {
    let (sandbox, db) = start().await;
    sandbox.fault(Fault::any().reply_twice());
    assert_eq!(db.set_many([("key_01", 1), ("key_02", 2)]).await.unwrap()["key_02"], Stored::New);
    let found = db.get_many::<u8>(["key_01", "key_02", "nope_1"]).await.unwrap();
    assert_eq!((found.len(), found["key_01"], found["key_02"]), (2, 1, 2));
    assert_eq!(db.count().await.unwrap(), 2);
    assert!(db.remove("key_01").await.unwrap());
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn a_reply_for_a_key_that_was_not_asked_for_answers_nothing() {
    let sandbox = NemesisFusion::start().await.unwrap();
    let db = impatient(&sandbox).await;
    db.set_many([("key_01", 1), ("key_02", 2)]).await.unwrap();
    sandbox.fault(Fault::on("KV_GET").nth(1).change_reply(|reply| reply.replace("key_01", "key_09")));
    let (wrong, right) = tokio::join!(db.get::<u8>("key_01"), db.get::<u8>("key_02"));
    assert_eq!(right.unwrap(), Some(2));
    let error = wrong.unwrap_err();
    assert!(error.is_timeout() || error.is_connection(), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    // The next connection is as good as new.
    assert_eq!(db.get::<u8>("key_01").await.unwrap(), Some(1));
    assert_eq!(sandbox.record().opened(), 2);
}

#[tokio::test]
async fn a_late_reply_does_not_answer_the_next_command_of_the_same_key() {
    let (sandbox, db) = start().await;
    db.set("key_01", &1).await.unwrap();
    for cancels in [true, false] {
        // This reply waits for the next one on the connection.
        sandbox.fault(Fault::on("KV_GET").nth(1).swap_with_next());
        let hasty = db.with_timeout(Duration::from_millis(20));
        if cancels {
            let called = sandbox.record().received("KV_GET");
            let arrived = async {
                while sandbox.record().received("KV_GET") == called {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            };
            tokio::select! {
                biased;
                _ = db.get::<u8>("key_01") => panic!("it is not answered yet"),
                () = arrived => {}
            }
        } else {
            let error = hasty.get::<u8>("key_01").await.unwrap_err();
            assert_eq!((error.is_timeout(), error.delivery()), (true, Delivery::MaybeSent), "{error:?}");
        }
        let stored = if cancels { 2 } else { 3 };
        let (set, get) = tokio::join!(db.set("key_01", &stored), db.get::<u8>("key_01"));
        assert_eq!((set.unwrap(), get.unwrap()), (Stored::Replaced, Some(stored)));
    }
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn a_connection_that_is_lost_amid_many_keys() {
    let (sandbox, db) = start().await;
    let entries: Vec<_> = (0..10).map(|n| (format!("key_{n:02}"), n)).collect();
    sandbox.fault(Fault::on("KV_SET").nth(5).drop_connection());
    let error = db.set_many(entries.iter().map(|(key, n)| (key, n))).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeSent, "{error:?}");
    assert!(error.is_connection() && sandbox.record().executed("KV_SET") == 4, "{error:?}");
    // Keys by themselves tell which were answered.
    sandbox.fault(Fault::on("KV_ADD").nth(5).drop_connection());
    let results = join_all(entries.iter().map(|(key, n)| db.add(key, n))).await;
    assert!(results.iter().flatten().all(|added| !added), "{results:?}");
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert_eq!(error.delivery(), Delivery::MaybeSent, "{error:?}");
    }
    // With retries all are stored.
    sandbox.fault(Fault::on("KV_SET").nth(5).drop_connection());
    let stored = db.with_retry(Retry::default()).set_many(entries.iter().map(|(key, n)| (key, n))).await.unwrap();
    assert_eq!((stored.len(), db.count().await.unwrap()), (10, 10));
}

#[tokio::test]
async fn what_may_run_twice_is_sent_again() {
    let (sandbox, db) = start().await;
    let db = db.with_retry(Retry::default());
    for command in ["KV_SET", "KV_GET", "KV_ADD", "KV_RMV", "KV_COUNT", "KV_CLEAR", "KV_SERVER_INFO"] {
        sandbox.fault(Fault::on(command).nth(1).drop_connection());
    }
    assert_eq!(db.set("key_01", &1).await.unwrap(), Stored::New);
    assert_eq!(db.get("key_01").await.unwrap(), Some(1));
    assert!(!db.add("key_01", &2).await.unwrap());
    assert!(db.remove("key_01").await.unwrap());
    assert_eq!((db.count().await.unwrap(), db.clear().await.unwrap()), (0, 0));
    assert_eq!(db.server_info().await.unwrap().version, "0.2.3");
    assert_eq!(sandbox.record().opened(), 8);
}

#[tokio::test]
async fn one_bad_entry_refuses_all_before_anything_is_sent() {
    let (sandbox, db) = start().await;
    let connected = sandbox.record().total_received();
    for (command, refused) in [
        ("KV_SET", db.set_many([("key_01", 1.0), ("key_02", f64::NAN)]).await.map(drop)),
        ("KV_SET", db.set_many([("key_01", 1), ("short", 2)]).await.map(drop)),
        ("KV_ADD", db.add_many([("key_01", &*"x".repeat(1100)), ("key_02", "")]).await.map(drop)),
        ("KV_GET", db.get_many::<u8>(["key_01", "short"]).await.map(drop)),
        ("KV_RMV", db.remove_many(["key_01", ""]).await.map(drop)),
        // The last value would depend on chance if the connection were lost.
        ("KV_SET", db.set_many([("key_01", 1), ("key_02", 2), ("key_01", 3)]).await.map(drop)),
        ("KV_ADD", db.add_many([("key_01", 1), ("key_01", 3)]).await.map(drop)),
    ] {
        let error = refused.unwrap_err();
        assert_eq!((error.is_invalid_request(), &*error.context().command), (true, command), "{error}");
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    assert_eq!(sandbox.record().total_received(), connected);
}

#[tokio::test]
async fn a_key_that_is_looked_up_or_removed_twice_is_sent_once() {
    let (sandbox, db) = start().await;
    db.set("key_01", &1).await.unwrap();
    assert_eq!(db.get_many::<u8>(["key_01", "key_01"]).await.unwrap()["key_01"], 1);
    assert!(db.remove_many(["key_01", "key_01"]).await.unwrap()["key_01"]);
    assert_eq!((sandbox.record().received("KV_GET"), sandbox.record().received("KV_RMV")), (1, 1));
}

#[tokio::test]
async fn an_error_that_names_the_command_reaches_it_among_others() {
    let (sandbox, db) = start().await;
    sandbox.fault(Fault::on("KV_GET").nth(1).reply_text(r#"{"KV_ERR":{"st":10,"m":"KV_GET"}}"#));
    let (set, get, count) = tokio::join!(db.set("key_01", &1), db.get::<u8>("key_01"), db.count());
    assert_eq!((set.unwrap(), count.unwrap()), (Stored::New, 1));
    assert_eq!(code(&get.unwrap_err()), ErrorCode::CommandNotExist);
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn a_status_that_the_command_does_not_have_is_no_result() {
    let (sandbox, db) = start().await;
    db.set("key_01", &1).await.unwrap();
    for (command, reply) in [
        ("KV_SET", r#"{"KV_SET_RSP":{"st":1,"k":"key_01"}}"#),
        ("KV_SET", r#"{"KV_SET_RSP":{"st":24,"k":"key_01"}}"#),
        ("KV_SET", r#"{"KV_SET_RSP":{"k":"key_01"}}"#),
        ("KV_SET", r#"{"KV_SET_RSP":{"st":"20","k":"key_01"}}"#),
        ("KV_GET", r#"{"KV_GET_RSP":{"st":20,"k":"key_01"}}"#),
        ("KV_GET", r#"{"KV_GET_RSP":{"st":1,"k":"key_01"}}"#),
        ("KV_GET", r#"{"KV_GET_RSP":{"key_01":"one","st":1}}"#),
        ("KV_RMV", r#"{"KV_RMV_RSP":{"st":20,"k":"key_01"}}"#),
        ("KV_ADD", r#"{"KV_ADD_RSP":{"st":21,"k":"key_01"}}"#),
    ] {
        let fault = sandbox.fault(Fault::on(command).reply_text(reply));
        let error = match command {
            "KV_SET" => db.set("key_01", &1).await.map(drop),
            "KV_GET" => db.get::<u8>("key_01").await.map(drop),
            "KV_RMV" => db.remove("key_01").await.map(drop),
            _ => db.add("key_01", &1).await.map(drop),
        };
        fault.remove();
        let error = error.unwrap_err();
        assert!(matches!(error.cause(), Cause::Decode(_)), "{reply}: {error:?}");
        assert_eq!(error.delivery(), Delivery::Answered);
    }
    let fault = sandbox.fault(Fault::on("KV_SET").reply_text(r#"{"KV_SET_RSP":{"st":777,"k":"key_01"}}"#));
    assert_eq!(code(&db.set("key_01", &1).await.unwrap_err()).value(), 777);
    fault.remove();
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_not_appended_to() {
    let (sandbox, db) = start().await;
    db.set("key_01", &json!([1])).await.unwrap();
    sandbox.fault(Fault::on("KV_GET").nth(1).drop_connection());
    let error = db.append("key_01", &json!([2])).await.unwrap_err();
    assert!(error.is_connection(), "{error:?}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(sandbox.record().received("KV_APPEND"), 0);
    // It is not sent again, as it might append twice.
    sandbox.fault(Fault::on("KV_APPEND").nth(1).half_reply(statuswire_sandbox::Then::Eof));
    let error = db.with_retry(Retry::default()).append("key_01", &json!([2])).await.unwrap_err();
    assert_eq!((error.delivery(), sandbox.record().received("KV_APPEND")), (Delivery::MaybeSent, 1));
    assert_eq!(db.get("key_01").await.unwrap(), Some(json!([1, 2])));
}

#[tokio::test]
async fn nothing_else_is_on_the_wire_during_an_append() {
    let (sandbox, db) = start().await;
    db.set("key_01", &json!([])).await.unwrap();
    // Its error names nothing, and yet reaches the call.
    sandbox.fault(Fault::on("KV_APPEND").nth(3).reply_text(r#"{"KV_ERR":{"st":100,"m":""}}"#));
    let appends = join_all((0..5).map(|n| {
        let db = &db;
        async move { db.append("key_01", &json!([n])).await }
    }));
    let gets = join_all((0..50).map(|_| db.get::<Vec<u8>>("key_01")));
    let (appended, found) = tokio::join!(appends, gets);
    assert_eq!(
        appended.iter().filter_map(|result| result.as_ref().err()).map(code).collect::<Vec<_>>(),
        [ErrorCode::Unknown]
    );
    assert!(found.iter().all(Result::is_ok), "{found:?}");
    assert_eq!(db.get::<Vec<u8>>("key_01").await.unwrap().unwrap().len(), 4);
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn a_command_above_the_payload_limit_is_refused_and_the_limit_itself_is_not() {
    let (sandbox, db) = start().await;
    let frame = r#"{"KV_SET":{"key_01":""}}"#.len();
    db.set("key_01", &"x".repeat(1024 - frame)).await.unwrap();
    assert!(db.set("key_01", &"x".repeat(1025 - frame)).await.unwrap_err().is_invalid_request());
    // A value may grow above it.
    for _ in 0..4 {
        db.append("key_01", &"x".repeat(1000 - frame)).await.unwrap();
    }
    assert!(db.get::<String>("key_01").await.unwrap().unwrap().len() > 4000);
    assert_eq!(sandbox.record().opened(), 1);
}
