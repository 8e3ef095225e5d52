//! Files from the fake server: both forms, its faults, and sessions that are resumed.

use crate::setup::Setup;
use crate::support::proxy::Proxy;
use crate::support::within;
use proptest::prelude::*;
use statuswire::blazeauth::{Client, ErrorCode, Interrupted, Transferred, Verified};
use statuswire::policy::{Backoff, Retry, Timeouts};
use statuswire::{Cause, ConnectOptions, Delivery, Error};
use statuswire_sandbox::blazeauth::{
    Application, File, Interruption, License, LinkFault, RateLimit, TransferForm, TransferOptions,
};
use statuswire_sandbox::{BlazeAuth, Fault};
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

const KEY: &str = "BAquietharbour000041x";
const LICENSE: &str = "FILES-0001-canary";
const NAME: &str = "patch-0007";

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

async fn sandbox(file: &[u8]) -> BlazeAuth {
    let application = Application::new(KEY, "Files").license(License::new(LICENSE)).file(File::new(NAME, file));
    let builder = BlazeAuth::builder().application(application);
    builder.configure(|settings| settings.rate_limit = RateLimit::off()).start().await.unwrap()
}

async fn login(sandbox: &BlazeAuth) -> Client {
    let quick = Backoff::default().with_base(Duration::from_millis(1)).with_cap(Duration::from_millis(5));
    let builder = Setup::new(&sandbox.url(), KEY, "kiosk-17").backoff(quick).retry(Retry::never());
    let timeouts = Timeouts::default().with_call(Duration::from_secs(20));
    let client = builder.rate_limit(None).timeouts(timeouts).connect().await.unwrap();
    client.login_by_license(LICENSE).await.unwrap();
    client
}

fn link() -> TransferOptions {
    TransferOptions::new().form(TransferForm::Link)
}

async fn fetch(client: &Client, resume_at: u64) -> (Vec<u8>, Result<Transferred, Error>) {
    let mut got = Vec::new();
    let done = within(client.download(NAME).resume_at(resume_at).write_to(&mut got)).await;
    (got, done)
}

/// No part of an error may lead to the file.
fn keeps_secrets(error: &Error) {
    let mut shown = format!("{error} {error:?} {error:#} {:?}", error.to_problem());
    let mut source = std::error::Error::source(error);
    while let Some(next) = source {
        shown += &format!(" {next} {next:?}");
        source = next.source();
    }
    for secret in [LICENSE, KEY, "signature", "sig="] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn a_transfer_needs_a_login() {
    let sandbox = sandbox(b"x").await;
    let client = Setup::new(&sandbox.url(), KEY, "kiosk-17").connect().await.unwrap();
    let (_, done) = fetch(&client, 0).await;
    let error = done.unwrap_err();
    assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::NotAuthorized), Delivery::Answered));
    keeps_secrets(&error);
}

#[tokio::test]
async fn one_byte_at_a_time() {
    let file = content(300);
    let sandbox = sandbox(&file).await;
    let client = login(&sandbox).await;
    for start in [0, 1, 299] {
        sandbox.next_transfer(TransferOptions::new().chunk(1));
        let (got, done) = fetch(&client, start).await;
        assert_eq!(done.unwrap().size, 300);
        assert_eq!(got, file[usize::try_from(start).unwrap()..]);
    }
}

#[tokio::test]
async fn a_stream_of_a_resumed_session_is_asked_for_under_another_id() {
    let file = content(100);
    let sandbox = sandbox(&file).await;
    let client = login(&sandbox).await;
    for at in [1, 50, 99, 100] {
        sandbox.record().clear();
        sandbox.next_transfer(TransferOptions::new().chunk(10).interrupt(at, Interruption::Drop));
        let (got, done) = fetch(&client, 0).await;
        let done = done.unwrap();
        assert_eq!((done.verified, done.attempts), (Verified::File, 2), "{at}");
        assert_eq!(got, file);
        // The session went on, so that no login was needed; each request was carried out once.
        assert_eq!(sandbox.record().executed("transfer_file"), 2);
        assert_eq!(sandbox.record().executed("authorize_by_license"), 0);
        let requests = sandbox.record().messages("transfer_file");
        assert!(requests.len() == 2 && requests[0] != requests[1], "{requests:?}");
    }
}

