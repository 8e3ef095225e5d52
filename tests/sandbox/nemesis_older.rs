//! The fake server of NemesisDB with sessions, where no recording shows it.

use crate::support::raw::Raw;
use serde_json::Value;
use statuswire_sandbox::{Fault, NemesisSessions};
use std::time::Duration;

async fn sessions() -> (NemesisSessions, Raw) {
    let sandbox = NemesisSessions::start().await.unwrap();
    let raw = Raw::connect(sandbox.addr()).await;
    (sandbox, raw)
}

async fn token(raw: &mut Raw, body: &str) -> u64 {
    let reply: Value = serde_json::from_str(&raw.ask(&format!(r#"{{"SH_NEW":{body}}}"#)).await).unwrap();
    reply["SH_NEW_RSP"]["tkn"].as_u64().unwrap()
}

#[tokio::test]
async fn a_session_expires_in_virtual_time() {
    let (sandbox, mut raw) = sessions().await;
    let deleted = token(&mut raw, r#"{"name":"a","expiry":{"duration":60,"deleteSession":true}}"#).await;
    let emptied = token(&mut raw, r#"{"name":"b","expiry":{"duration":60,"deleteSession":false}}"#).await;
    for token in [deleted, emptied] {
        raw.ask(&format!(r#"{{"KV_SET":{{"tkn":{token},"keys":{{"k":1}}}}}}"#)).await;
    }
    sandbox.advance(Duration::from_secs(50));
    assert!(raw.ask(r#"{"SH_INFO_ALL":{}}"#).await.contains(r#""totalSessions":2,"totalKeys":2"#));
    // Asking for information is no use. A little more than 50 seconds have passed.
    assert!(raw.ask(&format!(r#"{{"SH_INFO":{{"tkn":{deleted}}}}}"#)).await.contains(r#""remaining":9,"#));
    sandbox.advance(Duration::from_secs(16));
    assert!(raw.ask(r#"{"SH_INFO_ALL":{}}"#).await.contains(r#""totalSessions":1,"totalKeys":0"#));
    let count = raw.ask(&format!(r#"{{"KV_COUNT":{{"tkn":{deleted}}}}}"#)).await;
    assert_eq!(count, format!(r#"{{"KV_COUNT_RSP":{{"st":100,"tkn":{deleted},"m":""}}}}"#));
    let count = raw.ask(&format!(r#"{{"KV_COUNT":{{"tkn":{emptied}}}}}"#)).await;
    assert_eq!(count, format!(r#"{{"KV_COUNT_RSP":{{"st":1,"cnt":0,"tkn":{emptied}}}}}"#));
}

#[tokio::test]
async fn keys_that_look_like_members_of_a_reply() {
    let (_sandbox, mut raw) = sessions().await;
    let token = token(&mut raw, r#"{"name":"a"}"#).await;
    raw.ask(&format!(r#"{{"KV_SET":{{"tkn":{token},"keys":{{"tkn":1,"st":2,"m":3}}}}}}"#)).await;
    let removed = raw.ask(&format!(r#"{{"KV_RMV":{{"tkn":{token},"keys":["m","tkn","st","st"]}}}}"#)).await;
    assert_eq!(removed, r#"{"KV_RMV_RSP":{"tkn":24,"m":24,"st":22}}"#);
}

#[tokio::test]
async fn a_fault_keeps_the_order_of_replies() {
    let (sandbox, mut raw) = sessions().await;
    let token = token(&mut raw, r#"{"name":"a"}"#).await;
    sandbox.fault(Fault::on("KV_GET").nth(2).reply_status(1000));
    let get = format!(r#"{{"KV_GET":{{"tkn":{token},"keys":["a"]}}}}"#);
    raw.send(&get).await;
    raw.send(&get).await;
    assert!(raw.text().await.contains(r#""keys":{"a":null}"#));
    assert!(raw.text().await.contains(r#""st":1000"#));
}
