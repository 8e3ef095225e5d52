//! Key-values, against a sandbox and, if there is one, a real NemesisDB server.

use crate::server::{with_servers, with_servers_to_spoil};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use statuswire::nemesis::{Client, ErrorCode};
use statuswire::{Cause, Delivery};
use statuswire_sandbox::Nemesis;
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    name: String,
    scores: Vec<f64>,
    friends: BTreeMap<u64, Option<Box<User>>>,
}

fn ada() -> User {
    let friend = User { name: "Gräce\n\"🦀\"".into(), scores: vec![], friends: BTreeMap::new() };
    User {
        name: "Ada".into(),
        scores: vec![0.1, -1e300, 5e-324, 3.0],
        friends: [(u64::MAX, Some(friend.into())), (0, None)].into(),
    }
}

#[tokio::test]
async fn typed_values_come_back() {
    with_servers(async |server| {
        let kv = server.db.kv();
        let key = server.key("user");
        kv.set(&key, &ada()).await.unwrap();
        assert_eq!(kv.get(&key).await.unwrap(), Some(ada()));
        kv.set(&key, "now a text").await.unwrap();
        assert_eq!(kv.get::<String>(&key).await.unwrap().as_deref(), Some("now a text"));
        for number in [i64::MIN, -1, 0, i64::MAX] {
            kv.set(&key, &number).await.unwrap();
            assert_eq!(kv.get(&key).await.unwrap(), Some(number));
        }
        kv.set(&key, &u64::MAX).await.unwrap();
        assert_eq!(kv.get(&key).await.unwrap(), Some(u64::MAX));
    })
    .await;
}

#[tokio::test]
async fn a_stored_null_is_not_a_missing_key() {
    with_servers(async |server| {
        let kv = server.db.kv();
        let key = server.key("null");
        assert_eq!(kv.get::<Option<u8>>(&key).await.unwrap(), None);
        kv.set(&key, &None::<u8>).await.unwrap();
        assert_eq!(kv.get::<Option<u8>>(&key).await.unwrap(), Some(None));
        assert_eq!(kv.get::<Value>(&key).await.unwrap(), Some(Value::Null));
        let error = kv.get::<u8>(&key).await.unwrap_err();
        let Cause::Decode(what) = error.cause() else { panic!("{error:?}") };
        assert_eq!(what.path, format!("$.KV_GET_RSP.keys[{key:?}]"));
        assert_eq!((error.delivery(), &*error.context().command), (Delivery::Answered, "KV_GET"));
    })
    .await;
}