#[tokio::test]
async fn a_lost_request_for_a_stream_is_not_sent_again_by_itself() {
    let sandbox = sandbox(&content(100)).await;
    let client = login(&sandbox).await;
    for fault in [Fault::on("transfer_file").nth(1), Fault::on("transfer_file").nth(1).carried_out()] {
        sandbox.record().clear();
        let fault = sandbox.fault(fault.drop_connection());
        let (got, done) = fetch(&client, 0).await;
        assert_eq!(done.unwrap().attempts, 2);
        assert_eq!(got, content(100));
        let requests = sandbox.record().messages("transfer_file");
        assert!(requests.len() == 2 && requests[0] != requests[1], "{requests:?}");
        fault.remove();
    }
}

#[tokio::test]
async fn a_stream_goes_on_in_a_fresh_session() {
    let sandbox = sandbox(&content(100)).await;
    let client = login(&sandbox).await;
    let close = Interruption::Close { code: 4000, reason: "internal server error".to_owned() };
    sandbox.next_transfer(TransferOptions::new().chunk(10).interrupt(40, close));
    let (got, done) = fetch(&client, 0).await;
    assert_eq!(done.unwrap().attempts, 2);
    assert_eq!(got, content(100));
}

#[tokio::test]
async fn a_close_for_good_ends_the_download() {
    let sandbox = sandbox(&content(100)).await;
    let client = login(&sandbox).await;
    let close = Interruption::Close { code: 4100, reason: "disconnected from panel".to_owned() };
    sandbox.next_transfer(TransferOptions::new().chunk(10).interrupt(40, close));
    let (got, done) = fetch(&client, 0).await;
    let error = done.unwrap_err();
    assert!(matches!(error.cause(), Cause::Closed(close) if close.code == 4100), "{error}");
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 40);
    assert_eq!(got.len(), 40);
    keeps_secrets(&error);
}

#[tokio::test]
async fn the_quota_is_told_with_what_arrived() {
    let sandbox = sandbox(&content(100)).await;
    sandbox.application(KEY).unwrap().set_max_transfer_bytes(30);
    let client = login(&sandbox).await;
    let (got, done) = fetch(&client, 0).await;
    let error = done.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::FileStorageQuotaExceeded));
    assert_eq!((Interrupted::of(&error).unwrap().at_hand, got.len()), (30, 30));
}

#[tokio::test]
async fn a_stop_at_the_fake_server() {
    let sandbox = sandbox(&content(100)).await;
    let client = login(&sandbox).await;
    sandbox.next_transfer(TransferOptions::new().chunk(10).interrupt(30, Interruption::Silence));
    let dir = TempDir::new().unwrap();
    let download = client.download(NAME);
    let stopper = download.stopper();
    let download = download.progress(move |progress| {
        if progress.received == 30 {
            stopper.stop();
        }
    });
    let error = within(download.save_in(dir.path())).await.unwrap_err();
    assert_eq!((error.code_as(), error.delivery()), (Some(ErrorCode::FileTransferStopped), Delivery::Answered));
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, 30);
    let saved = within(client.download(NAME).save_in(dir.path())).await.unwrap();
    assert_eq!((saved.resumed_from, saved.verified), (30, Verified::File));
}

#[tokio::test]
async fn a_server_that_falls_silent_for_good_is_asked_once() {
    let sandbox = sandbox(&content(100)).await;
    let client = login(&sandbox).await.with_timeout(Duration::from_millis(200));
    sandbox.configure(|settings| {
        settings.transfers = TransferOptions::new().chunk(10).interrupt(30, Interruption::Silence);
    });
    sandbox.fault(Fault::on("stop_file_transfer").silence());
    let (got, done) = fetch(&client, 0).await;
    let error = done.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!((Interrupted::of(&error).unwrap().at_hand, got.len()), (30, 30));
    assert_eq!((sandbox.record().received("transfer_file"), sandbox.record().received("stop_file_transfer")), (1, 1));
}

