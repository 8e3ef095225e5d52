//! Files saved to a path: whole or not at all, resumed and verified.

use crate::file_server::{Break, Plan, Server, content, plan};
use crate::support::{until, within};
use statuswire::blazeauth::{ErrorCode, Interrupted, Verified};
use statuswire::{Cause, Delivery};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::Semaphore;

const PART: &str = ".patch.part";
const STATE: &str = ".patch.part.json";

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Breaks the first `attempts` streams off after some chunks of 10 bytes, the way that is told.
async fn breaking(file: Vec<u8>, streams: Vec<(usize, Break)>) -> Server {
    Server::start(move |_, nth, _| Plan { cuts: vec![10], only: streams.get(nth).copied(), ..plan(&file) }).await
}

/// A directory in which a download of the first 50 bytes was interrupted.
async fn interrupted(file: &[u8]) -> TempDir {
    let dir = TempDir::new().unwrap();
    let server = breaking(file.to_vec(), vec![(5, Break::Status(306))]).await;
    let error = within(server.client().await.download("patch").save_in(dir.path())).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::FileTransferStopped));
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 50);
    assert_eq!(names(dir.path()), [PART, STATE]);
    dir
}

#[tokio::test]
async fn a_saved_file_is_whole_and_alone() {
    for length in [0, 1, 1000, 3 << 20] {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("patch"), "an older one").unwrap();
        let file = content(length);
        let server = Server::start(move |_, _, _| plan(&content(length))).await;
        let saved = within(server.client().await.download("patch").save_in(dir.path())).await.unwrap();
        assert_eq!(saved.path.as_deref(), Some(&*dir.path().join("patch")));
        assert_eq!((saved.verified, saved.size), (Verified::File, length as u64));
        assert!(fs::read(dir.path().join("patch")).unwrap() == file);
        assert_eq!(names(dir.path()), ["patch"]);
    }
}

#[tokio::test]
async fn another_name_may_be_given() {
    let dir = TempDir::new().unwrap();
    let server = Server::start(|_, _, _| plan(b"x")).await;
    let client = server.client().await;
    within(client.download("../patch").save_as(dir.path(), "other.bin")).await.unwrap();
    assert_eq!(names(dir.path()), ["other.bin"]);
}

#[tokio::test]
async fn names_that_leave_the_directory_are_refused_before_anything_is_sent() {
    let dir = TempDir::new().unwrap();
    let server = Server::start(|_, _, _| plan(b"x")).await;
    let client = server.client().await;
    for name in ["../x", "/etc/passwd", "..", "a/b", "a\\b", "C:x", "", "a\0b", ".patch.part"] {
        let error = within(client.download(name).save_in(dir.path())).await.unwrap_err();
        assert!(error.is_invalid_request() && error.delivery() == Delivery::NotSent, "{name}: {error}");
    }
    assert!(names(dir.path()).is_empty() && server.packets(7).is_empty());
    let error = within(client.download("patch").resume_at(3).save_in(dir.path())).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    let error = within(client.download("patch").save_in(dir.path().join("absent"))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Io(_)) && error.to_string().contains("absent"), "{error}");
    assert!(server.packets(7).is_empty());
}

#[tokio::test]
async fn a_later_download_goes_on() {
    let file = content(200);
    let dir = interrupted(&file).await;
    let server = breaking(file.clone(), Vec::new()).await;
    let saved = within(server.client().await.download("patch").save_in(dir.path())).await.unwrap();
    assert_eq!((saved.resumed_from, saved.received, saved.verified), (50, 150, Verified::File));
    assert_eq!(server.offsets(), [50]);
    assert_eq!(fs::read(dir.path().join("patch")).unwrap(), file);
    assert_eq!(names(dir.path()), ["patch"]);
}

