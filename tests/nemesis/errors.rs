//! How the client handles a NemesisDB server's errors and misbehaviour.

use statuswire::codes::Outcome;
use statuswire::nemesis::{Builder, Client, ErrorCode};
use statuswire::policy::{Backoff, Reconnecting, Retry, Timeouts};
use statuswire::rpc::CallOptions;
use statuswire::{Cause, ConnectOptions, Delivery, Error};
use statuswire_sandbox::{Fault, Nemesis};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(300);

/// A sandbox and a client that never sends a command twice.
async fn start() -> (Nemesis, Client) {
    start_with(|builder| builder).await
}

async fn start_with(settings: impl FnOnce(Builder) -> Builder) -> (Nemesis, Client) {
    let sandbox = Nemesis::start().await.unwrap();
    let soon = Backoff::default().with_cap(Duration::from_millis(10));
    let builder = Client::builder(&sandbox.url()).options(
        ConnectOptions::default()
            .with_retry(Retry::never())
            .with_reconnecting(Reconnecting::default().with_backoff(soon)),
    );
    let client = settings(builder).connect().await.unwrap();
    (sandbox, client)
}

#[track_caller]
fn unreadable_at(error: &Error) -> &str {
    assert_eq!(error.delivery(), Delivery::Answered, "{error:?}");
    match error.cause() {
        Cause::Decode(what) => &what.path,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_status_of_the_table_is_a_result_or_an_error_as_the_table_says() {
    let (sandbox, db) = start().await;
    for &code in ErrorCode::ALL {
        let fault = sandbox.fault(Fault::on("KV_SET").reply_status(code.value().into()));
        let result = db.kv().set("k", &1).await;
        fault.remove();
        match result {
            Ok(()) => assert_ne!(code.outcome(), Outcome::Error, "{code}"),
            Err(error) => {
                assert_eq!(code.outcome(), Outcome::Error, "{code}");
                assert_eq!(error.code_as(), Some(code));
                assert_eq!((error.kind(), error.recovery()), (code.kind(), code.recovery()));
                assert_eq!((error.delivery(), &*error.context().command), (Delivery::Answered, "KV_SET"));
                assert!(matches!(error.cause(), Cause::Status(status) if status.body.is_some()));
            }
        }
    }
    assert_eq!(sandbox.record().executed("KV_SET"), 0);
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn an_unlisted_status_keeps_its_number() {
    let (sandbox, db) = start().await;
    sandbox.fault(Fault::on("KV_COUNT").reply_status(777));
    let error = db.kv().count().await.unwrap_err();
    let code = error.code_as::<ErrorCode>().unwrap();
    assert_eq!((code.value(), code.is_listed()), (777, false));
}

#[tokio::test]
async fn replies_of_the_wrong_form() {
    let (sandbox, db) = start().await;
    for (reply, path) in [
        (r#"{"KV_COUNT_RSP":{"st":1}}"#, "$.KV_COUNT_RSP.cnt"),
        (r#"{"KV_COUNT_RSP":{"st":1,"cnt":-1}}"#, "$.KV_COUNT_RSP.cnt"),
        (r#"{"KV_COUNT_RSP":{"st":1,"cnt":"5"}}"#, "$.KV_COUNT_RSP.cnt"),
        (r#"{"KV_COUNT_RSP":{"cnt":5}}"#, "$.KV_COUNT_RSP.st"),
        (r#"{"KV_COUNT_RSP":{"cnt":5,"st":"1"}}"#, "$.KV_COUNT_RSP.st"),
        (r#"{"KV_COUNT_RSP":{"cnt":5,"st":70000}}"#, "$.KV_COUNT_RSP.st"),
        (r#"{"KV_COUNT_RSP":[1]}"#, "$.KV_COUNT_RSP"),
        (r#"{"KV_COUNT_RSP":{"cnt":5,"st":1}"#, "$.KV_COUNT_RSP"),
    ] {
        let fault = sandbox.fault(Fault::on("KV_COUNT").reply_text(reply));
        assert_eq!(unreadable_at(&db.kv().count().await.unwrap_err()), path, "{reply}");
        fault.remove();
    }
    let _fault = sandbox.fault(Fault::on("KV_COUNT").reply_text(r#"{"KV_COUNT_RSP":{"new":{},"cnt":7,"st":1},"x":1}"#));
    assert_eq!(db.kv().count().await.unwrap(), 7);
    assert_eq!(sandbox.record().opened(), 1, "none of these costs the connection");
}

#[tokio::test]
async fn messages_that_are_no_replies_cost_the_connection() {
    let (sandbox, db) = start().await;
    for text in ["", "nonsense", "[]", "{}", "5", "{1:2}"] {
        let fault = sandbox.fault(Fault::on("KV_COUNT").reply_text(text));
        unreadable_at(&db.kv().count().await.unwrap_err());
        fault.remove();
        db.kv().count().await.unwrap();
    }
    let fault = sandbox.fault(Fault::on("KV_COUNT").reply_binary(*br#"{"KV_COUNT_RSP":{"cnt":1,"st":1}}"#));
    unreadable_at(&db.kv().count().await.unwrap_err());
    fault.remove();
    db.kv().count().await.unwrap();
    assert_eq!(sandbox.record().opened(), 8);
}

#[tokio::test]
async fn the_generic_error_answers_the_oldest_command() {
    let (sandbox, db) = start().await;
    sandbox.fault(Fault::on("KV_SET").reply_text(r#"{"ERR":{"st":1000}}"#));
    let kv = db.kv();
    let (set, count) = tokio::join!(kv.set("a", &1), kv.count());
    assert_eq!(set.unwrap_err().code_as(), Some(ErrorCode::Unknown));
    assert_eq!(count.unwrap(), 0);
}

#[tokio::test]
async fn another_commands_reply_answers_nothing() {
    let (sandbox, db) = start().await;
    sandbox.fault(Fault::on("KV_SET").nth(1).change_reply(|reply| reply.replace("KV_SET_RSP", "KV_GET_RSP")));
    let error = db.kv().set("a", &1).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    let missing = "a reply KV_GET_RSP arrived instead of a reply to KV_SET_RSP: a reply is missing";
    assert!(error.to_string().contains(missing), "{error}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    assert_eq!(db.kv().get("a").await.unwrap(), Some(1));
    assert_eq!(sandbox.record().opened(), 2);
}

#[tokio::test]
async fn a_key_that_was_not_asked_for() {
    let (sandbox, db) = start().await;
    sandbox.fault(Fault::on("KV_GET").reply_text(r#"{"KV_GET_RSP":{"keys":{"b":1},"st":1}}"#));
    let path = r#"$.KV_GET_RSP.keys["b"]"#;
    assert_eq!(unreadable_at(&db.kv().get::<u8>("a").await.unwrap_err()), "$.KV_GET_RSP.keys[\"b\"]");
    assert_eq!(unreadable_at(&db.kv().get_many::<u8>(["a", "c"]).await.unwrap_err()), path);
}

#[tokio::test]
async fn after_a_lost_reply_nothing_is_answered() {
    let (sandbox, db) = start().await;
    let kv = db.kv();
    kv.set("a", &1).await.unwrap();
    sandbox.fault(Fault::on("KV_GET").nth(1).silence());
    let (get, count) = tokio::join!(kv.get::<i32>("a"), kv.count());
    for error in [get.unwrap_err(), count.unwrap_err()] {
        assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::MaybeSent);
    }
    assert_eq!(kv.get("a").await.unwrap(), Some(1));
}

#[tokio::test]
async fn what_is_safe_is_sent_again_and_the_rest_is_not() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let kv = db.kv();
    for command in ["KV_SET", "KV_SAVE", "KV_COUNT"] {
        sandbox.fault(Fault::on(command).nth(1).carried_out().drop_connection());
    }
    kv.set("a", &1).await.unwrap();
    assert_eq!(sandbox.record().executed("KV_SET"), 2);
    let error = kv.save("x").await.unwrap_err();
    assert_eq!((error.delivery(), error.is_outcome_unknown()), (Delivery::MaybeSent, true));
    assert_eq!(sandbox.record().executed("KV_SAVE"), 1);
    let error = db.raw(r#"{"KV_COUNT":{}}"#).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    assert_eq!(sandbox.record().executed("KV_COUNT"), 1);
}

#[tokio::test]
async fn what_is_refused_never_reaches_the_server() {
    let (sandbox, db) = start().await;
    let kv = db.kv();
    for result in [
        kv.set("a", &[1.0, f64::NAN]).await,
        kv.set("a\"b", &1).await,
        kv.set("a", &u128::MAX).await,
        kv.set_many([("a", 1), ("a", 2)]).await,
        kv.set("a", &"x".repeat(40_000)).await,
        kv.remove_many((0..10_000).map(|number| number.to_string())).await,
        kv.save("../x").await.map(drop),
        kv.load("").await.map(drop),
        db.raw("nonsense").await.map(drop),
        db.raw(r#"{"A":{},"B":{}}"#).await.map(drop),
    ] {
        let error = result.unwrap_err();
        assert!(error.is_invalid_request(), "{error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(error.context().service, "nemesis");
        assert_eq!(&*error.context().endpoint, sandbox.url());
        assert!(!error.context().command.is_empty());
    }
    kv.remove_many([""; 0]).await.unwrap();
    assert_eq!(sandbox.record().total_received(), 0);
}

#[tokio::test]
async fn harmful_keys_and_save_names_can_be_allowed() {
    let (sandbox, db) = start_with(|builder| builder.allow_unsavable_keys(true).allow_any_save_name(true)).await;
    db.kv().set("a\"b", &1).await.unwrap();
    assert_eq!(db.kv().get("a\"b").await.unwrap(), Some(1));
    let _ = db.kv().save("a b").await;
    assert_eq!(sandbox.record().received("KV_SAVE"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_save_may_block_the_server_for_long() {
    let (sandbox, db) = start().await;
    sandbox.fault(Fault::on("KV_SAVE").nth(1).block(LONG));
    assert_eq!(db.kv().save("x").await.unwrap().name, "x");
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_save_has_a_limit_of_its_own() {
    let (sandbox, db) = start_with(|builder| builder.save_timeout(Duration::from_secs(60))).await;
    sandbox.fault(Fault::on("KV_SAVE").silence());
    let begin = tokio::time::Instant::now();
    let error = db.kv().save("x").await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    assert_eq!(begin.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn limits_of_single_calls() {
    let (sandbox, db) = start().await;
    sandbox.fault(Fault::any().silence());
    let begin = tokio::time::Instant::now();
    let error = db.with_timeout(Duration::from_secs(3)).kv().count().await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(begin.elapsed().as_secs(), 3);
}

#[tokio::test]
async fn sending_again_can_be_forbidden_or_allowed_for_single_calls() {
    let (sandbox, db) = start().await;
    sandbox.fault(Fault::on("KV_CLEAR").nth(1).drop_connection());
    assert!(db.kv().clear().await.is_err());
    sandbox.fault(Fault::on("KV_CLEAR").nth(1).drop_connection());
    db.with_retry(Retry::default()).kv().clear().await.unwrap();
}

#[tokio::test]
async fn shutdown_ends_all_clones() {
    let (_sandbox, db) = start().await;
    let kv = db.kv();
    kv.set("a", &1).await.unwrap();
    db.shutdown(Duration::from_secs(5)).await;
    assert!(kv.get::<u8>("a").await.unwrap_err().is_shutdown());
    assert!(db.state().borrow().is_closed());
}

#[tokio::test]
async fn no_server_no_client() {
    let (sandbox, _) = start().await;
    let url = sandbox.url();
    sandbox.stop().await;
    let patient = Timeouts::default().with_connect(Duration::from_millis(500));
    let error =
        Client::builder(&url).options(ConnectOptions::default().with_timeouts(patient)).connect().await.unwrap_err();
    assert!(error.is_connection() || error.is_timeout(), "{error:?}");
    assert!(Client::connect("http://x").await.unwrap_err().is_invalid_request());
    // All options reach the transport.
    let options = ConnectOptions::default().with_proxy("socks5://localhost");
    let error = Client::builder("ws://localhost:1").options(options).connect().await.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("SOCKS"), "{error}");
}

#[test]
fn promises_about_types() {
    fn is_shareable<T: Clone + Send + Sync + 'static>() {}
    is_shareable::<Client>();
    is_shareable::<statuswire::nemesis::Kv>();
    is_shareable::<CallOptions>();
    fn is_send<T: Send>(_: T) {}
    let _ = |kv: statuswire::nemesis::Kv| {
        is_send(async move { kv.get::<String>("a").await });
    };
}