#[tokio::test]
async fn a_link_is_fetched_without_credentials() {
    let file = content(100_000);
    let sandbox = sandbox(&file).await;
    sandbox.configure(|settings| settings.transfers = link());
    let client = login(&sandbox).await;
    let (got, done) = fetch(&client, 0).await;
    let done = done.unwrap();
    assert_eq!((done.verified, done.attempts, done.size), (Verified::File, 1, 100_000));
    assert_eq!(got, file);
    let requests = sandbox.link_requests();
    assert_eq!(requests.len(), 1);
    for header in ["authorization", "cookie", "resume-id", "range", "referer"] {
        assert_eq!(requests[0].header(header), None);
    }
    assert!(!format!("{requests:?}").contains(KEY));

    let dir = TempDir::new().unwrap();
    let saved = within(client.download(NAME).save_in(dir.path())).await.unwrap();
    assert_eq!(fs::read(saved.path.unwrap()).unwrap(), file);
}

#[tokio::test]
async fn through_a_proxy_go_the_session_and_links() {
    let file = content(10_000);
    let sandbox = sandbox(&file).await;
    sandbox.configure(|settings| settings.transfers = link());
    let proxy = Proxy::forwarding().await;
    let options = ConnectOptions::default().with_proxy(&proxy.url()).with_plaintext_credentials(true);
    let client = Client::builder(&sandbox.url(), KEY, "kiosk-17").options(options).connect().await.unwrap();
    client.login_by_license(LICENSE).await.unwrap();
    let (got, done) = fetch(&client, 0).await;
    assert_eq!((got, done.unwrap().size), (file, 10_000));
    let heads = proxy.heads();
    assert!(heads.len() == 2 && heads[0].starts_with("CONNECT 127.0.0.1:"), "{heads:?}");
    assert!(heads[1].starts_with("GET http://127.0.0.1:"), "{heads:?}");
}

#[tokio::test]
async fn a_link_serves_the_rest() {
    let file = content(1000);
    let sandbox = sandbox(&file).await;
    let client = login(&sandbox).await;
    for options in [link(), link().link_fault(LinkFault::IgnoreRange)] {
        sandbox.configure(|settings| settings.transfers = options);
        let (got, done) = fetch(&client, 300).await;
        let done = done.unwrap();
        assert_eq!(got, file[300..]);
        assert_eq!((done.verified, done.resumed_from, done.received), (Verified::Nothing, 300, 700));

        let mut got = Vec::new();
        let download = client.download(NAME).resume_behind(&mut &file[..300]).await.unwrap();
        assert_eq!(within(download.write_to(&mut got)).await.unwrap().verified, Verified::File);
        assert_eq!(got, file[300..]);
    }
    assert!(sandbox.link_requests().iter().all(|request| request.header("range") == Some("bytes=300-")));
}

#[tokio::test]
async fn an_empty_file_by_link() {
    let sandbox = sandbox(b"").await;
    sandbox.configure(|settings| settings.transfers = link());
    let (got, done) = fetch(&login(&sandbox).await, 0).await;
    assert_eq!((got.len(), done.unwrap().verified), (0, Verified::File));
}

#[tokio::test]
async fn a_link_that_fails_is_asked_for_again() {
    let file = content(1000);
    let unavailable = LinkFault::Status { status: 503, headers: Vec::new(), body: "signature".to_owned() };
    for (fault, second) in [
        (LinkFault::Cut { after: 300 }, Some("bytes=300-")),
        (LinkFault::EndEarly { after: 300 }, Some("bytes=300-")),
        (unavailable, None),
    ] {
        let sandbox = sandbox(&file).await;
        sandbox.configure(|settings| settings.transfers = link());
        let client = login(&sandbox).await;
        sandbox.next_transfer(link().link_fault(fault));
        let (got, done) = fetch(&client, 0).await;
        let done = done.unwrap();
        assert_eq!((done.verified, done.attempts), (Verified::File, 2));
        assert_eq!(got, file);
        let requests = sandbox.link_requests();
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[1].header("range"), second);
        assert_ne!(requests[0].target, requests[1].target);
    }
}

