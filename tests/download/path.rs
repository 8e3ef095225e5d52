//! Files saved to a path: whole or not at all, resumed from the bytes at hand and verified.

use crate::fake::{Fake, content};
use crate::support::{until, within};
use statuswire::download::{Download, Failure, Interrupted, Sum, Verified};
use statuswire::{Cause, Delivery};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::Semaphore;

pub const PART: &str = ".patch.part";
pub const STATE: &str = ".patch.part.json";

pub fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A directory in which a download of the first 50 bytes was interrupted.
pub async fn interrupted(file: &[u8]) -> TempDir {
    let dir = TempDir::new().unwrap();
    let source = Fake { failure: Failure::Final, ..Fake::breaking(file, [5]) };
    let error = within(Download::new("patch").save_in(source, dir.path())).await.unwrap_err();
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 50);
    assert_eq!(names(dir.path()), [PART, STATE]);
    dir
}

#[tokio::test]
async fn a_later_download_goes_on() {
    let file = content(200);
    let dir = interrupted(&file).await;
    let source = Fake::new(&file);
    let saved = within(Download::new("patch").save_in(source.clone(), dir.path())).await.unwrap();
    assert_eq!((saved.resumed_from, saved.received, saved.verified), (50, 150, Verified::File));
    assert_eq!(source.offsets(), [50]);
    assert_eq!(saved.path.as_deref(), Some(&*dir.path().join("patch")));
    assert_eq!(fs::read(dir.path().join("patch")).unwrap(), file);
    assert_eq!(names(dir.path()), ["patch"]);
}

#[tokio::test]
async fn what_cannot_be_trusted_is_begun_anew() {
    let file = content(200);
    let spoils: [fn(&Path); 3] = [
        |dir| fs::write(dir.join(PART), &content(51)[1..]).unwrap(),
        |dir| fs::write(dir.join(STATE), "{").unwrap(),
        |dir| fs::remove_file(dir.join(STATE)).unwrap(),
    ];
    for spoil in spoils {
        let dir = interrupted(&file).await;
        spoil(dir.path());
        let source = Fake::new(&file);
        within(Download::new("patch").save_in(source.clone(), dir.path())).await.unwrap();
        assert_eq!(source.offsets(), [0]);
        assert_eq!(fs::read(dir.path().join("patch")).unwrap(), file);
    }
}

#[tokio::test]
async fn a_file_that_changed_is_begun_anew_once() {
    for new in [content(300), content(201)[1..].to_vec(), content(20)] {
        let dir = interrupted(&content(200)).await;
        let source = Fake::new(&new);
        let saved = within(Download::new("patch").save_in(source.clone(), dir.path())).await.unwrap();
        assert_eq!((saved.resumed_from, saved.received, saved.attempts), (0, new.len() as u64, 2));
        assert_eq!(fs::read(dir.path().join("patch")).unwrap(), new);
        assert_eq!(source.offsets(), [50, 0]);
    }
}

#[tokio::test]
async fn wrong_sums_leave_nothing_behind() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("patch"), "an older one").unwrap();
    let source = Fake { sum: Some(Sum::of(b"else")), ..Fake::new(&content(200)) };
    let error = within(Download::new("patch").save_in(source, dir.path())).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)) && error.to_string().contains("whole file"), "{error}");
    let interrupted = Interrupted::of(&error).unwrap();
    assert_eq!((interrupted.at_hand, interrupted.received), (0, 200));
    assert_eq!(fs::read_to_string(dir.path().join("patch")).unwrap(), "an older one");
    assert_eq!(names(dir.path()), ["patch"]);
}

