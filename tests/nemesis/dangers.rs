//! Requests that bring a NemesisDB server down: the client refuses them, unless it is told to insist.
//!
//! One case for each request that was seen to kill a server 0.9. The sandbox's record proves that nothing fatal was
//! sent, and that the server would have died of it.

use serde_json::{Value, json};
use statuswire::nemesis::{Array, Client, ErrorCode, Unsorted};
use statuswire::policy::Retry;
use statuswire::{Delivery, Error};
use statuswire_sandbox::{Event, Fault, Nemesis};
use std::borrow::Borrow;
use std::time::Duration;

/// Prepares the state as raw commands, makes the dangerous call as a careful client and as one that insists.
async fn danger<T: std::fmt::Debug>(
    prepare: &[Value],
    command: &str,
    call: impl AsyncFn(Client) -> Result<T, Error>,
) -> String {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap().with_retry(Retry::never());
    for step in prepare {
        db.raw(&step.to_string()).await.unwrap();
    }
    let received = sandbox.record().received(command);
    let error = call(db.clone()).await.unwrap_err();
    assert!(error.is_invalid_request() && error.delivery() == Delivery::NotSent, "{command}: {error}");
    assert_eq!(error.context().service, "nemesis");
    assert_eq!((sandbox.record().received(command), sandbox.record().crashes()), (received, 0), "{command}");

    let insisted = call(db.insist_on_danger()).await.unwrap_err();
    assert!(insisted.is_outcome_unknown() && insisted.is_connection(), "{command}: {insisted:?}");
    assert_eq!(sandbox.record().crashes(), 1, "{command}");
    let crashed = Event::Crashed { command: command.to_owned() };
    assert!(sandbox.record().entries().iter().any(|entry| entry.event == crashed), "{command}");
    error.to_string()
}

fn create(family: &str, len: u64) -> Value {
    json!({ format!("{family}_CREATE"): { "name": "a", "len": len } })
}

fn put(family: &str, items: Value) -> Value {
    json!({ format!("{family}_SET_RNG"): { "name": "a", "items": items } })
}

fn list(name: &str, items: Value) -> [Value; 2] {
    [json!({ "OLST_CREATE": { "name": name } }), json!({ "OLST_ADD": { "name": name, "items": items } })]
}

