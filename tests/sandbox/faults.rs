//! Every reaction of a fault, as a client sees it, and what the record says about it.

use std::time::Duration;

use crate::support::raw::{Got, Raw};
use statuswire_sandbox::{ConnectFault, Event, Fault, Flood, Nemesis, Split, Then};
use tokio::io::AsyncReadExt;

const COUNT: &str = r#"{"KV_COUNT":{}}"#;
const COUNTED: &str = r#"{"KV_COUNT_RSP":{"cnt":0,"st":1}}"#;
const SET: &str = r#"{"KV_SET":{"keys":{"a":1}}}"#;
const KEYS: &str = r#"{"KV_KEYS":{}}"#;

async fn with(fault: Fault) -> (Nemesis, Raw) {
    let sandbox = Nemesis::start().await.unwrap();
    sandbox.fault(fault);
    let raw = Raw::connect(sandbox.addr()).await;
    (sandbox, raw)
}

fn done(sandbox: &Nemesis) -> (u64, u64) {
    (sandbox.record().received("KV_SET"), sandbox.record().executed("KV_SET"))
}

#[tokio::test]
async fn any_status_of_the_table_and_others() {
    let (sandbox, mut raw) = with(Fault::any().nth(9999).silence()).await;
    for status in [2, 3, 10, 13, 14, 22, 26, 41, 42, 122, 142, 160, 161, 1000, 0, 77, u32::MAX] {
        let fault = sandbox.fault(Fault::on("KV_SET").reply_status(status));
        assert_eq!(raw.ask(SET).await, format!("{{\"KV_SET_RSP\":{{\"st\":{status}}}}}"));
        assert_eq!(fault.hits(), 1);
        fault.remove();
    }
    assert_eq!(done(&sandbox), (17, 0));
    assert_eq!(raw.ask(COUNT).await, COUNTED);
}