#[tokio::test]
async fn a_link_that_never_works_is_an_error_without_the_link() {
    let sandbox = sandbox(&content(1000)).await;
    let client = login(&sandbox).await;
    for (status, code) in [(403, None), (500, None), (416, Some(ErrorCode::FileInvalidResumeOffset))] {
        let fault = LinkFault::Status { status, headers: Vec::new(), body: "no".to_owned() };
        sandbox.configure(|settings| settings.transfers = link().link_fault(fault));
        let (_, done) = fetch(&client, 0).await;
        let error = done.unwrap_err();
        assert!(matches!(error.cause(), Cause::Http(failure) if failure.status == status), "{error:?}");
        assert_eq!(error.code_as(), code);
        keeps_secrets(&error);
        for request in sandbox.link_requests() {
            let secret = request.target.rsplit('/').next().unwrap().to_owned();
            assert!(!format!("{error} {error:?}").contains(&secret), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_refused_link_is_asked_for_once_more() {
    for (status, requests) in [(403, 2), (404, 2), (410, 2), (500, 3), (429, 3)] {
        let sandbox = sandbox(&content(1000)).await;
        let client = login(&sandbox).await;
        let fault = LinkFault::Status { status, headers: Vec::new(), body: "no".to_owned() };
        sandbox.configure(|settings| settings.transfers = link().link_fault(fault));
        fetch(&client, 0).await.1.unwrap_err();
        assert_eq!(sandbox.link_requests().len(), requests, "{status}");
    }
}

#[tokio::test]
async fn wrong_bytes_by_link_are_found() {
    let sandbox = sandbox(&content(1000)).await;
    let client = login(&sandbox).await;
    for options in [link().link_fault(LinkFault::Corrupt { at: 500 }), link().wrong_checksum()] {
        sandbox.configure(|settings| settings.transfers = options);
        let (_, done) = fetch(&client, 0).await;
        let error = done.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::FileChecksumMismatch), "{error}");
        assert!(error.to_string().contains("whole file"), "{error}");
    }
    for fault in [LinkFault::Extra(b"more".to_vec()), LinkFault::Body(content(1001))] {
        sandbox.configure(|settings| settings.transfers = link().link_fault(fault));
        let (_, done) = fetch(&client, 0).await;
        assert!(matches!(done.unwrap_err().cause(), Cause::Protocol(_)));
    }
}

#[tokio::test]
async fn a_link_is_stopped() {
    let sandbox = sandbox(&content(1000)).await;
    let slow = LinkFault::Slow { piece: 100, pause: Duration::from_millis(5) };
    sandbox.configure(|settings| settings.transfers = link().link_fault(slow));
    let client = login(&sandbox).await;
    let download = client.download(NAME);
    let stopper = download.stopper();
    let mut got = Vec::new();
    let download = download.progress(move |progress| {
        if progress.received == 300 {
            stopper.stop();
        }
    });
    let error = within(download.write_to(&mut got)).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::FileTransferStopped));
    assert_eq!(Interrupted::of(&error).unwrap().at_hand, got.len() as u64);
    assert!(got.len() >= 300 && got.len() < 1000);
    assert_eq!(sandbox.record().received("stop_file_transfer"), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// Either form, broken off at any byte, any number of times.
    #[test]
    fn any_interruptions_of_either_form(
        length in 1_usize..2000,
        chunk in 1_usize..300,
        breaks in proptest::collection::vec((any::<bool>(), 1_usize..2000), 0..5),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let file = content(length);
            let sandbox = sandbox(&file).await;
            let client = login(&sandbox).await;
            for (by_link, at) in breaks {
                sandbox.next_transfer(match by_link {
                    true => link().link_fault(LinkFault::Cut { after: at }),
                    false => TransferOptions::new().chunk(chunk).interrupt(at, Interruption::Drop),
                });
            }
            let dir = TempDir::new().unwrap();
            let saved = within(client.download(NAME).save_in(dir.path())).await.unwrap();
            assert_eq!(saved.verified, Verified::File);
            assert_eq!(fs::read(dir.path().join(NAME)).unwrap(), file);
        });
    }
}
