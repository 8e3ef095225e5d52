//! Packets 7 and 8 in the stream form, as a client sees them byte by byte.

use crate::support::raw::{Got, Raw};
use serde_json::{Value, json};
use statuswire_sandbox::BlazeAuth;
use statuswire_sandbox::blazeauth::{Application, File, Interruption, License, RateLimit, TransferOptions};

const KEY: &str = "BAtest-files-00000001";
const TEN: &[u8] = b"ab}{\x00\xff cde";
const TEN_SUM: &str = "61a003b4394ce412b3ab105f4d8335377702e008380067fe998834dc0589aede";
const EMPTY_SUM: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

async fn sandbox() -> BlazeAuth {
    let application = Application::new(KEY, "Files")
        .license(License::new("FILES-0001"))
        .file(File::new("ten.bin", TEN))
        .file(File::new("empty.bin", ""));
    // The other end's buffer holds six MiB at most.
    let builder = BlazeAuth::builder().application(application).options(|options| options.send_buffer(16 * 1024));
    builder.configure(|settings| settings.rate_limit = RateLimit::off()).start().await.unwrap()
}

async fn with_large() -> BlazeAuth {
    let sandbox = sandbox().await;
    sandbox.application(KEY).unwrap().put_file(File::new("large.bin", large()));
    sandbox
}

