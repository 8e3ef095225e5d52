//! What ends a session with a close code.

use std::time::Duration;

use crate::blazeauth_client::{KEY, Session, application, freeze, initialize, sandbox_of};
use crate::support::raw::masked;
use statuswire_sandbox::BlazeAuth;

const ENVELOPE: (u16, &str) = (4300, "packet does not contain mandatory 'type' and/or 'id' fields");
const TYPE: (u16, &str) = (4301, "invalid handler type specified");
const EARLY: (u16, &str) = (4200, "connection is not initialized");
const BODY: (u16, &str) = (4302, "invalid request body");
const BINARY: (u16, &str) = (4304, "received unsupported data");

#[tokio::test]
async fn a_bad_packet_before_initialization() {
    let sandbox = BlazeAuth::start().await.unwrap();
    for (text, (code, reason)) in [
        ("no json", ENVELOPE),
        ("", ENVELOPE),
        (r#"[{"type":0,"id":1}]"#, ENVELOPE),
        (r#"{"type":99}"#, ENVELOPE),
        (r#"{"id":1}"#, ENVELOPE),
        (r#"{"type":"0","id":1}"#, ENVELOPE),
        (r#"{"type":0,"id":"1"}"#, ENVELOPE),
        (r#"{"type":0,"id":-1}"#, ENVELOPE),
        (r#"{"type":0,"id":18446744073709551616}"#, ENVELOPE),
        (r#"{"type":18,"id":1}"#, TYPE),
        (r#"{"type":-1,"id":1}"#, TYPE),
        (r#"{"type":11,"id":1}"#, EARLY),
        (r#"{"type":11,"id":18446744073709551615}"#, EARLY),
        (r#"{"type":0,"id":1}"#, BODY),
        (r#"{"type":0,"id":1,"websocket_api_key":7,"client_id":"kiosk-17"}"#, BODY),
    ] {
        let mut session = Session::connect(&sandbox, None).await;
        session.raw.send(text).await;
        session.expect_close(code, reason).await;
    }
}

#[tokio::test]
async fn a_bad_packet_on_an_initialized_session() {
    let sandbox = BlazeAuth::start().await.unwrap();
    for (number, members) in [
        (0, ""),
        (1, r#""login":"ada-lovelace","password":"correct horse""#),
        (1, r#""login":"ada-lovelace","password":"correct horse","credentials_type":"0""#),
        (1, r#""login":"ada-lovelace","password":"correct horse","credentials_type":0,"license":7"#),
        (1, r#""login":"ada-lovelace","password":"correct horse","credentials_type":0,"comment":7"#),
        (2, ""),
        (2, r#""license":null"#),
        (3, r#""login":"ada-lovelace","credentials_type":0"#),
        (4, r#""license":7"#),
        (6, r#""comment":7"#),
        (7, r#""filename":"patch-0007""#),
        (7, r#""filename":"patch-0007","resume_at":0.5"#),
        (8, ""),
        (9, r#""name":"patch-0007""#),
        (11, ""),
        (12, r#""key":"k","value":"v""#),
        (12, r#""key":"k","value":"v","ttl":"60""#),
        (12, r#""key":"k","value":7,"ttl":60"#),
        (13, ""),
        (14, ""),
        (17, ""),
        (17, r#""subscribed":1"#),
    ] {
        let mut session = Session::start(&sandbox).await;
        session.send(number, members).await;
        session.expect_close(BODY.0, BODY.1).await;
    }
    let mut session = Session::start(&sandbox).await;
    session.raw.send(r#"{"type":10,"id":18446744073709551615}"#).await;
    session.expect_close(BODY.0, BODY.1).await;
}

#[tokio::test]
async fn a_binary_message() {
    let sandbox = BlazeAuth::start().await.unwrap();
    for mut session in [Session::connect(&sandbox, None).await, Session::start(&sandbox).await] {
        // What follows is not answered.
        let packet = br#"{"type":10,"id":9}"#;
        session.raw.write(&[masked(0x82, packet), masked(0x81, packet)].concat()).await;
        session.expect_close(BINARY.0, BINARY.1).await;
    }
    assert_eq!(sandbox.record().executed_id(9), 0);
}

#[tokio::test]
async fn a_breach_of_the_websocket_protocol() {
    let sandbox = BlazeAuth::start().await.unwrap();
    let long = " ".repeat(1024 * 1024 + 1);
    for (bytes, code) in [
        (masked(0x83, b""), 1002),
        (masked(0x80, b"x"), 1002),
        (masked(0x89, &[0; 126]), 1002),
        (vec![0x81, 0x02, b'{', b'}'], 1002),
        (masked(0x81, b"\xff"), 1007),
        (masked(0x81, long.as_bytes()), 1009),
    ] {
        let mut session = Session::start(&sandbox).await;
        session.raw.write(&bytes).await;
        session.expect_close(code, "").await;
    }
    // The server closed them: none waits to be resumed.
    assert!(sandbox.sessions().is_empty());
}

#[tokio::test]
async fn further_members_are_ignored() {
    let sandbox = BlazeAuth::start().await.unwrap();
    let mut session = Session::start(&sandbox).await;
    assert_eq!(session.status(10, r#""version":3,"payload":{"type":[]}"#).await, 1);
}

#[tokio::test]
async fn initialization_has_its_time() {
    let sandbox = BlazeAuth::start().await.unwrap();
    let mut silent = Session::connect(&sandbox, None).await;
    let mut failing = Session::connect(&sandbox, None).await;
    let mut working = Session::start(&sandbox).await;
    assert_eq!(failing.raw.ask(&initialize(1, "short", "kiosk-17")).await, r#"{"id":1,"status":2}"#);
    let _frozen = freeze();
    let reason = "session wasn't initialized in 15 seconds after connection";
    tokio::time::advance(Duration::from_secs(10)).await;
    silent.raw.expect_nothing_more().await;
    failing.raw.expect_nothing_more().await;
    // Timers are as coarse as a millisecond.
    tokio::time::advance(Duration::from_millis(5002)).await;
    silent.expect_close(4202, reason).await;
    failing.expect_close(4202, reason).await;
    assert_eq!(working.status(10, "").await, 1);
    sandbox.configure(|settings| settings.initialize_within = Duration::from_secs(3));
    let mut silent = Session::connect(&sandbox, None).await;
    tokio::time::advance(Duration::from_millis(3002)).await;
    silent.expect_close(4202, "session wasn't initialized in 3 seconds after connection").await;
}

#[tokio::test]
async fn the_fourth_unknown_key_in_a_row() {
    let sandbox = sandbox_of(application()).await;
    let mut session = Session::connect(&sandbox, None).await;
    let unknown = initialize(1, "BAnothing000000000000", "kiosk-17");
    for _ in 0..3 {
        assert_eq!(session.raw.ask(&unknown).await, r#"{"id":1,"status":600}"#);
    }
    // Neither a failure of this kind nor a success.
    assert_eq!(session.raw.ask(&initialize(1, "short", "kiosk-17")).await, r#"{"id":1,"status":2}"#);
    session.raw.send(&unknown).await;
    session.expect_close(4205, "failed to initialize session").await;
    // A key that is found resets the count.
    let app = sandbox.application(KEY).unwrap();
    app.pause();
    let mut session = Session::connect(&sandbox, None).await;
    for _ in 0..2 {
        for _ in 0..3 {
            assert_eq!(session.raw.ask(&unknown).await, r#"{"id":1,"status":600}"#);
        }
        assert_eq!(session.raw.ask(&initialize(1, KEY, "kiosk-17")).await, r#"{"id":1,"status":601}"#);
    }
}

#[tokio::test]
async fn any_code_and_reason_on_demand() {
    let sandbox = BlazeAuth::start().await.unwrap();
    for (code, reason) in [(1000, ""), (4000, "internal server error"), (4303, "?"), (4499, "ü")] {
        let mut session = Session::start(&sandbox).await;
        sandbox.sessions().last().unwrap().close(code, reason);
        session.expect_close(code, reason).await;
    }
    assert!(sandbox.sessions().is_empty());
    let mut session = Session::start(&sandbox).await;
    sandbox.stop().await;
    session.expect_close(1000, "").await;
    sandbox.restart().await.unwrap();
    assert_eq!(Session::start(&sandbox).await.status(10, "").await, 1);
}