#[tokio::test]
async fn only_the_nth_call_and_only_on_its_connection() {
    let (sandbox, mut raw) = with(Fault::on("KV_COUNT").nth(2).reply_status(1000)).await;
    sandbox.fault(Fault::on("KV_COUNT").connection(2).reply_status(5));
    sandbox.fault(Fault::any().when(|call| call.command.is_none()).reply_text("?"));
    let failed = r#"{"KV_COUNT_RSP":{"st":1000}}"#;
    assert_eq!(raw.ask(COUNT).await, COUNTED);
    assert_eq!(raw.ask(COUNT).await, failed);
    assert_eq!(raw.ask(COUNT).await, COUNTED);
    assert_eq!(raw.ask("no command").await, "?");
    let mut second = Raw::connect(sandbox.addr()).await;
    assert_eq!(second.ask(COUNT).await, r#"{"KV_COUNT_RSP":{"st":5}}"#);
    sandbox.clear_faults();
    assert_eq!(second.ask(COUNT).await, COUNTED);
}

#[tokio::test]
async fn messages_in_place_of_the_reply() {
    let (sandbox, mut raw) = with(Fault::on("KV_SET").nth(1).reply_text("no json")).await;
    sandbox.fault(Fault::on("KV_SET").nth(2).reply_binary([1, 2, 3]));
    sandbox.fault(Fault::on("KV_SET").nth(3).oversized(70_000).carried_out());
    sandbox.fault(Fault::on("KV_SET").nth(4).change_reply(|reply| reply.replace("SET", "ADD")));
    sandbox.fault(Fault::on("KV_SET").nth(5).reply_twice());
    sandbox.fault(Fault::on("KV_SET").nth(6).silence());
    raw.send(SET).await;
    assert_eq!(raw.next().await, Got::Text("no json".into()));
    raw.send(SET).await;
    assert_eq!(raw.next().await, Got::Binary(vec![1, 2, 3]));
    assert_eq!(done(&sandbox), (2, 0));
    assert_eq!(raw.ask(SET).await.len(), 70_000);
    assert_eq!(raw.ask(SET).await, r#"{"KV_ADD_RSP":{"st":1}}"#);
    assert_eq!(raw.ask(SET).await, r#"{"KV_SET_RSP":{"st":1}}"#);
    assert_eq!(raw.text().await, r#"{"KV_SET_RSP":{"st":1}}"#);
    raw.send(SET).await;
    raw.expect_nothing_more().await;
    assert_eq!(done(&sandbox), (6, 3));
}

#[tokio::test]
async fn raw_bytes_are_no_frame() {
    let (_sandbox, mut raw) = with(Fault::on("KV_SET").raw(*b"HTTP/1.1 400 ")).await;
    raw.send(SET).await;
    while raw.buffer.len() < 13 {
        assert!(raw.fill().await);
    }
    assert_eq!(raw.buffer, b"HTTP/1.1 400 ");
}

#[tokio::test]
async fn the_connection_is_lost_before_and_after() {
    for (fault, executed) in [
        (Fault::on("KV_SET").drop_connection(), 0),
        (Fault::on("KV_SET").drop_connection().carried_out(), 1),
        (Fault::on("KV_SET").half_reply(Then::Eof), 1),
    ] {
        let (sandbox, mut raw) = with(fault).await;
        raw.send(COUNT).await;
        raw.send(SET).await;
        assert_eq!(raw.text().await, COUNTED);
        let Got::Eof(rest) = raw.next().await else { panic!("expected the end") };
        assert!(rest < "..{\"KV_SET_RSP\":{\"st\":1}}".len());
        sandbox.record().wait_for(|record| record.closed() == 1).await;
        assert_eq!(done(&sandbox), (1, executed));
        assert_eq!(Raw::connect(sandbox.addr()).await.ask(COUNT).await, COUNTED.replace('0', &executed.to_string()));
    }
}

#[tokio::test]
async fn every_close_code_can_be_sent() {
    let (sandbox, _raw) = with(Fault::any().nth(9999).silence()).await;
    for code in [1000, 1001, 1005, 1006, 1011, 1012, 1014, 1015, 2999, 3000, 4000, 4999] {
        let fault = sandbox.fault(Fault::on("KV_SET").close(code, "wartung ü"));
        let mut raw = Raw::connect(sandbox.addr()).await;
        raw.send(SET).await;
        assert_eq!(raw.next().await, Got::Close(code, "wartung ü".into()));
        assert_eq!(raw.next().await, Got::Eof(0));
        fault.remove();
    }
    assert_eq!(done(&sandbox).1, 0);
}

#[tokio::test]
async fn half_a_reply_then_nothing() {
    let (sandbox, mut raw) = with(Fault::on("KV_SET").half_reply(Then::Silence)).await;
    raw.send(SET).await;
    while raw.buffer.len() < 12 {
        assert!(raw.fill().await);
    }
    assert_eq!(raw.buffer, b"\x81\x17{\"KV_SET_R");
    sandbox.stop().await;
    assert!(!raw.fill().await);
}

#[tokio::test]
async fn half_a_reply_then_a_reset() {
    let (sandbox, mut raw) = with(Fault::on("KV_SET").half_reply(Then::Reset)).await;
    raw.send(SET).await;
    let error = loop {
        match raw.stream.read(&mut [0; 64]).await {
            Ok(read) => assert_ne!(read, 0),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(done(&sandbox), (1, 1));
}

#[tokio::test]
async fn replies_change_places_or_come_together() {
    let (sandbox, mut raw) = with(Fault::on("KV_COUNT").nth(1).swap_with_next()).await;
    sandbox.fault(Fault::on("KV_COUNT").nth(2).merge(3));
    raw.send(COUNT).await;
    raw.expect_nothing_more().await;
    assert_eq!(raw.ask(KEYS).await, r#"{"KV_KEYS_RSP":{"keys":[],"st":1}}"#);
    assert_eq!(raw.text().await, COUNTED);
    raw.send(COUNT).await;
    raw.send(COUNT).await;
    raw.expect_nothing_more().await;
    assert_eq!(raw.ask(KEYS).await, COUNTED);
    assert_eq!(raw.text().await, COUNTED);
    assert_eq!(raw.text().await, r#"{"KV_KEYS_RSP":{"keys":[],"st":1}}"#);
}

#[tokio::test]
async fn a_reply_in_pieces() {
    let pause = Duration::from_millis(1);
    let (sandbox, mut raw) = with(Fault::on("KV_COUNT").nth(1).split(Split::Fragments, 3, pause)).await;
    sandbox.fault(Fault::on("KV_COUNT").nth(2).split(Split::Segments, 1000, pause));
    raw.send(COUNT).await;
    let Got::Start(mut text) = raw.next().await else { panic!("expected a first fragment") };
    let mut frames = 1;
    loop {
        let Got::More(more, last) = raw.next().await else { panic!("expected a fragment") };
        text += &more;
        frames += 1;
        if last {
            break;
        }
    }
    assert_eq!((frames, text.as_str()), (3, COUNTED));
    assert_eq!(raw.ask(COUNT).await, COUNTED);
}

#[tokio::test]
async fn a_flood_waits_for_the_client() {
    let (sandbox, mut raw) = with(Fault::on("KV_SET").nth(1).flood(Flood::Text("x".repeat(1000)), 5000)).await;
    sandbox.fault(Fault::on("KV_SET").nth(2).flood(Flood::Pings, 3));
    assert_eq!(raw.ask(SET).await, r#"{"KV_SET_RSP":{"st":1}}"#);
    for _ in 0..5000 {
        assert_eq!(raw.text().await.len(), 1000);
    }
    raw.send(SET).await;
    raw.text().await;
    for _ in 0..3 {
        assert_eq!(raw.next().await, Got::Ping(vec![]));
    }
    raw.expect_nothing_more().await;
    assert_eq!(sandbox.record().dropped_replies(), 0);
}

#[tokio::test]
async fn the_server_stops_reading() {
    let (sandbox, mut raw) = with(Fault::on("KV_SET").stop_reading()).await;
    raw.send(SET).await;
    raw.send(COUNT).await;
    assert_eq!(raw.text().await, r#"{"KV_SET_RSP":{"st":1}}"#);
    let mut other = Raw::connect(sandbox.addr()).await;
    assert_eq!(other.ask(KEYS).await, r#"{"KV_KEYS_RSP":{"keys":["a"],"st":1}}"#);
    assert_eq!(sandbox.record().received("KV_COUNT"), 0);
    sandbox.stop().await;
    assert_eq!(raw.next().await, Got::Close(1000, String::new()));
}

#[tokio::test]
async fn late_before_and_late_after_carrying_out() {
    // Long enough to stand still; the other connection shows what has happened meanwhile.
    let hour = Duration::from_secs(3600);
    for (fault, executed, others) in [
        (Fault::on("KV_SET").delay(hour), 1, true),
        (Fault::on("KV_SET").hold(hour), 0, true),
        (Fault::on("KV_SET").block(hour), 0, false),
    ] {
        let (sandbox, mut raw) = with(fault).await;
        let mut other = Raw::connect(sandbox.addr()).await;
        raw.send(SET).await;
        sandbox
            .record()
            .wait_for(|record| record.executed("KV_SET") == executed && record.received("KV_SET") == 1)
            .await;
        other.send(KEYS).await;
        if others {
            other.text().await;
        } else {
            sandbox.record().wait_for(|record| record.received("KV_KEYS") == 1).await;
            assert_eq!(sandbox.record().executed("KV_KEYS"), 0);
        }
        assert_eq!(done(&sandbox), (1, executed));
        tokio::time::pause();
        assert_eq!(raw.text().await, r#"{"KV_SET_RSP":{"st":1}}"#);
        assert_eq!(done(&sandbox), (1, 1));
        if !others {
            assert_eq!(other.text().await, r#"{"KV_KEYS_RSP":{"keys":["a"],"st":1}}"#);
        }
        tokio::time::resume();
    }
}

#[tokio::test]
async fn an_upgrade_is_refused() {
    let sandbox = Nemesis::start().await.unwrap();
    sandbox.fault(ConnectFault::upgrade().nth(1).refuse(429, &[("Retry-After", "7"), ("X-A", "b")], "later"));
    sandbox.fault(ConnectFault::upgrade().nth(2).refuse(503, &[], ""));
    let mut raw = Raw::tcp(sandbox.addr()).await;
    let head = raw.upgrade("/", "").await;
    assert!(head.starts_with("HTTP/1.1 429 Too Many Requests\r\n"), "{head}");
    assert!(head.contains("\r\nRetry-After: 7\r\n") && head.contains("\r\nContent-Length: 5\r\n"), "{head}");
    while raw.fill().await {}
    assert_eq!(raw.buffer, b"later");
    let head = Raw::tcp(sandbox.addr()).await.upgrade("/", "").await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    assert_eq!(Raw::connect(sandbox.addr()).await.ask(COUNT).await, COUNTED);
    assert_eq!((sandbox.record().opened(), sandbox.record().upgraded()), (3, 1));
}

#[tokio::test]
async fn a_connection_fails_before_any_command() {
    let sandbox = Nemesis::start().await.unwrap();
    sandbox.fault(ConnectFault::accept().nth(1).drop_connection());
    sandbox.fault(ConnectFault::accept().nth(2).raw(*b"\x16\x03\x01 hello\r\n\r\n"));
    sandbox.fault(ConnectFault::accept().nth(3).silence());
    sandbox.fault(ConnectFault::upgrade().connection(4).silence());
    sandbox.fault(ConnectFault::upgrade().connection(5).drop_connection());
    let mut first = Raw::tcp(sandbox.addr()).await;
    assert!(!first.fill().await);
    assert_eq!(Raw::tcp(sandbox.addr()).await.upgrade("/", "").await, "\x16\x03\x01 hello\r\n\r\n");
    let mut unanswered = Vec::new();
    for _ in 0..2 {
        let mut raw = Raw::tcp(sandbox.addr()).await;
        raw.write(b"GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").await;
        unanswered.push(raw);
    }
    assert_eq!(Raw::tcp(sandbox.addr()).await.upgrade("/", "").await, "");
    assert_eq!(Raw::connect(sandbox.addr()).await.ask(COUNT).await, COUNTED);
    // Nothing came, though another connection was served since.
    assert!(unanswered.iter().all(|raw| raw.stream.try_read(&mut [0]).is_err()));
    sandbox.kill().await;
    for mut raw in unanswered {
        assert!(!raw.fill().await);
    }
}

#[tokio::test]
async fn the_record_keeps_the_order_of_all_connections() {
    let (sandbox, mut raw) = with(Fault::any().nth(9999).silence()).await;
    let mut other = Raw::connect(sandbox.addr()).await;
    raw.ask(SET).await;
    other.ask(KEYS).await;
    raw.ask(r#"{"KV_SET":{}}"#).await;
    drop(raw);
    sandbox.record().wait_for(|record| record.closed() == 1).await;
    sandbox.restart().await.unwrap();
    let told: Vec<_> = sandbox.record().entries().into_iter().map(|entry| (entry.connection, entry.event)).collect();
    let names: Vec<_> = told
        .iter()
        .map(|(connection, event)| match event {
            Event::Received { command, .. } => format!("{connection} got {}", command.as_deref().unwrap()),
            Event::Executed { command } => format!("{connection} did {command}"),
            other => format!("{connection} {other:?}"),
        })
        .collect();
    assert_eq!(
        names,
        [
            "0 Started",
            "1 Opened",
            "1 Upgraded",
            "2 Opened",
            "2 Upgraded",
            "1 got KV_SET",
            "1 did KV_SET",
            "2 got KV_KEYS",
            "2 did KV_KEYS",
            "1 got KV_SET",
            "1 Closed",
            "2 Closed",
            "0 Stopped",
            "0 Started",
        ]
    );
    assert_eq!(sandbox.record().messages("KV_KEYS")[0].as_ref(), KEYS);
}