#[tokio::test]
async fn appending_more_than_fits() {
    let text = danger(&[create("OARR", 2), put("OARR", json!([{}]))], "OARR_SET_RNG", async |db| {
        db.object_array("a").append_all([json!({}), json!({})]).await
    })
    .await;
    for part in ["2 items would be appended where 1 fit", "append what fits", "insist_on_danger"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    danger(&[create("IARR", 2)], "IARR_SET_RNG", async |db| db.int_array("a").append_all([1, 2, 3]).await).await;
    danger(&[create("STRARR", 1)], "STRARR_SET_RNG", async |db| db.string_array("a").append_all(["a", "b"]).await)
        .await;
}

#[tokio::test]
async fn a_range_into_sorted_strings_that_are_there() {
    danger(&[create("SSTRARR", 9), put("SSTRARR", json!(["a"]))], "SSTRARR_SET_RNG", async |db| {
        db.sorted_strings("a").fill(["b"]).await
    })
    .await;
}

/// The real server handles integers by the same code and survived: the client is careful, the sandbox does as observed.
#[tokio::test]
async fn a_range_into_sorted_integers_that_are_there() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let array = db.sorted_ints("a");
    array.create(9).await.unwrap();
    array.fill([3, 1]).await.unwrap();
    assert!(array.fill([2]).await.unwrap_err().is_invalid_request());
    assert_eq!(sandbox.record().received("SIARR_SET_RNG"), 1);
    db.insist_on_danger().sorted_ints("a").fill([2]).await.unwrap();
    assert_eq!(array.get_range(..).await.unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn nothing_into_a_sorted_array_that_holds_items() {
    for family in ["SIARR", "SSTRARR"] {
        let items = if family == "SIARR" { json!([1]) } else { json!(["x"]) };
        let nothing = put(family, json!([])).to_string();
        let command = format!("{family}_SET_RNG");
        danger(&[create(family, 9), put(family, items)], &command, async |db| db.raw(&nothing).await).await;
    }
    // The methods send nothing.
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    db.sorted_ints("a").fill([0; 0]).await.unwrap();
    assert_eq!(sandbox.record().total_received(), 0);
}

#[tokio::test]
async fn clearing_from_beyond_the_used_places() {
    for family in ["OARR", "IARR", "STRARR", "SIARR", "SSTRARR"] {
        danger(&[create(family, 9)], &format!("{family}_CLEAR"), async |db| match family {
            "OARR" => db.object_array::<Value>("a").clear_range(1..).await,
            "IARR" => db.int_array("a").clear_range(1..).await,
            "STRARR" => db.string_array("a").clear_range(1..).await,
            "SIARR" => db.sorted_ints("a").clear_range(1..).await,
            _ => db.sorted_strings("a").clear_range(1..).await,
        })
        .await;
    }
}

#[tokio::test]
async fn clearing_backwards() {
    let prepared = [create("IARR", 9), put("IARR", json!([1, 2, 3]))];
    let (late, early) = (2, 1);
    danger(&prepared, "IARR_CLEAR", async |db| db.int_array("a").clear_range(late..early).await).await;
    let raw = json!({ "IARR_CLEAR": { "rng": [2, 1], "name": "a" } }).to_string();
    danger(&prepared, "IARR_CLEAR", async |db| db.raw(&raw).await).await;
}

/// More used than there is, since ranges at a position always count. The careful client cuts the end.
#[tokio::test]
async fn reading_beyond_the_capacity() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap().with_retry(Retry::never());
    let array = db.string_array("a");
    array.create(2).await.unwrap();
    array.set_range_at(0, ["a", "b"]).await.unwrap();
    array.set_range_at(0, ["c", "d"]).await.unwrap();
    assert_eq!(array.used().await.unwrap(), 4);
    assert_eq!(array.get_range(..3).await.unwrap(), ["c", "d"]);
    assert_eq!(&*sandbox.record().messages("STRARR_GET_RNG")[0], r#"{"STRARR_GET_RNG":{"name":"a","rng":[0,2]}}"#);
    assert_eq!(sandbox.record().crashes(), 0);
    let error = db.insist_on_danger().string_array("a").get_range(..3).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(sandbox.record().crashes(), 1);
}

/// The careful client cuts the end at the capacity.
#[tokio::test]
async fn clearing_beyond_the_capacity() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap().with_retry(Retry::never());
    let (objects, integers, strings) = (db.object_array("a"), db.int_array("a"), db.string_array("a"));
    for range in [(0, 4), (0, 1000), (1, 4), (2, u64::MAX)] {
        let range = range.0..range.1;
        for family in ["OARR", "IARR", "STRARR"] {
            let create = create(family, 3).to_string();
            match family {
                "OARR" => overfilled(&db, &create, &objects, json!({})).await.clear_range(range.clone()).await,
                "IARR" => overfilled(&db, &create, &integers, 7).await.clear_range(range.clone()).await,
                _ => overfilled(&db, &create, &strings, "x".to_owned()).await.clear_range(range.clone()).await,
            }
            .unwrap();
            let cleared = json!({ format!("{family}_CLEAR"): { "name": "a", "rng": [range.start, 3] } }).to_string();
            assert_eq!(&**sandbox.record().messages(&format!("{family}_CLEAR")).last().unwrap(), cleared);
        }
    }
    overfilled(&db, &create("STRARR", 3).to_string(), &strings, "x".to_owned()).await.clear_range(..).await.unwrap();
    assert_eq!(strings.used().await.unwrap(), 0);
    // Nothing to cut, and a start that is beyond the capacity, too.
    strings.clear_range(..1000).await.unwrap();
    overfilled(&db, &create("STRARR", 3).to_string(), &strings, "x".to_owned()).await;
    assert_eq!(strings.clear_range(3..5).await.unwrap_err().code_as(), Some(ErrorCode::Bounds));
    assert_eq!(sandbox.record().crashes(), 0);

    let error = db.insist_on_danger().string_array("a").clear_range(..4).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(sandbox.record().crashes(), 1);
}

/// Makes an array that counts more used places than it has.
async fn overfilled<'a, F>(db: &Client, create: &str, array: &'a Array<F>, item: F::Item) -> &'a Array<F>
where
    F: Unsorted<Item: Clone + Borrow<F::Given>>,
{
    array.delete().await.unwrap();
    db.raw(create).await.unwrap();
    for _ in 0..3 {
        array.set_range_at(0, vec![item.clone(); 2]).await.unwrap();
    }
    assert_eq!(array.used().await.unwrap(), 6);
    array
}

