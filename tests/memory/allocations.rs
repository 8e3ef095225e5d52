//! What the engine allocates: for a call that waits, and for a connection that is idle.

use crate::{ALLOCATOR, alone};
use statuswire::rpc::{Expect, Matching, Message, Outgoing, Protocol, Routes, Unroutable, Window};
use statuswire::{Error, ws};
use std::future::{Future, poll_fn};
use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

const CALLS: usize = 10_000;
const TEXT: &str = r#"{"KV_GET":{"keys":["user:1"]}}"#;
/// Two bytes of header and four of mask.
const FRAME: usize = 2 + 4 + TEXT.len();

const BYTES_PER_CALL: usize = 512;
const BYTES_PER_CONNECTION: usize = 24 * 1024;

fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Accepts connections and counts what comes over them; never answers and allocates nothing for what it reads.
struct SilentServer {
    url: String,
    /// Connections of which it holds nothing any more but the socket.
    settled: Arc<AtomicUsize>,
    /// Bytes after the handshakes.
    received: Arc<AtomicUsize>,
}

fn silent_server() -> SilentServer {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let server = SilentServer { url, settled: Arc::default(), received: Arc::default() };
    let (settled, received) = (Arc::clone(&server.settled), Arc::clone(&server.received));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let mut reading = stream.try_clone().unwrap();
            drop(tokio_tungstenite::tungstenite::accept(stream).unwrap());
            let received = Arc::clone(&received);
            let settled = Arc::clone(&settled);
            std::thread::spawn(move || {
                settled.fetch_add(1, Ordering::SeqCst);
                let mut buffer = [0; 4096];
                while let Ok(1..) = reading.read(&mut buffer).inspect(|n| _ = received.fetch_add(*n, Ordering::SeqCst))
                {
                }
            });
        }
    });
    server
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

struct InOrder {
    window: usize,
}

impl Protocol for InOrder {
    type Command = ();
    type Reply = Message;
    type Event = ();
    type Key = ();

    fn service(&self) -> &'static str {
        "memory"
    }

    fn matching(&self) -> Matching {
        Matching::InOrder
    }

    fn window(&self) -> Window {
        Window::commands(self.window)
    }

    fn command_name(&self, (): &()) -> std::borrow::Cow<'static, str> {
        "KV_GET".into()
    }

    fn encode(&self, (): &(), _: u64, out: &mut Outgoing) -> Result<Expect<()>, Error> {
        out.payload.extend_from_slice(TEXT.as_bytes());
        Ok(Expect::one(()))
    }

    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        routes.answer((), message);
        Ok(())
    }
}

impl ws::Upgrade for InOrder {}

/// Bytes that a new connection holds, and then each of many calls on it next to its own future; `written` calls go out.
async fn measure(server: &SilentServer, window: usize, written: usize) -> (usize, usize) {
    let settled_before = server.settled.load(Ordering::SeqCst);
    let before = live();
    let client = ws::Builder::new(&server.url, InOrder { window }).connect().await.unwrap();
    until(|| server.settled.load(Ordering::SeqCst) > settled_before).await;
    let connection = live().saturating_sub(before);

    let received_before = server.received.load(Ordering::SeqCst);
    let mut calls: Vec<_> = (0..CALLS).map(|_| Box::pin(client.call(()))).collect();
    let before = live();
    poll_fn(|context| {
        for call in &mut calls {
            assert!(call.as_mut().poll(context).is_pending());
        }
        Poll::Ready(())
    })
    .await;
    until(|| server.received.load(Ordering::SeqCst) - received_before >= written * FRAME).await;
    (connection, live().saturating_sub(before) / CALLS)
}

#[tokio::test]
async fn waiting_calls_and_idle_connections_are_cheap() {
    let _alone = alone().await;
    let server = silent_server();
    // The first connection pays for what is made once per process.
    measure(&server, 1, 1).await;

    let (connection, on_the_wire) = measure(&server, CALLS, CALLS).await;
    let (_, queued) = measure(&server, 1, 1).await;
    println!("idle connection: {connection} B; call on the wire: {on_the_wire} B; queued call: {queued} B");
    assert!((1..=BYTES_PER_CALL).contains(&on_the_wire), "a call on the wire takes {on_the_wire} B");
    assert!((1..=BYTES_PER_CALL).contains(&queued), "a queued call takes {queued} B");
    assert!((1..=BYTES_PER_CONNECTION).contains(&connection), "an idle connection takes {connection} B");
}
