//! The client for NemesisDB fusion: with a sandbox, and with the real server that `STATUSWIRE_NEMESIS_FUSION_URL` names.

use crate::server::{real_server, unique_prefix};
use crate::support::within;
use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use statuswire::nemesis::fusion::{Client, ErrorCode, OneWayFailure, Stored};
use statuswire::policy::Retry;
use statuswire::rpc::Pushed;
use statuswire::{Cause, ConnectOptions, Delivery, Error};
use statuswire_sandbox::{Fault, NemesisFusion};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Runs a test with the sandbox, and with a real server if there is one. Keys begin with a text of the test's own.
async fn with_servers<F: Future<Output = ()>>(test: impl Fn(Client, String) -> F) {
    let sandbox = NemesisFusion::start().await.unwrap();
    test(Client::connect(&sandbox.url()).await.unwrap(), unique_prefix()).await;
    if let Some((url, _alone)) = real_server("STATUSWIRE_NEMESIS_FUSION_URL").await {
        test(Client::connect(&url).await.unwrap(), unique_prefix()).await;
    }
}

async fn start() -> (NemesisFusion, Client) {
    let sandbox = NemesisFusion::start().await.unwrap();
    let options = ConnectOptions::default().with_retry(Retry::never());
    let db = Client::builder(&sandbox.url()).options(options).connect().await.unwrap();
    (sandbox, db)
}

#[track_caller]
fn code(error: &Error) -> ErrorCode {
    error.code_as().unwrap_or_else(|| panic!("{error:?}"))
}

