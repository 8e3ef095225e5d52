//! Typed lists do what a NemesisDB server does with them, a sandbox's as well as a real one's.

use crate::server::with_servers;
use serde::{Deserialize, Serialize};
use statuswire::nemesis::{Client, ErrorCode};
use statuswire::{Delivery, Error};
use statuswire_sandbox::{Fault, Nemesis};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Job {
    id: u32,
}

fn jobs(ids: impl IntoIterator<Item = u32>) -> Vec<Job> {
    ids.into_iter().map(|id| Job { id }).collect()
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorCode {
    result.unwrap_err().code_as().unwrap()
}

#[tokio::test]
async fn adding_reading_overwriting() {
    with_servers(async |server| {
        let list = server.db.list::<Job>(&server.key("jobs"));
        assert!(!list.exists().await.unwrap() && !list.delete().await.unwrap());
        list.create().await.unwrap();
        assert_eq!(code(list.create().await), ErrorCode::Duplicate);
        assert!(list.exists().await.unwrap() && list.is_empty().await.unwrap());
        assert_eq!(code(list.last().await), ErrorCode::Bounds);

        let added = list.push(Job { id: 1 }).await.unwrap();
        assert_eq!((added.position, added.len), (0, 1));
        let added = list.push_all(jobs([2, 3])).await.unwrap();
        assert_eq!((added.position, added.len), (1, 3));
        let added = list.insert_all(1, &jobs([8, 9])).await.unwrap();
        assert_eq!((added.position, added.len), (1, 5));
        assert_eq!(list.insert_all(99, &jobs([4])).await.unwrap().position, 5);
        assert_eq!(list.get_range(..).await.unwrap(), jobs([1, 8, 9, 2, 3, 4]));
        assert_eq!((list.get(1).await.unwrap().id, list.last().await.unwrap().id), (8, 4));
        assert_eq!(code(list.get(6).await), ErrorCode::Bounds);

        list.set_range(4, jobs([5, 6])).await.unwrap();
        list.set_range(0, jobs([])).await.unwrap();
        assert_eq!(code(list.set_range(6, jobs([7])).await), ErrorCode::Bounds);
        assert_eq!(list.get_range(3..100).await.unwrap(), jobs([2, 5, 6]));
        assert!(list.get_range(50..).await.unwrap().is_empty());
        assert!(list.delete().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn removing_and_moving() {
    with_servers(async |server| {
        let (list, other) = (server.db.list::<Job>(&server.key("a")), server.db.list::<Job>(&server.key("b")));
        list.create().await.unwrap();
        list.push_all(jobs(0..10)).await.unwrap();
        assert_eq!(list.remove_head().await.unwrap(), 9);
        assert_eq!(list.remove_tail().await.unwrap(), 8);
        assert_eq!(list.remove_ends().await.unwrap(), 6);
        assert_eq!(list.remove_range(1..=2).await.unwrap(), 4);
        assert_eq!(list.remove_range(40..50).await.unwrap(), 4);
        assert_eq!(list.get_range(..).await.unwrap(), jobs([2, 5, 6, 7]));
        // Moving makes the other list.
        list.move_to(..1, &other).await.unwrap();
        list.move_to_at(1.., &other, 0).await.unwrap();
        assert_eq!(list.get_range(..).await.unwrap(), jobs([5]));
        assert_eq!(other.get_range(..).await.unwrap(), jobs([6, 7, 2]));
        assert!(list.delete().await.unwrap() && other.delete().await.unwrap());
        assert_eq!(code(list.move_to(.., &other).await), ErrorCode::NotExist);
    })
    .await;
}

/// The server names errors of adding as those of creating.
#[tokio::test]
async fn errors_of_adding_are_found_under_their_wrong_name() {
    with_servers(async |server| {
        let list = server.db.list::<Job>(&server.key("missing"));
        // Others are on the wire: none of them may be taken for it.
        let (used, added, exists) = tokio::join!(list.len(), list.push(Job { id: 1 }), list.exists());
        assert_eq!((code(used), exists.unwrap()), (ErrorCode::NotExist, false));
        let error = added.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::NotExist));
        assert_eq!((error.delivery(), &*error.context().command), (Delivery::Answered, "OLST_ADD"));
        list.create().await.unwrap();
        list.push(Job { id: 1 }).await.unwrap();
        list.delete().await.unwrap();
        let numbers = server.db.list::<u8>(&server.key("numbers"));
        assert!(numbers.push(1).await.unwrap_err().to_string().contains("$[0]: not a JSON object"));
    })
    .await;
}

#[tokio::test]
async fn what_the_server_cuts_is_read_singly() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let list = db.list::<Job>("l");
    list.create().await.unwrap();
    list.push_all(jobs(0..10)).await.unwrap();
    let cut = r#"{"OLST_GET_RNG_RSP":{"items":[{"id":0},{"id":1}],"st":1}}"#;
    sandbox.fault(Fault::on("OLST_GET_RNG").nth(1).reply_text(cut));
    assert_eq!(list.get_range(..).await.unwrap(), jobs(0..10));
    assert_eq!(sandbox.record().executed("OLST_GET"), 8);

    // Meanwhile somebody shortens the list: what cannot be read is said.
    sandbox.fault(Fault::on("OLST_LEN").reply_text(r#"{"OLST_LEN_RSP":{"len":12,"st":1}}"#));
    assert_eq!(code(list.get_range(..).await), ErrorCode::Bounds);
    db.delete_all_lists().await.unwrap();
    assert!(!list.exists().await.unwrap());
}

/// The server would go on at the beginning of the list.
#[tokio::test]
async fn removing_from_beyond_the_end_removes_nothing() {
    let sandbox = Nemesis::start().await.unwrap();
    let db = Client::connect(&sandbox.url()).await.unwrap();
    let list = db.list::<Job>("l");
    list.create().await.unwrap();
    list.push_all(jobs(0..5)).await.unwrap();
    for start in [5, 6, 7, 11, 12, u64::MAX] {
        assert_eq!(list.remove_range(start..).await.unwrap(), 5, "{start}");
        assert_eq!(list.remove_range(start..start.saturating_add(2)).await.unwrap(), 5, "{start}");
    }
    assert_eq!(list.get_range(..).await.unwrap(), jobs(0..5));
    assert_eq!(sandbox.record().received("OLST_RMV"), 0);

    assert_eq!(db.insist_on_danger().list::<Job>("l").remove_range(7..).await.unwrap(), 1);
    assert_eq!(list.get_range(..).await.unwrap(), jobs(0..1));
}
