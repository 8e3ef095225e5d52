//! Every fault at every moment: each caller gets one answer with the right cause, the client recovers, nothing is left.

use crate::support::*;
use futures_util::future::join_all;
use statuswire::error::{Cause, Delivery, Error, Phase};
use statuswire::policy::Timeouts;
use statuswire::rpc::{Matching, Window};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::Notify;

/// What a server does wrong: it sends bytes, and then?
#[derive(Clone, Copy)]
struct Fault {
    name: &'static str,
    bytes: &'static [u8],
    then: Then,
    expected: fn(&Cause) -> bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Stay,
    End,
    Reset,
    /// It stays and does not even read.
    Silence,
}

fn violation(cause: &Cause) -> bool {
    matches!(cause, Cause::Protocol(_))
}
fn transport(cause: &Cause) -> bool {
    matches!(cause, Cause::Transport(_))
}
fn silence(cause: &Cause) -> bool {
    matches!(cause, Cause::Timeout(Phase::Idle))
}
fn closed(cause: &Cause) -> bool {
    matches!(cause, Cause::Closed(close) if close.code == 1011 && &*close.reason == "sorry")
}

const fn stays(name: &'static str, bytes: &'static [u8]) -> Fault {
    Fault { name, bytes, then: Then::Stay, expected: violation }
}

const UNROUTABLE: [&str; 2] = ["a binary message", "a text message that is no reply"];

