//! The example program `blazeauth` downloads files: whole, interrupted, gone on with, spoilt.

use crate::blazeauth_user::{User, private};
use crate::program::{interrupt, output, parsed};
use serde_json::json;
use statuswire_sandbox::Fault;
use statuswire_sandbox::blazeauth::{File, Interruption, LinkFault, TransferForm, TransferOptions, demo};
use std::time::Duration;

const TEN: &[u8] = b"ab}{\0\xff cde";
/// Bytes of `large.bin`.
const SIZE: usize = 3_000_000;

/// A user whose application has a file of some size, too.
async fn user() -> (User, Vec<u8>) {
    let user = User::new().await;
    let content: Vec<u8> = (0..SIZE).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    user.sandbox.application(demo::API_KEY).unwrap().put_file(File::new("large.bin", content.clone()));
    (user, content)
}

/// What a file of the home holds, if it is there.
fn content(user: &User, name: &str) -> Option<Vec<u8>> {
    std::fs::read(user.home.path().join(name)).ok()
}

#[tokio::test]
async fn a_file_goes_where_it_is_wanted() {
    let (user, large) = user().await;
    std::fs::create_dir(user.home.path().join("downloads")).unwrap();
    for (arguments, place) in [
        (&["patch-0007"] as &[&str], "patch-0007"),
        (&["patch-0007", "-o", "renamed.bin"], "renamed.bin"),
        (&["patch-0007", "-o", "downloads"], "downloads/patch-0007"),
        (&["patch-0007", "-o", "downloads/"], "downloads/patch-0007"),
        (&["patch-0007", "--output", "downloads/other"], "downloads/other"),
    ] {
        let (code, text, errors) = user.licensed(&[&["files", "get"], arguments].concat()).await;
        assert_eq!((code, errors.as_str()), (0, ""), "{arguments:?}");
        assert!(text.ends_with("10 bytes; its SHA-256 sum is the service's\n"), "{text}");
        assert_eq!(content(&user, place).as_deref(), Some(TEN), "{arguments:?}");
    }

    let mut to_output = user.program(&["files", "get", "large.bin", "-o", "-"]);
    let done = output(to_output.env("BLAZEAUTH_LICENSE", demo::LICENSE)).await;
    assert!(done.status.success() && done.stdout == large && done.stderr.is_empty(), "nothing beside the file");
    assert_eq!(content(&user, "large.bin"), None);
}

