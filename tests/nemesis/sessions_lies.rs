//! Servers with sessions that lie, stall or die: no call gets the answer to another one, none hangs, and no token shows.

use crate::support::traced::Traced;
use crate::support::within;
use futures_util::future::join_all;
use futures_util::{Stream, StreamExt, TryStreamExt};
use statuswire::nemesis::sessions::{Client, ErrorCode, Expiry, NewSession, OneWayFailure, SaveStep, Session};
use statuswire::policy::{Retry, Timeouts};
use statuswire::rpc::Pushed;
use statuswire::{Cause, ConnectOptions, Delivery, Error};
use statuswire_sandbox::{Fault, FaultHandle, Flood, NemesisSessions, Then};
use std::time::Duration;

async fn start() -> (NemesisSessions, Client, Session) {
    start_with(Timeouts::default()).await
}

async fn start_with(timeouts: Timeouts) -> (NemesisSessions, Client, Session) {
    let sandbox = NemesisSessions::start().await.unwrap();
    let options = ConnectOptions::default().with_retry(Retry::never()).with_timeouts(timeouts);
    let db = Client::builder(&sandbox.url()).options(options).connect().await.unwrap();
    let session = db.create("a").await.unwrap().session;
    (sandbox, db, session)
}

/// Makes the server answer a command with this text, in which TKN is the session's token.
fn answer(sandbox: &NemesisSessions, command: &str, session: &Session, text: &str) -> FaultHandle {
    let text = text.replace("TKN", &session.token().expose_secret().to_string());
    sandbox.fault(Fault::on(command).reply_text(text))
}

fn is_decode(error: &Error) -> bool {
    matches!(error.cause(), Cause::Decode(_)) && error.delivery() == Delivery::Answered
}

