//! Files over the WebSocket to a writer: whole, in any chunks, interrupted anywhere, resumed, spoilt.

use crate::file_server::{Break, Plan, Server, content, plan, sum};
use crate::service::{self, Frame};
use crate::support::{until, within};
use futures_util::SinkExt;
use proptest::prelude::*;
use serde_json::json;
use statuswire::blazeauth::{ErrorCode, Interrupted, Verified};
use statuswire::{Cause, Delivery};
use std::sync::{Arc, Mutex};

/// The same plan for every request.
async fn serving(plan: Plan) -> Server {
    Server::start(move |_, _, _| plan.clone()).await
}

#[tokio::test]
async fn a_file_arrives_and_is_verified() {
    let file = content(100_000);
    let server = serving(plan(&file)).await;
    let client = server.client().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let mut got = Vec::new();
    let done = client
        .download("patch-0007")
        .progress(move |progress| tell.lock().unwrap().push((progress.at_hand(), progress.size)))
        .write_to(&mut got);
    let done = within(done).await.unwrap();
    assert_eq!(got, file);
    assert_eq!((done.size, done.received, done.resumed_from, done.attempts), (100_000, 100_000, 0, 1));
    assert_eq!((done.verified, done.path), (Verified::File, None));
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 7);
    assert!(told.is_sorted() && *told.last().unwrap() == (100_000, 100_000));
}

#[tokio::test]
async fn any_bytes_and_both_ends_are_understood() {
    let file = b"} {\"id\":1}\n\0 and \xff more }".repeat(20);
    for end_with_bytes in [true, false] {
        let server = serving(Plan { end_with_bytes, cuts: vec![1, 7, 30], ..plan(&file) }).await;
        let mut got = Vec::new();
        within(server.client().await.download("patch").write_to(&mut got)).await.unwrap();
        assert_eq!(got, file);
    }
}

#[tokio::test]
async fn an_empty_file_is_one_text_frame() {
    let server = serving(plan(b"")).await;
    let done = within(server.client().await.download("empty").write_to(&mut Vec::new())).await.unwrap();
    assert_eq!((done.size, done.verified), (0, Verified::File));
}

#[tokio::test]
async fn several_files_interleave() {
    let server = Server::start(|name, _, _| Plan {
        cuts: vec![100, 33, 1],
        ..plan(&content(if name == "first" { 20_000 } else { 30_000 }))
    })
    .await;
    let client = server.client().await;
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let both = async {
        tokio::join!(client.download("first").write_to(&mut first), client.download("second").write_to(&mut second))
    };
    let (one, other) = within(both).await;
    assert_eq!((one.unwrap().size, other.unwrap().size), (20_000, 30_000));
    assert_eq!((first, second), (content(20_000), content(30_000)));
}

#[tokio::test]
async fn the_same_file_twice_at_a_time_is_refused_here() {
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let opened = Arc::clone(&gate);
    let server = serving(Plan { gate: Some(gate), ..plan(&content(10)) }).await;
    let client = server.client().await;
    let mut got = Vec::new();
    let mut first = Box::pin(client.download("patch").write_to(&mut got));
    assert!(futures_util::poll!(&mut first).is_pending());
    let error = within(client.clone().download("patch").write_to(&mut Vec::new())).await.unwrap_err();
    assert!(error.is_invalid_request() && error.delivery() == Delivery::NotSent, "{error}");
    assert!(error.to_string().contains("\"patch\" is being downloaded"), "{error}");
    opened.add_permits(1);
    within(first).await.unwrap();
    assert_eq!(server.packets(7).len(), 1);
}

#[tokio::test]
async fn refusals_are_the_servers() {
    for (status, code) in [
        (3, ErrorCode::NotAuthorized),
        (6, ErrorCode::InternalServerError),
        (300, ErrorCode::FileNotFound),
        (301, ErrorCode::FileInvalidName),
        (303, ErrorCode::FileInvalidResumeOffset),
        (304, ErrorCode::FileStorageQuotaExceeded),
    ] {
        let server = serving(Plan { refuse: Some(json!({"status": status})), ..plan(b"") }).await;
        let error = within(server.client().await.download("patch").write_to(&mut Vec::new())).await.unwrap_err();
        assert_eq!((error.code_as(), error.delivery()), (Some(code), Delivery::Answered));
        assert!(Interrupted::of(&error).is_none(), "nothing was interrupted: {error:?}");
        assert_eq!((error.context().service, &*error.context().command), ("blazeauth", "transfer_file"));
    }
}