const FAULTS: &[Fault] = &[
    Fault { name: "end of stream", bytes: b"", then: Then::End, expected: transport },
    Fault { name: "reset", bytes: b"", then: Then::Reset, expected: transport },
    Fault { name: "half a frame, then the end", bytes: b"\x81\x20half", then: Then::End, expected: transport },
    Fault { name: "half a header, then the end", bytes: b"\x81\x7e\x01", then: Then::End, expected: transport },
    Fault { name: "silence", bytes: b"", then: Then::Silence, expected: silence },
    Fault { name: "half a frame, then silence", bytes: b"\x81\x20half", then: Then::Silence, expected: silence },
    Fault { name: "a close", bytes: b"\x88\x07\x03\xf3sorry", then: Then::Stay, expected: closed },
    Fault { name: "a close, then the end", bytes: b"\x88\x07\x03\xf3sorry", then: Then::End, expected: closed },
    stays("half a close code", b"\x88\x01\x03"),
    stays("garbage", &[0xff; 20]),
    stays("an HTTP answer", b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    stays("a masked frame", b"\x81\x83\x01\x02\x03\x04\x40\x2c\x62"),
    stays("a reserved bit", b"\xc1\x03A.b"),
    stays("a reserved opcode", b"\x83\x03A.b"),
    stays("a reserved control opcode", b"\x8b\x00"),
    stays("a fragmented ping", b"\x09\x00"),
    stays("a ping of 126 bytes", b"\x89\x7e\x00\x7e"),
    stays("a continuation of nothing", b"\x80\x03A.b"),
    stays("a message within a message", b"\x01\x02A.\x81\x03A.b"),
    stays("a text that is not UTF-8", b"\x81\x03A.\xff"),
    stays("half a character", b"\x01\x03A.\xc3\x80\x01\x28"),
    stays("an announcement of 2^63 bytes", b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00"),
    stays("an announcement of 2^64-1 bytes", b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"),
    stays(UNROUTABLE[0], b"\x82\x03A.b"),
    stays(UNROUTABLE[1], b"\x81\x03abc"),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    Idle,
    OneOnTheWire,
    FullWindow,
    Handshake,
    Reconnecting,
    ShuttingDown,
}

const WINDOW: usize = 16;
const QUEUED: usize = 4;

async fn commit(mut socket: Socket, fault: Fault) {
    send_raw(&mut socket, fault.bytes).await;
    let stream = socket.get_mut();
    match fault.then {
        Then::Stay => drain(stream).await,
        Then::End => {
            let _ = tokio::io::AsyncWriteExt::shutdown(stream).await;
            drain(stream).await;
        }
        Then::Reset => stream.set_zero_linger().unwrap(),
        Then::Silence => until_closed(stream).await,
    }
}

/// Learns that the peer is gone without reading.
async fn until_closed(stream: &tokio::net::TcpStream) {
    loop {
        let ready = stream.ready(tokio::io::Interest::READABLE).await.unwrap();
        if ready.is_read_closed() {
            return;
        }
        tokio::time::sleep(MS).await;
    }
}

struct Scene {
    server: Server,
    /// Connections on which the fault was committed, and which the client has left.
    left: Arc<AtomicUsize>,
    shutting_down: Arc<Notify>,
    matching: Matching,
    timeouts: Timeouts,
}

impl Scene {
    async fn new(fault: Fault, moment: Moment, matching: Matching) -> Self {
        let left = Arc::new(AtomicUsize::new(0));
        let shutting_down = Arc::new(Notify::new());
        let (counter, signal) = (Arc::clone(&left), Arc::clone(&shutting_down));
        let server = Server::start(move |mut socket, number| {
            let (counter, signal) = (Arc::clone(&counter), Arc::clone(&signal));
            async move {
                let faulty = usize::from(moment == Moment::Reconnecting);
                if number < faulty {
                    return;
                }
                if number > faulty {
                    return echo(socket, matching == Matching::ById).await;
                }
                let commands = match moment {
                    Moment::Idle | Moment::Reconnecting => 0,
                    Moment::OneOnTheWire | Moment::Handshake | Moment::ShuttingDown => 1,
                    Moment::FullWindow => WINDOW,
                };
                for _ in 0..commands {
                    receive(&mut socket).await.unwrap();
                }
                if moment == Moment::ShuttingDown {
                    signal.notified().await;
                }
                commit(socket, fault).await;
                counter.fetch_add(1, SeqCst);
            }
        })
        .await;
        let mut timeouts = Timeouts::default().with_call(Duration::from_secs(20)).with_close(300 * MS);
        if fault.then == Then::Silence {
            timeouts = timeouts.with_ping(150 * MS).with_idle(350 * MS).with_reply(500 * MS);
        }
        Self { server, left, shutting_down, matching, timeouts }
    }

    fn builder(&self, hello: &'static str) -> crate::support::setup::Setup<Lines> {
        let mut lines = Lines::new(self.matching);
        lines.window = Window::commands(WINDOW);
        lines.hello = hello;
        builder(&self.server.url, lines).timeouts(self.timeouts.clone())
    }
}

/// If replies come in order, the oldest command gets the unreadable message as its answer.
fn check(error: &Error, fault: Fault, is_oldest: bool, what: &str) {
    let unreadable = is_oldest && UNROUTABLE.contains(&fault.name);
    let expected = if unreadable { |cause: &Cause| matches!(cause, Cause::Decode(_)) } else { fault.expected };
    assert!(expected(error.cause()), "{what}: {error:?}");
    let delivery = if unreadable { Delivery::Answered } else { Delivery::MaybeSent };
    assert_eq!(error.delivery(), delivery, "{what}");
}

async fn cell(fault: Fault, moment: Moment, matching: Matching) {
    let what = format!("{} while {moment:?}, {matching:?}", fault.name);
    let scene = Scene::new(fault, moment, matching).await;
    let in_order = matching == Matching::InOrder;
    if moment == Moment::Handshake {
        let error = scene.builder("HELLO").connect().await.unwrap_err();
        assert!((fault.expected)(error.cause()), "{what}: {error:?}");
        assert_eq!(error.delivery(), Delivery::NotSent, "{what}");
        let scene = Scene::new(fault, moment, matching).await;
        let client = scene.builder("HELLO").connect_lazy().unwrap();
        assert_eq!(client.call(command("A", "patient")).await.unwrap(), "patient", "{what}");
        return;
    }
    let client = scene.builder("").connect().await.unwrap();
    match moment {
        Moment::Idle | Moment::Handshake => {}
        Moment::OneOnTheWire => {
            check(&client.call(command("A", "")).await.unwrap_err(), fault, in_order, &what);
        }
        Moment::FullWindow => {
            let calls = (0..WINDOW + QUEUED).map(|n| client.call(command("A", n.to_string())));
            for (n, result) in join_all(calls).await.into_iter().enumerate() {
                match result {
                    Err(error) if n < WINDOW => check(&error, fault, in_order && n == 0, &what),
                    Ok(reply) if n >= WINDOW => assert_eq!(reply, n.to_string(), "{what}"),
                    other => panic!("{what}: call {n}: {other:?}"),
                }
            }
        }
        Moment::Reconnecting => until(|| scene.server.connections() == 3).await,
        Moment::ShuttingDown => {
            let stop = async {
                // The call is on its way before the shutdown begins.
                tokio::task::yield_now().await;
                tokio::join!(client.shutdown(Duration::from_secs(20)), async { scene.shutting_down.notify_one() })
            };
            let (result, _) = tokio::join!(client.call(command("A", "")), stop);
            check(&result.unwrap_err(), fault, in_order, &what);
            assert!(client.state().borrow().is_closed());
            assert_eq!(scene.server.connections(), 1, "{what}: an unwanted connection");
            until(|| scene.left.load(SeqCst) == 1).await;
            return;
        }
    }
    until(|| scene.left.load(SeqCst) == 1).await;
    assert_eq!(client.call(command("A", "again")).await.unwrap(), "again", "{what}");
}

async fn row(moment: Moment) {
    let cells = FAULTS
        .iter()
        .flat_map(|&fault| [Matching::InOrder, Matching::ById].map(|matching| within(cell(fault, moment, matching))));
    join_all(cells).await;
    // Connections, timers, servers: with the clients everything is gone.
    within(until_tasks_are(0)).await;
}

#[tokio::test]
async fn while_idle() {
    row(Moment::Idle).await;
}

#[tokio::test]
async fn with_one_command_on_the_wire() {
    row(Moment::OneOnTheWire).await;
}

#[tokio::test]
async fn with_a_full_window() {
    row(Moment::FullWindow).await;
}

#[tokio::test]
async fn in_the_handshake() {
    row(Moment::Handshake).await;
}

#[tokio::test]
async fn while_reconnecting() {
    row(Moment::Reconnecting).await;
}

#[tokio::test]
async fn while_shutting_down() {
    row(Moment::ShuttingDown).await;
}
