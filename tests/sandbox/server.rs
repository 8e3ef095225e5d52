//! Connections, limits and life of the fake NemesisDB, held against what was observed on a running server.

use std::time::Duration;

use crate::support::raw::{Got, Raw, masked};
use statuswire_sandbox::Nemesis;
use tokio::net::{TcpSocket, TcpStream};

const COUNT: &str = r#"{"KV_COUNT":{}}"#;
const COUNTED: &str = r#"{"KV_COUNT_RSP":{"cnt":0,"st":1}}"#;

async fn start() -> (Nemesis, Raw) {
    let sandbox = Nemesis::start().await.unwrap();
    let raw = Raw::connect(sandbox.addr()).await;
    (sandbox, raw)
}

#[tokio::test]
async fn the_upgrade_takes_any_path_and_the_first_protocol() {
    let (sandbox, _) = start().await;
    let mut raw = Raw::tcp(sandbox.addr()).await;
    let head = raw.upgrade("/any/where?x=1", "Sec-WebSocket-Protocol: soap , wamp\r\n").await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(head.contains("\r\nSec-WebSocket-Protocol: soap\r\n"), "{head}");
    assert!(head.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{head}");
    for request in ["GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\n\r\n", "what\r\n\r\n"] {
        let mut raw = Raw::tcp(sandbox.addr()).await;
        raw.write(request.as_bytes()).await;
        let head = raw.head().await;
        assert!(head.starts_with("HTTP/1.1 404 File Not Found\r\n"), "{head}");
    }
    let mut raw = Raw::tcp(sandbox.addr()).await;
    raw.write(&b"GET / HTTP/1.1\r\nA: ".iter().copied().chain([b'x'; 20_000]).collect::<Vec<_>>()).await;
    assert!(raw.head().await.starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn frames_are_taken_as_the_server_takes_them() {
    let (_sandbox, mut raw) = start().await;
    raw.write(&[masked(0x01, b"{\"KV_"), masked(0x89, b"p"), masked(0x00, b"COUNT\""), masked(0x80, b":{}}")].concat())
        .await;
    assert_eq!(raw.next().await, Got::Pong(b"p".to_vec()));
    assert_eq!(raw.text().await, COUNTED);
    raw.write(&masked(0x82, b"")).await;
    assert_eq!(raw.text().await, r#"{"ERR":{"st":2}}"#);
    raw.write(&masked(0x8a, b"an unsolicited pong")).await;
    raw.expect_nothing_more().await;
}

#[tokio::test]
async fn violations_end_the_connection_without_a_close_frame() {
    let (sandbox, _) = start().await;
    let big = vec![b'x'; 20_000];
    for bytes in [
        masked(0x81, b"\"\xff\""),
        masked(0xc1, b"{}"),
        masked(0x83, b"{}"),
        b"\x81\x02{}".to_vec(),
        masked(0x81, &vec![b' '; 32_769]),
        [masked(0x01, &big), masked(0x80, &big)].concat(),
    ] {
        let mut raw = Raw::connect(sandbox.addr()).await;
        assert_eq!(raw.ask(COUNT).await, COUNTED);
        // What comes in one read with it is carried out, as far as it is complete and before it, and not answered.
        let before = sandbox.record().executed("KV_COUNT");
        raw.write(&[masked(0x81, COUNT.as_bytes()), bytes, masked(0x81, COUNT.as_bytes())].concat()).await;
        assert_eq!(raw.next().await, Got::Eof(0));
        assert_eq!(sandbox.record().executed("KV_COUNT"), before + 1);
    }
}

#[tokio::test]
async fn the_limit_is_in_bytes_and_can_be_set() {
    let sandbox = Nemesis::builder().options(|options| options.max_payload(20)).start().await.unwrap();
    let mut raw = Raw::connect(sandbox.addr()).await;
    assert_eq!(raw.ask(&format!("{COUNT:<20}")).await, COUNTED);
    raw.send("\"éééééééééé\"").await;
    assert_eq!(raw.next().await, Got::Eof(0));
}

#[tokio::test]
async fn a_close_is_echoed() {
    let (sandbox, _) = start().await;
    for (payload, echo) in [
        (&b"\x03\xe8bye"[..], Got::Close(1000, "bye".into())),
        (b"\x0f\xa0", Got::Close(4000, String::new())),
        (b"\x03\xf6", Got::Close(1005, String::new())),
        (b"", Got::Close(1005, String::new())),
    ] {
        let mut raw = Raw::connect(sandbox.addr()).await;
        raw.write(&[masked(0x81, COUNT.as_bytes()), masked(0x88, payload), masked(0x81, COUNT.as_bytes())].concat())
            .await;
        assert_eq!(raw.text().await, COUNTED);
        assert_eq!(raw.next().await, echo);
        assert_eq!(raw.next().await, Got::Eof(0));
    }
}

#[tokio::test]
async fn replies_are_lost_when_the_client_does_not_read() {
    const REQUESTS: usize = 400;
    let sandbox = Nemesis::builder().options(|options| options.send_buffer(4096)).start().await.unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut raw = Raw { stream: socket.connect(sandbox.addr()).await.unwrap(), buffer: Vec::new() };
    raw.upgrade("/", "").await;
    raw.ask(&format!("{{\"KV_SET\":{{\"keys\":{{\"big\":\"{}\"}}}}}}", "v".repeat(30_000))).await;
    raw.write(&masked(0x81, br#"{"KV_GET":{"keys":["big"]}}"#).repeat(REQUESTS)).await;
    sandbox.record().wait_for(|record| record.executed("KV_GET") == REQUESTS as u64).await;
    let lost = sandbox.record().dropped_replies() as usize;
    // Five replies exceed 128 KiB; the kernel's buffers hold a few more.
    assert!(lost > REQUESTS / 2 && lost < REQUESTS - 4, "{lost} lost");
    for _ in 0..REQUESTS - lost {
        assert!(raw.text().await.starts_with(r#"{"KV_GET_RSP":{"keys":{"big":"vvv"#));
    }
    // No error, no close: the connection works on, which is what makes it dangerous.
    raw.expect_nothing_more().await;
    assert!(raw.ask(COUNT).await.starts_with(r#"{"KV_COUNT_RSP""#));
    // One reply of any size passes.
    let keys: String = (0..1000).map(|n| format!("\"k{n}\":\"{}\",", "v".repeat(10))).collect();
    for part in 0..20 {
        raw.ask(&format!("{{\"KV_SET\":{{\"keys\":{{{}\"x\":1}}}}}}", keys.replace('k', &format!("p{part}_")))).await;
    }
    assert!(raw.ask(r#"{"KV_KEYS":{}}"#).await.len() > 128 * 1024);
}

#[tokio::test]
async fn thousands_of_commands_on_many_connections_keep_their_order() {
    let (sandbox, _) = start().await;
    let clients: Vec<_> = (0..10)
        .map(|client| {
            let addr = sandbox.addr();
            tokio::spawn(async move {
                let mut raw = Raw::connect(addr).await;
                for round in 0..1000 {
                    let key = format!("c{client}r{round}");
                    raw.send(&format!("{{\"KV_SET\":{{\"keys\":{{\"{key}\":{round}}}}}}}")).await;
                    raw.send(&format!("{{\"KV_GET\":{{\"keys\":[\"{key}\"]}}}}")).await;
                }
                for round in 0..1000 {
                    assert_eq!(raw.text().await, r#"{"KV_SET_RSP":{"st":1}}"#);
                    let want = format!("{{\"KV_GET_RSP\":{{\"keys\":{{\"c{client}r{round}\":{round}}},\"st\":1}}}}");
                    assert_eq!(raw.text().await, want);
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(sandbox.record().executed("KV_SET"), 10_000);
    assert_eq!(Raw::connect(sandbox.addr()).await.ask(COUNT).await, r#"{"KV_COUNT_RSP":{"cnt":10000,"st":1}}"#);
}

#[tokio::test]
async fn a_silent_client_is_pinged_then_cut_off() {
    let (_sandbox, mut raw) = start().await;
    assert_eq!(raw.ask(COUNT).await, COUNTED);
    tokio::time::pause();
    assert_eq!(raw.next().await, Got::Ping(vec![]));
    tokio::time::resume();
    // Any answer counts; the reply proves that it was read before time goes on.
    raw.write(&masked(0x8a, b"")).await;
    assert_eq!(raw.ask(COUNT).await, COUNTED);
    tokio::time::pause();
    assert_eq!(raw.next().await, Got::Ping(vec![]));
    assert_eq!(raw.next().await, Got::Eof(0));
}

#[tokio::test]
async fn stop_is_graceful_kill_is_not_and_restart_forgets() {
    let (sandbox, mut raw) = start().await;
    let url = sandbox.url();
    raw.ask(r#"{"KV_SET":{"keys":{"a":1}}}"#).await;
    raw.ask(r#"{"NO_SUCH":{}}"#).await;
    raw.ask(r#"{"KV_SAVE":{"name":"s"}}"#).await;
    raw.send(COUNT).await;
    sandbox.record().wait_for(|record| record.executed("KV_COUNT") == 1).await;
    sandbox.stop().await;
    assert_eq!(raw.text().await, r#"{"KV_COUNT_RSP":{"cnt":1,"st":1}}"#);
    assert_eq!(raw.next().await, Got::Close(1000, String::new()));
    assert_eq!(raw.next().await, Got::Eof(0));
    assert!(TcpStream::connect(sandbox.addr()).await.is_err());
    sandbox.stop().await;

    sandbox.restart().await.unwrap();
    assert_eq!(sandbox.url(), url);
    let mut raw = Raw::connect(sandbox.addr()).await;
    assert_eq!(raw.ask(COUNT).await, COUNTED);
    // The name kept for unknown families was that of the last process.
    assert_eq!(raw.ask(r#"{"OTHER_ONE":{}}"#).await, r#"{"OTHER_ONE_RSP":{"st":10}}"#);
    assert!(raw.ask(r#"{"KV_LOAD":{"name":"s"}}"#).await.contains(r#""keys":1,"name":"s","sessions":0,"st":141"#));
    sandbox.kill().await;
    assert_eq!(raw.next().await, Got::Eof(0));
    assert!(TcpStream::connect(sandbox.addr()).await.is_err());
}

#[tokio::test]
async fn nothing_is_left_of_a_dropped_sandbox() {
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let (sandbox, mut raw) = start().await;
    let addr = sandbox.addr();
    raw.ask(COUNT).await;
    assert!(tasks() > before);
    drop(sandbox);
    assert_eq!(raw.next().await, Got::Eof(0));
    while tasks() > before {
        tokio::task::yield_now().await;
    }
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn errors_name_what_was_set() {
    let (sandbox, _) = start().await;
    let taken = Nemesis::builder().options(|options| options.listen(sandbox.addr())).start().await.unwrap_err();
    assert!(taken.to_string().starts_with(&format!("cannot listen on {}: ", sandbox.addr())), "{taken}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let no_directory = Nemesis::builder().persist_dir(file.path()).start().await.unwrap_err();
    let said = no_directory.to_string();
    assert!(said.contains("cannot make the directory for saves") && said.contains(file.path().to_str().unwrap()));
}

#[tokio::test]
#[should_panic(expected = "the condition of a fault")]
async fn a_panic_inside_reaches_the_test() {
    let (sandbox, mut raw) = start().await;
    sandbox.fault(statuswire_sandbox::Fault::any().when(|_| panic!("the condition of a fault")));
    raw.send(COUNT).await;
    raw.next().await;
    sandbox.stop().await;
}

#[tokio::test]
async fn the_idle_limits_can_be_set() {
    let forever = Duration::from_secs(1_000_000_000);
    let sandbox = Nemesis::builder().options(|options| options.idle(Duration::ZERO, forever)).start().await.unwrap();
    let mut raw = Raw::connect(sandbox.addr()).await;
    assert_eq!(raw.next().await, Got::Ping(vec![]));
    assert_eq!(raw.ask(COUNT).await, COUNTED);
}

#[tokio::test]
async fn the_counter_of_an_array_may_exceed_its_length() {
    let (_sandbox, mut raw) = start().await;
    for (command, reply) in [
        (r#"{"IARR_CREATE":{"name":"a","len":3}}"#, r#"{"IARR_CREATE_RSP":{"st":1}}"#),
        (r#"{"IARR_SET_RNG":{"name":"a","items":[1,2]}}"#, r#"{"IARR_SET_RNG_RSP":{"st":1}}"#),
        (r#"{"IARR_SET_RNG":{"name":"a","pos":0,"items":[5,6]}}"#, r#"{"IARR_SET_RNG_RSP":{"st":1}}"#),
        (r#"{"IARR_USED":{"name":"a"}}"#, r#"{"IARR_USED_RSP":{"st":1,"used":4}}"#),
        (r#"{"IARR_GET_RNG":{"name":"a","rng":[0,9]}}"#, r#"{"IARR_GET_RNG_RSP":{"items":[5,6,0],"st":1}}"#),
        (r#"{"IARR_CLEAR":{"name":"a","rng":[0]}}"#, r#"{"IARR_CLEAR_RSP":{"st":1}}"#),
    ] {
        assert_eq!(raw.ask(command).await, reply, "{command}");
    }
}

#[tokio::test]
async fn what_brings_a_real_server_down_ends_the_run() {
    let (sandbox, mut raw) = start().await;
    for (crashes, command) in (1..).zip([
        r#"{"IARR_SET_RNG":{"name":"a","items":[3,4]}}"#,
        r#"{"IARR_CLEAR":{"name":"a","rng":[1,0]}}"#,
        r#"{"OLST_RMV":{"name":"l","head":true}}"#,
        r#"{"OLST_SPLICE":{"srcName":"l","destName":"m","srcRng":[]}}"#,
        r#"{"OLST_SPLICE":{"srcName":"l","destName":"l","srcRng":[0]}}"#,
    ]) {
        raw.ask(r#"{"IARR_CREATE":{"name":"a","len":3}}"#).await;
        raw.ask(r#"{"IARR_SET_RNG":{"name":"a","items":[1,2]}}"#).await;
        raw.ask(r#"{"OLST_CREATE":{"name":"l"}}"#).await;
        let mut bystander = Raw::connect(sandbox.addr()).await;
        raw.write(&masked(0x81, command.as_bytes())).await;
        assert_eq!((raw.next().await, bystander.next().await), (Got::Eof(0), Got::Eof(0)), "{command}");
        assert_eq!(sandbox.record().crashes(), crashes, "{command}");
        assert!(TcpStream::connect(sandbox.addr()).await.is_err(), "{command}");
        sandbox.restart().await.unwrap();
        raw = Raw::connect(sandbox.addr()).await;
        assert_eq!(raw.ask(COUNT).await, COUNTED, "{command}");
    }
}
