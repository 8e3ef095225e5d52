//! Key-values of every shape: what the fake server makes of them, held against what was observed on a running server.

use crate::support::raw::Raw;
use statuswire_sandbox::Nemesis;

async fn start() -> (Nemesis, Raw) {
    let sandbox = Nemesis::start().await.unwrap();
    let raw = Raw::connect(sandbox.addr()).await;
    (sandbox, raw)
}

/// Stores a value and reads it back.
async fn round(raw: &mut Raw, value: &str) -> String {
    let reply = raw.ask(&format!(r#"{{"KV_SET":{{"keys":{{"k":{value}}}}}}}"#)).await;
    assert_eq!(reply, r#"{"KV_SET_RSP":{"st":1}}"#, "{value}");
    let reply = raw.ask(r#"{"KV_GET":{"keys":["k"]}}"#).await;
    let value =
        reply.strip_prefix(r#"{"KV_GET_RSP":{"keys":{"k":"#).and_then(|rest| rest.strip_suffix(r#"},"st":1}}"#));
    value.unwrap_or_else(|| panic!("{reply}")).to_owned()
}

#[tokio::test]
async fn values_come_back_as_the_server_spells_them() {
    let (_sandbox, mut raw) = start().await;
    for (sent, back) in [
        ("null", "null"),
        ("true", "true"),
        ("\"\"", "\"\""),
        ("[]", "[]"),
        ("{}", "{}"),
        ("[ 1 , [ ] , { } ]", "[1,[],{}]"),
        ("{\"b\":1,\"a\":{\"d\":1,\"c\":2},\"B\":3,\"\":4}", "{\"\":4,\"B\":3,\"a\":{\"c\":2,\"d\":1},\"b\":1}"),
        ("{\"a\":1,\"a\":2}", "{\"a\":1}"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "\"18446744073709551616\""),
        ("-9223372036854775809", "\"-9223372036854775809\""),
        ("123456789012345678901234567890", "\"123456789012345678901234567890\""),
        ("-0", "0"),
        ("\"\\u00e9\\ud83d\\ude00 é😀\"", "\"é😀 é😀\""),
        ("\"\\u0000\\u001f\\n\\t\\/\\\"\\\\\u{7f}\"", "\"\\u0000\\u001F\\n\\t/\\\"\\\\\\u007F\""),
        ("\"\\udc00\"", "\"\""),
        ("1/* of two */", "1"),
    ] {
        assert_eq!(round(&mut raw, sent).await, back, "{sent}");
    }
    for number in ["0.0", "1.0", "1e2", "1.50", "1e300", "-2.5e-10", "1e-400", "0.12345678901234567"] {
        let back: f64 = round(&mut raw, number).await.parse().unwrap();
        assert_eq!(Ok(back), number.parse(), "{number}");
    }
    assert_eq!(round(&mut raw, "1e400").await, "null");
    let deep = format!("{}{}", "[".repeat(1021), "]".repeat(1021));
    assert_eq!(round(&mut raw, &deep).await, deep);
}

#[tokio::test]
async fn other_texts_than_json_store_nothing() {
    let (_sandbox, mut raw) = start().await;
    let deep = format!("{}{}", "[".repeat(1022), "]".repeat(1022));
    for value in ["NaN", "Infinity", "+1", "01", ".5", "5.", "0x1", "\"\\ud800\"", "\"\t\"", "'a'", "[1,]", &deep] {
        let reply = raw.ask(&format!(r#"{{"KV_SET":{{"keys":{{"k":{value}}}}}}}"#)).await;
        assert_eq!(reply, r#"{"ERR":{"st":3}}"#, "{value}");
    }
    assert_eq!(raw.ask(r#"{"KV_COUNT":{}}"#).await, r#"{"KV_COUNT_RSP":{"cnt":0,"st":1}}"#);
}

#[tokio::test]
async fn keys_of_every_shape() {
    let (_sandbox, mut raw) = start().await;
    raw.ask("\u{feff}{\"KV_SET\":{\"keys\":{\"\":1,\"é\":2,\"a\\u0000b\":3,\"q\\\"\":4,\"😀\":5,\"st\":6,\"a\":7,\"a\":8}}}")
        .await;
    assert_eq!(
        raw.ask(r#"{"KV_KEYS":{}}"#).await,
        r#"{"KV_KEYS_RSP":{"keys":["","a","a\u0000b","q\"","st","é","😀"],"st":1}}"#
    );
    // An integer beyond 64 bits is a string for the server, here too.
    raw.ask(r#"{"KV_SET":{"keys":{"18446744073709551616":1}}}"#).await;
    assert_eq!(
        raw.ask(r#"{"KV_CONTAINS":{"keys":["st",18446744073709551616,5,"st","no"]}}"#).await,
        r#"{"KV_CONTAINS_RSP":{"contains":["st","18446744073709551616","st"],"st":1}}"#
    );
    raw.ask(r#"{"KV_RMV":{"keys":["","no","a"]}}"#).await;
    assert_eq!(
        raw.ask(r#"{"KV_KEYS":{}}"#).await,
        r#"{"KV_KEYS_RSP":{"keys":["18446744073709551616","😀","a\u0000b","q\"","st","é"],"st":1}}"#
    );
}

const SAVED: &str = r#","name":"NAME","st":120}}"#;

/// Sends a command on saves; the reply without its duration.
async fn saves(raw: &mut Raw, command: &str, name: &str) -> String {
    let reply = raw.ask(&format!(r#"{{"{command}":{{"name":"{name}"}}}}"#)).await;
    let Some((before, after)) = reply.split_once("\"duration\":") else { return reply };
    format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
}

fn loaded(name: &str, keys: u64, status: u32) -> String {
    format!(r#"{{"KV_LOAD_RSP":{{,"keys":{keys},"name":"{name}","sessions":0,"st":{status}}}}}"#)
}

fn not_there(name: &str) -> String {
    format!(r#"{{"KV_LOAD_RSP":{{"name":"{name}","st":142}}}}"#)
}

#[tokio::test]
async fn keys_that_spoil_a_save() {
    let (_sandbox, mut raw) = start().await;
    for (key, status, keys) in [
        ("q\\\"", 142, 0),
        ("end\\\\", 142, 0),
        ("\\u0001", 142, 0),
        ("\\n", 142, 0),
        ("\\u007f", 141, 1),
        ("a/b é", 141, 1),
        // Read as an escape: the key changes, the save can be loaded.
        ("\\\\n", 141, 1),
        // One key becomes two.
        ("x\\\":1,\\\"y", 141, 2),
    ] {
        raw.ask(&format!(r#"{{"KV_CLEAR_SET":{{"keys":{{"{key}":0}}}}}}"#)).await;
        assert_eq!(
            saves(&mut raw, "KV_SAVE", "n").await,
            format!(r#"{{"KV_SAVE_RSP":{{{}"#, SAVED.replace("NAME", "n"))
        );
        raw.ask(r#"{"KV_CLEAR":{}}"#).await;
        assert_eq!(saves(&mut raw, "KV_LOAD", "n").await, loaded("n", keys, status), "{key}");
    }
    assert_eq!(raw.ask(r#"{"KV_GET":{"keys":["x","y"]}}"#).await, r#"{"KV_GET_RSP":{"keys":{"x":1,"y":0},"st":1}}"#);
}

#[tokio::test]
async fn values_survive_a_save() {
    let (_sandbox, mut raw) = start().await;
    let values = r#""a":[1.5,"\u0001\"",null,18446744073709551616],"b":{"x":1e400},"c":-9223372036854775808"#;
    raw.ask(&format!(r#"{{"KV_SET":{{"keys":{{{values}}}}}}}"#)).await;
    let get = r#"{"KV_GET":{"keys":["a","b","c"]}}"#;
    let before = raw.ask(get).await;
    saves(&mut raw, "KV_SAVE", "v").await;
    raw.ask(r#"{"KV_CLEAR_SET":{"keys":{"z":1,"a":2}}}"#).await;
    assert_eq!(saves(&mut raw, "KV_LOAD", "v").await, loaded("v", 3, 141));
    assert_eq!(raw.ask(get).await, before);
    assert_eq!(raw.ask(r#"{"KV_KEYS":{}}"#).await, r#"{"KV_KEYS_RSP":{"keys":["a","z","b","c"],"st":1}}"#);
}

#[tokio::test]
async fn names_of_saves_are_paths() {
    let (_sandbox, mut raw) = start().await;
    let unknown = r#"{"ERR":{"st":1000}}"#;
    raw.ask(r#"{"KV_SET":{"keys":{"a":1}}}"#).await;
    for name in ["", "a/b", "../up", "/abs/olute", "..", "ü 1", "x.y", "../../../../out"] {
        let saved = format!(r#"{{"KV_SAVE_RSP":{{{}"#, SAVED.replace("NAME", name));
        assert_eq!(saves(&mut raw, "KV_SAVE", name).await, saved, "{name}");
    }
    for name in ["a/b", "../up", "/abs/olute", "ü 1", "x.y", "../../../../out"] {
        assert_eq!(saves(&mut raw, "KV_LOAD", name).await, loaded(name, 1, 141), "{name}");
    }
    // Next to a save of its own the directory holds others.
    for name in ["", "a", ".."] {
        assert_eq!(saves(&mut raw, "KV_LOAD", name).await, unknown, "{name}");
    }
    let long = "x".repeat(300);
    assert_eq!(saves(&mut raw, "KV_SAVE", &long).await, unknown);
    assert_eq!(saves(&mut raw, "KV_LOAD", &long).await, unknown);
    assert_eq!(saves(&mut raw, "KV_SAVE", "n\\u0000x").await, r#"{"KV_SAVE_RSP":{"st":121}}"#);
    assert_eq!(saves(&mut raw, "KV_LOAD", "n\\u0000x").await, not_there("n\\u0000x"));
    assert_eq!(saves(&mut raw, "KV_LOAD", "x.y\\u0000").await, unknown);
    assert_eq!(saves(&mut raw, "KV_LOAD", "no/where").await, not_there("no/where"));
}

#[tokio::test]
async fn saves_stay_in_their_directory_and_outlive_the_sandbox_there() {
    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("in/ner");
    let sandbox = Nemesis::builder().persist_dir(&inner).start().await.unwrap();
    let mut raw = Raw::connect(sandbox.addr()).await;
    raw.ask(r#"{"KV_SET":{"keys":{"a":1}}}"#).await;
    let absolute = directory.path().join("in/escaped");
    for name in ["s", "../../../../escaped", absolute.to_str().unwrap(), "../escaped"] {
        assert!(saves(&mut raw, "KV_SAVE", name).await.contains("120"));
    }
    let around: Vec<_> =
        std::fs::read_dir(directory.path().join("in")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(around, ["ner"]);
    drop(sandbox);
    let sandbox = Nemesis::builder().persist_dir(&inner).persist(false).start().await.unwrap();
    let mut raw = Raw::connect(sandbox.addr()).await;
    assert_eq!(saves(&mut raw, "KV_SAVE", "s").await, r#"{"KV_SAVE_RSP":{"st":14}}"#);
    assert_eq!(saves(&mut raw, "KV_LOAD", "s").await, loaded("s", 1, 141));
}

#[tokio::test]
async fn a_large_store_is_saved_in_several_files() {
    let (_sandbox, mut raw) = start().await;
    let value = "v".repeat(32_000);
    for key in 0..340 {
        raw.send(&format!(r#"{{"KV_SET":{{"keys":{{"k{key}":"{value}"}}}}}}"#)).await;
    }
    for _ in 0..340 {
        raw.text().await;
    }
    assert!(saves(&mut raw, "KV_SAVE", "big").await.contains("120"));
    raw.ask(r#"{"KV_CLEAR":{}}"#).await;
    assert_eq!(saves(&mut raw, "KV_LOAD", "big").await, loaded("big", 340, 141));
}
