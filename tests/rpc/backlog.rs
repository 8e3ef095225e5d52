//! Streams whose consumers are slow: they fail, or they hold the reader.

use crate::support::setup::Setup;
use crate::support::*;
use futures_util::{StreamExt, future::join_all};
use statuswire::Error;
use statuswire::error::{Cause, Delivery, Measure, Phase};
use statuswire::policy::{Limits, Timeouts};
use statuswire::rpc::Client;
use statuswire::rpc::{
    Backlog, CallOptions, Expect, Matching, Message, Outgoing, Part, Protocol, Pushed, Replies, ReplyStream, Routes,
    StreamOptions, Unroutable, Window,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// Answers `MANY <replies>x<bytes>` with that many replies, an event and the end; everything else at once.
/// Counts the replies that it could send.
async fn server(by_id: bool) -> (Server, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&sent);
    let server = Server::start(move |mut socket, _| {
        let counter = Arc::clone(&counter);
        async move {
            while let Some(command) = receive(&mut socket).await {
                let key = if by_id { &command.seq } else { &command.name };
                if let Some((replies, bytes)) = command.argument.split_once('x') {
                    for n in 0..replies.parse().unwrap() {
                        send(&mut socket, format!("{key}+{n:0width$}", width = bytes.parse().unwrap())).await;
                        counter.fetch_add(1, SeqCst);
                    }
                    // So that what follows is not read together with the replies.
                    tokio::time::sleep(5 * MS).await;
                    send(&mut socket, "!sent").await;
                    send(&mut socket, format!("{key}.end")).await;
                } else {
                    send(&mut socket, format!("{key}.{}", command.argument)).await;
                }
            }
        }
    })
    .await;
    (server, sent)
}

async fn many(client: &Client<Lines>, what: &str, backlog: Backlog) -> ReplyStream<Lines> {
    let options = StreamOptions::default().with_backlog(backlog);
    client.call_many(&command("MANY", what).replies(Replies::UntilLast), &options).await.unwrap()
}

async fn next(stream: &mut ReplyStream<Lines>) -> Result<usize, Error> {
    within(stream.next()).await.expect("the stream has ended").map(|reply| reply.parse().unwrap())
}