#[tokio::test]
async fn a_link_that_is_none_is_the_servers_fault() {
    for link in ["", "ftp://host/canary", "::canary", "https://user:canary@host/"] {
        let answer = json!({"status": 1, "file_size": 5, "file_checksum": "0".repeat(64), "presigned_url": link});
        let server = serving(Plan { refuse: Some(answer), ..plan(b"") }).await;
        let error = within(server.client().await.download("patch").write_to(&mut Vec::new())).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::Answered);
        assert!(!format!("{error:?}{error}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn statuses_in_mid_stream_tell_how_much_arrived() {
    for status in [304, 306, 6] {
        let only = Some((3, Break::Status(status)));
        let server = serving(Plan { cuts: vec![10], only, ..plan(&content(100)) }).await;
        let mut got = Vec::new();
        let error = within(server.client().await.download("patch").write_to(&mut got)).await.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::from_value(status)));
        let interrupted = Interrupted::of(&error).unwrap();
        assert_eq!((interrupted.at_hand, interrupted.received, interrupted.size), (30, 30, Some(100)));
        assert_eq!(
            interrupted.to_string(),
            "the file \"patch\" was interrupted with 30 of 100 bytes at hand, 30 of them received in this download"
        );
        assert_eq!(got, content(100)[..30]);
        assert_eq!(server.offsets(), [0]);
    }
}

#[tokio::test]
async fn wrong_sums_are_told_apart() {
    let wrong_range: fn(&mut serde_json::Value) = |metadata| {
        if !metadata["range_checksum"].is_null() {
            metadata["range_checksum"] = crate::file_server::sum(b"else").into();
        }
    };
    let wrong_file: fn(&mut serde_json::Value) = |metadata| {
        if !metadata["file_checksum"].is_null() {
            metadata["file_checksum"] = crate::file_server::sum(b"else").into();
        }
    };
    for (edit, which) in [(wrong_range, "the server sent a part"), (wrong_file, "whole file")] {
        let server = serving(Plan { edit, ..plan(&content(100)) }).await;
        let error = within(server.client().await.download("patch").write_to(&mut Vec::new())).await.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::FileChecksumMismatch));
        assert_eq!(error.delivery(), Delivery::Answered);
        let text = error.to_string();
        assert!(text.contains(which) && text.contains(&crate::file_server::sum(b"else")), "{text}");
        assert!(text.contains(&crate::file_server::sum(&content(100))), "{text}");
        assert_eq!(server.offsets(), [0]);
    }
}

#[tokio::test]
async fn upper_case_sums_are_sums() {
    let server = serving(Plan {
        edit: |metadata| {
            for name in ["file_checksum", "range_checksum"] {
                if let Some(text) = metadata[name].as_str() {
                    metadata[name] = text.to_uppercase().into();
                }
            }
        },
        ..plan(&content(100))
    })
    .await;
    within(server.client().await.download("patch").write_to(&mut Vec::new())).await.unwrap();
}

#[tokio::test]
async fn what_the_server_says_must_fit() {
    type Edit = fn(&mut serde_json::Value);
    let cases: [(Edit, &str); 6] = [
        (|metadata| metadata["file_size"] = json!(null), "`file_size`"),
        (|metadata| metadata["file_size"] = json!(35), "only 35"),
        (|metadata| metadata["file_size"] = json!(400), "byte 100 of 400"),
        (|metadata| metadata["chunk_size"] = json!(11), "`chunk_size`"),
        (
            |metadata| {
                if metadata["status"] == 1 {
                    metadata["file_checksum"] = json!(null);
                    metadata["range_checksum"] = json!(null);
                }
            },
            "no sum",
        ),
        (|metadata| metadata["file_checksum"] = json!("12"), "64 hexadecimal digits"),
    ];
    for (edit, what) in cases {
        let server = serving(Plan { edit, cuts: vec![10], ..plan(&content(100)) }).await;
        let client = server.client().await;
        let error = within(client.download("patch").write_to(&mut Vec::new())).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
        assert!(error.to_string().contains(what), "{error}");
        assert_eq!(within(client.online_users()).await.unwrap(), 3);
    }
}

