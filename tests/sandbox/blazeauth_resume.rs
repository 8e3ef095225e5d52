//! Sessions go on after a lost connection, and nothing is carried out twice.

use std::time::Duration;

use crate::blazeauth_client::{KEY, Session, application, freeze, initialize, sandbox_of};
use crate::support::raw::{Got, masked};
use statuswire_sandbox::blazeauth::{File, License, RateLimit};
use statuswire_sandbox::{BlazeAuth, Fault};

const UNKNOWN: (u16, &str) = (4401, "resume ID was not found or it is expired");

async fn sandbox() -> BlazeAuth {
    sandbox_of(application().license(License::new("HBR-0001")).license(License::new("HBR-0002"))).await
}

/// Ends the connection without a close frame and waits until the server has noticed.
async fn lose(sandbox: &BlazeAuth, session: Session) -> String {
    let closed = sandbox.record().closed();
    let Session { raw, resume_id, .. } = session;
    drop(raw);
    sandbox.record().wait_for(|record| record.closed() > closed).await;
    resume_id.unwrap()
}

async fn resume(sandbox: &BlazeAuth, resume_id: &str) -> Session {
    Session::connect(sandbox, Some(resume_id)).await
}

#[tokio::test]
async fn everything_is_kept() {
    let sandbox = sandbox().await;
    let mut session = Session::start(&sandbox).await;
    session.login("HBR-0001").await;
    assert_eq!(session.status(12, r#""key":"cart","value":"x","ttl":60"#).await, 1);
    assert_eq!(session.status(17, r#""subscribed":true"#).await, 1);
    let handle = sandbox.sessions().pop().unwrap();
    let first = lose(&sandbox, session).await;
    assert_eq!(handle.connection(), None);
    let mut session = resume(&sandbox, &first).await;
    assert_eq!((handle.number(), handle.connection()), (1, Some(2)));
    let second = session.resume_id.clone().unwrap();
    assert_ne!(first, second);
    assert_eq!(session.raw.ask(&initialize(50, KEY, "kiosk-17")).await, r#"{"id":50,"status":4}"#);
    assert!(session.raw.ask(r#"{"type":15,"id":51}"#).await.contains(r#""license":"HBR-0001""#));
    assert_eq!(session.raw.ask(r#"{"type":13,"id":52,"key":"cart"}"#).await, r#"{"id":52,"value":"x","status":1}"#);
    handle.push_event(102, None);
    assert_eq!(session.raw.text().await, r#"{"id":18446744073709551615,"event_type":102}"#);
    // The id before is void.
    resume(&sandbox, &first).await.expect_close(UNKNOWN.0, UNKNOWN.1).await;
    assert_eq!(session.raw.ask(r#"{"type":10,"id":53}"#).await, r#"{"id":53,"online_users_count":1,"status":1}"#);
}

#[tokio::test]
async fn a_lost_reply_and_a_lost_request() {
    let sandbox = sandbox().await;
    sandbox.fault(Fault::any().id(20).nth(1).drop_connection().carried_out());
    sandbox.fault(Fault::any().id(21).nth(1).drop_connection());
    let mut session = Session::start(&sandbox).await;
    for (id, executed) in [(20, 1), (21, 0)] {
        let packet =
            format!(r#"{{"type":1,"id":{id},"login":"ada-{id}","password":"correct horse","credentials_type":0}}"#);
        session.raw.send(&packet).await;
        assert_eq!(session.raw.next().await, Got::Eof(0));
        assert_eq!((sandbox.record().received_id(id), sandbox.record().executed_id(id)), (1, executed));
        session = resume(&sandbox, &session.resume_id.unwrap()).await;
        let reply = format!(r#"{{"id":{id},"status":1}}"#);
        assert_eq!(session.raw.ask(&packet).await, reply);
        // Whatever it says, the id was answered.
        assert_eq!(session.raw.ask(&format!(r#"{{"type":10,"id":{id}}}"#)).await, reply);
        assert_eq!((sandbox.record().received_id(id), sandbox.record().executed_id(id)), (3, 1));
    }
    assert_eq!(sandbox.record().executed("create_account"), 2);
}

#[tokio::test]
async fn refusals_are_remembered_too() {
    let sandbox = sandbox().await;
    let mut session = Session::start(&sandbox).await;
    let packet = r#"{"type":9,"id":9,"filename":"later"}"#;
    assert_eq!(session.raw.ask(packet).await, r#"{"id":9,"status":300}"#);
    sandbox.application(KEY).unwrap().put_file(File::new("later", "x"));
    assert_eq!(session.raw.ask(packet).await, r#"{"id":9,"status":300}"#);
    assert_eq!(session.status(9, r#""filename":"later""#).await, 1);
}

#[tokio::test]
async fn the_server_may_not_have_noticed_the_loss() {
    let sandbox = sandbox().await;
    let mut session = Session::start(&sandbox).await;
    let resume_id = session.resume_id.clone().unwrap();
    let mut next = resume(&sandbox, &resume_id).await;
    assert_eq!(session.raw.next().await, Got::Eof(0));
    assert_eq!(next.raw.ask(r#"{"type":10,"id":5}"#).await, r#"{"id":5,"online_users_count":0,"status":1}"#);
    sandbox.record().wait_for(|record| record.closed() == 1).await;
    assert_eq!(sandbox.sessions()[0].connection(), Some(2));
}

#[tokio::test]
async fn it_can_be_resumed_for_a_minute() {
    let sandbox = sandbox().await;
    let first = lose(&sandbox, Session::start(&sandbox).await).await;
    sandbox.advance(Duration::from_secs(58));
    let mut session = resume(&sandbox, &first).await;
    assert_eq!(session.raw.ask(r#"{"type":10,"id":5}"#).await, r#"{"id":5,"online_users_count":0,"status":1}"#);
    let second = lose(&sandbox, session).await;
    sandbox.advance(Duration::from_secs(60));
    resume(&sandbox, &second).await.expect_close(UNKNOWN.0, UNKNOWN.1).await;
    assert!(sandbox.sessions().is_empty());
    sandbox.configure(|settings| settings.resume_within = Duration::from_secs(3600));
    let third = lose(&sandbox, Session::start(&sandbox).await).await;
    sandbox.advance(Duration::from_secs(3500));
    assert_eq!(resume(&sandbox, &third).await.status(10, "").await, 1);
    resume(&sandbox, "no such id").await.expect_close(UNKNOWN.0, UNKNOWN.1).await;
}

#[tokio::test]
async fn never_after_a_close_of_the_servers() {
    let sandbox = sandbox().await;
    for code in [1000, 4000, 4201] {
        let mut session = Session::start(&sandbox).await;
        sandbox.sessions()[0].close(code, "");
        session.expect_close(code, "").await;
        resume(&sandbox, &session.resume_id.unwrap()).await.expect_close(UNKNOWN.0, UNKNOWN.1).await;
    }
    // A close that a fault sends is no less one.
    sandbox.fault(Fault::on("logout").close(4000, "internal server error"));
    let mut session = Session::start(&sandbox).await;
    session.send(5, "").await;
    session.expect_close(4000, "internal server error").await;
    sandbox.record().wait_for(|_| sandbox.sessions().is_empty()).await;
    resume(&sandbox, &session.resume_id.unwrap()).await.expect_close(UNKNOWN.0, UNKNOWN.1).await;
}

#[tokio::test]
async fn the_clients_own_close_does_not_forbid_it() {
    let sandbox = sandbox().await;
    let mut session = Session::start(&sandbox).await;
    session.raw.write(&masked(0x88, b"\x03\xe9")).await;
    assert_eq!(session.raw.next().await, Got::Close(1001, String::new()));
    let resume_id = lose(&sandbox, session).await;
    assert_eq!(resume(&sandbox, &resume_id).await.raw.ask(r#"{"type":5,"id":7}"#).await, r#"{"id":7,"status":3}"#);
}

#[tokio::test]
async fn cut_by_the_test() {
    let sandbox = sandbox().await;
    let mut session = Session::start(&sandbox).await;
    sandbox.sessions()[0].cut();
    assert_eq!(session.raw.next().await, Got::Eof(0));
    let resume_id = session.resume_id.unwrap();
    assert_eq!(resume(&sandbox, &resume_id).await.raw.ask(r#"{"type":5,"id":7}"#).await, r#"{"id":7,"status":3}"#);
}

#[tokio::test]
async fn an_uninitialized_session_gets_its_time_again() {
    let sandbox = sandbox().await;
    let session = Session::connect(&sandbox, None).await;
    let _frozen = freeze();
    tokio::time::advance(Duration::from_secs(14)).await;
    let resume_id = lose(&sandbox, session).await;
    let mut session = resume(&sandbox, &resume_id).await;
    tokio::time::advance(Duration::from_secs(14)).await;
    assert!(session.raw.ask(&initialize(1, KEY, "kiosk-17")).await.ends_with(r#""status":1}"#));
}

#[tokio::test]
async fn the_header_and_the_failure_on_demand() {
    let sandbox = sandbox().await;
    let first = lose(&sandbox, Session::start(&sandbox).await).await;
    sandbox.configure(|settings| settings.fail_resumption = true);
    let mut failed = resume(&sandbox, &first).await;
    assert!(failed.resume_id.is_some());
    failed.expect_close(4400, "failed to resume session").await;
    sandbox.configure(|settings| settings.fail_resumption = false);
    resume(&sandbox, &first).await.expect_close(UNKNOWN.0, UNKNOWN.1).await;
    sandbox.configure(|settings| settings.resumable = false);
    let session = Session::start(&sandbox).await;
    assert_eq!(session.resume_id, None);
    drop(session);
    sandbox.record().wait_for(|_| sandbox.sessions().is_empty()).await;
}

#[tokio::test]
async fn what_happened_meanwhile() {
    let sandbox = sandbox().await;
    let app = sandbox.application(KEY).unwrap();
    let mut session = Session::start(&sandbox).await;
    session.login("HBR-0001").await;
    let resume_id = lose(&sandbox, session).await;
    app.blacklist_license("HBR-0001");
    let mut session = resume(&sandbox, &resume_id).await;
    assert_eq!(session.raw.ask(r#"{"type":15,"id":7}"#).await, r#"{"id":7,"status":3}"#);
    let resume_id = lose(&sandbox, session).await;
    app.pause();
    resume(&sandbox, &resume_id).await.expect_close(UNKNOWN.0, UNKNOWN.1).await;
}

#[tokio::test]
async fn the_traffic_before_the_loss_counts() {
    let sandbox = sandbox().await;
    sandbox.configure(|settings| settings.rate_limit = RateLimit::session().allow(3, Duration::from_secs(60)));
    let mut session = Session::start(&sandbox).await;
    session.status(10, "").await;
    let resume_id = lose(&sandbox, session).await;
    let mut session = resume(&sandbox, &resume_id).await;
    assert_eq!(session.raw.ask(r#"{"type":5,"id":7}"#).await, r#"{"id":7,"status":3}"#);
    session.raw.send(r#"{"type":5,"id":8}"#).await;
    session.expect_close(4201, "rate limit hit").await;
}

#[tokio::test]
async fn a_restarted_server_knows_no_session() {
    let sandbox = sandbox().await;
    let mut session = Session::start(&sandbox).await;
    session.login("HBR-0001").await;
    sandbox.kill().await;
    assert_eq!(session.raw.next().await, Got::Eof(0));
    sandbox.restart().await.unwrap();
    resume(&sandbox, &session.resume_id.unwrap()).await.expect_close(UNKNOWN.0, UNKNOWN.1).await;
    // Its applications are what they were.
    let mut other = Session::start_as(&sandbox, "kiosk-18").await;
    assert_eq!(other.status(2, r#""license":"HBR-0001""#).await, 502);
}