/// Takes the rest, which begins with this reply and is complete.
async fn rest(stream: ReplyStream<Lines>, replies: std::ops::Range<usize>) {
    let got: Vec<_> = within(stream.collect()).await;
    let (end, got) = got.split_last().unwrap();
    assert_eq!(end.as_ref().unwrap(), "end");
    let got: Vec<usize> = got.iter().map(|reply| reply.as_ref().unwrap().parse().unwrap()).collect();
    assert_eq!(got, replies.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_stream_fails_at_either_bound_and_says_at_which() {
    let (server, _) = server(true).await;
    let limits = Limits::default().with_replies(10).with_reply_bytes(5000);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    for (what, kept, measure, limit) in [
        ("100x20", 10, Measure::Replies, 10),
        ("100x1000", 5, Measure::Bytes, 5000),
        ("2x6000", 1, Measure::Bytes, 5000),
    ] {
        let stream = many(&client, what, Backlog::Fail).await;
        // Other calls are not affected.
        assert_eq!(within(client.call(command("A", "behind"))).await.unwrap(), "behind");
        let got: Vec<_> = within(stream.collect()).await;
        assert_eq!(got.len(), kept + 1);
        let error = got.last().unwrap().as_ref().unwrap_err();
        let Cause::Overflow(overflow) = error.cause() else { panic!("{error:?}") };
        assert_eq!((overflow.measure, overflow.limit), (measure, limit));
        assert_eq!(error.to_string().contains("bytes"), measure == Measure::Bytes, "{error}");
        assert_eq!(error.delivery(), Delivery::MaybeSent);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_flood_is_stopped_at_its_source_and_nothing_of_it_is_lost() {
    const REPLIES: usize = 3000;
    const SIZE: usize = 16 << 10;
    const BOUND: usize = 1 << 20;
    // What is read at once, and what a read may exceed that by.
    const BATCH: usize = (512 << 10) + 4 * SIZE;
    for limits in [Limits::default().with_replies(BOUND / SIZE), Limits::default().with_reply_bytes(BOUND)] {
        let (server, sent) = server(true).await;
        let counted = Counted::default();
        let (live, peak) = (Arc::clone(&counted.live), Arc::clone(&counted.peak));
        let client = Setup::new(&server.url, counted).limits(limits).connect().await.unwrap();
        let options = StreamOptions::default().with_backlog(Backlog::HoldReader);
        let mut stream = client.call_many(&format!("{REPLIES}x{SIZE}"), &options).await.unwrap();
        // Until the buffers of both sockets are full; they hold a part of these 47 MiB.
        let mut before = 0;
        let mut still = 0;
        while still < 50 {
            tokio::time::sleep(2 * MS).await;
            let after = sent.load(SeqCst);
            still = if after > 0 && after == before { still + 1 } else { 0 };
            before = after;
        }
        assert!(before < REPLIES, "all was read for a consumer that takes nothing");
        assert!(live.load(SeqCst) >= BOUND);
        for n in 0..REPLIES {
            let piece = within(stream.next()).await.unwrap().unwrap();
            assert_eq!(piece.text.parse::<usize>().unwrap(), n);
        }
        assert_eq!(within(stream.next()).await.unwrap().unwrap().text, "end");
        assert!(within(stream.next()).await.is_none());
        let peak = peak.load(SeqCst);
        assert!(peak <= BOUND + BATCH, "{peak} bytes were kept at once");
        assert_eq!(live.load(SeqCst), 0);
    }
}

/// The protocol of the server with replies that are weighed while they live.
#[derive(Default)]
struct Counted {
    live: Arc<AtomicUsize>,
    peak: Arc<AtomicUsize>,
}

struct Piece {
    text: String,
    live: Arc<AtomicUsize>,
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.live.fetch_sub(self.text.len(), SeqCst);
    }
}

impl Protocol for Counted {
    type Command = String;
    type Reply = Piece;
    type Event = ();
    type Key = String;

    fn service(&self) -> &'static str {
        "counted"
    }
    fn matching(&self) -> Matching {
        Matching::ById
    }
    fn window(&self) -> Window {
        Window::commands(8)
    }
    fn command_name(&self, _: &String) -> std::borrow::Cow<'static, str> {
        "MANY".into()
    }
    fn encode(&self, command: &String, seq: u64, out: &mut Outgoing) -> Result<Expect<String>, Error> {
        out.payload = format!("{seq} MANY {command}").into_bytes();
        Ok(Expect::one(seq.to_string()).replies(Replies::UntilLast))
    }
    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let text = String::from_utf8(message.bytes().to_vec()).unwrap();
        let Some(at) = text.find(['+', '.']) else { return Ok(()) };
        let part = if text[at..].starts_with('.') { Part::Last } else { Part::Next };
        let piece = Piece { text: text[at + 1..].to_owned(), live: Arc::clone(&self.live) };
        let live = self.live.fetch_add(piece.text.len(), SeqCst) + piece.text.len();
        self.peak.fetch_max(live, SeqCst);
        routes.part(text[..at].to_owned(), part, piece);
        Ok(())
    }
    fn reply_bytes(&self, reply: &Piece) -> usize {
        reply.text.len()
    }
}

impl statuswire::ws::Upgrade for Counted {}