/// The careful client never starts a range where the server's maximum may have been passed.
#[tokio::test]
async fn reading_a_list_from_beyond_the_maximum_response() {
    let sandbox = Nemesis::builder().lists_max_response_size(5).start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap().with_retry(Retry::never());
    let list = db.list::<Value>("l");
    list.create().await.unwrap();
    let items: Vec<Value> = (0..12).map(|n| json!({ "n": n })).collect();
    list.push_all(&items).await.unwrap();
    for start in 0..14_usize {
        for stop in start..14 {
            let expected = &items[start.min(12)..stop.min(12)];
            assert_eq!(list.get_range(start as u64..stop as u64).await.unwrap(), expected, "{start}..{stop}");
        }
    }
    assert_eq!(list.get_range(7..).await.unwrap(), items[7..]);
    assert_eq!(sandbox.record().crashes(), 0);

    let insisting = db.insist_on_danger().list::<Value>("l");
    assert_eq!(insisting.get_range(5..8).await.unwrap(), items[5..5]);
    assert!(insisting.get_range(6..8).await.unwrap_err().is_outcome_unknown());
    assert_eq!(sandbox.record().crashes(), 1);
}

/// The same with the shipped configuration.
#[tokio::test]
async fn reading_a_long_list() {
    let sandbox = Nemesis::start().await.unwrap();
    let list = Client::connect(&sandbox.url()).await.unwrap().list::<Value>("l");
    list.create().await.unwrap();
    let items: Vec<Value> = (0..12_007).map(|n| json!({ "n": n })).collect();
    for some in items.chunks(1000) {
        list.push_all(some).await.unwrap();
    }
    for (start, stop) in [(10_001, 10_002), (10_500, 10_502), (9_999, 10_003), (12_000, 13_000), (0, 10_004)] {
        let read = list.get_range(start as u64..stop as u64).await.unwrap();
        assert!(read == items[start..stop.min(items.len())], "{start}..{stop}: {} items", read.len());
    }
    assert_eq!(sandbox.record().crashes(), 0);
}

/// The ranges that the client asked for.
fn ranges(sandbox: &Nemesis) -> Vec<(u64, u64)> {
    let range = |message: &str| {
        let message: Value = serde_json::from_str(message).unwrap();
        let range = &message["OLST_GET_RNG"]["rng"];
        (range[0].as_u64().unwrap(), range[1].as_u64().unwrap())
    };
    sandbox.record().messages("OLST_GET_RNG").iter().map(|message| range(message)).collect()
}

