//! Replies of unknown size: as many reads at a time as the server keeps replies for, and no more.

use futures_util::TryStreamExt;
use serde_json::value::RawValue;
use statuswire::nemesis::Client;
use statuswire_sandbox::{Event, Fault, Nemesis};
use std::time::Duration;

async fn start(value_bytes: Option<usize>) -> (Nemesis, Client) {
    let sandbox = Nemesis::start().await.unwrap();
    let builder = Client::builder(&sandbox.url());
    let builder = if let Some(bytes) = value_bytes { builder.value_bytes(bytes) } else { builder };
    let client = builder.connect().await.unwrap();
    (sandbox, client)
}

/// Starts many reads that are not answered, and returns how many the server receives.
async fn in_flight(sandbox: &Nemesis, db: &Client, at_least: u64) -> u64 {
    sandbox.fault(Fault::on("KV_GET").silence());
    let before = sandbox.record().received("KV_GET");
    let calls: Vec<_> = (0..80)
        .map(|_| {
            let kv = db.kv();
            tokio::spawn(async move { kv.get_raw("small").await })
        })
        .collect();
    let arrived = sandbox.record().wait_for(|record| record.received("KV_GET") >= before + at_least);
    tokio::time::timeout(Duration::from_secs(60), arrived).await.expect("fewer are sent");
    // More commands, if the client sent any, would arrive at once.
    tokio::time::sleep(Duration::from_millis(30)).await;
    calls.iter().for_each(|call| call.abort());
    sandbox.record().received("KV_GET") - before
}

#[tokio::test]
async fn a_size_that_is_set_stays() {
    for (value_bytes, expected) in [(32 * 1024, 2), (16 * 1024, 4), (64, 64)] {
        let (sandbox, db) = start(Some(value_bytes)).await;
        for _ in 0..10 {
            db.kv().get_raw("small").await.unwrap();
        }
        assert_eq!(in_flight(&sandbox, &db, expected).await, expected);
    }
}

#[tokio::test]
async fn the_size_of_values_is_learned() {
    for (small, large, expected) in
        [(0, false, 2), (1, false, 4), (3, false, 16), (5, false, 64), (70, false, 64), (70, true, 2)]
    {
        let (sandbox, db) = start(None).await;
        db.kv().set("small", &1).await.unwrap();
        db.kv().set("large", &"x".repeat(30_000)).await.unwrap();
        for _ in 0..small {
            db.kv().get_raw("small").await.unwrap();
        }
        if large {
            db.kv().get_raw("large").await.unwrap();
        }
        assert_eq!(in_flight(&sandbox, &db, expected).await, expected, "{small} {large}");
    }
}

/// If one of their replies were lost, the others would be taken for each other's.
#[tokio::test]
async fn replies_without_keys_are_sent_for_by_the_safe_size() {
    let (sandbox, db) = start(None).await;
    let list = db.list::<serde_json::Value>("l");
    list.create().await.unwrap();
    list.push(&serde_json::json!({ "n": 1 })).await.unwrap();
    db.kv().set("small", &1).await.unwrap();
    for _ in 0..70 {
        db.kv().get_raw("small").await.unwrap();
        list.get(0).await.unwrap();
    }
    sandbox.fault(Fault::on("OLST_GET").silence());
    let before = sandbox.record().received("OLST_GET");
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let list = list.clone();
            tokio::spawn(async move { list.get(0).await })
        })
        .collect();
    sandbox.record().wait_for(|record| record.received("OLST_GET") >= before + 2).await;
    // More commands, if the client sent any, would arrive at once.
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(sandbox.record().received("OLST_GET") - before, 2);
    calls.iter().for_each(|call| call.abort());
}

/// A server that has little room for replies, and a client that cannot read while the server answers: both are in one
/// thread.
#[tokio::test]
async fn no_reply_is_lost_while_the_size_is_learned() {
    let sandbox = Nemesis::builder().options(|options| options.send_buffer(4096)).start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let kv = db.kv();
    let value = |n: usize| format!("{n}:{}", "x".repeat(30_000));
    for n in 0..100 {
        kv.set(&format!("k{n}"), &value(n)).await.unwrap();
    }
    // Longer than any command.
    let deletes = RawValue::from_string(format!("[{}1e5]", "1e5,".repeat(7000))).unwrap();
    kv.set_raw("grows", &deletes).await.unwrap();
    let keys: Vec<String> =
        (0..400).map(|n| if n % 50 == 7 { "grows".to_owned() } else { format!("k{}", n % 100) }).collect();
    let read: Vec<Option<serde_json::Value>> =
        db.batch(keys.iter().map(|key| kv.get(key))).try_collect().await.unwrap();
    for (key, value_read) in keys.iter().zip(read) {
        match key.strip_prefix('k') {
            Some(n) => assert_eq!(value_read.unwrap(), value(n.parse().unwrap()), "{key}"),
            None => assert_eq!(value_read.unwrap().as_array().unwrap().len(), 7001),
        }
    }
    assert!(!sandbox.record().entries().iter().any(|entry| entry.event == Event::ReplyDropped));
}

/// The system has room for as many large values as may be on the wire when they come unexpectedly.
#[tokio::test]
async fn values_that_are_suddenly_large() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let kv = db.kv();
    kv.set("small", &1).await.unwrap();
    kv.set("large", &"x".repeat(30_000)).await.unwrap();
    let keys = (0..4000).map(|n| if n < 3000 { "small" } else { "large" });
    let read: Vec<Option<serde_json::Value>> = db.batch(keys.map(|key| kv.get(key))).try_collect().await.unwrap();
    for (n, value) in read.into_iter().enumerate() {
        assert_eq!(value.unwrap().is_string(), n >= 3000, "{n}");
    }
    assert!(!sandbox.record().entries().iter().any(|entry| entry.event == Event::ReplyDropped));
}

/// The server spells DEL, and perhaps other control characters, by their numbers.
#[tokio::test]
async fn keys_that_come_back_longer_lose_no_reply() {
    let sandbox = Nemesis::builder().options(|options| options.send_buffer(4096)).start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let kv = db.kv();
    let keys: Vec<String> = (0..8).map(|n| format!("{n}{}", "\u{7f}".repeat(1000))).collect();
    for key in &keys {
        kv.set(key, &1).await.unwrap();
    }
    let calls: Vec<usize> = (0..200).map(|n| n % 8).collect();
    let read: Vec<Vec<String>> =
        db.batch(calls.iter().map(|n| kv.contains_many([&keys[*n]]))).try_collect().await.unwrap();
    for (n, found) in calls.iter().zip(read) {
        assert!(found == [keys[*n].as_str()], "{n}");
    }
    assert!(!sandbox.record().entries().iter().any(|entry| entry.event == Event::ReplyDropped));
}

#[tokio::test]
async fn a_large_value_slows_the_client_for_a_while_only() {
    let (sandbox, db) = start(None).await;
    db.kv().set("small", &1).await.unwrap();
    db.kv().set("large", &"x".repeat(30_000)).await.unwrap();
    db.kv().get_raw("large").await.unwrap();
    for _ in 0..1100 {
        db.kv().get_raw("small").await.unwrap();
    }
    assert_eq!(in_flight(&sandbox, &db, 64).await, 64);
}
