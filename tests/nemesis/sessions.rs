//! The client for NemesisDB with sessions: with a sandbox, and with the real server that
//! `STATUSWIRE_NEMESIS_SESSIONS_URL` names.

use futures_util::TryStreamExt;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use statuswire::nemesis::sessions::{Client, ErrorCode, Expiry, NewSession, SaveStep, Session, Stored};
use statuswire::{Cause, Error};
use statuswire_sandbox::NemesisSessions;
use std::time::Duration;

use crate::server::{real_server, unique_prefix};

/// Runs a test with the sandbox, and with a real server if there is one.
async fn with_servers<F: Future<Output = ()>>(test: impl Fn(Client, String) -> F) {
    let sandbox = NemesisSessions::start().await.unwrap();
    test(Client::connect(&sandbox.url()).await.unwrap(), unique_prefix()).await;
    if let Some((url, _alone)) = real_server("STATUSWIRE_NEMESIS_SESSIONS_URL").await {
        test(Client::connect(&url).await.unwrap(), unique_prefix()).await;
    }
}

async fn new(db: &Client, prefix: &str) -> Session {
    db.create(prefix).await.unwrap().session
}

#[track_caller]
fn code(error: &Error) -> ErrorCode {
    error.code_as().unwrap_or_else(|| panic!("{error:?}"))
}

#[tokio::test]
async fn sessions_are_created_opened_and_ended() {
    with_servers(|db, prefix| async move {
        let (one, other) = (new(&db, &prefix).await, new(&db, &prefix).await);
        assert_ne!(one.token(), other.token());
        assert_eq!(code(&db.open(&prefix).await.unwrap_err()), ErrorCode::SessionOpenFail);

        let name = format!("{prefix}shared");
        let shared = db.create(NewSession::new(&name).shared()).await.unwrap();
        let again = db.create(NewSession::new(&name).shared()).await.unwrap();
        assert_eq!((shared.existed, again.existed), (false, true));
        shared.session.set("k", &1).await.unwrap();
        for session in [again.session, db.open(&name).await.unwrap(), db.session(shared.session.token().clone())] {
            assert_eq!(session.token(), shared.session.token());
            assert_eq!(session.get("k").await.unwrap(), Some(1));
        }
        let info = shared.session.info().await.unwrap();
        assert_eq!((info.shared, info.keys, info.expiry, info.remaining), (true, 1, None, None));
        assert!(db.totals().await.unwrap().sessions >= 3);

        for session in [&one, &other, &shared.session] {
            session.end().await.unwrap();
            assert_eq!(code(&session.end().await.unwrap_err()), ErrorCode::SessionNotExist);
            assert_eq!(code(&session.info().await.unwrap_err()), ErrorCode::SessionNotExist);
            assert_eq!(code(&session.get::<u8>("k").await.unwrap_err()), ErrorCode::SessionNotExist);
            assert_eq!(code(&session.count().await.unwrap_err()), ErrorCode::SessionNotExist);
        }
    })
    .await;
}