#[tokio::test]
async fn a_writer_goes_on_at_an_offset() {
    let file = content(1000);
    let server = serving(Plan { cuts: vec![64], ..plan(&file) }).await;
    let client = server.client().await;
    let mut got = Vec::new();
    let done = within(client.download("patch").resume_at(300).write_to(&mut got)).await.unwrap();
    assert_eq!(got, file[300..]);
    assert_eq!((done.resumed_from, done.received, done.verified), (300, 700, Verified::From(300)));

    let mut got = Vec::new();
    let download = client.download("patch").resume_behind(&mut &file[..300]).await.unwrap();
    let done = within(download.write_to(&mut got)).await.unwrap();
    assert_eq!((got.len(), done.verified), (700, Verified::File));

    let download = client.download("patch").resume_behind(&mut &content(301)[1..]).await.unwrap();
    let error = within(download.write_to(&mut Vec::new())).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::FileChecksumMismatch));
    assert!(error.to_string().contains("whole file"), "{error}");

    let error = within(client.download("patch").resume_at(1000).write_to(&mut Vec::new())).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::FileInvalidResumeOffset));
}

#[tokio::test]
async fn a_connection_that_breaks_again_and_again_without_a_byte_is_an_error() {
    let file = content(1000);
    let server = Server::start(move |_, nth, _| {
        let chunks = if nth == 0 { 2 } else { 0 };
        Plan { cuts: vec![100], only: Some((chunks, Break::Connection)), ..plan(&file) }
    })
    .await;
    let mut got = Vec::new();
    let error = within(server.client().await.download("patch").write_to(&mut got)).await.unwrap_err();
    assert!(error.is_connection(), "{error}");
    assert_eq!(server.offsets(), [0, 200, 200, 200]);
    let interrupted = Interrupted::of(&error).unwrap();
    assert_eq!((interrupted.at_hand, error.context().attempt), (200, 4));
    assert_eq!(got, content(200));
}

#[tokio::test]
async fn a_file_that_changed_for_a_writer_is_a_difference() {
    for (second, what) in
        [(content(900), "now has 900"), (content(1001)[1..].to_vec(), "whole file"), (content(50), "changed")]
    {
        let server = Server::start(move |_, nth, _| match nth {
            0 => Plan { cuts: vec![100], only: Some((2, Break::Connection)), ..plan(&content(1000)) },
            _ => plan(&second),
        })
        .await;
        let error = within(server.client().await.download("patch").write_to(&mut Vec::new())).await.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::FileChecksumMismatch), "{error}");
        assert!(error.to_string().contains(what), "{error}");
        assert_eq!(server.offsets(), [0, 200]);
    }
}

#[tokio::test]
async fn a_lost_last_frame_is_asked_for_with_the_last_byte() {
    let file = content(1000);
    let server = Server::start(move |_, nth, _| {
        let only = (nth == 0).then_some((10, Break::Connection));
        Plan { cuts: vec![100], end_with_bytes: false, only, ..plan(&file) }
    })
    .await;
    let mut got = Vec::new();
    // The frame with the sums is the one that is lost: all bytes are there.
    let done = within(server.client().await.download("patch").write_to(&mut got)).await.unwrap();
    assert_eq!(got, content(1000));
    assert_eq!(done.verified, Verified::File);
    assert_eq!(server.offsets(), [0, 999]);
}

