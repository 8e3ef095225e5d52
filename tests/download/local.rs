//! What a download leaves on the disk, and under which names.

use crate::fake::{Fake, content};
use crate::path::{PART, STATE, interrupted, names};
use crate::support::{until, within};
use statuswire::download::{Download, Failure, Verified};
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::Semaphore;

#[tokio::test]
async fn files_with_long_names_are_saved_and_resumed() {
    let file = content(200);
    for letter in ["x", "é", "語", "🦀"] {
        for length in [239, 240, 241, 250, 255] {
            let dir = TempDir::new().unwrap();
            let name = letter.repeat(length / letter.len()) + &"y".repeat(length % letter.len());
            let source = Fake { failure: Failure::Final, ..Fake::breaking(&file, [5]) };
            within(Download::new(&name).save_in(source, dir.path())).await.unwrap_err();
            let saved = within(Download::new(&name).save_in(Fake::new(&file), dir.path())).await.unwrap();
            assert_eq!((saved.resumed_from, saved.verified), (50, Verified::File), "{name}");
            assert_eq!(names(dir.path()), [name]);
        }
    }
    let dir = TempDir::new().unwrap();
    let source = Fake::new(&file);
    let error = within(Download::new(&"x".repeat(256)).save_in(source.clone(), dir.path())).await.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("longer than 255 bytes"), "{error}");
    assert!(source.offsets().is_empty());
}

#[tokio::test]
async fn a_preparation_that_fails_leaves_nothing_behind() {
    // The state of an earlier download cannot be removed.
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join(STATE)).unwrap();
    let source = Fake::new(b"x");
    let error = within(Download::new("patch").save_in(source.clone(), dir.path())).await.unwrap_err();
    assert!(error.to_string().contains(STATE), "{error}");
    assert_eq!(names(dir.path()), [STATE]);
    assert!(source.offsets().is_empty());
    // The source fails before the first byte.
    let dir = TempDir::new().unwrap();
    let source = Fake { failure: Failure::Final, ..Fake::breaking(b"x", [0]) };
    within(Download::new("patch").save_in(source, dir.path())).await.unwrap_err();
    assert!(names(dir.path()).is_empty());
    // The future is dropped before it.
    let source = Fake { gate: Some(Arc::new(Semaphore::new(0))), ..Fake::new(b"x") };
    let dropped = async {
        tokio::select! {
            _ = Download::new("patch").save_in(source.clone(), dir.path()) => panic!("it cannot be complete"),
            () = until(|| !source.offsets().is_empty()) => {}
        }
    };
    within(dropped).await;
    assert!(names(dir.path()).is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn hard_links_in_the_way_are_replaced() {
    let file = content(200);
    // With the bytes of an earlier download, and with others.
    for dir in [interrupted(&file).await, TempDir::new().unwrap()] {
        let elsewhere = TempDir::new().unwrap();
        let mut untouched = Vec::new();
        for name in [PART, STATE, "patch"] {
            let (here, there) = (dir.path().join(name), elsewhere.path().join(name));
            if !here.exists() {
                fs::write(&here, "untouched").unwrap();
            }
            fs::hard_link(&here, &there).unwrap();
            untouched.push((fs::read(&there).unwrap(), there));
        }
        within(Download::new("patch").save_in(Fake::breaking(&file, [3]), dir.path())).await.unwrap();
        assert_eq!(fs::read(dir.path().join("patch")).unwrap(), file);
        assert_eq!(names(dir.path()), ["patch"]);
        for (bytes, path) in untouched {
            assert_eq!(fs::read(&path).unwrap(), bytes, "{}", path.display());
        }
    }
}