#[tokio::test]
async fn keys() {
    with_servers(|db, prefix| async move {
        let session = new(&db, &prefix).await;
        assert_eq!(session.set("a", &1).await.unwrap(), Stored::New);
        let ordered = RawValue::from_string(r#"{"z":[1,2],"b":null}"#.to_owned()).unwrap();
        assert_eq!(session.set_raw("a", &ordered).await.unwrap(), Stored::Replaced);
        assert_eq!(session.get_raw("a").await.unwrap().unwrap().get(), r#"{"z":[1,2],"b":null}"#);
        let stored = session.set_many([("a", 1), ("b", 2)]).await.unwrap();
        assert_eq!((stored["a"], stored["b"], stored.len()), (Stored::Replaced, Stored::New, 2));
        assert!(!session.add("a", &9).await.unwrap());
        let added = session.add_many([("b", 9), ("c", 3)]).await.unwrap();
        assert_eq!((added["b"], added["c"]), (false, true));
        let found = session.get_many::<u8>(["a", "nope", "c", "a"]).await.unwrap();
        assert_eq!((found.len(), found["a"], found["c"]), (2, 1, 3));
        assert_eq!(session.keys().await.unwrap(), ["a", "b", "c"]);

        session.set("null", &()).await.unwrap();
        assert_eq!(session.get::<Value>("null").await.unwrap(), None);
        assert!(session.contains("null").await.unwrap());
        let there = session.contains_many(["a", "nope"]).await.unwrap();
        assert_eq!((there["a"], there["nope"]), (true, false));

        assert!(session.remove("a").await.unwrap());
        let removed = session.remove_many(["a", "b"]).await.unwrap();
        assert_eq!((removed["a"], removed["b"]), (false, true));
        assert_eq!(session.count().await.unwrap(), 2);
        assert_eq!(session.clear().await.unwrap(), 2);

        let none: [(&str, u8); 0] = [];
        assert!(session.set_many(none).await.unwrap().is_empty());
        assert!(session.get_many::<u8>([""; 0]).await.unwrap().is_empty());
        assert!(session.remove_many([""; 0]).await.unwrap().is_empty());
        session.end().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn keys_with_the_names_of_members() {
    with_servers(|db, prefix| async move {
        let session = new(&db, &prefix).await;
        let names = ["tkn", "st", "m", "keys", "", "a\"b\\c\nd"];
        session.set_many(names.map(|name| (name, name))).await.unwrap();
        let found = session.get_many::<String>(names).await.unwrap();
        assert!(names.iter().all(|name| found[*name] == *name), "{found:?}");
        assert!(session.contains_many(names).await.unwrap().values().all(|there| *there));
        let removed = session.remove_many(["tkn", "st", "m", "keys", "nope", "tkn"]).await.unwrap();
        assert_eq!(removed.len(), 5);
        assert!(removed.iter().all(|(name, removed)| *removed == (name != "nope")), "{removed:?}");
        for name in ["tkn", "st", "m"] {
            assert!(!session.remove(name).await.unwrap(), "{name}");
        }
        assert_eq!(session.count().await.unwrap(), 2);
        session.end().await.unwrap();
        for name in ["tkn", "st", "m"] {
            assert_eq!(code(&session.remove(name).await.unwrap_err()), ErrorCode::SessionNotExist);
        }
    })
    .await;
}

#[tokio::test]
async fn finding_and_updating_by_path() {
    with_servers(|db, prefix| async move {
        let session = new(&db, &prefix).await;
        let people = [
            ("p1", json!({"name": "Ann", "age": 31, "tags": ["x", "y"]})),
            ("p2", json!({"name": "Bob", "age": 19})),
            ("n", json!(5)),
        ];
        session.set_many(people.clone()).await.unwrap();
        assert_eq!(session.find("$.name").keys().await.unwrap(), ["p1", "p2"]);
        assert_eq!(session.find("$.name").within(["p2", "nope"]).keys().await.unwrap(), ["p2"]);
        assert_eq!(session.find("$.tags[*]").paths().await.unwrap(), ["$['tags'][0]", "$['tags'][1]"]);
        let found: Vec<(String, Value)> = session.find("$.age").values().await.unwrap();
        assert_eq!(
            found,
            people[..2].iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect::<Vec<_>>()
        );
        assert!(session.find("$.zzz").values::<Value>().await.unwrap().is_empty());

        assert_eq!(session.update("p1", "$.tags[*]", &"t").await.unwrap(), 2);
        assert_eq!(session.update("p1", "$.zzz", &1).await.unwrap(), 0);
        assert_eq!(session.get::<Value>("p1").await.unwrap().unwrap()["tags"], json!(["t", "t"]));

        assert_eq!(code(&session.find("$[?(").keys().await.unwrap_err()), ErrorCode::PathInvalid);
        assert_eq!(code(&session.find("name").paths().await.unwrap_err()), ErrorCode::PathInvalid);
        assert!(session.find("").keys().await.unwrap_err().is_invalid_request());
        assert_eq!(code(&session.update("nope", "$.a", &1).await.unwrap_err()), ErrorCode::KeyNotExist);
        assert_eq!(code(&session.update("p1", "$[?(", &1).await.unwrap_err()), ErrorCode::Unknown);
        session.end().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn expiry() {
    with_servers(|db, prefix| async move {
        let minute = Duration::from_secs(60);
        let new = NewSession::new(&prefix).expires(Expiry::delete_after(minute));
        let session = db.create(new).await.unwrap().session;
        let info = session.info().await.unwrap();
        assert_eq!(info.expiry, Some(Expiry::delete_after(minute)));
        assert!(info.remaining.is_some_and(|left| left <= minute));
        session.end().await.unwrap();
        let refused = db.create(NewSession::new(&prefix).expires(Expiry::clear_after(Duration::ZERO))).await;
        assert!(refused.unwrap_err().is_invalid_request());
        assert!(db.create("").await.unwrap_err().is_invalid_request());
        assert!(db.open("").await.unwrap_err().is_invalid_request());
    })
    .await;
}

#[tokio::test]
async fn sessions_expire_in_virtual_time() {
    let sandbox = NemesisSessions::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let new = |name: &str, expiry| db.create(NewSession::new(name).expires(expiry));
    let minute = Duration::from_secs(60);
    let deleted = new("a", Expiry::delete_after(minute)).await.unwrap().session;
    // Part of a second counts as a second.
    let cleared = new("b", Expiry::clear_after(minute - Duration::from_millis(1))).await.unwrap().session;
    for session in [&deleted, &cleared] {
        session.set("k", &1).await.unwrap();
    }
    sandbox.advance(Duration::from_secs(59));
    assert_eq!(cleared.info().await.unwrap().expiry, Some(Expiry::clear_after(minute)));
    assert_eq!(deleted.info().await.unwrap().keys, 1);
    sandbox.advance(Duration::from_secs(10));
    assert_eq!(code(&deleted.info().await.unwrap_err()), ErrorCode::SessionNotExist);
    assert_eq!(cleared.info().await.unwrap().keys, 0);
    assert_eq!(cleared.keys().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn saves_and_loads() {
    with_servers(|db, prefix| async move {
        let name = prefix.replace(':', "-");
        let (one, other) = (new(&db, &prefix).await, new(&db, &prefix).await);
        one.set_many([("a", 1), ("b", 2)]).await.unwrap();
        other.set("c", &3).await.unwrap();
        let saved = match db.save(&name).only([&one, &other]).run().await {
            // A real server need not be configured to save.
            Err(error) if error.code_as() == Some(ErrorCode::CommandDisabled) => return,
            saved => saved.unwrap(),
        };
        assert_eq!(saved.name, name);
        let half = format!("{name}-st");
        let steps: Vec<_> = db.save(&half).only([&one]).progress().await.unwrap().try_collect().await.unwrap();
        assert!(
            matches!(&steps[..], [SaveStep::Started, SaveStep::Complete(saved)] if saved.name == half),
            "{steps:?}"
        );

        let kept = db.load(&name).await.unwrap();
        assert_eq!((kept.sessions, kept.keys, kept.found_existing), (0, 0, true));
        for session in [&one, &other] {
            session.end().await.unwrap();
        }
        let results = db.load_many([&half, &name, "nope"]).await;
        let counts: Vec<_> =
            results.iter().map(|(_, result)| result.as_ref().ok().map(|one| (one.sessions, one.keys))).collect();
        assert_eq!(counts, [Some((1, 2)), Some((1, 1)), None]);
        assert_eq!(code(results[2].1.as_ref().unwrap_err()), ErrorCode::LoadError);
        assert_eq!(one.get("b").await.unwrap(), Some(2));
        assert_eq!(other.get("c").await.unwrap(), Some(3));
        for session in [&one, &other] {
            session.end().await.unwrap();
        }
        assert!(db.save("../x").run().await.unwrap_err().is_invalid_request());
        assert!(db.save("x").only([]).run().await.unwrap_err().is_invalid_request());
        assert!(db.load("").await.unwrap_err().is_invalid_request());
        assert!(db.load_many([""; 0]).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_server_that_does_not_save() {
    let sandbox = NemesisSessions::builder().save(false).start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    assert_eq!(code(&db.save("x").run().await.unwrap_err()), ErrorCode::CommandDisabled);
    let mut progress = db.save("x").progress().await.unwrap();
    let error = progress.try_next().await.unwrap_err();
    assert_eq!((code(&error), &*error.context().command), (ErrorCode::CommandDisabled, "SH_SAVE"));
    assert_eq!(progress.try_next().await.unwrap(), None);
    db.create("a").await.unwrap();
    assert_eq!(db.end_all().await.unwrap(), 1);
    assert_eq!(db.totals().await.unwrap().sessions, 0);
}

#[tokio::test]
async fn what_the_server_would_change_is_refused() {
    let sandbox = NemesisSessions::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let session = new(&db, "a").await;
    let before = sandbox.record().total_received();
    for error in [
        session.set("k", &f64::NAN).await.unwrap_err(),
        session.set_many([("k", 1), ("k", 2)]).await.unwrap_err(),
        session.update("k", "$.a", &u128::MAX).await.unwrap_err(),
        session.set_one_way("k", &"x".repeat(5000)).await.unwrap_err(),
        session.set("k", &"x".repeat(5000)).await.unwrap_err(),
    ] {
        assert!(matches!(error.cause(), Cause::InvalidRequest(_)), "{error:?}");
    }
    assert_eq!(sandbox.record().total_received(), before);
}