#[tokio::test]
async fn replies_that_do_not_fit_the_command_are_errors() {
    let (sandbox, _db, session) = start().await;
    for text in [
        r#"{"KV_GET_RSP":{"tkn":TKN,"keys":7}}"#,
        r#"{"KV_GET_RSP":{"tkn":TKN,"keys":{"k":1,"z":2}}}"#,
        r#"{"KV_GET_RSP":{"tkn":TKN,"keys":{"z":1}}}"#,
        r#"{"KV_GET_RSP":{"tkn":TKN,"keys":{}}}"#,
        r#"{"KV_GET_RSP":{"tkn":TKN,"st":1}}"#,
        r#"{"KV_GET_RSP":{"tkn":TKN}}"#,
        r#"{"KV_GET_RSP":{"tkn":TKN,"st":70000}}"#,
        r#"{"KV_GET_RSP":{"tkn":TKN,"st":"TKN"}}"#,
        r#"{"KV_GET_RSP":{"tkn":TKN,"keys":{"k":TKN}}}"#,
        r#"{"KV_GET_RSP":{"tkn":TKN,"keys":{"k":"TKN"}}"#,
        r#"{"KV_GET_RSP":{"tkn":TKN,"keys":{"#,
        r#"{"KV_GET_RSP":{"tkn":TKN.0,"keys":{}}}"#,
        r#"{"KV_GET_RSP":{"tkn":"TKN","keys":{}}}"#,
        r#"{"KV_GET_RSP":TKN}"#,
        r#"{"KV_GET_RSP":["TKN"]}"#,
        r#"{"KV_GET_RSP":{"st":100,"tkn":TKN,"m":"no session TKN"}}"#,
    ] {
        let fault = answer(&sandbox, "KV_GET", &session, text);
        let error = within(session.get::<u8>("k")).await.unwrap_err();
        assert!(is_decode(&error) || error.code_as() == Some(ErrorCode::SessionNotExist), "{text} {error:?}");
        let shown = format!("{error} {error:?} {:?}", error.to_problem());
        assert!(!shown.contains(&session.token().expose_secret().to_string()), "{shown}");
        fault.remove();
        assert_eq!(session.count().await.unwrap(), 0);
    }
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn other_commands_refuse_such_replies_too() {
    let (sandbox, db, session) = start().await;
    let (tkn, timer) = (r#""st":1,"tkn":TKN"#, r#""st":1,"tkn":TKN,"shared":true,"keyCnt":1,"expires":true"#);
    for (command, body) in [
        ("KV_SET", r#""tkn":TKN,"keys":{"k":23}"#.to_owned()),
        ("KV_SET", r#""tkn":TKN,"keys":{"k":null}"#.to_owned()),
        ("KV_ADD", r#""tkn":TKN,"keys":{"k":21}"#.to_owned()),
        ("KV_RMV", r#""tkn":TKN,"k":20"#.to_owned()),
        ("KV_RMV", r#""tkn":TKN"#.to_owned()),
        ("KV_RMV", r#""tkn":TKN,"k":24,"st":24"#.to_owned()),
        ("KV_CONTAINS", format!(r#"{tkn},"keys":{{"k":1}}"#)),
        ("KV_COUNT", format!(r#"{tkn},"cnt":-1"#)),
        ("KV_COUNT", tkn.to_owned()),
        ("KV_KEYS", format!(r#"{tkn},"keys":["a",1]"#)),
        ("KV_FIND", format!(r#"{tkn},"paths":[]"#)),
        ("KV_UPDATE", tkn.to_owned()),
        ("SH_INFO", timer.to_owned()),
        ("SH_INFO", format!(r#"{timer},"expiry":{{"duration":-1,"remaining":1,"deleteSession":true}}"#)),
        ("SH_INFO", format!(r#"{timer},"expiry":{{"duration":1,"remaining":1.5,"deleteSession":true}}"#)),
        ("SH_NEW", r#""st":1,"name":"c","tkn":TKN"#.to_owned()),
        ("SH_NEW", r#""st":1,"name":"b","tkn":"TKN""#.to_owned()),
        ("SH_NEW", r#""st":1,"name":"b","tkn":null"#.to_owned()),
        ("SH_NEW", r#""st":1,"name":"b""#.to_owned()),
        ("SH_OPEN", r#""st":1,"tkn":-1"#.to_owned()),
        ("SH_INFO_ALL", r#""totalSessions":1"#.to_owned()),
    ] {
        let fault = answer(&sandbox, command, &session, &format!(r#"{{"{command}_RSP":{{{body}}}}}"#));
        let result = within(async {
            match command {
                "KV_SET" => session.set("k", &1).await.map(drop),
                "KV_ADD" => session.add("k", &1).await.map(drop),
                "KV_RMV" => session.remove("k").await.map(drop),
                "KV_CONTAINS" => session.contains("k").await.map(drop),
                "KV_COUNT" => session.count().await.map(drop),
                "KV_KEYS" => session.keys().await.map(drop),
                "KV_FIND" => session.find("$").keys().await.map(drop),
                "KV_UPDATE" => session.update("k", "$", &1).await.map(drop),
                "SH_INFO" => session.info().await.map(drop),
                "SH_NEW" => db.create("b").await.map(drop),
                "SH_OPEN" => db.open("b").await.map(drop),
                _ => db.totals().await.map(drop),
            }
        });
        let error = result.await.unwrap_err();
        assert!(is_decode(&error), "{command} {body} {error:?}");
        assert_eq!(&*error.context().command, command);
        fault.remove();
    }
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn a_session_whose_time_is_over_has_no_time_left() {
    let (sandbox, _db, session) = start().await;
    let timer = r#""expiry":{"duration":7,"remaining":-3,"deleteSession":false}"#;
    let info = format!(r#"{{"SH_INFO_RSP":{{"st":1,"tkn":TKN,"shared":false,"keyCnt":0,"expires":true,{timer}}}}}"#);
    answer(&sandbox, "SH_INFO", &session, &info);
    let info = session.info().await.unwrap();
    assert_eq!(info.expiry, Some(Expiry::clear_after(Duration::from_secs(7))));
    assert_eq!(info.remaining, Some(Duration::ZERO));
}

#[tokio::test]
async fn the_reply_to_another_session_answers_no_call() {
    let (sandbox, db, session) = start().await;
    let other = db.create("b").await.unwrap().session;
    other.set("k", &2).await.unwrap();
    let fault = answer(&sandbox, "KV_GET", &other, r#"{"KV_GET_RSP":{"tkn":TKN,"keys":{"k":2}}}"#);
    let short = db.with_timeout(Duration::from_millis(50)).session(session.token().clone());
    let error = within(short.get::<u8>("k")).await.unwrap_err();
    assert!(error.is_timeout() && error.delivery() == Delivery::MaybeSent, "{error:?}");
    fault.remove();
    assert_eq!(other.get("k").await.unwrap(), Some(2));
}

#[tokio::test]
async fn a_reply_that_comes_twice_answers_one_call() {
    let (sandbox, _db, session) = start().await;
    session.set_many([("a", 1), ("b", 2)]).await.unwrap();
    sandbox.fault(Fault::on("KV_GET").nth(1).reply_twice());
    let (a, b) = within(async { tokio::join!(session.get::<u8>("a"), session.get::<u8>("b")) }).await;
    assert_eq!(a.unwrap(), Some(1));
    assert!(is_decode(&b.unwrap_err()));
    assert_eq!(session.get("b").await.unwrap(), Some(2));
}

#[tokio::test]
async fn a_late_reply_is_not_that_of_a_later_call() {
    let (sandbox, db, session) = start().await;
    sandbox.fault(Fault::on("KV_COUNT").nth(1).delay(Duration::from_millis(300)));
    let short = db.with_timeout(Duration::from_millis(30)).session(session.token().clone());
    assert!(within(short.count()).await.unwrap_err().is_timeout());
    session.set("k", &1).await.unwrap();
    assert_eq!(within(session.count()).await.unwrap(), 1);

    // Of a call that is dropped, too.
    sandbox.fault(Fault::on("KV_COUNT").nth(1).delay(Duration::from_millis(50)));
    let mut dropped = Box::pin(session.count());
    assert!(futures_util::poll!(&mut dropped).is_pending());
    let received = sandbox.record().total_received();
    within(async {
        while sandbox.record().total_received() == received {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(dropped);
    session.set("l", &1).await.unwrap();
    assert_eq!(within(session.count()).await.unwrap(), 2);
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn messages_that_are_no_replies_end_the_connection() {
    for fault in [
        Fault::on("KV_COUNT").reply_text("nonsense"),
        Fault::on("KV_COUNT").reply_text(""),
        Fault::on("KV_COUNT").reply_text("[]"),
        Fault::on("KV_COUNT").reply_binary(*b"{}"),
    ] {
        let (sandbox, _db, session) = start().await;
        sandbox.fault(fault.nth(1));
        let error = within(session.count()).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::MaybeSent);
        assert_eq!(within(session.count()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn the_largest_token_is_kept_exactly() {
    let (sandbox, db, _session) = start().await;
    for token in [u64::MAX, 1 << 63, (1 << 53) + 1, 24, 0] {
        let error = within(db.session(token).remove("tkn")).await.unwrap_err();
        assert_eq!(error.code_as(), Some(ErrorCode::SessionNotExist), "{token}");
        let text = format!(r#"{{"SH_NEW_RSP":{{"st":1,"name":"b","tkn":{token}}}}}"#);
        let fault = sandbox.fault(Fault::on("SH_NEW").reply_text(text));
        assert_eq!(db.create("b").await.unwrap().session.token().expose_secret(), token);
        fault.remove();
    }
}

#[tokio::test]
async fn a_save_of_another_name_is_not_this_one() {
    for text in [
        r#"{"SH_SAVE_RSP":{"name":"y","st":120}}"#,
        r#"{"SH_SAVE_RSP":{"name":"y","st":121,"duration":1}}"#,
        r#"{"SH_SAVE_RSP":{"st":121,"duration":1}}"#,
        r#"{"SH_SAVE_RSP":{"name":"x","st":121}}"#,
        r#"{"SH_SAVE_RSP":{"name":"x","st":1}}"#,
    ] {
        let (sandbox, db, _session) = start().await;
        sandbox.fault(Fault::on("SH_SAVE").nth(1).reply_text(text));
        let error = within(db.save("x").run()).await.unwrap_err();
        assert!(is_decode(&error), "{text} {error:?}");
        assert_eq!(&*error.context().command, "SH_SAVE");
    }
}

#[tokio::test]
async fn the_steps_of_a_save_in_another_order() {
    let (sandbox, db, session) = start().await;
    sandbox.fault(Fault::on("SH_SAVE").nth(1).reply_text(r#"{"SH_SAVE_RSP":{"name":"x","st":121,"duration":3}}"#));
    assert_eq!(within(db.save("x").run()).await.unwrap().duration, Duration::from_millis(3));
    // What is left over is none of the next save's.
    sandbox.fault(Fault::on("SH_SAVE").nth(1).reply_twice());
    assert_eq!(within(db.save("x").run()).await.unwrap().name, "x");
    session.set("k", &1).await.unwrap();
    let (one, other) = within(async { tokio::join!(db.save("x").run(), db.save("x").run()) }).await;
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(within(db.load("x")).await.unwrap().sessions, 0);
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn a_connection_that_is_lost_between_the_steps_of_a_save() {
    let (sandbox, db, _session) = start().await;
    sandbox.fault(Fault::on("SH_SAVE").nth(1).reply_text(r#"{"SH_SAVE_RSP":{"name":"x","st":120}}"#));
    let mut steps = db.save("x").progress().await.unwrap();
    assert_eq!(within(steps.try_next()).await.unwrap(), Some(SaveStep::Started));
    sandbox.kill().await;
    let error = within(steps.try_next()).await.unwrap_err();
    assert_eq!((error.delivery(), error.code_as()), (Delivery::MaybeSent, Some(ErrorCode::SaveStart)));
    assert_eq!(within(steps.try_next()).await.unwrap(), None);
}

#[tokio::test]
async fn a_save_that_its_caller_gives_up_disturbs_no_other_call() {
    let (sandbox, db, session) = start().await;
    let mut steps = db.save("x").progress().await.unwrap();
    assert_eq!(within(steps.try_next()).await.unwrap(), Some(SaveStep::Started));
    drop(steps);
    drop(db.save("x").progress().await.unwrap());
    session.set("k", &1).await.unwrap();
    let steps: Vec<_> = within(db.save("y").progress().await.unwrap().try_collect()).await.unwrap();
    assert!(matches!(&steps[..], [SaveStep::Started, SaveStep::Complete(saved)] if saved.name == "y"), "{steps:?}");
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn saves_and_loads_may_take_longer_than_other_replies() {
    let (sandbox, db, session) = start_with(Timeouts::default().with_reply(Duration::from_millis(50))).await;
    sandbox.fault(Fault::on("SH_SAVE").nth(1).delay(Duration::from_millis(400)));
    assert_eq!(within(db.save("x").run()).await.unwrap().name, "x");
    sandbox.fault(Fault::on("SH_LOAD").nth(1).delay(Duration::from_millis(400)));
    assert!(within(db.load("x")).await.unwrap().found_existing);
    assert_eq!(sandbox.record().opened(), 1);
    sandbox.fault(Fault::on("KV_COUNT").nth(1).delay(Duration::from_millis(400)));
    let error = within(session.count()).await.unwrap_err();
    assert!(error.is_timeout() && error.delivery() == Delivery::MaybeSent, "{error:?}");
}

#[tokio::test]
async fn results_of_a_load_that_lie() {
    let (sandbox, db, _session) = start().await;
    for (text, code) in [
        (r#"{"SH_LOAD_RSP":{"y":{"m":"","sessions":1,"keys":1,"st":141}}}"#, None),
        (r#"{"SH_LOAD_RSP":{"x":{"sessions":1,"st":141}}}"#, None),
        (r#"{"SH_LOAD_RSP":{"x":{"sessions":-1,"keys":1,"st":141}}}"#, None),
        (r#"{"SH_LOAD_RSP":{"st":"141"}}"#, None),
        ("{}", None),
        (r#"{"SH_LOAD_RSP":{"st":1000,"tkn":null,"m":""}}"#, Some(ErrorCode::Unknown)),
        (r#"{"ERR":{"st":1000,"m":""}}"#, Some(ErrorCode::Unknown)),
    ] {
        let fault = sandbox.fault(Fault::on("SH_LOAD").reply_text(text));
        let error = within(db.load("x")).await.unwrap_err();
        assert_eq!((error.code_as(), error.delivery()), (code, Delivery::Answered), "{text} {error:?}");
        assert!(code.is_some() || is_decode(&error), "{text} {error:?}");
        fault.remove();
    }
}

/// Collects failures until there are as many.
async fn collect(
    failures: &mut (impl Stream<Item = Pushed<OneWayFailure>> + Unpin),
    count: usize,
) -> Vec<OneWayFailure> {
    let mut collected = Vec::new();
    while collected.len() < count {
        match within(failures.next()).await {
            Some(Pushed::Event(failure)) => collected.push(failure),
            other => panic!("{other:?}"),
        }
    }
    collected
}

#[tokio::test]
async fn each_one_way_command_of_many_sessions_fails_once() {
    let (sandbox, db, _session) = start().await;
    let mut failures = Box::pin(db.one_way_failures());
    let mut sessions = Vec::new();
    for n in 0..6 {
        let session = db.create(format!("s{n}")).await.unwrap().session;
        if n % 2 == 0 {
            session.end().await.unwrap();
        }
        sessions.push(session);
    }
    let work = sessions.iter().enumerate().map(|(n, session)| async move {
        for key in 0..50 {
            session.set_one_way(&format!("k{key}"), &key).await.unwrap();
            let got = session.get::<u64>("none").await;
            assert_eq!(got.is_err(), n % 2 == 0);
        }
    });
    let (collected, _) = within(async { tokio::join!(collect(&mut failures, 150), join_all(work)) }).await;
    within(db.fence()).await.unwrap();
    for (n, session) in sessions.iter().enumerate() {
        let own = collected.iter().filter(|failure| failure.session.as_ref() == Some(session.token()));
        let own: Vec<_> = own.map(|failure| (failure.command, failure.error.code_as())).collect();
        let failed = ("KV_SETQ", Some(ErrorCode::SessionNotExist));
        assert_eq!(own, if n % 2 == 0 { vec![failed; 50] } else { Vec::new() });
    }
    assert!(futures_util::poll!(failures.next()).is_pending());
    assert_eq!(sandbox.record().opened(), 1);
}

#[tokio::test]
async fn failures_that_no_command_has_are_no_failures() {
    let (sandbox, db, session) = start().await;
    let mut failures = Box::pin(db.one_way_failures());
    let token = session.token().expose_secret();
    let stray = format!(r#"{{"KV_SETQ_RSP":{{"st":100,"tkn":{token},"m":""}}}}"#);
    sandbox.fault(Fault::on("KV_COUNT").nth(1).flood(Flood::Text(stray), 3));
    assert_eq!(within(session.count()).await.unwrap(), 0);
    assert_eq!(within(session.get::<u8>("k")).await.unwrap(), None);
    session.set_one_way("k", &1).await.unwrap();
    assert_eq!(within(session.get("k")).await.unwrap(), Some(1));
    within(db.fence()).await.unwrap();
    assert!(futures_util::poll!(failures.next()).is_pending());
}

#[tokio::test]
async fn no_token_reaches_a_log() {
    let traced = Traced::start();
    let (sandbox, db, session) = start_with(Timeouts::default().with_reply(Duration::from_millis(100))).await;
    let token = session.token().expose_secret().to_string();
    let mut failures = Box::pin(db.one_way_failures());
    session.set("k", &1).await.unwrap();
    let mut shown = String::new();
    for fault in [
        answer(&sandbox, "KV_COUNT", &session, r#"{"KV_COUNT_RSP":{"tkn":TKN}}"#),
        answer(&sandbox, "KV_COUNT", &session, "TKN"),
        answer(&sandbox, "KV_COUNT", &session, r#"{"KV_COUNT_RSP":{"tkn":TKN,"m":"TKN"#),
        sandbox.fault(Fault::on("KV_COUNT").silence()),
        sandbox.fault(Fault::on("KV_COUNT").half_reply(Then::Eof)),
    ] {
        let error = within(session.count()).await.unwrap_err();
        shown += &format!("{error} {error:?} {:?}", error.to_problem());
        fault.remove();
    }
    answer(&sandbox, "KV_SETQ", &session, r#"{"KV_SETQ_RSP":{"st":100,"tkn":TKN,"m":"TKN"}}"#);
    session.set_one_way("k", &1).await.unwrap();
    shown += &format!("{:?}", collect(&mut failures, 1).await);
    db.save("x").only([&session]).run().await.unwrap();
    session.end().await.unwrap();
    shown += &format!("{session:?} {db:?} {:?}", db.save("x").only([&session]));
    db.shutdown(Duration::ZERO).await;
    shown += &format!("{:?}", session.get::<u8>("k").await);
    let log = traced.text();
    assert!(!log.is_empty() && !log.contains(&token), "{log}");
    assert!(!shown.contains(&token), "{shown}");
}

#[tokio::test]
async fn what_the_server_would_misunderstand_is_not_sent() {
    let (sandbox, db, session) = start().await;
    session.set("k", &1).await.unwrap();
    let before = sandbox.record().total_received();
    // To the server, no keys are all keys.
    let none = || session.find("$").within([""; 0]);
    assert!(none().keys().await.unwrap().is_empty());
    assert!(none().paths().await.unwrap().is_empty());
    assert!(none().values::<u8>().await.unwrap().is_empty());
    for idle in [Duration::MAX, Duration::from_secs(9_000_000_001)] {
        let new = NewSession::new("x").expires(Expiry::delete_after(idle));
        assert!(db.create(new).await.unwrap_err().is_invalid_request());
    }
    let many: Vec<Session> = (0..300).map(|n| db.session(u64::MAX - n)).collect();
    assert!(db.save("x").only(&many).run().await.unwrap_err().is_invalid_request());
    let long = "x".repeat(4096);
    for error in [
        session.get::<u8>(&long).await.unwrap_err(),
        session.remove_many([&long]).await.unwrap_err(),
        session.find(&long).keys().await.unwrap_err(),
        session.add_one_way(&long, &1).await.unwrap_err(),
        db.create(&*long).await.unwrap_err(),
        db.open(&long).await.unwrap_err(),
    ] {
        assert!(error.is_invalid_request() && error.delivery() == Delivery::NotSent, "{error:?}");
    }
    assert_eq!(sandbox.record().total_received(), before);
}

#[tokio::test]
async fn a_reply_above_the_limit_ends_the_connection() {
    let sandbox = NemesisSessions::start().await.unwrap();
    let limits = statuswire::policy::Limits::default().with_message_in(10_000);
    let options = ConnectOptions::default().with_retry(Retry::never()).with_limits(limits);
    let db = Client::builder(&sandbox.url()).options(options).connect().await.unwrap();
    let session = db.create("a").await.unwrap().session;
    for n in 0..4 {
        session.set(&n.to_string(), &"x".repeat(3000)).await.unwrap();
    }
    let error = within(session.find("$").values::<String>()).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    assert_eq!(within(session.count()).await.unwrap(), 4);
}
