//! Files that change between two requests, and servers that send something else than what was requested.

use crate::fake::{Fake, content};
use crate::path::{PART, STATE, interrupted, names};
use crate::support::within;
use statuswire::download::{Download, Failure, Interrupted, Verified};
use statuswire::error::HttpFailure;
use statuswire::{Cause, Delivery, Error};
use std::fs;
use tempfile::TempDir;

#[tokio::test]
async fn a_server_that_ignores_the_offset_does_not_block_a_path() {
    let file = content(200);
    for sum in [Fake::new(&file).sum, None] {
        let dir = interrupted(&file).await;
        let source = Fake { ignores: 2, sum, ..Fake::new(&file) };
        let saved = within(Download::new("patch").save_in(source.clone(), dir.path())).await.unwrap();
        assert_eq!((saved.resumed_from, saved.received, source.offsets()), (0, 200, vec![50, 0]));
        assert_eq!(fs::read(dir.path().join("patch")).unwrap(), file);
        assert_eq!(names(dir.path()), ["patch"]);
    }
    // A second time in one download: an error, and nothing that could be wrong stays.
    let dir = interrupted(&file).await;
    let source = Fake { ignores: 3, breaks: [usize::MAX, 3].into(), ..Fake::new(&file) };
    let error = within(Download::new("patch").save_in(source.clone(), dir.path())).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    assert_eq!(source.offsets(), [50, 0, 30]);
    assert!(names(dir.path()).is_empty(), "{:?}", names(dir.path()));
    // A writer cannot begin anew.
    let source = Fake { ignores: 1, ..Fake::new(&file) };
    let error =
        within(Download::new("patch").resume_at(50).write_to(source.clone(), &mut Vec::new())).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    assert_eq!(source.offsets(), [50]);
}

#[tokio::test]
async fn another_version_of_the_same_length_is_begun_anew() {
    let (old, new) = (content(200), content(201)[1..].to_vec());
    let dir = TempDir::new().unwrap();
    let first = Fake { version: Some("\"a\""), failure: Failure::Final, ..Fake::breaking(&old, [5]) };
    within(Download::new("patch").save_in(first, dir.path())).await.unwrap_err();
    assert_eq!(names(dir.path()), [PART, STATE]);
    let again = |version| Fake { version, sum: None, ..Fake::breaking(&old, [3]) };
    // The same one is continued, also from a server that does not tell it.
    for version in [Some("\"a\""), None] {
        let copy = TempDir::new().unwrap();
        for name in [PART, STATE] {
            fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
        }
        let source = again(version);
        let saved = within(Download::new("patch").save_in(source.clone(), copy.path())).await.unwrap();
        assert_eq!((saved.resumed_from, source.offsets()), (50, vec![50, 80]));
    }
    let source = Fake { version: Some("\"b\""), sum: None, ..Fake::new(&new) };
    let saved = within(Download::new("patch").save_in(source.clone(), dir.path())).await.unwrap();
    assert_eq!((saved.resumed_from, saved.verified), (0, Verified::Nothing));
    assert_eq!(source.offsets(), [50, 0]);
    assert_eq!(fs::read(dir.path().join("patch")).unwrap(), new);
}

#[test]
fn a_range_that_the_file_no_longer_has_means_that_it_changed() {
    let of = |status: u16| {
        let failure = HttpFailure::new(http::StatusCode::from_u16(status).unwrap(), "");
        Failure::from(Error::new(Cause::Http(Box::new(failure)), Delivery::Answered))
    };
    assert!(matches!(of(416), Failure::Changed(_)));
    assert!(matches!(of(404), Failure::Final(_)));
}

#[tokio::test]
async fn a_part_of_a_file_that_a_sum_proves_from_the_first_byte_on_proves_the_file() {
    use statuswire::download::{Body, Piece, Source, Sum};
    use statuswire::reexport::bytes::Bytes;

    /// Tells only the sum of what it sends.
    struct Parts(Vec<u8>);
    struct Part(Option<Bytes>);
    impl Source for Parts {
        type Body = Part;
        async fn open(&mut self, offset: u64, _: Option<u64>) -> Result<Part, Failure> {
            Ok(Part(Some(Bytes::copy_from_slice(&self.0[usize::try_from(offset).unwrap()..]))))
        }
        fn size(&self) -> Option<u64> {
            Some(self.0.len() as u64)
        }
    }
    impl Body for Part {
        async fn next(&mut self) -> Result<Piece, Failure> {
            let bytes = self.0.take().unwrap();
            let mut piece = Piece::complete(Some(Sum::of(&bytes)), None);
            piece.chunk = bytes;
            Ok(piece)
        }
    }

    for (from, verified) in [(0, Verified::File), (1, Verified::From(1))] {
        let download = Download::new("patch").resume_at(from);
        let done = within(download.write_to(Parts(content(50)), &mut Vec::new())).await.unwrap();
        assert_eq!(done.verified, verified);
    }
}

#[tokio::test]
async fn what_is_at_hand_is_what_a_later_download_continues_from() {
    let file = content(200);
    let dir = TempDir::new().unwrap();
    let target = dir.path().join("patch");
    // The complete file cannot take its place.
    let obstacle = target.clone();
    let download = Download::new("patch").progress(move |_| fs::create_dir_all(&obstacle).unwrap());
    let error = within(download.save_in(Fake::new(&file), dir.path())).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Io(_)) && error.to_string().contains("patch"), "{error}");
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 200);
    assert_eq!(names(dir.path()), [PART, STATE, "patch"]);
    fs::remove_dir(&target).unwrap();
    let source = Fake::new(&file);
    let saved = within(Download::new("patch").save_in(source.clone(), dir.path())).await.unwrap();
    assert_eq!((saved.resumed_from, source.offsets()), (200, vec![199]));
    assert_eq!(fs::read(target).unwrap(), file);
    assert_eq!(names(dir.path()), ["patch"]);
    // The state cannot be written: nothing to continue from.
    let dir = TempDir::new().unwrap();
    let state = dir.path().join(STATE);
    let obstacle = state.join("x");
    let download = Download::new("patch").progress(move |_| fs::create_dir_all(&obstacle).unwrap());
    let source = Fake { failure: Failure::Final, ..Fake::breaking(&file, [5]) };
    let error = within(download.save_in(source, dir.path())).await.unwrap_err();
    let interrupted = Interrupted::of(&error).unwrap();
    assert_eq!((interrupted.at_hand, interrupted.received), (0, 50));
    fs::remove_dir_all(state).unwrap();
    let saved = within(Download::new("patch").save_in(Fake::new(&file), dir.path())).await.unwrap();
    assert_eq!(saved.resumed_from, 0);
}
