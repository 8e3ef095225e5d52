//! Arrays, against a sandbox and, if there is one, a real NemesisDB server.

use crate::server::with_servers;
use serde::{Deserialize, Serialize};
use statuswire::nemesis::{Client, ErrorCode, Integers, Objects, SortedIntegers, SortedTexts, Strings};
use statuswire::policy::{Backoff, Reconnecting};
use statuswire::{Cause, ConnectOptions, Error};
use statuswire_sandbox::{Fault, Nemesis};
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: i32,
    label: Option<String>,
}

fn point(x: i32) -> Point {
    Point { x, label: Some(format!("\"{x}\"")) }
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorCode {
    result.unwrap_err().code_as().unwrap()
}

#[tokio::test]
async fn objects() {
    with_servers(async |server| {
        let array = server.db.object_array::<Point>(&server.key("points"));
        assert!(!array.exists().await.unwrap());
        assert_eq!(code(array.used().await), ErrorCode::NotExist);
        array.create(5).await.unwrap();
        assert!(array.exists().await.unwrap());
        assert_eq!(code(array.create(5).await), ErrorCode::Duplicate);
        assert_eq!((array.capacity().await.unwrap(), array.used().await.unwrap()), (5, 0));

        array.append(point(1)).await.unwrap();
        array.append_all([&point(2), &point(3)]).await.unwrap();
        assert_eq!(array.get_range(..).await.unwrap(), [point(1), point(2), point(3)]);
        array.set_at(0, &point(-1)).await.unwrap();
        array.swap(0, 2).await.unwrap();
        assert_eq!(array.get(2).await.unwrap(), point(-1));
        array.clear_range(..1).await.unwrap();
        assert_eq!(array.get_range(..).await.unwrap(), [point(2), point(-1)]);
        assert_eq!(code(array.get(5).await), ErrorCode::Bounds);
        array.delete().await.unwrap();
        array.delete().await.unwrap();

        let numbers = server.db.object_array::<i32>(&server.key("no objects"));
        let refused = numbers.append_all([1]).await.unwrap_err();
        assert!(refused.is_invalid_request() && refused.to_string().contains("$[0]: not a JSON object"), "{refused}");
        assert_eq!(refused.context().command, "OARR_SET_RNG");
    })
    .await;
}

#[tokio::test]
async fn integers_have_64_bits_and_a_sign() {
    with_servers(async |server| {
        let array = server.db.int_array(&server.key("integers"));
        array.create(4).await.unwrap();
        array.append_all(vec![i64::MIN, -1, i64::MAX]).await.unwrap();
        array.append(5).await.unwrap();
        assert_eq!(array.get_range(..).await.unwrap(), [i64::MIN, -1, i64::MAX, 5]);
        assert_eq!(code(array.append(6).await), ErrorCode::Bounds);
        assert_eq!(code(array.append_all([6]).await), ErrorCode::Bounds);
        array.clear_range(..).await.unwrap();
        // What was removed from a full array is still there.
        assert_eq!((array.used().await.unwrap(), array.get(0).await.unwrap()), (0, i64::MIN));
        array.delete().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn positions_and_used_places() {
    with_servers(async |server| {
        let array = server.db.string_array(&server.key("positions"));
        array.create(6).await.unwrap();
        assert_eq!(array.get(3).await.unwrap(), "");
        // Set by position: there, but not used.
        array.set_at(1, "b").await.unwrap();
        assert_eq!(array.used().await.unwrap(), 0);
        assert!(array.get_range(..).await.unwrap().is_empty());
        assert_eq!(array.get(1).await.unwrap(), "b");
        array.append("a").await.unwrap();
        assert_eq!(array.get_range(..).await.unwrap(), ["a"]);
        // Appending reaches it and overwrites it.
        array.append("c".to_owned()).await.unwrap();
        assert_eq!(array.get_range(..=1).await.unwrap(), ["a", "c"]);
        // Setting a range by position always counts.
        array.set_range_at(0, ["x", "y", "z"]).await.unwrap();
        assert_eq!(array.used().await.unwrap(), 5);
        array.set_range_at(0, ["1", "2", "3"]).await.unwrap();
        assert_eq!((array.used().await.unwrap(), array.capacity().await.unwrap()), (8, 6));
        assert_eq!(array.get_range(..).await.unwrap(), ["1", "2", "3", "", "", ""]);
        assert_eq!(array.get_range(2..100).await.unwrap(), ["3", "", "", ""]);
        assert_eq!(code(array.append("more").await), ErrorCode::Bounds);
        array.delete().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn ranges_that_are_empty_or_end_early() {
    with_servers(async |server| {
        let array = server.db.int_array(&server.key("ranges"));
        array.create(10).await.unwrap();
        array.append_all(0..5).await.unwrap();
        assert_eq!(array.get_range(3..99).await.unwrap(), [3, 4]);
        assert_eq!(array.get_range(3..=3).await.unwrap(), [3]);
        assert!(array.get_range(3..3).await.unwrap().is_empty());
        // The server would answer with `ERR` 1000 and with `Bounds`.
        assert!(array.get_range(7..).await.unwrap().is_empty());
        assert!(array.get_range(70..).await.unwrap().is_empty());
        let (late, early) = (4, 2);
        assert!(array.get_range(late..early).await.unwrap_err().is_invalid_request());
        array.append_all([0; 0]).await.unwrap();
        array.set_range_at(0, [0; 0]).await.unwrap();
        array.clear_range(2..2).await.unwrap();
        assert_eq!(array.used().await.unwrap(), 5);
        array.delete().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn sorted_families() {
    with_servers(async |server| {
        let (a, b) = (server.db.sorted_ints(&server.key("a")), server.db.sorted_ints(&server.key("b")));
        a.create(10).await.unwrap();
        b.create(10).await.unwrap();
        assert_eq!(code(a.min(1).await), ErrorCode::Bounds);
        a.fill([5, -3, 5, 9]).await.unwrap();
        a.fill([0; 0]).await.unwrap();
        a.add(0).await.unwrap();
        assert_eq!(a.get_range(..).await.unwrap(), [-3, 0, 5, 5, 9]);
        assert_eq!((a.min(2).await.unwrap(), a.max(2).await.unwrap()), (vec![-3, 0], vec![9, 5]));
        assert!(a.min(0).await.unwrap().is_empty());
        b.fill(vec![5, 5, 5, 9, 1]).await.unwrap();
        assert_eq!(a.intersect(&b).await.unwrap(), [5, 5, 9]);
        assert_eq!(code(a.intersect(&a).await), ErrorCode::Duplicate);
        b.clear_range(..).await.unwrap();
        assert_eq!(code(b.fill([0; 11]).await), ErrorCode::Bounds);
        a.delete().await.unwrap();
        b.delete().await.unwrap();

        let words = server.db.sorted_strings(&server.key("words"));
        words.create(4).await.unwrap();
        words.fill(["b", "a", "Z"]).await.unwrap();
        words.add("é").await.unwrap();
        assert_eq!(words.get_range(..).await.unwrap(), ["Z", "a", "b", "é"]);
        assert_eq!(words.max(1).await.unwrap(), ["é"]);
        words.clear_range(1..3).await.unwrap();
        assert_eq!(words.get_range(..).await.unwrap(), ["Z", "é"]);
        words.delete().await.unwrap();
    })
    .await;
}

/// The server's own command would return places that are not used, and removed items.
#[tokio::test]
async fn the_largest_items_of_arrays_that_are_not_full() {
    with_servers(async |server| {
        let array = server.db.sorted_ints(&server.key("part filled"));
        array.create(5).await.unwrap();
        assert_eq!(code(array.max(1).await), ErrorCode::Bounds);
        array.fill([3, 1, 2]).await.unwrap();
        assert_eq!(array.max(2).await.unwrap(), [3, 2]);
        assert_eq!(array.max(100).await.unwrap(), [3, 2, 1]);
        assert!(array.max(0).await.unwrap().is_empty());
        assert_eq!(server.db.insist_on_danger().sorted_ints(array.name()).max(1).await.unwrap(), [3]);
        for item in [9, 7] {
            array.add(item).await.unwrap();
        }
        array.clear_range(..2).await.unwrap();
        assert_eq!(array.max(2).await.unwrap(), [9, 7]);
        // Removed items are behind the others.
        assert_eq!((array.get(3).await.unwrap(), array.get(4).await.unwrap()), (1, 2));
        array.clear_range(..).await.unwrap();
        assert_eq!(code(array.max(1).await), ErrorCode::Bounds);
        array.delete().await.unwrap();
        assert_eq!(code(array.max(1).await), ErrorCode::NotExist);

        let words = server.db.sorted_strings(&server.key("words"));
        words.create(4).await.unwrap();
        words.fill(["b", "a"]).await.unwrap();
        assert_eq!(words.max(1).await.unwrap(), ["b"]);
        words.delete().await.unwrap();

        let rotated = server.db.int_array(&server.key("rotated"));
        rotated.create(6).await.unwrap();
        rotated.append_all(1..=6).await.unwrap();
        rotated.clear_range(1..3).await.unwrap();
        assert_eq!(rotated.get_range(..).await.unwrap(), [1, 4, 5, 6]);
        assert_eq!((rotated.get(4).await.unwrap(), rotated.get(5).await.unwrap()), (2, 3));
        rotated.delete().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn ranges_beyond_the_maximum_response() {
    let sandbox = Nemesis::builder().arrays_max_response_size(3).start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let (array, sorted) = (db.int_array("a"), db.sorted_ints("a"));
    array.create(20).await.unwrap();
    array.append_all(0..12).await.unwrap();
    for start in 0..14 {
        for stop in start..14 {
            let expected: Vec<i64> = (start.min(12)..stop.min(12)).collect();
            let read = array.get_range(start.cast_unsigned()..stop.cast_unsigned()).await.unwrap();
            assert_eq!(read, expected, "{start}..{stop}");
        }
    }
    sorted.create(20).await.unwrap();
    sorted.fill(0..12).await.unwrap();
    assert_eq!(sorted.max(10).await.unwrap(), (2..12).rev().collect::<Vec<_>>());
}

/// A server whose maximum response size is 2 answers so.
#[tokio::test]
async fn what_the_server_cuts_is_read_singly() {
    let sandbox = Nemesis::start().await.unwrap();
    let array = Client::connect(&sandbox.url()).await.unwrap().int_array("a");
    array.create(1000).await.unwrap();
    array.append_all(0..600).await.unwrap();
    sandbox.fault(Fault::on("IARR_GET_RNG").nth(1).reply_text(r#"{"IARR_GET_RNG_RSP":{"items":[0,1],"st":1}}"#));
    let all: Vec<i64> = (0..600).collect();
    assert_eq!(array.get_range(..).await.unwrap(), all);
    assert_eq!(sandbox.record().executed("IARR_GET"), 598);
    // A start beyond the maximum.
    sandbox.clear_faults();
    sandbox.fault(Fault::on("IARR_GET_RNG").nth(1).reply_text(r#"{"ERR":{"st":1000}}"#));
    assert_eq!(array.get_range(590..).await.unwrap(), all[590..]);
    assert_eq!(sandbox.record().executed("IARR_GET"), 608);

    sandbox.clear_faults();
    // Without a look, what comes is what the server says.
    sandbox.fault(Fault::on("IARR_GET_RNG").reply_text(r#"{"IARR_GET_RNG_RSP":{"items":[0,1],"st":1}}"#));
    let insisting = Client::connect(&sandbox.url()).await.unwrap().insist_on_danger().int_array("a");
    assert_eq!(insisting.get_range(..).await.unwrap(), [0, 1]);
}

#[tokio::test]
async fn an_item_of_another_type() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let array = db.object_array::<Point>("a");
    array.create(2).await.unwrap();
    db.raw(r#"{"OARR_SET":{"name":"a","item":{"x":1,"label":7}}}"#).await.unwrap();
    let error = array.get_range(..).await.unwrap_err();
    let Cause::Decode(what) = error.cause() else { panic!("{error:?}") };
    assert_eq!(what.path, "$.OARR_GET_RNG_RSP.items[0].label");
}

#[tokio::test]
async fn all_arrays_of_a_family() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let (ints, sorted) = (db.int_array("a"), db.sorted_ints("a"));
    ints.create(1).await.unwrap();
    sorted.create(1).await.unwrap();
    db.delete_all_arrays::<Objects<()>>().await.unwrap();
    db.delete_all_arrays::<Strings>().await.unwrap();
    db.delete_all_arrays::<SortedTexts>().await.unwrap();
    db.delete_all_arrays::<SortedIntegers>().await.unwrap();
    assert!(ints.exists().await.unwrap() && !sorted.exists().await.unwrap());
    db.delete_all_arrays::<Integers>().await.unwrap();
    assert!(!ints.exists().await.unwrap());
}

#[tokio::test]
async fn only_what_does_no_harm_twice_is_repeated() {
    let sandbox = Nemesis::start().await.unwrap();
    let backoff = Backoff::default().with_base(Duration::from_millis(1)).with_cap(Duration::from_millis(5));
    let options = ConnectOptions::default().with_reconnecting(Reconnecting::default().with_backoff(backoff));
    let db = Client::builder(&sandbox.url()).options(options).connect().await.unwrap();
    let array = db.int_array("a");
    array.create(3).await.unwrap();
    sandbox.fault(Fault::on("IARR_SET").nth(1).carried_out().drop_connection());
    let error = array.append(1).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    sandbox.clear_faults();
    assert_eq!((array.used().await.unwrap(), sandbox.record().received("IARR_SET")), (1, 1));
    sandbox.fault(Fault::on("IARR_SET").nth(1).carried_out().drop_connection());
    array.set_at(0, 2).await.unwrap();
    assert_eq!((array.get(0).await.unwrap(), sandbox.record().received("IARR_SET")), (2, 3));
}
