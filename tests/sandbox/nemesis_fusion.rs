//! The fake server of NemesisDB fusion, where no recording shows it.

use crate::support::raw::{Got, Raw, masked};
use crate::support::until;
use statuswire_sandbox::NemesisFusion;
use tokio::net::TcpStream;

async fn start() -> (NemesisFusion, Raw) {
    let sandbox = NemesisFusion::start().await.unwrap();
    let raw = Raw::connect(sandbox.addr()).await;
    (sandbox, raw)
}

#[tokio::test]
async fn what_crashes_the_server() {
    for message in ["5", "\"x\"", "true", "[1]"] {
        let (sandbox, mut raw) = start().await;
        raw.send(message).await;
        assert_eq!(raw.next().await, Got::Eof(0), "{message}");
        assert!(TcpStream::connect(sandbox.addr()).await.is_err(), "{message}");
        sandbox.restart().await.unwrap();
        Raw::connect(sandbox.addr()).await.ask(r#"{"KV_COUNT":{}}"#).await;
    }
}

#[tokio::test]
async fn what_ends_the_worker() {
    let (_sandbox, mut raw) = start().await;
    raw.ask(r#"{"KV_SET":{"number":5}}"#).await;
    assert_eq!(raw.ask(r#"{"KV_APPEND":{"number":"x"}}"#).await, r#"{"KV_ERR":{"st":100,"m":""}}"#);
    raw.send(r#"{"KV_GET":["number"]}"#).await;
    // Errors in the form of a key are still found.
    assert_eq!(raw.ask(r#"{"KV_GET":["short","number"]}"#).await, r#"{"KV_GET_RSP":{"st":25,"k":"short"}}"#);
    assert!(raw.ask(r#"{"KV_SERVER_INFO":{}}"#).await.contains("0.2.3"));
    raw.expect_nothing_more().await;
}

/// A reply that does not come cannot be waited for: the end must be the first thing that comes.
#[tokio::test]
async fn what_freezes_the_server() {
    for waits in ["KV_COUNT", "KV_CLEAR"] {
        let (sandbox, mut raw) = start().await;
        let (mut before, mut after) = (Raw::connect(sandbox.addr()).await, Raw::tcp(sandbox.addr()).await);
        raw.ask(r#"{"KV_SET":{"number":5}}"#).await;
        raw.ask(r#"{"KV_APPEND":{"number":"x"}}"#).await;
        raw.send(&format!(r#"{{"{waits}":{{}}}}"#)).await;
        raw.send(r#"{"KV_SERVER_INFO":{}}"#).await;
        until(|| sandbox.record().received(waits) == 1).await;
        before.send(r#"{"KV_SERVER_INFO":{}}"#).await;
        until(|| sandbox.record().received("KV_SERVER_INFO") == 1).await;
        let upgrade = tokio::spawn(async move { after.upgrade("/", "").await });
        until(|| sandbox.record().opened() == 3).await;
        assert!(sandbox.record().executed(waits) == 0);
        sandbox.restart().await.unwrap();
        assert_eq!(raw.next().await, Got::Eof(0));
        assert_eq!(before.next().await, Got::Eof(0));
        assert_eq!(upgrade.await.unwrap(), "");
        let mut again = Raw::connect(sandbox.addr()).await;
        assert!(again.ask(r#"{"KV_COUNT":{}}"#).await.contains(r#""cnt":0"#));
    }
}

/// Replies to what came in the same read are lost.
#[tokio::test]
async fn late_replies_do_not_leave_a_frozen_server() {
    let (sandbox, mut raw) = start().await;
    raw.ask(r#"{"KV_SET":{"number":5}}"#).await;
    let together = [r#"{"KV_APPEND":{"number":"x"}}"#, r#"{"KV_COUNT":{}}"#];
    raw.write(&together.map(|text| masked(0x81, text.as_bytes())).concat()).await;
    until(|| sandbox.record().received("KV_COUNT") == 1).await;
    sandbox.kill().await;
    assert_eq!(raw.next().await, Got::Eof(0));
}

/// Each line: what is sent, and the replies.
#[tokio::test]
async fn odd_input() {
    let (_sandbox, mut raw) = start().await;
    let exchanges: &[(&str, &[&str])] = &[
        // A body of the wrong type, for every command.
        (r#"{"KV_SET":null}"#, &[r#"{"KV_SET_RSP":{"st":12,"k":""}}"#]),
        (r#"{"KV_SETQ":[]}"#, &[r#"{"KV_SETQ_RSP":{"st":12,"k":""}}"#]),
        (r#"{"KV_GET":5}"#, &[r#"{"KV_GET_RSP":{"st":12,"k":""}}"#]),
        (r#"{"KV_ADD":"abcdef"}"#, &[r#"{"KV_ADD_RSP":{"st":12,"k":""}}"#]),
        (r#"{"KV_ADDQ":["abcdef"]}"#, &[r#"{"KV_ADDQ_RSP":{"st":12,"k":""}}"#]),
        (r#"{"KV_RMV":true}"#, &[r#"{"KV_RMV_RSP":{"st":12,"k":""}}"#]),
        (r#"{"KV_APPEND":["abcdef"]}"#, &[r#"{"KV_APPEND_RSP":{"st":12,"k":""}}"#]),
        (r#"{"KV_CLEAR":1.5}"#, &[r#"{"KV_CLEAR_RSP":{"st":12,"k":""}}"#]),
        (r#"{"KV_SERVER_INFO":[]}"#, &[r#"{"KV_SERVER_INFO_RSP":{"st":12,"k":""}}"#]),
        (r#"{"KV_NOPE":5}"#, &[r#"{"KV_ERR":{"st":10,"m":"KV_NOPE"}}"#]),
        (r#"{"KV_":{}}"#, &[r#"{"KV_ERR":{"st":10,"m":"KV_"}}"#]),
        (r#"{"":{}}"#, &[r#"{"KV_ERR":{"st":10,"m":""}}"#]),
        (r#"{"SV_INFO":{}}"#, &[r#"{"KV_ERR":{"st":10,"m":"SV_INFO"}}"#]),
        // Nothing to do.
        (r#"{"KV_SETQ":{}}"#, &[]),
        (r#"{"KV_ADDQ":{}}"#, &[]),
        (r#"{"KV_RMV":[]}"#, &[]),
        // Six bytes.
        (
            r#"{"KV_SET":{"éé":1,"ééa":1,"😀a":1,"😀ab":1,"ab\u0000cde":1}}"#,
            &[
                r#"{"KV_SET_RSP":{"st":25,"k":"éé"}}"#,
                r#"{"KV_SET_RSP":{"st":25,"k":"ééa"}}"#,
                r#"{"KV_SET_RSP":{"st":25,"k":"😀a"}}"#,
                r#"{"KV_SET_RSP":{"st":20,"k":"😀ab"}}"#,
                r#"{"KV_SET_RSP":{"st":20,"k":"ab\u0000cde"}}"#,
            ],
        ),
        // Errors of keys before all other replies, each kind in its order.
        (
            r#"{"KV_RMV":["😀ab",null,"nope_1",["abcdef"],"a","😀ab"]}"#,
            &[
                r#"{"KV_RMV_RSP":{"st":27,"k":""}}"#,
                r#"{"KV_RMV_RSP":{"st":27,"k":""}}"#,
                r#"{"KV_RMV_RSP":{"st":25,"k":"a"}}"#,
                r#"{"KV_RMV_RSP":{"st":24,"k":"😀ab"}}"#,
                r#"{"KV_RMV_RSP":{"st":22,"k":"nope_1"}}"#,
                r#"{"KV_RMV_RSP":{"st":22,"k":"😀ab"}}"#,
            ],
        ),
        (
            r#"{"KV_APPEND":{"nope_1":"x","nope_2":1,"a":[],"nope_3":{}}}"#,
            &[
                r#"{"KV_APPEND_RSP":{"st":41,"k":"nope_2"}}"#,
                r#"{"KV_APPEND_RSP":{"st":25,"k":"a"}}"#,
                r#"{"KV_APPEND_RSP":{"st":22,"k":"nope_1"}}"#,
                r#"{"KV_APPEND_RSP":{"st":22,"k":"nope_3"}}"#,
            ],
        ),
        (r#"{"KV_SETQ":{"quiet_1":1,"a":2}}"#, &[r#"{"KV_SETQ_RSP":{"st":25,"k":"a"}}"#]),
        (
            r#"{"KV_ADDQ":{"quiet_1":9,"quiet_2":2,"b":2}}"#,
            &[r#"{"KV_ADDQ_RSP":{"st":25,"k":"b"}}"#, r#"{"KV_ADDQ_RSP":{"st":23,"k":"quiet_1"}}"#],
        ),
        // The last of two members wins, in the place of the first.
        (
            r#"{"KV_SET":{"twice_1":1,"twice_2":2,"twice_1":3}}"#,
            &[r#"{"KV_SET_RSP":{"st":20,"k":"twice_1"}}"#, r#"{"KV_SET_RSP":{"st":20,"k":"twice_2"}}"#],
        ),
        (
            r#"{"KV_GET":["twice_1"],"KV_GET":["twice_1","twice_1"]}"#,
            &[r#"{"KV_GET_RSP":{"twice_1":3,"st":1}}"#, r#"{"KV_GET_RSP":{"twice_1":3,"st":1}}"#],
        ),
        // Values.
        (
            r#"{"KV_SET":{"values":[-0.0,18446744073709551615,"\u001f\u007f\b",{"z":1,"a":null}]}}"#,
            &[r#"{"KV_SET_RSP":{"st":20,"k":"values"}}"#],
        ),
        (
            r#"{"KV_GET":["values"]}"#,
            &[
                "{\"KV_GET_RSP\":{\"values\":[-0.0,18446744073709551615,\"\\u001f\u{7f}\\b\",{\"z\":1,\"a\":null}],\"st\":1}}",
            ],
        ),
        (r#"{"KV_SET":{"values":1e400}}"#, &[r#"{"KV_ERR":{"st":3,"m":""}}"#]),
        (r#"{"KV_SET":{"values":"\udc00"}}"#, &[r#"{"KV_ERR":{"st":3,"m":""}}"#]),
        (r#"{"KV_SET":{"values":"\ud800"}}"#, &[r#"{"KV_ERR":{"st":3,"m":""}}"#]),
        (r#"{"KV_SET":{"values":01}}"#, &[r#"{"KV_ERR":{"st":3,"m":""}}"#]),
        (r#"{"KV_COUNT":{}}{}"#, &[r#"{"KV_ERR":{"st":3,"m":""}}"#]),
        (r#"{"KV_COUNT":{}} // x"#, &[r#"{"KV_ERR":{"st":3,"m":""}}"#]),
        ("\u{feff}{\"KV_COUNT\":{\"any\":[1]}}", &[r#"{"KV_COUNT_RSP":{"st":1,"cnt":6}}"#]),
        ("\u{feff}", &[r#"{"KV_ERR":{"st":3,"m":""}}"#]),
        ("[1,[2]]", &[r#"{"KV_ERR":{"st":11,"m":""}}"#]),
        (" null ", &[r#"{"KV_ERR":{"st":11,"m":""}}"#]),
    ];
    for (sent, want) in exchanges {
        raw.send(sent).await;
        for want in *want {
            assert_eq!(raw.text().await, *want, "{sent}");
        }
        raw.expect_nothing_more().await;
    }
    raw.write(&masked(0x82, b"")).await;
    assert_eq!(raw.text().await, r#"{"KV_ERR":{"st":2,"m":""}}"#);
}

#[tokio::test]
async fn what_may_be_appended_to_what() {
    let values = [
        ("string", "\"s\""),
        ("array", "[1]"),
        ("object", "{\"a\":1}"),
        ("number", "5"),
        ("bool", "true"),
        ("null", "null"),
    ];
    for (stored, value) in values {
        for (appended, more) in values {
            let (_sandbox, mut raw) = start().await;
            raw.ask(&format!(r#"{{"KV_SET":{{"key_one":{value}}}}}"#)).await;
            let got = raw.ask(&format!(r#"{{"KV_APPEND":{{"key_one":{more}}}}}"#)).await;
            let want = match appended {
                "number" | "bool" | "null" => r#"{"KV_APPEND_RSP":{"st":41,"k":"key_one"}}"#,
                _ if stored == appended => r#"{"KV_APPEND_RSP":{"st":1,"k":"key_one"}}"#,
                _ => r#"{"KV_ERR":{"st":100,"m":""}}"#,
            };
            assert_eq!(got, want, "{appended} to {stored}");
        }
    }
}

#[tokio::test]
async fn the_longest_message() {
    let (_sandbox, mut raw) = start().await;
    let message = |bytes: usize| {
        let frame = r#"{"KV_SET":{"key_one":""}}"#.len();
        format!(r#"{{"KV_SET":{{"key_one":"{}"}}}}"#, "x".repeat(bytes - frame))
    };
    assert_eq!(raw.ask(&message(1024)).await, r#"{"KV_SET_RSP":{"st":20,"k":"key_one"}}"#);
    raw.send(&message(1025)).await;
    assert_eq!(raw.next().await, Got::Eof(0));
}