#[tokio::test(start_paused = true)]
async fn others_wait_and_go_on_when_half_is_taken() {
    let (server, _) = server(true).await;
    for (what, limits) in [
        ("8x20", Limits::default().with_replies(8)),
        ("8x1000", Limits::default().with_reply_bytes(8000)),
        // One that is larger than the bound, alone.
        ("1x9000", Limits::default().with_reply_bytes(8000)),
    ] {
        let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
        let mut events = client.events();
        let mut stream = many(&client, what, Backlog::HoldReader).await;
        let replies = if what.starts_with('8') { 8 } else { 1 };
        let short = CallOptions::default().with_timeout(1000 * MS);
        let error = client.call_with(command("A", "late"), &short, Ok).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
        let waiting = client.call(command("A", "patient"));
        let consumer = async {
            for n in 0..replies - replies / 2 {
                assert!(tokio::time::timeout(1000 * MS, events.next()).await.is_err(), "something was read");
                assert_eq!(next(&mut stream).await.unwrap(), n);
            }
            assert_eq!(within(events.next()).await, Some(Pushed::Event("sent".to_owned())));
        };
        let (waiting, ()) = tokio::join!(waiting, consumer);
        assert_eq!(waiting.unwrap(), "patient");
        rest(stream, replies - replies / 2..replies).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_servers_silence_is_not_its_own_while_nothing_is_read() {
    for matching in [Matching::ById, Matching::InOrder] {
        let (server, _) = server(matching == Matching::ById).await;
        let timeouts = Timeouts::default().with_call(Duration::from_secs(20));
        let limits = Limits::default().with_replies(4);
        let client =
            builder(&server.url, Lines::new(matching)).timeouts(timeouts).limits(limits).connect().await.unwrap();
        let mut stream = many(&client, "4x10", Backlog::HoldReader).await;
        for n in 0..4 {
            // More than all limits together: of the server's silence, of the stream.
            tokio::time::sleep(Duration::from_secs(if n < 2 { 3600 } else { 0 })).await;
            assert_eq!(next(&mut stream).await.unwrap(), n);
        }
        rest(stream, 0..0).await;
        assert_eq!(client.call(command("A", "after")).await.unwrap(), "after");
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn after_it_was_held_a_stream_has_its_time_again_and_no_more() {
    let server = Server::start(|mut socket, _| async move {
        let command = receive(&mut socket).await.unwrap();
        for n in 0..4 {
            send(&mut socket, format!("{}+{n}", command.seq)).await;
        }
        // Answers pings.
        receive(&mut socket).await;
    })
    .await;
    let limits = Limits::default().with_replies(4);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let mut stream = many(&client, "", Backlog::HoldReader).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let began = tokio::time::Instant::now();
    for n in 0..4 {
        assert_eq!(next(&mut stream).await.unwrap(), n);
    }
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
    assert_eq!(began.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_holds_nobody() {
    let (server, _) = server(true).await;
    let limits = Limits::default().with_replies(5);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let (first, second) =
        tokio::join!(many(&client, "20x10", Backlog::HoldReader), many(&client, "50x10", Backlog::HoldReader));
    tokio::time::sleep(10 * MS).await;
    let call = client.call(command("A", "after"));
    let drops = async {
        tokio::time::sleep(1000 * MS).await;
        drop(first);
        tokio::time::sleep(1000 * MS).await;
        drop(second);
    };
    let (result, ()) = tokio::join!(call, drops);
    assert_eq!(result.unwrap(), "after");
    assert_eq!(server.connections(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_a_stream_that_holds_the_reader() {
    let (server, _) = server(true).await;
    let limits = Limits::default().with_replies(5);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let mut stream = many(&client, "100000x100", Backlog::HoldReader).await;
    assert_eq!(next(&mut stream).await.unwrap(), 0);
    tokio::time::sleep(10 * MS).await;
    let began = tokio::time::Instant::now();
    client.shutdown(Duration::from_secs(3)).await;
    // Its own limit, and that of the closing handshake.
    assert!(began.elapsed() <= Duration::from_secs(6), "{:?}", began.elapsed());
    let got: Vec<_> = within(stream.collect()).await;
    assert!(got.last().unwrap().as_ref().unwrap_err().is_shutdown());
    assert!(got.len() > 4 && got[..got.len() - 1].iter().all(Result::is_ok));
}

#[tokio::test]
async fn many_streams_hold_the_reader_in_turn() {
    let (server, _) = server(true).await;
    let limits = Limits::default().with_replies(7).with_reply_bytes(3000);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let streams = (0..8).map(|n| {
        let client = &client;
        async move {
            let mut stream = many(client, &format!("300x{}", 10 + 200 * n), Backlog::HoldReader).await;
            for at in 0..300 {
                assert_eq!(next(&mut stream).await.unwrap(), at);
                if at % (10 + n) == 0 {
                    tokio::time::sleep(MS).await;
                }
            }
            rest(stream, 0..0).await;
        }
    });
    within(join_all(streams)).await;
    assert_eq!(server.connections(), 1);
}