#[tokio::test]
async fn keys() {
    with_servers(|db, prefix| async move {
        let key = |name: &str| format!("{prefix}{name}");
        assert_eq!(db.set(&key("a"), &1).await.unwrap(), Stored::New);
        let ordered = RawValue::from_string(r#"{"z":[1,2],"b":null}"#.to_owned()).unwrap();
        assert_eq!(db.set_raw(&key("a"), &ordered).await.unwrap(), Stored::Replaced);
        assert_eq!(db.get_raw(&key("a")).await.unwrap().unwrap().get(), r#"{"z":[1,2],"b":null}"#);
        let stored = db.set_many([(key("a"), 1), (key("b"), 2)]).await.unwrap();
        assert_eq!((stored[&key("a")], stored[&key("b")]), (Stored::Replaced, Stored::New));
        assert!(!db.add(&key("a"), &9).await.unwrap());
        let added = db.add_many([(key("b"), 9), (key("c"), 3)]).await.unwrap();
        assert_eq!((added[&key("b")], added[&key("c")]), (false, true));
        let found = db.get_many::<u8>(["a", "nope", "c", "a"].map(key)).await.unwrap();
        assert_eq!((found.len(), found[&key("a")], found[&key("c")]), (2, 1, 3));

        db.set(&key("null"), &()).await.unwrap();
        assert_eq!(db.get::<Option<u8>>(&key("null")).await.unwrap(), Some(None));
        assert_eq!(db.get::<Option<u8>>(&key("nope")).await.unwrap(), None);
        assert!(db.count().await.unwrap() >= 4);
        assert_eq!(db.server_info().await.unwrap().version, "0.2.3");

        assert!(db.remove(&key("null")).await.unwrap());
        let removed = db.remove_many(["a", "b", "c", "nope"].map(key)).await.unwrap();
        assert!(removed.iter().all(|(name, existed)| *existed != name.ends_with("nope")), "{removed:?}");
        assert!(db.get_many::<u8>([""; 0]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn appending() {
    with_servers(|db, prefix| async move {
        let key = |name: &str| format!("{prefix}{name}");
        let values = [("text", json!("ab")), ("list", json!([1])), ("object", json!({"a": 1})), ("number", json!(5))];
        db.set_many(values.map(|(name, value)| (key(name), value))).await.unwrap();
        db.append(&key("text"), "cd").await.unwrap();
        db.append(&key("list"), &json!([2, [3]])).await.unwrap();
        db.append(&key("object"), &json!({"b": 2, "a": 9})).await.unwrap();
        let found = db.get_many::<Value>(["text", "list", "object"].map(key)).await.unwrap();
        assert_eq!(found[&key("text")], "abcd");
        assert_eq!(found[&key("list")], json!([1, 2, [3]]));
        assert_eq!(found[&key("object")], json!({"a": 1, "b": 2}));

        assert_eq!(code(&db.append(&key("nope"), "x").await.unwrap_err()), ErrorCode::KeyNotExist);
        for (name, value) in [
            ("number", json!("x")),
            ("text", json!([1])),
            ("list", json!({})),
            ("text", json!(5)),
            ("number", json!(6)),
            ("nope", json!(true)),
            ("list", json!(null)),
        ] {
            let refused = db.append(&key(name), &value).await.unwrap_err();
            assert!(refused.is_invalid_request(), "{name} {value}: {refused}");
            assert_eq!(&*refused.context().command, "KV_APPEND");
        }
        db.remove_many(["text", "list", "object", "number"].map(key)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_is_fatal_if_the_caller_insists() {
    let (sandbox, db) = start().await;
    db.set("number", &5).await.unwrap();
    let calls = sandbox.record().received("KV_APPEND");
    assert!(db.append("number", "x").await.unwrap_err().is_invalid_request());
    assert!(db.insist_on_danger().append("number", &6).await.unwrap_err().is_invalid_request());
    assert_eq!(sandbox.record().received("KV_APPEND"), calls);
    assert_eq!(code(&db.insist_on_danger().append("number", "x").await.unwrap_err()), ErrorCode::Unknown);
    let gone = db.with_timeout(Duration::from_millis(50)).get::<u8>("number").await.unwrap_err();
    assert!(gone.is_timeout(), "{gone:?}");
}

#[tokio::test]
async fn short_keys_and_values_that_would_change_are_refused() {
    let (sandbox, db) = start().await;
    let before = sandbox.record().total_received();
    for error in [
        db.set("short", &1).await.unwrap_err(),
        db.get::<u8>("").await.unwrap_err(),
        db.add("12345", &1).await.unwrap_err(),
        db.remove("éé").await.unwrap_err(),
        db.append("a", "x").await.unwrap_err(),
        db.set_one_way("a", &1).await.unwrap_err(),
        db.set("key_one", &f64::NAN).await.unwrap_err(),
        db.set("key_one", &u128::MAX).await.unwrap_err(),
        db.set("key_one", &"x".repeat(1000)).await.unwrap_err(),
    ] {
        assert!(matches!(error.cause(), Cause::InvalidRequest(_)), "{error:?}");
    }
    assert_eq!(sandbox.record().total_received(), before);
    db.set("ééé", &1).await.unwrap();
}

#[tokio::test]
async fn many_commands_are_on_the_wire_and_each_gets_its_reply() {
    let (sandbox, db) = start().await;
    let calls = (0..200_u32).map(|n| {
        let db = &db;
        async move {
            let key = format!("key_{:02}", n % 50);
            // Others write the same key.
            db.set(&key, &n).await.unwrap();
            assert!(db.server_info().await.is_ok());
            assert_eq!(db.get::<u32>(&key).await.unwrap().unwrap() % 50, n % 50);
            assert!(db.count().await.unwrap() > 0);
            assert!(!db.add(&key, &0).await.unwrap());
        }
    });
    join_all(calls).await;
    assert_eq!(db.clear().await.unwrap(), 50);
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn an_error_that_names_no_key_answers_the_only_command_and_none_of_several() {
    let (sandbox, db) = start().await;
    for error in
        [r#"{"KV_ERR":{"st":3,"m":""}}"#, r#"{"KV_GET_RSP":{"st":12,"k":""}}"#, r#"{"KV_ERR":{"st":10,"m":"KV_GET"}}"#]
    {
        sandbox.fault(Fault::on("KV_GET").nth(1).reply_text(error));
        let failed = db.get::<u8>("key_one").await.unwrap_err();
        assert!(failed.code_as::<ErrorCode>().is_some(), "{failed:?}");
        assert_eq!(failed.delivery(), Delivery::Answered);
    }
    assert_eq!(sandbox.record().opened(), 1);
    sandbox.clear_faults();
    sandbox.fault(Fault::on("KV_GET").nth(3).reply_text(r#"{"KV_ERR":{"st":100,"m":""}}"#));
    sandbox.fault(Fault::on("KV_GET").nth(1).merge(3));
    let keys = ["key_01", "key_02", "key_03", "key_04"];
    for result in join_all(keys.map(|key| db.get::<u8>(key))).await {
        let Err(error) = result else { continue };
        assert_eq!(error.delivery(), Delivery::MaybeSent, "{error:?}");
        assert!(matches!(error.cause(), Cause::Protocol(_)) && error.code().is_none(), "{error:?}");
    }
    assert_eq!(db.get::<u8>("key_one").await.unwrap(), None);
}

#[tokio::test]
async fn one_way_commands_store_and_fail_later() {
    let (sandbox, db) = start().await;
    let mut failures = Box::pin(db.one_way_failures());
    let mut next = async || -> OneWayFailure {
        match within(failures.next()).await {
            Some(Pushed::Event(failure)) => failure,
            other => panic!("{other:?}"),
        }
    };
    db.set_one_way("key_one", &1).await.unwrap();
    db.add_one_way("key_one", &2).await.unwrap();
    db.add_one_way("key_two", &3).await.unwrap();
    db.fence().await.unwrap();
    let found = db.get_many::<u8>(["key_one", "key_two"]).await.unwrap();
    assert_eq!((found["key_one"], found["key_two"]), (1, 3));
    let failure = next().await;
    assert_eq!((failure.command, &*failure.key, code(&failure.error)), ("KV_ADDQ", "key_one", ErrorCode::KeyExists));

    for n in 0..3 {
        db.set_one_way("key_one", &n).await.unwrap();
    }
    sandbox.fault(Fault::on("KV_COUNT").nth(1).drop_connection());
    assert_eq!(db.count().await.unwrap_err().delivery(), Delivery::MaybeSent);
    for _ in 0..3 {
        let failure = next().await;
        assert_eq!((failure.command, &*failure.key), ("KV_SETQ", "key_one"));
        assert_eq!(failure.error.delivery(), Delivery::MaybeSent);
    }
    assert_eq!(db.get("key_one").await.unwrap(), Some(2));
}

#[tokio::test]
async fn a_fence_is_sent_before_more_than_64_are_unconfirmed() {
    let sandbox = NemesisFusion::start().await.unwrap();
    // All wait for the connection, and are ready to be written at once.
    let lazy = ConnectOptions::default().with_lazy(true);
    let db = Client::builder(&sandbox.url()).options(lazy).connect().await.unwrap();
    let most = Arc::new(AtomicUsize::new(0));
    let (unfenced, now) = (Arc::clone(&most), AtomicUsize::new(0));
    sandbox.fault(Fault::any().delay(Duration::ZERO).when(move |call| {
        match call.command {
            Some("KV_SETQ") => {
                unfenced.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            }
            Some("KV_GET") => now.store(0, Ordering::SeqCst),
            _ => {}
        }
        false
    }));
    let keys: Vec<_> = (0..300).map(|n| format!("key_{n:03}")).collect();
    join_all(keys.iter().map(async |key| db.set_one_way(key, &1).await.unwrap())).await;
    db.fence().await.unwrap();
    assert_eq!(db.count().await.unwrap(), 300);
    let most = most.load(Ordering::SeqCst);
    assert!((1..=64).contains(&most), "{most}");
}
