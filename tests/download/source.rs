//! What a source may do, and what a download to a writer makes of it.

use crate::fake::{Fake, content};
use crate::support::within;
use proptest::prelude::*;
use statuswire::codes::Kind;
use statuswire::download::{Download, Failure, Interrupted, Verified};
use statuswire::{Cause, Delivery};
use std::io::ErrorKind;
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn a_file_is_counted_reported_and_verified() {
    let file = content(95);
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let mut got = Vec::new();
    let download = Download::new("patch").progress(move |it| tell.lock().unwrap().push((it.at_hand(), it.size)));
    let done = within(download.write_to(Fake::breaking(&file, [3, 1]), &mut got)).await.unwrap();
    assert_eq!((got, done.verified, done.attempts), (file, Verified::File, 3));
    assert_eq!((done.size, done.received, done.resumed_from, done.path), (95, 95, 0, None));
    let told = told.lock().unwrap();
    assert!(told.is_sorted() && told.len() == 10 && *told.last().unwrap() == (95, 95), "{told:?}");
}

#[tokio::test]
async fn a_source_without_sums_proves_nothing() {
    let source = Fake { sum: None, ..Fake::new(&content(20)) };
    let done = within(Download::new("patch").write_to(source, &mut Vec::new())).await.unwrap();
    assert_eq!(done.verified, Verified::Nothing);
}

#[tokio::test]
async fn a_prefix_that_is_read_is_verified_and_an_offset_is_not() {
    let file = content(100);
    let mut got = Vec::new();
    let done = within(Download::new("patch").resume_at(30).write_to(Fake::new(&file), &mut got)).await.unwrap();
    assert_eq!((&got[..], done.resumed_from, done.verified), (&file[30..], 30, Verified::Nothing));
    let download = Download::new("patch").resume_behind(&mut &file[..30]).await.unwrap();
    let done = within(download.write_to(Fake::new(&file), &mut Vec::new())).await.unwrap();
    assert_eq!((done.received, done.verified), (70, Verified::File));
    // The caller chose the offset: the source's own error.
    let mut got = Vec::new();
    let refused = Download::new("patch").resume_at(100).write_to(Fake::new(&file), &mut got);
    assert!(within(refused).await.unwrap_err().is_connection());
}

#[tokio::test]
async fn three_attempts_without_a_byte_are_enough() {
    let source = Fake::breaking(&content(100), [2, 0, 0, 0, 0]);
    let mut got = Vec::new();
    let error = within(Download::new("patch").write_to(source.clone(), &mut got)).await.unwrap_err();
    assert!(error.is_connection(), "{error}");
    assert_eq!((source.offsets(), error.context().attempt), (vec![0, 20, 20, 20], 4));
    let interrupted = Interrupted::of(&error).unwrap();
    assert_eq!((interrupted.at_hand, interrupted.size, &*interrupted.file), (20, Some(100), "patch"));
    assert_eq!(got, content(20));
}

#[tokio::test]
async fn a_failure_for_good_is_not_tried_again() {
    let source = Fake { failure: Failure::Final, ..Fake::breaking(&content(100), [2]) };
    within(Download::new("patch").write_to(source.clone(), &mut Vec::new())).await.unwrap_err();
    assert_eq!(source.offsets(), [0]);
}

#[tokio::test]
async fn a_stop_ends_the_download_where_it_is() {
    let download = Download::new("patch");
    let stopper = download.stopper();
    let download = download.progress(move |progress| {
        if progress.received == 30 {
            stopper.stop();
        }
    });
    let mut got = Vec::new();
    let error = within(download.write_to(Fake::new(&content(100)), &mut got)).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Io(failure) if failure.kind == ErrorKind::Interrupted), "{error:?}");
    assert_eq!((error.kind(), error.delivery()), (Kind::FailedPrecondition, Delivery::MaybeSent));
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 30);
    assert_eq!(got, content(30));

    let download = Download::new("patch");
    download.stopper().stop();
    let source = Fake::new(b"x");
    let error = within(download.write_to(source.clone(), &mut Vec::new())).await.unwrap_err();
    assert_eq!((error.delivery(), source.offsets().len()), (Delivery::NotSent, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_interruptions_make_the_same_file(
        length in 1_usize..300,
        breaks in proptest::collection::vec(1_usize..6, 0..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            tokio::time::pause();
            let (file, mut got) = (content(length), Vec::new());
            // Each body leaves bytes to come: without them, three attempts are enough to give up.
            let (mut pieces, all) = (0, length.div_ceil(10));
            let breaks = breaks.into_iter().take_while(|more| {
                pieces += more;
                pieces < all
            });
            let done = Download::new("patch").write_to(Fake::breaking(&file, breaks), &mut got).await.unwrap();
            assert_eq!((got, done.verified, done.received), (file, Verified::File, length as u64));
        });
    }
}