#[tokio::test]
async fn a_file_that_changed_is_begun_anew_once() {
    for new in [content(300), content(201)[1..].to_vec(), content(20)] {
        let dir = interrupted(&content(200)).await;
        let server = breaking(new.clone(), Vec::new()).await;
        let saved = within(server.client().await.download("patch").save_in(dir.path())).await.unwrap();
        assert_eq!((saved.resumed_from, saved.received, saved.attempts), (0, new.len() as u64, 2));
        assert_eq!(fs::read(dir.path().join("patch")).unwrap(), new);
        assert_eq!(server.offsets(), [50, 0]);
    }
    // In the middle of one download, and again: not a third time.
    let dir = TempDir::new().unwrap();
    let server = Server::start(|_, nth, _| Plan {
        cuts: vec![10],
        only: Some((3, Break::Connection)),
        ..plan(&content(200 + nth))
    })
    .await;
    let error = within(server.client().await.download("patch").save_in(dir.path())).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::FileChecksumMismatch), "{error}");
    assert!(names(dir.path()).is_empty());
}

#[tokio::test]
async fn wrong_sums_leave_nothing_behind() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("patch"), "an older one").unwrap();
    let server = Server::start(|_, _, _| Plan {
        edit: |metadata| {
            if metadata["status"] == 1 {
                metadata["file_checksum"] = crate::file_server::sum(b"else").into();
            }
        },
        ..plan(&content(200))
    })
    .await;
    let error = within(server.client().await.download("patch").save_in(dir.path())).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::FileChecksumMismatch));
    assert_eq!(fs::read_to_string(dir.path().join("patch")).unwrap(), "an older one");
    assert_eq!(names(dir.path()), ["patch"]);
}

#[tokio::test]
async fn a_refusal_leaves_nothing_behind() {
    let dir = TempDir::new().unwrap();
    let server = Server::start(|_, _, _| Plan { refuse: Some(serde_json::json!({"status": 300})), ..plan(b"") }).await;
    within(server.client().await.download("patch").save_in(dir.path())).await.unwrap_err();
    assert!(names(dir.path()).is_empty(), "{:?}", names(dir.path()));
}

#[tokio::test]
async fn a_dropped_download_goes_on_from_its_checkpoint() {
    const SIZE: usize = 12 << 20;
    let dir = TempDir::new().unwrap();
    let gate = Arc::new(Semaphore::new(640));
    let gated = Plan { gate: Some(gate), ..plan(&content(SIZE)) };
    let server = Server::start(move |_, nth, _| match nth {
        0 => gated.clone(),
        _ => Plan { gate: None, ..gated.clone() },
    })
    .await;
    let client = server.client().await;
    let dropped = async {
        tokio::select! {
            _ = client.download("patch").save_in(dir.path()) => panic!("it cannot be complete"),
            () = until(|| dir.path().join(STATE).exists()) => {}
        }
    };
    within(dropped).await;
    let saved = within(client.download("patch").save_in(dir.path())).await.unwrap();
    assert!(saved.resumed_from >= 8 << 20, "{}", saved.resumed_from);
    assert_eq!(saved.verified, Verified::File);
    assert!(fs::read(dir.path().join("patch")).unwrap() == content(SIZE));
}

#[tokio::test]
async fn a_server_that_ignores_the_offset_does_not_block_a_path() {
    let file = content(200);
    let dir = interrupted(&file).await;
    let ignoring = file.clone();
    let server = Server::start(move |_, nth, from| match nth {
        // Whatever was asked for, the whole file comes, under the offset that was asked for.
        0 => Plan {
            edit: |metadata| {
                if metadata["file_size"] == 250 {
                    metadata["file_size"] = 200.into();
                }
            },
            ..plan(&[&vec![0; usize::try_from(from).unwrap()][..], &ignoring[..]].concat())
        },
        _ => plan(&ignoring),
    })
    .await;
    let saved = within(server.client().await.download("patch").save_in(dir.path())).await.unwrap();
    assert_eq!((saved.resumed_from, saved.verified), (0, Verified::File));
    assert_eq!(server.offsets(), [50, 0]);
    assert_eq!(fs::read(dir.path().join("patch")).unwrap(), file);
}