#[tokio::test]
async fn names_that_leave_the_directory_are_refused_before_anything_is_asked() {
    let dir = TempDir::new().unwrap();
    let source = Fake::new(b"x");
    for name in ["../x", "/etc/passwd", "..", "a/b", "a\\b", "C:x", "", "a\0b", ".patch.part"] {
        let error = within(Download::new(name).save_in(source.clone(), dir.path())).await.unwrap_err();
        assert!(error.is_invalid_request() && error.delivery() == Delivery::NotSent, "{name}: {error}");
    }
    within(Download::new("../patch").save_as(source.clone(), dir.path(), "other.bin")).await.unwrap();
    assert_eq!((names(dir.path()), source.offsets().len()), (vec!["other.bin".to_owned()], 1));
}

#[cfg(unix)]
#[tokio::test]
async fn links_in_the_way_are_replaced() {
    use std::os::unix::fs::symlink;
    let file = content(200);
    let (dir, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let aim = elsewhere.path().join("aim");
    fs::write(&aim, "untouched").unwrap();
    for name in [PART, STATE, "patch"] {
        symlink(&aim, dir.path().join(name)).unwrap();
    }
    within(Download::new("patch").save_in(Fake::breaking(&file, [3]), dir.path())).await.unwrap();
    assert_eq!(fs::read(dir.path().join("patch")).unwrap(), file);
    assert!(fs::symlink_metadata(dir.path().join("patch")).unwrap().is_file());
    assert_eq!(fs::read_to_string(&aim).unwrap(), "untouched");
    assert_eq!(names(elsewhere.path()), ["aim"]);
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file_is_not_replaced() {
    use std::os::unix::net::UnixListener;
    let dir = TempDir::new().unwrap();
    let _socket = UnixListener::bind(dir.path().join("patch")).unwrap();
    let source = Fake::new(b"x");
    let error = within(Download::new("patch").save_in(source.clone(), dir.path())).await.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("patch is not a file"), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(names(dir.path()), ["patch"]);
    assert!(source.offsets().is_empty());
}

#[tokio::test]
async fn a_partial_file_that_is_complete_ends_well() {
    let file = content(200);
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join(PART), &file).unwrap();
    let state = format!(r#"{{"file_size":200,"length":200,"sha256":"{}"}}"#, Sum::of(&file));
    fs::write(dir.path().join(STATE), state).unwrap();
    let source = Fake::new(&file);
    let saved = within(Download::new("patch").save_in(source.clone(), dir.path())).await.unwrap();
    assert_eq!((saved.resumed_from, saved.received, saved.verified), (200, 0, Verified::File));
    assert_eq!(source.offsets(), [199]);
    assert_eq!(fs::read(dir.path().join("patch")).unwrap(), file);
}

#[tokio::test]
async fn two_downloads_to_one_target_do_not_mix() {
    let dir = TempDir::new().unwrap();
    let gate = Arc::new(Semaphore::new(1));
    let source = Fake { gate: Some(Arc::clone(&gate)), ..Fake::new(&content(100)) };
    let first = Download::new("patch").save_in(source.clone(), dir.path());
    let second = async {
        until(|| source.offsets().len() == 1).await;
        let error = Download::new("patch").save_in(source.clone(), dir.path()).await.unwrap_err();
        assert!(error.is_invalid_request() && error.to_string().contains("another transfer"), "{error}");
        gate.add_permits(20);
    };
    let (saved, ()) = within(async { tokio::join!(first, second) }).await;
    saved.unwrap();
    assert_eq!(fs::read(dir.path().join("patch")).unwrap(), content(100));
    assert_eq!(names(dir.path()), ["patch"]);
}

#[tokio::test]
async fn every_boundary_may_be_the_last_of_a_download() {
    let file = content(60);
    for boundary in 0..6 {
        let dir = TempDir::new().unwrap();
        let ended = Fake { failure: Failure::Final, ..Fake::breaking(&file, [boundary]) };
        within(Download::new("patch").save_in(ended, dir.path())).await.unwrap_err();
        let saved = within(Download::new("patch").save_in(Fake::breaking(&file, [1]), dir.path())).await.unwrap();
        assert_eq!(saved.resumed_from, boundary as u64 * 10);
        assert_eq!(fs::read(dir.path().join("patch")).unwrap(), file);
    }
}
