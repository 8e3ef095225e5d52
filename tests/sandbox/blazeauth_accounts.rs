//! Creating accounts and linking licences to them.

use std::time::Duration;

use crate::blazeauth_client::{KEY, Session, application, freeze, sandbox_of};
use statuswire_sandbox::blazeauth::{Account, License};

const HOUR: Duration = Duration::from_secs(3600);

fn account(login: &str, more: &str) -> String {
    format!(r#""login":"{login}","password":"correct horse","credentials_type":0{more}"#)
}

fn with_license(login: &str, key: &str) -> String {
    account(login, &format!(r#","license":"{key}""#))
}

#[tokio::test]
async fn an_account_is_created_and_does_not_log_in() {
    let sandbox = sandbox_of(application()).await;
    let mut session = Session::start(&sandbox).await;
    assert_eq!(session.ask(1, &account("ada-lovelace", r#","comment":"first""#)).await, r#""status":1}"#);
    assert_eq!(session.status(5, "").await, 3);
    let reply = session.ask(3, &account("ada-lovelace", "")).await;
    assert!(reply.starts_with(r#""login":"ada-lovelace","levels":[],"comment":"first","#), "{reply}");
    let mail = r#""login":"ada@example.org","password":"correct horse","credentials_type":1"#;
    assert_eq!(session.status(1, mail).await, 1);
}

#[tokio::test]
async fn every_refusal_of_an_account() {
    let app = application()
        .account(Account::new("taken", "correct horse"))
        .license(License::new("HBR-LINKED").account("taken"))
        .license(License::new("HBR-ACTIVE").active_for(HOUR))
        .license(License::new("HBR-FRESH"));
    let sandbox = sandbox_of(app).await;
    sandbox.application(KEY).unwrap().set_max_accounts(1);
    let mut session = Session::start(&sandbox).await;
    for (body, status) in [
        (account("abc", ""), 205),
        (account(&"x".repeat(321), ""), 206),
        (account("ada-lovelace", "").replace("correct horse", "abc"), 207),
        (account("ada-lovelace", "").replace("correct horse", &"x".repeat(65)), 208),
        (account("ada-lovelace", "").replace(":0", ":1"), 209),
        (account("ada-lovelace", "").replace(":0", ":2"), 210),
        (with_license("ada-lovelace", "HBR"), 101),
        (with_license("ada-lovelace", &"x".repeat(65)), 102),
        (account("taken", ""), 202),
        (with_license("ada-lovelace", "HBR-NONE"), 100),
        (with_license("ada-lovelace", "HBR-LINKED"), 106),
        (with_license("ada-lovelace", "HBR-ACTIVE"), 107),
        (with_license("ada-lovelace", "HBR-FRESH"), 603),
        (account("ada-lovelace", ""), 603),
    ] {
        assert_eq!(session.ask(1, &body).await, format!(r#""status":{status}}}"#), "{body}");
    }
    sandbox.application(KEY).unwrap().set_max_accounts(2);
    assert_eq!(session.status(1, &with_license("ada-lovelace", "HBR-FRESH")).await, 1);
    // It is linked and its time runs.
    assert!(session.ask(3, &account("ada-lovelace", "")).await.contains(r#""time_left":25"#));
}

#[tokio::test]
async fn three_accounts_a_day_without_licence() {
    let app = application().license(License::new("HBR-FRESH")).account(Account::new("taken", "correct horse"));
    let sandbox = sandbox_of(app).await;
    let mut session = Session::start(&sandbox).await;
    let _frozen = freeze();
    for login in ["first", "second", "third"] {
        assert_eq!(session.status(1, &account(login, "")).await, 1);
        sandbox.advance(HOUR);
    }
    assert_eq!(session.ask(1, &account("fourth", "")).await, r#""retry_after":75600,"status":5}"#);
    assert_eq!(session.ask(1, &account("taken", "")).await, r#""retry_after":75600,"status":5}"#);
    assert_eq!(session.status(1, &with_license("fourth", "HBR-FRESH")).await, 1);
    sandbox.advance(21 * HOUR);
    assert_eq!(session.status(1, &account("fifth", "")).await, 1);
    assert_eq!(session.ask(1, &account("sixth", "")).await, r#""retry_after":3600,"status":5}"#);
}

#[tokio::test]
async fn a_licence_is_linked_to_the_account_that_is_logged_in() {
    let app = application()
        .account(Account::new("harbour-master", "correct horse"))
        .license(License::new("HBR-LINKED").account("somebody"))
        .license(License::new("HBR-ACTIVE").active_for(HOUR))
        .license(License::new("HBR-PAUSED").paused())
        .license(License::new("HBR-FRESH").lasts(HOUR))
        .license(License::new("HBR-LOGIN"));
    let sandbox = sandbox_of(app).await;
    let mut session = Session::start(&sandbox).await;
    let _frozen = freeze();
    let link = |key: &str| format!(r#""license":"{key}""#);
    assert_eq!(session.status(4, &link("HBR-FRESH")).await, 3);
    session.login("HBR-LOGIN").await;
    assert_eq!(session.status(4, &link("HBR-FRESH")).await, 3);
    session.status(5, "").await;
    assert_eq!(session.status(3, &account("harbour-master", "")).await, 1);
    for (key, status) in [
        ("HBR", 101),
        (&"x".repeat(65), 102),
        ("HBR-NONE", 100),
        ("HBR-LINKED", 106),
        ("HBR-ACTIVE", 107),
        ("HBR-PAUSED", 107),
        ("HBR-FRESH", 1),
        ("HBR-FRESH", 106),
    ] {
        assert_eq!(session.ask(4, &link(key)).await, format!(r#""status":{status}}}"#), "{key}");
    }
    assert!(session.ask(16, "").await.contains(r#""time_left":3600,"#));
}