#[tokio::test]
async fn several_keys_at_once() {
    with_servers(async |server| {
        let kv = server.db.kv();
        let keys = ["c", "a", "b", "d"].map(|name| server.key(name));
        let [c, a, b, d] = &keys;
        kv.set_many([(c, 3), (a, 1), (b, 2)]).await.unwrap();
        let all: HashMap<String, i32> = kv.get_many(&keys).await.unwrap();
        assert_eq!(all, HashMap::from([(a.clone(), 1), (b.clone(), 2), (c.clone(), 3)]));
        let twice: HashMap<String, i32> = kv.get_many([a, a]).await.unwrap();
        assert_eq!(twice, HashMap::from([(a.clone(), 1)]));
        assert_eq!(kv.contains_many(&keys).await.unwrap(), [c.clone(), a.clone(), b.clone()]);
        assert!(!kv.contains(d).await.unwrap());

        kv.add_many(BTreeMap::from([(a, 10), (d, 4)])).await.unwrap();
        kv.add(b, &20).await.unwrap();
        assert_eq!(kv.get_many::<i32>([a, b, d]).await.unwrap().values().sum::<i32>(), 7);

        let before = kv.count().await.unwrap();
        kv.remove_many([a, b, a]).await.unwrap();
        kv.remove(a).await.unwrap();
        assert_eq!(kv.count().await.unwrap(), before - 2);
        let left = kv.keys().await.unwrap();
        assert!(left.contains(c) && left.contains(d) && !left.contains(a));

        kv.set_many(Vec::<(&str, i32)>::new()).await.unwrap();
        assert!(kv.get_many::<i32>([""; 0]).await.unwrap().is_empty());
        assert!(kv.contains_many([""; 0]).await.unwrap().is_empty());
        kv.remove_many([""; 0]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn values_as_text() {
    with_servers(async |server| {
        let kv = server.db.kv();
        let key = server.key("raw");
        assert!(kv.get_raw(&key).await.unwrap().is_none());
        let deep = format!("{}1{}", "[".repeat(1021), "]".repeat(1021));
        kv.set_raw(&key, &RawValue::from_string(deep.clone()).unwrap()).await.unwrap();
        assert_eq!(kv.get_raw(&key).await.unwrap().unwrap().get(), deep);
        let spaced = RawValue::from_string("{\"b\" : 1.50,\n \"a\":\"\\u0041\"}".to_owned()).unwrap();
        kv.set_raw(&key, &spaced).await.unwrap();
        assert_eq!(kv.get_raw(&key).await.unwrap().unwrap().get(), r#"{"a":"A","b":1.5}"#);
    })
    .await;
}

#[tokio::test]
async fn unusual_keys() {
    with_servers(async |server| {
        let kv = server.db.kv();
        for name in ["", " ", "é🦀", "{}", "a,b:c", "\u{7f}", "keys", "st"] {
            let key = server.key(name);
            kv.set(&key, name).await.unwrap();
            assert_eq!(kv.get::<String>(&key).await.unwrap().as_deref(), Some(name), "{key}");
        }
    })
    .await;
}

/// JSON that the server keeps as it is.
fn values() -> impl Strategy<Value = Value> {
    // Zero loses its sign, which `Value` sees in the text only.
    let float = prop_oneof![proptest::num::f64::NORMAL, Just(0.0), Just(5e-324), Just(1e16), Just(1e300)];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        float.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

#[tokio::test]
async fn any_value_comes_back() {
    with_servers(async |server| {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let kv = server.db.kv();
        let key = server.key("any");
        for _ in 0..200 {
            let value = values().new_tree(&mut runner).unwrap().current();
            kv.set(&key, &value).await.unwrap();
            assert_eq!(kv.get(&key).await.unwrap(), Some(value));
        }
    })
    .await;
}

#[tokio::test]
async fn the_largest_command_passes() {
    with_servers(async |server| {
        let kv = server.db.kv();
        let key = server.key("large");
        let frame = format!(r#"{{"KV_SET":{{"keys":{{"{key}":""}}}}}}"#).len();
        let value = "x".repeat(32_768 - frame);
        kv.set(&key, &value).await.unwrap();
        assert_eq!(kv.get::<String>(&key).await.unwrap().as_ref(), Some(&value));
        let error = kv.set(&key, &(value.clone() + "x")).await.unwrap_err();
        assert!(error.is_invalid_request() && error.delivery() == Delivery::NotSent);
        assert_eq!(kv.get::<String>(&key).await.unwrap().as_ref(), Some(&value));
    })
    .await;
}

#[tokio::test]
async fn many_callers_get_their_own_values() {
    with_servers(async |server| {
        let kv = server.db.kv();
        let tasks: Vec<_> = (0..500)
            .map(|number| {
                let (kv, key) = (kv.clone(), server.key(&number.to_string()));
                tokio::spawn(async move {
                    kv.set(&key, &number).await.unwrap();
                    assert_eq!(kv.get(&key).await.unwrap(), Some(number));
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn server_information() {
    with_servers(async |server| {
        let info = server.db.server_info().await.unwrap();
        assert!(info.version.starts_with("0."), "{info:?}");
    })
    .await;
    let sandbox = Nemesis::builder().persist(false).start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    assert!(!db.server_info().await.unwrap().persistence);
    let error = db.kv().save("x").await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::CommandDisabled));
}

#[tokio::test]
async fn raw_commands() {
    with_servers(async |server| {
        let key = server.key("raw");
        server.db.kv().set(&key, &[1, 2]).await.unwrap();
        let command = json!({ "KV_GET": { "keys": [key] } }).to_string();
        let reply = server.db.raw(&command).await.unwrap();
        assert_eq!((reply.name(), reply.status()), ("KV_GET_RSP", ErrorCode::Ok));
        let body: Value = serde_json::from_str(reply.body().get()).unwrap();
        assert_eq!(body, json!({ "keys": { key: [1, 2] }, "st": 1 }));
    })
    .await;
}

#[tokio::test]
async fn raw_commands_that_fail() {
    with_servers(async |server| {
        for (command, code) in [
            (r#"{"KV_GET":{}}"#, ErrorCode::ParamMissing),
            (r#"{"KV_GET":{"keys":"x"}}"#, ErrorCode::ValueTypeInvalid),
            (r#"{"KV_RMV":{"keys":[]}}"#, ErrorCode::ValueSize),
            (r#"{"KV_COUNT":[]}"#, ErrorCode::CommandSyntax),
            (r#"{"KV_NOPE":{}}"#, ErrorCode::CommandNotExist),
            (r#"{"FOO":{}}"#, ErrorCode::CommandSyntax),
            (r#"{"ABC_DEF":{}}"#, ErrorCode::CommandNotExist),
            (r#"{"XYZ_DEF":{}}"#, ErrorCode::CommandNotExist),
            (r#"{"SV_STATS":{}}"#, ErrorCode::CommandNotExist),
        ] {
            let error = server.db.raw(command).await.unwrap_err();
            assert_eq!(error.code_as(), Some(code), "{command}: {error:?}");
            assert_eq!((error.delivery(), error.context().attempt), (Delivery::Answered, 1), "{command}");
        }
        server.db.server_info().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn clearing() {
    with_servers_to_spoil(async |server| {
        let kv = server.db.kv();
        kv.clear().await.unwrap();
        kv.set_many([("a", 1), ("b", 2)]).await.unwrap();
        assert_eq!(kv.clear_set([("c", 3)]).await.unwrap(), 2);
        assert_eq!(kv.keys().await.unwrap(), ["c"]);
        assert!(kv.clear_set([("d", f64::NAN)]).await.unwrap_err().is_invalid_request());
        assert_eq!(kv.clear().await.unwrap(), 1);
        assert_eq!((kv.clear().await.unwrap(), kv.count().await.unwrap()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn saving_and_loading() {
    with_servers_to_spoil(async |server| {
        let kv = server.db.kv();
        let name = server.key("save").replace(':', "_");
        kv.clear().await.unwrap();
        assert_eq!(kv.save(&name).await.unwrap().name, name);
        assert_eq!(kv.load(&name).await.unwrap().keys, 0);

        kv.set_many([("a", json!(1)), ("b", json!({"c": [1, 2]}))]).await.unwrap();
        kv.save(&name).await.unwrap();
        kv.clear_set([("a", 2), ("z", 3)]).await.unwrap();
        let loaded = kv.load(&name).await.unwrap();
        assert_eq!((loaded.name, loaded.keys), (name, 2));
        let all: HashMap<String, Value> = kv.get_many(["a", "b", "z"]).await.unwrap();
        assert_eq!(json!(all), json!({"a": 1, "b": {"c": [1, 2]}, "z": 3}));
        kv.clear().await.unwrap();

        let missing = kv.load(&server.key("missing").replace(':', "_")).await.unwrap_err();
        assert_eq!(missing.code_as(), Some(ErrorCode::LoadError));
    })
    .await;
}
