//! Initializing and logging in, by licence and by account.

use std::time::Duration;

use crate::blazeauth_client::{KEY, Session, application, freeze, initialize, sandbox_of};
use crate::support::raw::Raw;
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::{Account, License};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn initialize_tells_the_application_once() {
    let sandbox = sandbox_of(application()).await;
    let mut raw = Raw::connect(sandbox.addr()).await;
    assert_eq!(
        raw.ask(&initialize(18_446_744_073_709_551_614, KEY, "kiosk-17")).await,
        r#"{"id":18446744073709551614,"app_name":"Harbour Kiosk","app_version":"2.4.1","status":1}"#
    );
    assert_eq!(raw.ask(&initialize(2, KEY, "kiosk-17")).await, r#"{"id":2,"status":4}"#);
    assert_eq!(raw.ask(r#"{"type":10,"id":3}"#).await, r#"{"id":3,"online_users_count":0,"status":1}"#);
}

#[tokio::test]
async fn initialize_is_refused_and_may_be_tried_again() {
    let app = application().license(License::new("HBR-0001"));
    let sandbox = BlazeAuth::builder().application(app).application(application_of("BApaused0000000000000")).start();
    let sandbox = sandbox.await.unwrap();
    let app = sandbox.application(KEY).unwrap();
    app.set_max_sessions(1);
    app.blacklist_client("banned");
    sandbox.application("BApaused0000000000000").unwrap().pause();
    let mut raw = Raw::connect(sandbox.addr()).await;
    let long = "ü".repeat(64);
    for (key, client, status) in [
        (&KEY[1..], "kiosk-17", 2),
        (&format!("{KEY}x"), "kiosk-17", 2),
        (KEY, "äöü", 500),
        (KEY, &format!("{long}x"), 501),
        ("BAnothing000000000000", "kiosk-17", 600),
        ("BApaused0000000000000", "kiosk-17", 601),
    ] {
        // Attempts that failed are not remembered by their id.
        assert_eq!(raw.ask(&initialize(1, key, client)).await, format!(r#"{{"id":1,"status":{status}}}"#));
    }
    let mut first = Session::start_as(&sandbox, &long).await;
    first.login("HBR-0001").await;
    assert_eq!(raw.ask(&initialize(1, KEY, "kiosk-17")).await, r#"{"id":1,"status":602}"#);
    assert_eq!(first.status(5, "").await, 1);
    assert!(raw.ask(&initialize(1, KEY, "kiosk-17")).await.ends_with(r#""status":1}"#));
    let mut banned = Session::connect(&sandbox, None).await;
    banned.raw.send(&initialize(1, KEY, "banned")).await;
    banned.expect_close(4204, "external ID is blacklisted").await;
}

fn application_of(key: &str) -> statuswire_sandbox::blazeauth::Application {
    statuswire_sandbox::blazeauth::Application::new(key, "Other")
}

#[tokio::test]
async fn the_first_login_activates_and_binds_a_licence() {
    let license = License::new("HBR-9911-KIOSK").lasts(Duration::from_secs(5400)).levels(["staff", "night"]);
    let sandbox =
        BlazeAuth::builder().application(application().license(license.comment("quay 4"))).start().await.unwrap();
    let mut session = Session::start(&sandbox).await;
    let _frozen = freeze();
    sandbox.advance(DAY);
    let login = r#""license":"HBR-9911-KIOSK""#;
    let body = r#""license":"HBR-9911-KIOSK","levels":["staff","night"],"comment":"quay 4","ip_address":"127.0.0.1""#;
    // Absolute, since this very call starts its time; the connection took some of the day before.
    let reply = session.ask(2, login).await;
    let rest = reply.strip_prefix(&format!("{body},\"time_left\":")).unwrap();
    let ends: u64 = rest.strip_suffix(",\"status\":1}").unwrap().parse().unwrap();
    assert_eq!(ends, sandbox.unix_time() + 5400);
    assert_eq!(session.ask(2, login).await, format!(r#"{login},"status":7}}"#));
    sandbox.advance(Duration::from_secs(400));
    assert_eq!(session.ask(15, "").await, format!(r#"{body},"time_left":5000,"status":1}}"#));
    assert_eq!(session.ask(16, "").await, r#""status":3}"#);
    assert_eq!(session.status(5, "").await, 1);
    assert_eq!(session.status(5, "").await, 3);
    assert_eq!(session.ask(15, "").await, r#""status":3}"#);
    assert_eq!(session.ask(2, login).await, format!(r#"{body},"time_left":5000,"status":1}}"#));
    // Its time runs out while it is logged in.
    sandbox.advance(Duration::from_secs(5000));
    assert_eq!(session.ask(15, "").await, format!(r#"{body},"status":103}}"#));
    session.status(5, "").await;
    assert_eq!(session.ask(2, login).await, format!(r#"{body},"status":103}}"#));
    let mut other = Session::start_as(&sandbox, "kiosk-18").await;
    assert_eq!(other.ask(2, login).await, format!(r#"{body},"status":502}}"#));
}

#[tokio::test]
async fn every_refusal_of_a_licence() {
    let app = application()
        .license(License::new("HBR-OVER").expired())
        .license(License::new("HBR-PAUSED").paused())
        .license(License::new("HBR-BANNED").blacklisted().active_for(DAY))
        .license(License::new("HBR-OTHER").client_id("kiosk-18"))
        .license(License::new("HBR-0002"))
        .license(License::new("HBR-0001").active_for(DAY));
    let sandbox = sandbox_of(app).await;
    sandbox.application(KEY).unwrap().set_max_sessions(1);
    let mut session = Session::start(&sandbox).await;
    for (key, status) in [
        ("HBR", 101),
        ("äöüäö", 101),
        (&"x".repeat(65), 102),
        (&"ü".repeat(64), 100),
        ("HBR-NONE", 100),
        ("HBR-OVER", 103),
        ("HBR-PAUSED", 104),
        ("HBR-BANNED", 105),
        ("HBR-OTHER", 502),
    ] {
        let reply = session.ask(2, &format!(r#""license":"{key}""#)).await;
        assert!(reply.starts_with(&format!(r#""license":"{key}","#)), "{reply}");
        assert!(reply.ends_with(&format!(r#""status":{status}}}"#)), "{reply}");
        assert_eq!(reply.contains("levels"), status > 102, "{reply}");
        assert_eq!(reply.contains("time_left"), key == "HBR-BANNED", "{reply}");
    }
    let mut second = Session::start_as(&sandbox, "kiosk-18").await;
    session.login("HBR-0001").await;
    assert_eq!(second.status(2, r#""license":"HBR-0002""#).await, 602);
    session.status(5, "").await;
    second.login("HBR-0002").await;
}

fn credentials(login: &str, password: &str, kind: i32) -> String {
    format!(r#""login":"{login}","password":"{password}","credentials_type":{kind}"#)
}

#[tokio::test]
async fn login_by_credentials() {
    let app = application()
        .account(Account::new("harbour-master", "correct horse").levels(["master"]).comment("pier"))
        .account(Account::new("ada@example.org", "battery staple").email().requires_license())
        .account(Account::new("banned", "password").blacklisted())
        .license(License::new("HBR-LINKED").account("ada@example.org").active_for(Duration::from_secs(3600)))
        .license(License::new("HBR-SHORT").account("ada@example.org").active_for(Duration::from_secs(60)))
        .license(License::new("HBR-FRESH").lasts(DAY));
    let sandbox = sandbox_of(app).await;
    let mut session = Session::start(&sandbox).await;
    let _frozen = freeze();
    let (long, longer) = ("x".repeat(321), "x".repeat(65));
    for (body, status) in [
        (credentials("harbour-master", "correct horse", 2), 210),
        (credentials("harbour-master", "correct horse", -1), 210),
        (credentials("abc", "correct horse", 0), 205),
        (credentials(&long, "correct horse", 0), 206),
        (credentials("harbour-master", "abc", 0), 207),
        (credentials("harbour-master", &longer, 0), 208),
        (credentials("harbour-master", "correct horse", 1), 209),
        (credentials("harbour-master", "wrong horse", 0), 200),
        (credentials("nobody", "correct horse", 0), 200),
        (credentials("ada@example.org", "battery staple", 0), 200),
        (credentials("banned", "password", 0), 201),
        (credentials("harbour-master", "correct horse", 0) + r#","license":"x""#, 101),
        (credentials("harbour-master", "correct horse", 0) + &format!(r#","license":"{longer}""#), 102),
        (credentials("harbour-master", "correct horse", 0) + r#","license":"HBR-NONE""#, 100),
        (credentials("harbour-master", "correct horse", 0) + r#","license":"HBR-LINKED""#, 107),
    ] {
        assert_eq!(session.status(3, &body).await, status, "{body}");
    }
    let master = r#""login":"harbour-master","levels":["master"],"comment":"pier","ip_address":"127.0.0.1""#;
    let login = credentials("harbour-master", "correct horse", 0);
    assert_eq!(session.ask(3, &login).await, format!(r#"{master},"license_required":false,"status":1}}"#));
    assert_eq!(session.ask(3, &login).await, r#""login":"harbour-master","status":7}"#);
    assert_eq!(session.ask(16, "").await, format!(r#"{master},"license_required":false,"status":1}}"#));
    assert_eq!(session.ask(15, "").await, r#""status":3}"#);
    session.status(5, "").await;
    let with_license = login + r#","license":"HBR-FRESH""#;
    let reply = format!(r#"{master},"time_left":86400,"license_required":false,"status":1}}"#);
    assert_eq!(session.ask(3, &with_license).await, reply);
    sandbox.advance(DAY);
    let over = format!(r#"{master},"license_required":false,"status":203}}"#);
    assert_eq!(session.ask(16, "").await, over);
    session.status(5, "").await;
    // Ada's licences have run out meanwhile.
    let ada = credentials("ada@example.org", "battery staple", 1);
    let body = r#""login":"ada@example.org","levels":[],"ip_address":"127.0.0.1""#;
    assert_eq!(session.ask(3, &ada).await, format!(r#"{body},"license_required":true,"status":203}}"#));
    let app = sandbox.application(KEY).unwrap();
    app.set_license_time("HBR-SHORT", Some(Duration::from_secs(60)));
    app.set_license_time("HBR-LINKED", Some(Duration::from_secs(90)));
    assert_eq!(session.ask(3, &ada).await, format!(r#"{body},"time_left":90,"license_required":true,"status":1}}"#));
    app.set_license_time("HBR-LINKED", None);
    assert_eq!(session.ask(16, "").await, format!(r#"{body},"license_required":true,"status":1}}"#));
}

#[tokio::test]
async fn a_login_needs_room() {
    let app = application()
        .license(License::new("HBR-0001"))
        .license(License::new("HBR-0002"))
        .account(Account::new("harbour-master", "correct horse"));
    let sandbox = sandbox_of(app).await;
    sandbox.application(KEY).unwrap().set_max_sessions(1);
    let (mut first, mut second) = (Session::start(&sandbox).await, Session::start_as(&sandbox, "kiosk-18").await);
    first.login("HBR-0001").await;
    let login = credentials("harbour-master", "correct horse", 0) + r#","license":"HBR-0002""#;
    assert_eq!(second.status(3, &login).await, 602);
    assert_eq!(second.ask(10, "").await, r#""online_users_count":1,"status":1}"#);
    sandbox.application(KEY).unwrap().set_max_sessions(2);
    // The refused attempt has not used the licence.
    assert_eq!(second.status(3, &login).await, 1);
    assert_eq!(second.ask(10, "").await, r#""online_users_count":2,"status":1}"#);
}
