//! Many commands at once: in order, bounded, and honest about what failed.

use futures_util::{StreamExt, TryStreamExt};
use statuswire::Error;
use statuswire::nemesis::Client;
use statuswire::policy::Retry;
use statuswire_sandbox::{Fault, Nemesis};
use std::cell::Cell;

#[tokio::test]
async fn results_come_in_the_order_of_the_calls() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::builder(&sandbox.url()).value_bytes(1024).connect().await.unwrap();
    let kv = db.kv();
    let rows: Vec<(String, usize)> = (0..5000).map(|n| (format!("k{n}"), n)).collect();
    let stored: Vec<()> = db.batch(rows.iter().map(|(key, value)| kv.set(key, value))).try_collect().await.unwrap();
    assert_eq!(stored.len(), rows.len());
    let read: Vec<Option<usize>> = db.batch(rows.iter().map(|(key, _)| kv.get(key))).try_collect().await.unwrap();
    assert!(read.into_iter().eq(rows.iter().map(|(_, value)| Some(*value))));
    // The server saw them in that order, too.
    let sent = sandbox.record().messages("KV_SET");
    assert!(sent.iter().zip(&rows).all(|(text, (key, _))| text.contains(&format!("{key:?}"))));
}

async fn store(db: Client) -> Result<Vec<Option<usize>>, Error> {
    let kv = db.kv();
    let rows: Vec<(String, usize)> = (0..3).map(|n| (format!("k{n}"), n)).collect();
    let _: Vec<()> = db.batch(rows.iter().map(|(key, value)| kv.set(key, value))).try_collect().await?;
    db.batch(rows.iter().map(|(key, _)| kv.get(key))).try_collect().await
}

/// A web server: takes what makes a future of each request, and runs the future in a task of its own.
async fn serve<H, F>(handler: H) -> F::Output
where
    H: Fn() -> F + Clone + Send + Sync + 'static,
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(handler.clone()()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_over_references_runs_in_a_handler() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    assert_eq!(serve(move || store(db.clone())).await.unwrap(), [Some(0), Some(1), Some(2)]);
}

#[tokio::test]
async fn any_method_can_be_part() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let scores = db.sorted_ints("scores");
    scores.create(1000).await.unwrap();
    let added: Vec<()> = db.batch((0..1000).rev().map(|n| scores.add(n))).try_collect().await.unwrap();
    assert_eq!(added.len(), 1000);
    assert!(scores.get_range(..).await.unwrap().into_iter().eq(0..1000));
    // Owned handles and commands that look first.
    let names: Vec<String> = (0..300).map(|n| format!("list{n}")).collect();
    let lengths: Vec<u64> = db
        .batch(names.into_iter().map(|name| {
            let list = db.list::<serde_json::Value>(&name);
            async move {
                list.create().await?;
                list.push_all([serde_json::json!({}), serde_json::json!({})]).await?;
                list.remove_head().await
            }
        }))
        .try_collect()
        .await
        .unwrap();
    assert!(lengths.len() == 300 && lengths.iter().all(|len| *len == 1));
}

#[tokio::test]
async fn a_failure_stands_in_its_place_and_ends_nothing() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap().with_retry(Retry::never());
    let kv = db.kv();
    sandbox.fault(Fault::on("KV_SET").nth(3).reply_status(1000));
    let keys = ["a", "b", "c", "d\"", "e"];
    let results: Vec<_> = db.batch(keys.iter().map(|key| kv.set(key, &1))).collect().await;
    let failed: Vec<bool> = results.iter().map(Result::is_err).collect();
    assert_eq!(failed, [false, false, true, true, false]);
    assert!(results[3].as_ref().unwrap_err().is_invalid_request());
    assert_eq!(sandbox.record().received("KV_SET"), 4);
}

#[tokio::test]
async fn calls_are_made_no_faster_than_their_results_are_fetched() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let (kv, made) = (db.kv(), Cell::new(0));
    // Without an end.
    let calls = (0_u64..).map(|_| {
        made.set(made.get() + 1);
        kv.count()
    });
    let mut batch = db.batch(calls);
    assert_eq!(made.get(), 0);
    for fetched in 1..=1000 {
        assert_eq!(batch.next().await.unwrap().unwrap(), 0);
        assert!(made.get() <= fetched + 256, "{} calls for {fetched} results", made.get());
    }
    drop(batch);
    assert_eq!(kv.count().await.unwrap(), 0);
}