/// Each answer shows where the next range may start.
#[tokio::test]
async fn pages_of_a_list_take_one_command_each() {
    let sandbox = Nemesis::builder().lists_max_response_size(75).start().await.unwrap();
    let list = Client::connect(&sandbox.url()).await.unwrap().list::<Value>("l");
    list.create().await.unwrap();
    let items: Vec<Value> = (0..80).map(|n| json!({ "n": n })).collect();
    list.push_all(&items).await.unwrap();
    for page in 0..8_usize {
        let (start, stop) = (page * 10, page * 10 + 10);
        assert_eq!(list.get_range(start as u64..stop as u64).await.unwrap(), items[start..stop], "{page}");
    }
    let expected: Vec<(u64, u64)> = (0_u64..8).map(|page| ((page * 10).saturating_sub(1), page * 10 + 10)).collect();
    assert_eq!(ranges(&sandbox), expected);
    assert_eq!(sandbox.record().received("OLST_GET"), 5, "those beyond the maximum");
    // What is known stays known, and where a range is far behind it, one by one is less.
    assert_eq!(list.get_range(30..=33).await.unwrap(), items[30..=33]);
    assert_eq!(ranges(&sandbox)[8..], [(30, 34)]);
    assert_eq!(list.get_range(78..79).await.unwrap(), items[78..79]);
    assert_eq!((ranges(&sandbox).len(), sandbox.record().received("OLST_GET")), (9, 6));
    assert_eq!(sandbox.record().crashes(), 0);
}

/// A range may be too long for one message.
#[tokio::test]
async fn a_long_range_comes_in_pieces_that_fit_in_a_message() {
    let sandbox = Nemesis::start().await.unwrap();
    let list = Client::connect(&sandbox.url()).await.unwrap().list::<Value>("l");
    list.create().await.unwrap();
    let item = |n: usize| json!({ "n": n, "text": "x".repeat(30_000) });
    for n in 0..900 {
        list.push(item(n)).await.unwrap();
    }
    // All of these have 27 MB, and a message 16 MiB at most: those before the range are not read with it.
    let read = list.get_range(400..).await.unwrap();
    assert!(read == (400..900).map(item).collect::<Vec<_>>());
    assert_eq!((ranges(&sandbox).len(), sandbox.record().received("OLST_GET")), (0, 500));
    assert_eq!(list.get_range(..1).await.unwrap(), [item(0)]);
    let mut stop = 1;
    while stop < 500 {
        let read = list.get_range(stop..2 * stop).await.unwrap();
        assert!(read == (stop..2 * stop).map(|n| item(n as usize)).collect::<Vec<_>>());
        stop *= 2;
    }
    let read = list.get_range(1..).await.unwrap();
    assert!(read == (1..900).map(item).collect::<Vec<_>>());
    assert_eq!((sandbox.record().received("OLST_GET"), sandbox.record().opened()), (500, 1));
}

/// What was not asked for shows nothing of the maximum.
#[tokio::test]
async fn a_server_that_answers_more_items_than_it_was_asked_for() {
    let sandbox = Nemesis::start().await.unwrap();
    let list = Client::connect(&sandbox.url()).await.unwrap().list::<Value>("l");
    list.create().await.unwrap();
    let items: Vec<Value> = (0..12).map(|n| json!({ "n": n })).collect();
    list.push_all(&items[..10]).await.unwrap();
    let reply = json!({ "OLST_GET_RNG_RSP": { "items": items, "st": 1 } }).to_string();
    let fault = sandbox.fault(Fault::on("OLST_GET_RNG").reply_text(reply));
    assert_eq!(list.get_range(..3).await.unwrap(), items[..3]);
    fault.remove();
    assert_eq!(list.get_range(8..9).await.unwrap(), items[8..9]);
    assert_eq!((ranges(&sandbox), sandbox.record().received("OLST_GET")), (vec![(0, 3)], 1));
}