/// More than the buffers between server and client can hold.
fn large() -> Vec<u8> {
    (0..8_000_003_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

struct Session {
    raw: Raw,
    /// A packet with an id that was there before would not be carried out.
    metadata_id: u64,
}

impl Session {
    fn on(raw: Raw) -> Self {
        Self { raw, metadata_id: 1000 }
    }

    async fn open(sandbox: &BlazeAuth) -> Self {
        let mut session = Self::on(Raw::connect(sandbox.addr()).await);
        let packet = json!({"type": 0, "id": 1, "websocket_api_key": KEY, "client_id": "files-test"});
        assert_eq!(session.ask(packet).await["status"], 1);
        session
    }

    async fn login(sandbox: &BlazeAuth) -> Self {
        let mut session = Self::open(sandbox).await;
        assert_eq!(session.ask(json!({"type": 2, "id": 2, "license": "FILES-0001"})).await["status"], 1);
        session
    }

    async fn send(&mut self, packet: Value) {
        self.raw.send(&packet.to_string()).await;
    }

    async fn ask(&mut self, packet: Value) -> Value {
        self.send(packet).await;
        self.json().await
    }

    async fn json(&mut self) -> Value {
        serde_json::from_str(&self.raw.text().await).unwrap()
    }

    async fn transfer(&mut self, id: u64, filename: &str, resume_at: i64) {
        self.send(json!({"type": 7, "id": id, "filename": filename, "resume_at": resume_at})).await;
    }

    async fn metadata(&mut self, filename: &str) -> Value {
        self.metadata_id += 1;
        let reply = self.ask(json!({"type": 9, "id": self.metadata_id, "filename": filename})).await;
        assert_eq!(reply["status"], 1, "{reply}");
        reply
    }

    /// The next frame: its metadata, its bytes, whether it is binary.
    async fn frame(&mut self) -> (Value, Vec<u8>, bool) {
        let (bytes, binary) = match self.raw.next().await {
            Got::Text(text) => (text.into_bytes(), false),
            Got::Binary(bytes) => (bytes, true),
            other => panic!("no frame: {other:?}"),
        };
        let mut values = serde_json::Deserializer::from_slice(&bytes).into_iter();
        let json: Value = values.next().unwrap().unwrap();
        (json, bytes[values.byte_offset()..].to_vec(), binary)
    }

    /// All bytes up to the terminal frame, and that frame.
    async fn receive(&mut self, id: u64) -> (Vec<u8>, Value) {
        let mut all = Vec::new();
        loop {
            let (json, bytes, _) = self.frame().await;
            assert_eq!(json["id"], id);
            all.extend(bytes);
            if json.get("status").is_some_and(|status| status != 0) {
                return (all, json);
            }
        }
    }
}

#[tokio::test]
async fn the_worked_example_to_the_byte() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    sandbox.next_transfer(TransferOptions::new().chunk(6));
    session.transfer(40, "ten.bin", 0).await;
    let first = [br#"{"id":40,"file_size":10}"#.as_slice(), &TEN[..6]].concat();
    assert_eq!(session.raw.next().await, Got::Binary(first));
    let last = format!(r#"{{"id":40,"status":1,"file_checksum":"{TEN_SUM}","range_checksum":"{TEN_SUM}"}}"#);
    assert_eq!(session.raw.next().await, Got::Binary([last.as_bytes(), &TEN[6..]].concat()));

    session.transfer(42, "ten.bin", 4).await;
    let range = "18fd1bfa1685be135597700349e94a7e959d005abcc832d75f2240a5f179ce7d";
    let all =
        format!(r#"{{"id":42,"file_size":10,"status":1,"file_checksum":"{TEN_SUM}","range_checksum":"{range}"}}"#);
    assert_eq!(session.raw.next().await, Got::Binary([all.as_bytes(), &TEN[4..]].concat()));

    session.transfer(41, "empty.bin", 0).await;
    let all =
        format!(r#"{{"id":41,"file_size":0,"status":1,"file_checksum":"{EMPTY_SUM}","range_checksum":"{EMPTY_SUM}"}}"#);
    assert_eq!(session.raw.next().await, Got::Text(all));
    session.raw.expect_nothing_more().await;
}

#[tokio::test]
async fn refusals_are_texts_with_a_status_alone() {
    let sandbox = sandbox().await;
    let mut session = Session::open(&sandbox).await;
    session.transfer(2, "ten.bin", 0).await;
    assert_eq!(session.raw.text().await, r#"{"id":2,"status":3}"#);
    session.ask(json!({"type": 2, "id": 3, "license": "FILES-0001"})).await;
    let cases = [
        ("", 0, 301),
        ("ten", 0, 301),
        ("äöü", 0, 301),
        ("äöüß", 0, 300),
        ("none", 0, 300),
        ("ten.bin", -1, 303),
        ("ten.bin", i64::MIN, 303),
        ("ten.bin", 10, 303),
        ("ten.bin", i64::MAX, 303),
        ("empty.bin", 1, 303),
        ("empty.bin", -1, 303),
    ];
    for (id, (filename, resume_at, status)) in (10..).zip(cases) {
        session.transfer(id, filename, resume_at).await;
        assert_eq!(session.raw.text().await, format!(r#"{{"id":{id},"status":{status}}}"#), "{filename} {resume_at}");
    }
    session.send(json!({"type": 7, "id": 30, "filename": "ten.bin", "resume_at": u64::MAX})).await;
    assert_eq!(session.raw.text().await, r#"{"id":30,"status":303}"#);
    session.transfer(31, "ten.bin", 9).await;
    assert_eq!(session.receive(31).await.0, b"e");
}

#[tokio::test]
async fn bodies_that_do_not_fit_end_the_session() {
    let sandbox = sandbox().await;
    for packet in [
        json!({"type": 7, "id": 5, "resume_at": 0}),
        json!({"type": 7, "id": 5, "filename": "ten.bin"}),
        json!({"type": 7, "id": 5, "filename": 7, "resume_at": 0}),
        json!({"type": 7, "id": 5, "filename": "ten.bin", "resume_at": "0"}),
        json!({"type": 7, "id": 5, "filename": "ten.bin", "resume_at": 0.5}),
        json!({"type": 8, "id": 5}),
        json!({"type": 8, "id": 5, "filename": null}),
    ] {
        let mut session = Session::login(&sandbox).await;
        session.send(packet.clone()).await;
        assert_eq!(session.raw.next().await, Got::Close(4302, "invalid request body".into()), "{packet}");
    }
}

#[tokio::test]
async fn a_large_file_arrives_whole_and_replies_come_between_its_frames() {
    let sandbox = with_large().await;
    let mut session = Session::login(&sandbox).await;
    assert_eq!(session.metadata("large.bin").await["transfer_count"], 0);
    session.transfer(7, "large.bin", 0).await;
    let (first, mut bytes, binary) = session.frame().await;
    assert_eq!((first, bytes.len(), binary), (json!({"id": 7, "file_size": 8_000_003}), 16_384, true));
    session.send(json!({"type": 10, "id": 8})).await;
    let mut replied = false;
    let last = loop {
        let (json, chunk, _) = session.frame().await;
        if json["id"] == 8 {
            replied = true;
            continue;
        }
        bytes.extend(chunk);
        if json.get("status").is_some() {
            break json;
        }
    };
    assert!(replied);
    assert!(bytes == large());
    let metadata = session.metadata("large.bin").await;
    assert_eq!((&last["file_checksum"], &metadata["transfer_count"]), (&metadata["checksum"], &json!(1)));
    assert!(metadata["last_transferred_at"].as_u64().unwrap() > 1_700_000_000);
}

#[tokio::test]
async fn different_files_take_turns_and_the_same_one_is_refused() {
    let sandbox = with_large().await;
    let mut session = Session::login(&sandbox).await;
    sandbox
        .configure(|settings| settings.transfers = TransferOptions::new().chunk(1).interrupt(3, Interruption::Silence));
    session.transfer(7, "ten.bin", 0).await;
    session.transfer(8, "large.bin", 0).await;
    let mut counts = [0, 0];
    while counts != [3, 3] {
        let (json, _, _) = session.frame().await;
        counts[usize::from(json["id"] == 8)] += 1;
    }
    session.transfer(9, "ten.bin", 0).await;
    assert_eq!(session.raw.text().await, r#"{"id":9,"status":6}"#);
    // Another session is no obstacle.
    let mut other = Session::login(&sandbox).await;
    other.transfer(9, "ten.bin", 3).await;
    assert_eq!(other.receive(9).await.0, TEN[3..]);
    // Nor is a stream that was stopped.
    session.send(json!({"type": 8, "id": 10, "filename": "ten.bin"})).await;
    let mut answers = [session.json().await, session.json().await];
    answers.sort_by_key(|answer| answer["id"].as_u64());
    assert_eq!(answers, [json!({"id": 7, "status": 306}), json!({"id": 10, "status": 1})]);
    session.transfer(11, "ten.bin", 3).await;
    assert_eq!(session.receive(11).await.0, TEN[3..]);
}

#[tokio::test]
async fn a_stop_ends_the_stream_under_its_own_id() {
    let sandbox = with_large().await;
    let mut session = Session::login(&sandbox).await;
    session.transfer(7, "large.bin", 0).await;
    session.frame().await;
    session.send(json!({"type": 8, "id": 8, "filename": "large.bin"})).await;
    let (mut stopped, mut last) = (None, None);
    while stopped.is_none() || last.is_none() {
        let (json, _, binary) = session.frame().await;
        match json["id"].as_u64() {
            Some(8) => stopped = Some(json),
            _ if json.get("status").is_some() => last = Some((json, binary)),
            _ => assert!(binary),
        }
    }
    assert_eq!(stopped.unwrap(), json!({"id": 8, "status": 1}));
    assert_eq!(last.unwrap(), (json!({"id": 7, "status": 306}), false));
    session.raw.expect_nothing_more().await;
    // Nothing was transferred, and nothing is running.
    assert_eq!(session.metadata("large.bin").await["transfer_count"], 0);
    for filename in ["large.bin", "ten.bin", "none", "", "x"] {
        let reply = session.ask(json!({"type": 8, "id": 9, "filename": filename})).await;
        assert_eq!(reply["status"], 305, "{filename}");
    }
}

#[tokio::test]
async fn a_stop_that_comes_too_late() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    session.transfer(7, "ten.bin", 0).await;
    assert_eq!(session.receive(7).await.1["status"], 1);
    let reply = session.ask(json!({"type": 8, "id": 8, "filename": "ten.bin"})).await;
    assert_eq!(reply, json!({"id": 8, "status": 305}));
}

#[tokio::test]
async fn interruptions_and_what_is_left_behind_them() {
    let sandbox = sandbox().await;
    let mut session = Session::login(&sandbox).await;
    for (id, status) in (10..).zip([304, 306, 6]) {
        sandbox.next_transfer(TransferOptions::new().chunk(4).interrupt(6, Interruption::Status(status)));
        session.transfer(id, "ten.bin", 0).await;
        assert_eq!(session.receive(id).await, (TEN[..6].to_vec(), json!({"id": id, "status": status})));
    }
    let closing = Interruption::Close { code: 4000, reason: "internal server error".into() };
    sandbox.next_transfer(TransferOptions::new().interrupt(6, closing));
    session.transfer(22, "ten.bin", 0).await;
    assert_eq!(session.frame().await.1, TEN[..6]);
    assert_eq!(session.raw.next().await, Got::Close(4000, "internal server error".into()));

    sandbox.configure(|settings| settings.transfers = TransferOptions::new().chunk(1).interrupt(6, Interruption::Drop));
    let mut session = Session::login(&sandbox).await;
    session.transfer(7, "ten.bin", 0).await;
    for byte in &TEN[..6] {
        assert_eq!(session.frame().await.1, [*byte]);
    }
    assert_eq!(session.raw.next().await, Got::Eof(0));
    // Who comes back comes through.
    let mut session = Session::login(&sandbox).await;
    session.transfer(7, "ten.bin", 6).await;
    assert_eq!(session.receive(7).await.0, TEN[6..]);
    assert_eq!(session.metadata("ten.bin").await["transfer_count"], 1);
}

#[tokio::test]
async fn a_stream_does_not_outlive_its_connection() {
    let sandbox = with_large().await;
    let mut raw = Raw::tcp(sandbox.addr()).await;
    let head = raw.upgrade("/", "").await;
    let mut session = Session::on(raw);
    session.ask(json!({"type": 0, "id": 1, "websocket_api_key": KEY, "client_id": "files-test"})).await;
    session.ask(json!({"type": 2, "id": 2, "license": "FILES-0001"})).await;
    session.transfer(7, "large.bin", 0).await;
    session.frame().await;
    let resume = head.lines().find(|line| line.starts_with("Resume-Id: ")).unwrap().to_owned();
    drop(session);
    sandbox.record().wait_for(|record| record.closed() == 1).await;
    let mut raw = Raw::tcp(sandbox.addr()).await;
    raw.upgrade("/", &format!("{resume}\r\n")).await;
    let mut session = Session::on(raw);
    let reply = session.ask(json!({"type": 8, "id": 8, "filename": "large.bin"})).await;
    assert_eq!(reply, json!({"id": 8, "status": 305}));
    // A further transfer, where the first one was left.
    session.transfer(9, "large.bin", 8_000_000).await;
    assert_eq!(session.receive(9).await.0, large()[8_000_000..]);
}

#[tokio::test]
async fn a_logout_ends_no_stream() {
    let sandbox = with_large().await;
    let mut session = Session::login(&sandbox).await;
    session.transfer(7, "large.bin", 0).await;
    session.frame().await;
    session.send(json!({"type": 5, "id": 8})).await;
    let (mut bytes, mut out) = (0, false);
    loop {
        let (json, chunk, _) = session.frame().await;
        bytes += chunk.len();
        match json.get("status") {
            Some(status) if json["id"] == 8 => out = status == 1,
            Some(status) => break assert_eq!((status, bytes), (&json!(1), 8_000_003 - 16_384)),
            None => {}
        }
    }
    assert!(out);
    session.transfer(9, "ten.bin", 0).await;
    assert_eq!(session.json().await["status"], 3);
}

#[tokio::test]
async fn a_quota_that_is_used_up() {
    let sandbox = sandbox().await;
    sandbox.application(KEY).unwrap().set_max_transfer_bytes(16);
    let mut session = Session::login(&sandbox).await;
    session.transfer(7, "ten.bin", 0).await;
    assert_eq!(session.receive(7).await.0, TEN);
    session.transfer(8, "ten.bin", 0).await;
    assert_eq!(session.receive(8).await, (TEN[..6].to_vec(), json!({"id": 8, "status": 304})));
    session.transfer(9, "ten.bin", 6).await;
    assert_eq!(session.raw.text().await, r#"{"id":9,"status":304}"#);
    // No bytes need no quota.
    session.transfer(10, "empty.bin", 0).await;
    assert_eq!(session.receive(10).await.1["status"], 1);
    sandbox.application(KEY).unwrap().set_max_transfer_bytes(u64::MAX);
    session.transfer(11, "ten.bin", 6).await;
    assert_eq!(session.receive(11).await.0, TEN[6..]);
}