#[tokio::test]
async fn what_ctrl_c_interrupted_is_gone_on_with() {
    const SENT: usize = 2_000_000;
    /// The program writes in blocks of this size.
    const BLOCK: u64 = 1 << 20;
    let (user, large) = user().await;
    user.sandbox.next_transfer(TransferOptions::new().interrupt(SENT, Interruption::Silence));
    let get = ["files", "get", "large.bin", "-o", "here.bin"];
    let mut program = user.program(&get).env("BLAZEAUTH_LICENSE", demo::LICENSE).spawn().unwrap();
    let part = user.home.path().join(".here.bin.part");
    while std::fs::metadata(&part).map_or(0, |part| part.len()) < BLOCK {
        assert_eq!(program.try_wait().unwrap(), None, "it ended too early");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    interrupt(&program).await;
    let (code, text, errors) = private(program.wait_with_output().await.unwrap());
    assert_eq!((code, text.as_str()), (130, ""), "{errors}");
    let at_hand = errors.split("stopped with ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let at_hand: usize = at_hand.parse().unwrap();
    assert!(at_hand >= BLOCK as usize && at_hand <= SENT && errors.contains(&format!("of {SIZE} bytes")), "{errors}");
    assert_eq!(content(&user, "here.bin"), None);

    let (code, text, errors) = user.licensed(&[&get as &[&str], &["--json"]].concat()).await;
    assert_eq!((code, errors.as_str()), (0, ""));
    let expected = json!({
        "name": "large.bin", "path": "./here.bin", "size": SIZE, "received": SIZE - at_hand, "resumed_from": at_hand,
        "attempts": 1, "verified": true,
    });
    assert_eq!(parsed(&text), expected);
    assert!(content(&user, "here.bin") == Some(large) && content(&user, ".here.bin.part").is_none());
}

/// The service is asked to stop, and does not answer: whoever insists need not wait.
#[tokio::test]
async fn ctrl_c_twice_waits_for_nobody() {
    let (user, _) = user().await;
    user.sandbox.next_transfer(TransferOptions::new().interrupt(100_000, Interruption::Silence));
    user.sandbox.fault(Fault::on("stop_file_transfer").silence());
    let get = ["files", "get", "large.bin", "-o", "here.bin", "--timeout", "3600"];
    let program = user.program(&get).env("BLAZEAUTH_LICENSE", demo::LICENSE).spawn().unwrap();
    while user.sandbox.record().received("transfer_file") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    interrupt(&program).await;
    while user.sandbox.record().received("stop_file_transfer") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    interrupt(&program).await;
    let ended = tokio::time::timeout(Duration::from_secs(100), program.wait_with_output()).await;
    let (code, text, errors) = private(ended.expect("it waits").unwrap());
    assert_eq!((code, text.as_str()), (130, ""), "{errors}");
}

#[tokio::test]
async fn a_lost_connection_is_no_reason_to_stop() {
    let (user, large) = user().await;
    user.sandbox.next_transfer(TransferOptions::new().interrupt(100_000, Interruption::Drop));
    let (code, text, errors) = user.licensed(&["files", "get", "large.bin", "--json"]).await;
    let done = parsed(&text);
    assert_eq!((code, &done["attempts"], &done["received"]), (0, &json!(2), &json!(SIZE)), "{errors}");
    assert!(content(&user, "large.bin") == Some(large));
}

#[tokio::test]
async fn a_link_is_as_good_as_a_stream_and_not_shown() {
    let (user, large) = user().await;
    user.sandbox.configure(|settings| settings.transfers = TransferOptions::new().form(TransferForm::Link));
    let (code, text, errors) = user.licensed(&["files", "get", "large.bin"]).await;
    assert_eq!(
        (code, text.as_str(), errors.as_str()),
        (0, "./large.bin: 3000000 bytes; its SHA-256 sum is the service's\n", "")
    );
    assert!(content(&user, "large.bin") == Some(large));

    let spoilt = TransferOptions::new().form(TransferForm::Link).link_fault(LinkFault::Corrupt { at: 5 });
    user.sandbox.configure(|settings| settings.transfers = spoilt);
    let (code, text, errors) = user.licensed(&["files", "get", "large.bin", "-o", "again.bin"]).await;
    assert!(code == 4 && text.is_empty() && errors.contains("FileChecksumMismatch (302)"), "{errors}");
    assert_eq!(content(&user, "again.bin"), None);
    let requests = user.sandbox.link_requests();
    assert!(requests.len() >= 2 && requests.iter().all(|link| !errors.contains(&link.target)), "{errors}");
}

#[tokio::test]
async fn a_spoilt_file_is_not_kept() {
    let (user, _) = user().await;
    user.sandbox.next_transfer(TransferOptions::new().wrong_checksum());
    let (code, text, errors) = user.licensed(&["files", "get", "large.bin"]).await;
    assert!(code == 4 && text.is_empty() && errors.contains("FileChecksumMismatch (302)"), "{errors}");
    assert!(content(&user, "large.bin").is_none() && content(&user, ".large.bin.part").is_none());
}

#[tokio::test]
async fn wrong_places_and_names_are_told() {
    let (user, _) = user().await;
    for (arguments, status, expected) in [
        (&["nope-0007"] as &[&str], 1, "FileNotFound (300)"),
        (&["abc"], 4, "FileInvalidName (301)"),
        (&["patch-0007", "-o", "nope/"], 2, "there is no such directory"),
        (&["patch-0007", "-o", "nope/x"], 7, "No such file or directory"),
        (&["../patch", "-o", "."], 3, "cannot be the name of a local file"),
    ] {
        let (code, text, errors) = user.licensed(&[&["files", "get"], arguments].concat()).await;
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
        assert_eq!((code, text.as_str()), (status, ""), "{arguments:?}: {errors}");
    }

    let files: Vec<_> = std::fs::read_dir(user.home.path()).unwrap().collect();
    assert!(files.is_empty(), "{files:?}");
}