/// Another connection may lead to a server with another maximum.
#[tokio::test]
async fn what_a_lost_connection_showed_is_forgotten() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let list = db.list::<Value>("l");
    list.create().await.unwrap();
    let items: Vec<Value> = (0..80).map(|n| json!({ "n": n })).collect();
    list.push_all(&items).await.unwrap();
    list.get_range(..).await.unwrap();
    // It is lost with the command: before, while, and after that is answered.
    for fault in [
        Fault::on("KV_COUNT").nth(1).drop_connection(),
        Fault::on("OLST_GET_RNG").nth(1).drop_connection(),
        Fault::on("OLST_LEN").nth(1).drop_connection().carried_out(),
    ] {
        let before = ranges(&sandbox).len();
        let fault = sandbox.fault(fault);
        db.kv().count().await.unwrap();
        assert_eq!(list.get_range(70..75).await.unwrap(), items[70..75]);
        fault.remove();
        let asked = ranges(&sandbox)[before..].to_vec();
        assert!(asked.is_empty() || asked == [(70, 75)], "{asked:?}");
        list.get_range(..).await.unwrap();
    }
    assert_eq!(ranges(&sandbox).iter().filter(|range| range.0 > 0).count(), 1);
}

#[tokio::test]
async fn removing_from_lists_that_are_too_short() {
    let empty = [json!({ "OLST_CREATE": { "name": "l" } })];
    let text = danger(&empty, "OLST_RMV", async |db| db.list::<Value>("l").remove_head().await).await;
    assert!(text.contains("head would be removed from a list of 0 items"), "{text}");
    danger(&empty, "OLST_RMV", async |db| db.list::<Value>("l").remove_tail().await).await;
    danger(&list("l", json!([{}])), "OLST_RMV", async |db| db.list::<Value>("l").remove_ends().await).await;
}

#[tokio::test]
async fn overwriting_beyond_the_end_of_a_list() {
    danger(&list("l", json!([{}, {}])), "OLST_SET_RNG", async |db| {
        db.list("l").set_range(1, [json!({}), json!({})]).await
    })
    .await;
}

#[tokio::test]
async fn moving_items_by_a_malformed_range() {
    for range in [json!([]), json!([2, 1])] {
        let raw = json!({ "OLST_SPLICE": { "srcName": "l", "srcRng": range, "destName": "m" } }).to_string();
        danger(&list("l", json!([{}, {}, {}])), "OLST_SPLICE", async |db| db.raw(&raw).await).await;
    }
    let (late, early) = (2, 1);
    danger(&list("l", json!([{}, {}, {}])), "OLST_SPLICE", async |db| {
        db.list::<Value>("l").move_to(late..early, &db.list("m")).await
    })
    .await;
}

#[tokio::test]
async fn moving_items_of_a_list_into_itself() {
    danger(&list("l", json!([{}, {}])), "OLST_SPLICE", async |db| {
        db.list::<Value>("l").move_to(..1, &db.list("l")).await
    })
    .await;
    let raw = json!({ "OLST_SPLICE": { "srcName": "l", "srcRng": [0], "destName": "l" } }).to_string();
    danger(&list("l", json!([{}, {}])), "OLST_SPLICE", async |db| db.raw(&raw).await).await;
}

/// What other clients see of a crash: the connection ends, and the server starts again without data.
#[tokio::test]
async fn a_crash_takes_all_connections_and_all_data() {
    let sandbox = Nemesis::start().await.unwrap();
    let bystander = Client::connect(&sandbox.url()).await.unwrap();
    bystander.kv().set("a", &1).await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap().with_retry(Retry::never()).insist_on_danger();
    let list = db.list::<Value>("l");
    list.create().await.unwrap();
    list.remove_head().await.unwrap_err();
    sandbox.record().wait_for(|record| record.closed() >= 2).await;
    let mut state = bystander.state();
    tokio::time::timeout(Duration::from_secs(10), state.wait_for(|state| !state.is_ready())).await.unwrap().unwrap();
    assert!(Client::connect(&sandbox.url()).await.is_err());
    sandbox.restart().await.unwrap();
    assert_eq!(bystander.kv().get::<i32>("a").await.unwrap(), None);
}