fn interrupted_anywhere(length: usize, cuts: Vec<usize>, breaks: Vec<usize>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let file = content(length);
        let served = file.clone();
        let server = Server::start(move |_, nth, _| {
            let only = breaks.get(nth).map(|&chunks| (chunks, Break::Connection));
            Plan { cuts: cuts.clone(), only, ..plan(&served) }
        })
        .await;
        let mut got = Vec::new();
        let done = within(server.client().await.download("patch").write_to(&mut got)).await.unwrap();
        assert_eq!(got, file);
        assert_eq!(done.verified, Verified::File);
        assert_eq!(done.received, length as u64);
    });
}

#[test]
fn interrupted_at_every_boundary() {
    for boundary in 0..=10 {
        interrupted_anywhere(1000, vec![100], vec![boundary]);
    }
    // After every single chunk.
    interrupted_anywhere(400, vec![10], vec![1; 39]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn interrupted_at_any_list_of_boundaries(
        length in 1_usize..3000,
        cuts in proptest::collection::vec(1_usize..200, 1..5),
        breaks in proptest::collection::vec(1_usize..6, 0..8),
    ) {
        interrupted_anywhere(length, cuts, breaks);
    }
}

/// Status 0 says that the stream goes on, also before it has begun, as text and as a frame without bytes.
#[tokio::test]
async fn a_sign_of_life_may_come_before_the_first_chunk() {
    let server = service::server(|mut peer| async move {
        peer.initialize().await;
        let id = peer.packet().await.unwrap().id;
        peer.answer(id, r#""status":0"#).await;
        let frame = |text: String| Frame::binary([text.as_bytes(), b"abc"].concat());
        let empty = Frame::binary(format!(r#"{{"id":{id}}}"#).into_bytes());
        let sum = sum(b"abc");
        let sums = format!(r#""file_checksum":"{sum}","range_checksum":"{sum}""#);
        let last = frame(format!(r#"{{"id":{id},"file_size":3,"status":1,{sums}}}"#));
        for message in [empty, last] {
            peer.socket.send(message).await.unwrap();
        }
        peer.listen().await;
    })
    .await;
    let client = service::builder(&server.url).connect().await.unwrap();
    let mut got = Vec::new();
    let done = within(client.download("patch").write_to(&mut got)).await.unwrap();
    assert_eq!((&*got, done.verified, done.attempts), (&b"abc"[..], Verified::File, 1));
}

/// Its id tells which stream a frame belongs to, whatever else is wrong with it.
#[tokio::test]
async fn a_spoilt_frame_ends_its_own_stream_only() {
    let spoils: [fn(&mut serde_json::Value); 4] = [
        |metadata| metadata["status"] = json!("0"),
        |metadata| metadata["file_size"] = json!(-1),
        |metadata| metadata["file_checksum"] = json!(5),
        |metadata| metadata["presigned_url"] = json!({}),
    ];
    for spoil in spoils {
        let (file, gate) = (content(50_000), Arc::new(tokio::sync::Semaphore::new(1)));
        let (served, slowed) = (file.clone(), Arc::clone(&gate));
        let server = Server::start(move |name, nth, _| match (name, nth) {
            ("spoilt", 0) => Plan { cuts: vec![10], edit: spoil, ..plan(&served) },
            ("spoilt", _) => plan(&served),
            _ => Plan { gate: Some(Arc::clone(&slowed)), ..plan(&served) },
        })
        .await;
        let client = server.client().await;
        let mut got = [Vec::new(), Vec::new()];
        let [first, second] = &mut got;
        let good = client.download("good").write_to(first);
        let spoilt = async {
            until(|| server.packets(7).len() == 1).await;
            let error = client.download("spoilt").write_to(second).await.unwrap_err();
            assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
            assert_eq!(error.delivery(), Delivery::Answered);
            // The server is told, and the name is free again.
            until(|| server.packets(8).len() == 1).await;
            second.clear();
            client.download("spoilt").write_to(second).await.unwrap();
            gate.add_permits(1000);
        };
        let (done, ()) = within(async { tokio::join!(good, spoilt) }).await;
        assert_eq!(done.unwrap().attempts, 1);
        assert!(got.iter().all(|got| *got == file));
        assert_eq!(server.packets(8)[0].file, "spoilt");
    }
}
