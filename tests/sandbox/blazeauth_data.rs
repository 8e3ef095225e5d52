//! Variables, the session's store, what is told of files, users online, the blacklist.

use std::time::Duration;

use crate::blazeauth_client::{KEY, Session, application, freeze, initialize, sandbox_of};
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::{Account, File, License, Variable};

const HOUR: Duration = Duration::from_secs(3600);
const LOGIN: &str = r#""login":"harbour-master","password":"correct horse","credentials_type":0"#;

#[tokio::test]
async fn variables() {
    let app = application()
        .license(License::new("HBR-0001"))
        .variable(Variable::new("motd", "say \"hi\"\n"))
        .variable(Variable::new("tide_table", r#"{"high":1}"#).protected());
    let sandbox = sandbox_of(app).await;
    let mut session = Session::start(&sandbox).await;
    assert_eq!(session.ask(11, r#""name":"motd""#).await, r#""content":"say \"hi\"\n","status":1}"#);
    assert_eq!(session.ask(11, r#""name":"tide_table""#).await, r#""status":3}"#);
    assert_eq!(session.ask(11, r#""name":"none""#).await, r#""status":400}"#);
    assert_eq!(session.ask(11, r#""name":"äö""#).await, r#""status":401}"#);
    session.login("HBR-0001").await;
    assert_eq!(session.ask(11, r#""name":"tide_table""#).await, r#""content":"{\"high\":1}","status":1}"#);
}

fn set(key: &str, value: &str, ttl: &str) -> String {
    format!(r#""key":"{key}","value":"{value}","ttl":{ttl}"#)
}

#[tokio::test]
async fn values_live_for_their_time_and_in_their_session() {
    let sandbox = BlazeAuth::start().await.unwrap();
    let mut session = Session::start(&sandbox).await;
    let mut other = Session::start_as(&sandbox, "kiosk-18").await;
    let _frozen = freeze();
    assert_eq!(session.ask(12, &set("cart", "ä", "3600")).await, r#""status":1}"#);
    assert_eq!(session.ask(13, r#""key":"cart""#).await, r#""value":"ä","status":1}"#);
    assert_eq!(other.ask(13, r#""key":"cart""#).await, r#""status":700}"#);
    sandbox.advance(HOUR / 2);
    assert_eq!(session.status(12, &set("cart", "b", "3600")).await, 1);
    sandbox.advance(HOUR - Duration::from_secs(1));
    assert_eq!(session.ask(13, r#""key":"cart""#).await, r#""value":"b","status":1}"#);
    sandbox.advance(Duration::from_secs(1));
    assert_eq!(session.ask(13, r#""key":"cart""#).await, r#""status":700}"#);
    assert_eq!(session.ask(14, r#""key":"cart""#).await, r#""status":700}"#);
    for ttl in ["0", "-7", "null", "9223372036854775808"] {
        assert_eq!(session.status(12, &set("long", "", ttl)).await, 1);
        sandbox.advance(72 * HOUR - Duration::from_secs(1));
        assert_eq!(session.ask(13, r#""key":"long""#).await, r#""value":"","status":1}"#);
        sandbox.advance(Duration::from_secs(1));
        assert_eq!(session.status(13, r#""key":"long""#).await, if ttl.len() > 9 { 1 } else { 700 }, "{ttl}");
    }
    assert_eq!(session.ask(14, r#""key":"long""#).await, r#""status":1}"#);
    assert_eq!(session.ask(14, r#""key":"long""#).await, r#""status":700}"#);
}

#[tokio::test]
async fn the_store_holds_64_values_of_16384_bytes() {
    let sandbox = BlazeAuth::start().await.unwrap();
    sandbox.configure(|settings| settings.rate_limit = statuswire_sandbox::blazeauth::RateLimit::off());
    let mut session = Session::start(&sandbox).await;
    let _frozen = freeze();
    for key in 0..64 {
        assert_eq!(session.status(12, &set(&key.to_string(), "é", "3600")).await, 1);
    }
    assert_eq!(session.status(12, &set("one more", "", "1")).await, 702);
    // 63 values of two bytes are there, the first one is replaced.
    assert_eq!(session.status(12, &set("0", &"x".repeat(16_384 - 126), "7200")).await, 1);
    assert_eq!(session.status(12, &set("0", &"x".repeat(16_385 - 126), "7200")).await, 701);
    // Memory is looked at first.
    assert_eq!(session.status(12, &set("one more", "x", "1")).await, 701);
    assert_eq!(session.status(13, r#""key":"0""#).await, 1);
    sandbox.advance(HOUR);
    // Expired values take no room.
    assert_eq!(session.status(12, &set("one more", &"x".repeat(126), "1")).await, 1);
    assert_eq!(session.status(14, r#""key":"0""#).await, 1);
    assert_eq!(session.status(12, &set("all", &"x".repeat(16_384 - 126), "1")).await, 1);
}

#[tokio::test]
async fn what_is_told_of_files() {
    let content = b"ab}{\0\xff cde";
    let app = application().license(License::new("HBR-0001")).file(File::new("patch-0007", *content));
    let sandbox = sandbox_of(app.file(File::new("void", []))).await;
    let mut session = Session::start(&sandbox).await;
    let checksum = "61a003b4394ce412b3ab105f4d8335377702e008380067fe998834dc0589aede";
    let metadata = format!(r#""checksum":"{checksum}","size":10,"transfer_count":"#);
    assert_eq!(session.ask(9, r#""filename":"patch-0007""#).await, format!("{metadata}0,\"status\":1}}"));
    let void = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let reply = session.ask(9, r#""filename":"void""#).await;
    assert_eq!(reply, format!(r#""checksum":"{void}","size":0,"transfer_count":0,"status":1}}"#));
    assert_eq!(session.ask(9, r#""filename":"none""#).await, r#""status":300}"#);
    assert_eq!(session.ask(9, r#""filename":"äöü""#).await, r#""status":301}"#);
    let app = sandbox.application(KEY).unwrap();
    app.put_file(File::new("none", *b"x"));
    assert_eq!(session.status(9, r#""filename":"none""#).await, 1);
}

#[tokio::test]
async fn users_online_are_logged_in_and_connected() {
    let app = application()
        .license(License::new("HBR-0001"))
        .license(License::new("HBR-0002"))
        .account(Account::new("harbour-master", "correct horse"));
    let sandbox = sandbox_of(app).await;
    let mut session = Session::start(&sandbox).await;
    let mut second = Session::start_as(&sandbox, "kiosk-18").await;
    let online = |count| format!(r#""online_users_count":{count},"status":1}}"#);
    assert_eq!(session.ask(10, "").await, online(0));
    session.login("HBR-0001").await;
    assert_eq!(session.status(3, LOGIN).await, 7);
    assert_eq!(second.status(3, LOGIN).await, 1);
    assert_eq!(session.ask(10, "").await, online(2));
    drop(second);
    sandbox.record().wait_for(|record| record.closed() == 1).await;
    assert_eq!(session.ask(10, "").await, online(1));
}

#[tokio::test]
async fn who_blacklists_itself_is_answered_then_closed() {
    let app = application()
        .license(License::new("HBR-0001").active_for(HOUR))
        .account(Account::new("harbour-master", "correct horse"));
    let sandbox = sandbox_of(app).await;
    sandbox.application(KEY).unwrap().set_max_blacklist_entries(2);
    let mut session = Session::start(&sandbox).await;
    session.login("HBR-0001").await;
    assert_eq!(session.ask(6, r#""comment":"tampered""#).await, r#""status":1}"#);
    session.expect_close(4203, "session was blacklisted").await;
    let mut again = Session::connect(&sandbox, None).await;
    again.raw.send(&initialize(1, KEY, "kiosk-17")).await;
    again.expect_close(4204, "external ID is blacklisted").await;
    let mut other = Session::start_as(&sandbox, "kiosk-18").await;
    assert_eq!(other.status(2, r#""license":"HBR-0001""#).await, 105);
    assert_eq!(other.status(3, LOGIN).await, 1);
    assert_eq!(other.status(6, "").await, 1);
    other.expect_close(4203, "session was blacklisted").await;
    let mut third = Session::start_as(&sandbox, "kiosk-19").await;
    assert_eq!(third.status(3, LOGIN).await, 201);
    assert_eq!(third.ask(6, "").await, r#""status":604}"#);
    assert_eq!(third.status(10, "").await, 1);
    let app = sandbox.application(KEY).unwrap();
    app.unblacklist_client("kiosk-17");
    app.blacklist_account("harbour-master", false);
    assert_eq!(Session::start(&sandbox).await.status(3, LOGIN).await, 1);
    assert_eq!(third.status(6, "").await, 1);
}
