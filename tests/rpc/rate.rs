//! The rate limit delays and fails nothing; what it counts is what the server counts.

use crate::support::setup::Setup;
use crate::support::traced::Traced;
use crate::support::*;
use futures_util::{StreamExt, future::join_all};
use statuswire::error::{Cause, Delivery, Phase};
use statuswire::policy::{Limits, RateLimit, Timeouts};
use statuswire::rpc::Client;
use statuswire::rpc::{CallOptions, InFlight, Matching, Priority, Replies, StreamOptions, Window};
use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::tungstenite::Message;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// What came, and in which second of the test. Pings are entered as `ping`.
#[derive(Clone)]
struct Log {
    start: Instant,
    entries: Arc<Mutex<Vec<(u64, String)>>>,
}

impl Log {
    fn new() -> Self {
        Self { start: Instant::now(), entries: Arc::default() }
    }
    fn add(&self, what: &str) {
        self.entries.lock().unwrap().push((self.start.elapsed().as_secs(), what.to_owned()));
    }
    fn entries(&self) -> Vec<(u64, String)> {
        self.entries.lock().unwrap().clone()
    }
    fn seconds(&self) -> Vec<u64> {
        self.entries().into_iter().map(|(second, _)| second).collect()
    }
    /// Waits until this second of the test.
    async fn second(&self, second: u64) {
        sleep_until(self.start + Duration::from_secs(second)).await;
    }
}

/// Logs what comes and answers each command with its argument. `DROP` ends the connection instead; the handshake is
/// answered with `hello`.
async fn server(log: &Log, hello: &'static str) -> Server {
    let log = log.clone();
    Server::start(move |mut socket, _| {
        let log = log.clone();
        async move {
            while let Some(Ok(message)) = socket.next().await {
                let text = match message {
                    Message::Text(text) => text,
                    Message::Ping(_) => {
                        log.add("ping");
                        continue;
                    }
                    _ => continue,
                };
                let mut parts = text.splitn(3, ' ');
                let (seq, name, argument) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
                log.add(if name == "A" { argument } else { name });
                match name {
                    "DROP" => return,
                    "HELLO" => send(&mut socket, format!("{seq}.{hello}")).await,
                    "MANY" => send(&mut socket, format!("{seq}+1\n{seq}+2\n{seq}.3")).await,
                    "QUIET" => {}
                    _ => send(&mut socket, format!("{seq}.{argument}")).await,
                }
            }
        }
    })
    .await
}

/// Pings play no part, unless a test says so.
fn limited(server: &Server, lines: Lines, limit: RateLimit) -> Setup<Lines> {
    let timeouts = Timeouts::default().with_call(20 * SECOND).with_ping(Duration::MAX);
    builder(&server.url, lines).timeouts(timeouts).rate_limit(Some(limit))
}

fn by_id() -> Lines {
    Lines::new(Matching::ById)
}

async fn call(client: &Client<Lines>, argument: impl ToString) -> String {
    client.call(command("A", argument.to_string())).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_token_comes_back_by_itself_and_the_order_is_kept() {
    let log = Log::new();
    let server = server(&log, "").await;
    let client = limited(&server, by_id(), RateLimit::new(60, MINUTE)).connect().await.unwrap();
    join_all((0..40).map(|n| call(&client, n))).await;
    log.second(10).await;
    join_all((40..130).map(|n| call(&client, n))).await;
    let expected: Vec<_> = [(0, 40), (10, 20), (60, 40), (70, 20), (120, 10)]
        .into_iter()
        .flat_map(|(second, calls)| std::iter::repeat_n(second, calls))
        .zip(0..130)
        .map(|(second, n)| (second, n.to_string()))
        .collect();
    assert_eq!(log.entries(), expected);
}

#[tokio::test(start_paused = true)]
async fn what_is_delayed_can_be_seen() {
    let log = Log::new();
    let server = server(&log, "").await;
    let unlimited = builder(&server.url, by_id()).connect().await.unwrap();
    assert_eq!(unlimited.throttle(), None);

    let limit = RateLimit::new(2, MINUTE);
    let client = limited(&server, by_id(), limit).connect().await.unwrap();
    let seen = || {
        let it = client.throttle().unwrap();
        assert_eq!(it.limit, limit);
        (it.left, it.waiting, it.next.map(|next| next.as_secs()), it.delayed)
    };
    assert_eq!(seen(), (2, 0, None, 0));
    call(&client, 0).await;
    assert_eq!(seen(), (1, 0, None, 0));
    let calls = join_all((1..6).map(|n| call(&client, n)));
    let look = async {
        log.second(10).await;
        assert_eq!(seen(), (0, 4, Some(50), 4));
        log.second(70).await;
        assert_eq!(seen(), (0, 2, Some(50), 4));
    };
    tokio::join!(calls, look);
    assert_eq!(seen(), (0, 0, None, 4));
    log.second(500).await;
    assert_eq!(seen(), (2, 0, None, 4));
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_told_to_those_who_trace() {
    let written = Traced::start();

    let log = Log::new();
    let server = server(&log, "").await;
    let told = || {
        let text = written.text();
        text.lines().filter(|line| line.contains("held back by the rate limit") && line.contains(&server.url)).count()
    };
    let client = limited(&server, by_id(), RateLimit::new(2, MINUTE)).connect().await.unwrap();
    tokio::join!(call(&client, 0), call(&client, 1));
    assert_eq!(told(), 0);
    call(&client, 2).await;
    assert_eq!(told(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_wait_for_hours_and_none_runs_out_of_time() {
    for calls in [16_384, 7] {
        let log = Log::new();
        let server = server(&log, "").await;
        // Most of them wait before the door, if there is little room.
        let limits = Limits::default().with_calls(calls);
        let client = limited(&server, by_id(), RateLimit::new(10, MINUTE)).limits(limits).connect().await.unwrap();
        let replies = join_all((0..1000).map(|n| call(&client, n))).await;
        assert!(replies.into_iter().enumerate().all(|(n, reply)| reply == n.to_string()));
        let expected: Vec<_> = (0..1000).map(|n| n / 10 * 60).collect();
        assert_eq!(log.seconds(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_call_begins_anew_when_it_is_let_go_and_is_a_limit_then() {
    let log = Log::new();
    let entries = log.clone();
    // It answers the first command only.
    let server = Server::start(move |mut socket, number| {
        let log = entries.clone();
        async move {
            let first = receive(&mut socket).await.unwrap();
            send(&mut socket, format!("{}.", first.seq)).await;
            while let Some(command) = receive(&mut socket).await {
                log.add(&format!("{number} {}", command.argument));
            }
        }
    })
    .await;
    let client = limited(&server, by_id(), RateLimit::new(1, MINUTE)).connect().await.unwrap();
    call(&client, 0).await;
    let error = client.call(command("A", "1")).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
    assert_eq!(log.entries(), [(60, "0 1".to_owned())]);
    assert_eq!(log.start.elapsed().as_secs(), 80);
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_the_caller_gave_holds_and_its_error_says_what_kept_it() {
    for room in [100, 2] {
        let log = Log::new();
        let server = server(&log, "").await;
        let limits = Limits::default().with_calls(room);
        let client = limited(&server, by_id(), RateLimit::new(1, MINUTE)).limits(limits).connect().await.unwrap();
        call(&client, 0).await;
        let short = CallOptions::default().with_timeout(30 * SECOND);
        let waiting = join_all((1..3).map(|n| call(&client, n)));
        let late = client.call_with(command("A", "late"), &short, Ok);
        let many = command("MANY", "").replies(Replies::UntilLast);
        let short = StreamOptions::default().with_timeout(30 * SECOND);
        let late_stream = client.call_many(&many, &short);
        let late_stream = async {
            match late_stream.await {
                Ok(mut stream) => stream.next().await.unwrap().unwrap_err(),
                Err(error) => error,
            }
        };
        let (_, late, late_stream) = tokio::join!(waiting, late, late_stream);
        for error in [late.unwrap_err(), late_stream] {
            assert!(matches!(error.cause(), Cause::Timeout(Phase::Queue)), "{error:?}");
            assert_eq!(error.delivery(), Delivery::NotSent);
            assert_eq!(error.context().elapsed, 30 * SECOND);
            assert!(error.source().unwrap().to_string().contains("rate limit of 1 action in 60s"), "{error:?}");
        }
        assert_eq!(log.entries(), [(0, "0"), (60, "1"), (120, "2")].map(|(at, what)| (at, what.to_owned())));
    }
}

#[tokio::test(start_paused = true)]
async fn who_goes_frees_a_place() {
    let log = Log::new();
    let server = server(&log, "").await;
    let client = limited(&server, by_id(), RateLimit::new(1, MINUTE)).connect().await.unwrap();
    call(&client, 0).await;
    let gone = join_all((1..4).map(|n| call(&client, n)));
    let gone = tokio::time::timeout(10 * SECOND, gone);
    let waits = async {
        sleep(SECOND).await;
        call(&client, 4).await
    };
    let (gone, _) = tokio::join!(gone, async {
        let look = async {
            log.second(20).await;
            assert_eq!(client.throttle().unwrap().waiting, 1);
        };
        tokio::join!(waits, look)
    });
    assert!(gone.is_err());
    assert_eq!(log.entries(), [(0, "0"), (60, "4")].map(|(at, what)| (at, what.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn quiet_commands_streams_and_fences_count() {
    let log = Log::new();
    let server = server(&log, "").await;
    let client = limited(&server, Lines::new(Matching::ById), RateLimit::new(1, MINUTE)).connect().await.unwrap();
    client.send_one_way(&command("QUIET", "").replies(Replies::None)).await.unwrap();
    let many = command("MANY", "").replies(Replies::UntilLast);
    let stream = client.call_many(&many, &StreamOptions::default()).await.unwrap();
    let replies: Vec<_> = stream.map(Result::unwrap).collect().await;
    assert_eq!(replies, ["1", "2", "3"]);
    client.send_one_way(&command("QUIET", "").replies(Replies::None)).await.unwrap();
    call(&client, "last").await;
    assert_eq!(log.seconds(), [0, 60, 120, 180]);
}

#[tokio::test(start_paused = true)]
async fn pings_count_and_wait_and_go_before_calls_that_come_later() {
    let log = Log::new();
    let server = server(&log, "").await;
    let timeouts = Timeouts::default().with_call(20 * SECOND).with_ping(10 * SECOND);
    let limit = RateLimit::new(3, 100 * SECOND);
    let client = builder(&server.url, by_id()).timeouts(timeouts).rate_limit(Some(limit)).connect().await.unwrap();
    // Three pings use up the tokens. A fourth one is sent before the call.
    log.second(45).await;
    call(&client, "call").await;
    let entries = [(10, "ping"), (20, "ping"), (30, "ping"), (110, "ping"), (120, "call")];
    assert_eq!(log.entries(), entries.map(|(at, what)| (at, what.to_owned())));
    assert_eq!(server.connections(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_is_noticed_although_no_ping_may_be_sent() {
    // The first connection goes dead after one answer.
    let server = Server::start(|mut socket, number| async move {
        if number > 0 {
            return echo(socket, true).await;
        }
        let first = receive(&mut socket).await.unwrap();
        send(&mut socket, format!("{}.", first.seq)).await;
        drain(socket.get_mut()).await;
    })
    .await;
    let timeouts = Timeouts::default().with_call(20 * SECOND).with_ping(10 * SECOND).with_idle(5 * SECOND);
    let limit = RateLimit::new(2, MINUTE);
    let client = builder(&server.url, by_id()).timeouts(timeouts).rate_limit(Some(limit)).connect().await.unwrap();
    call(&client, "").await;
    let calls = (0..10).map(|n| client.call(command("A", n.to_string())));
    let results = join_all(calls).await;
    assert!(results.iter().any(Result::is_err) && results.iter().any(Result::is_ok));
    assert_eq!(server.connections(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_handshake_does_not_wait_and_counts_and_a_new_connection_brings_no_tokens() {
    let log = Log::new();
    let server = server(&log, "fresh").await;
    let mut lines = by_id();
    lines.hello = "HELLO";
    let client = limited(&server, lines, RateLimit::new(2, MINUTE)).connect().await.unwrap();
    log.second(10).await;
    let error = client.call(command("DROP", "")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    call(&client, "next").await;
    // The handshake at 10 was one more than allowed: the token of second 60 makes up for it.
    let entries = [(0, "HELLO"), (10, "DROP"), (10, "HELLO"), (70, "next")];
    assert_eq!(log.entries(), entries.map(|(at, what)| (at, what.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_again_counts_again() {
    let log = Log::new();
    let entries = log.clone();
    let server = Server::start(move |mut socket, number| {
        let log = entries.clone();
        async move {
            let mut left = 3;
            while let Some(command) = receive(&mut socket).await {
                log.add(&command.argument);
                left -= 1;
                if command.name == "HELLO" {
                    send(&mut socket, format!("{}.resumed", command.seq)).await;
                } else if number > 0 {
                    send(&mut socket, format!("{}.{}", command.seq, command.argument)).await;
                }
                if number == 0 && left == 0 {
                    return;
                }
            }
        }
    })
    .await;
    let mut lines = by_id();
    lines.hello = "HELLO";
    lines.in_flight = InFlight::Hold(Duration::MAX);
    let client = limited(&server, lines, RateLimit::new(4, MINUTE)).connect().await.unwrap();
    tokio::join!(call(&client, "one"), call(&client, "two"));
    // Two handshakes and two commands: then the bucket is empty.
    let entries = [(0, ""), (0, "one"), (0, "two"), (0, ""), (60, "one"), (60, "two")];
    assert_eq!(log.entries(), entries.map(|(at, what)| (at, what.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_tokens_within_its_limit() {
    for (limit, done) in [(10, 1), (70, 2), (300, 3)] {
        let log = Log::new();
        let server = server(&log, "").await;
        let client = limited(&server, by_id(), RateLimit::new(1, MINUTE)).connect().await.unwrap();
        let calls = join_all((0..3).map(|n| client.call(command("A", n.to_string()))));
        let stop = async {
            log.second(1).await;
            client.shutdown(limit * SECOND).await;
        };
        let (results, ()) = tokio::join!(calls, stop);
        for (n, result) in results.into_iter().enumerate() {
            match result {
                Ok(_) => assert!(n < done),
                Err(error) => {
                    assert!(n >= done && error.is_shutdown(), "{error:?}");
                    assert_eq!(error.delivery(), Delivery::NotSent);
                }
            }
        }
        assert_eq!(log.entries().len(), done);
        let end = [11, 71, 120][done - 1];
        assert_eq!(log.start.elapsed().as_secs(), end, "it waited for longer than it had to");
    }
}

/// It is sent although the limit, the window and the number of calls are used up, and the calls after it make up for it.
#[tokio::test(start_paused = true)]
async fn an_urgent_command_waits_for_nothing_and_counts() {
    let log = Log::new();
    let server = server(&log, "").await;
    let mut lines = by_id();
    lines.window = Window::commands(1);
    let limits = Limits::default().with_calls(3);
    let client = limited(&server, lines, RateLimit::new(2, MINUTE)).limits(limits).connect().await.unwrap();
    call(&client, 0).await;
    call(&client, 1).await;
    let waiting = join_all((2..6).map(|n| call(&client, n)));
    let urgent = async {
        log.second(10).await;
        client.call(command("A", "urgent").priority(Priority::Urgent)).await.unwrap();
        assert_eq!(log.start.elapsed().as_secs(), 10);
    };
    tokio::join!(waiting, urgent);
    let entries = [(0, "0"), (0, "1"), (10, "urgent"), (60, "2"), (70, "3"), (120, "4"), (130, "5")];
    assert_eq!(log.entries(), entries.map(|(at, what)| (at, what.to_owned())));
}

/// For each stream that runs, the limit keeps one message back: what ends them all is no more than the limit allows.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_stream_is_within_the_limit() {
    let log = Log::new();
    let server = server(&log, "").await;
    let client = limited(&server, by_id(), RateLimit::new(5, MINUTE)).connect().await.unwrap();
    let endable = command("QUIET", "").replies(Replies::UntilLast).priority(Priority::Endable);
    let options = StreamOptions::default().with_timeout(1000 * SECOND);
    let mut streams = Vec::new();
    for _ in 0..2 {
        streams.push(client.call_many(&endable, &options).await.unwrap());
    }
    assert_eq!(client.throttle().unwrap().left, 1);
    let waiting = join_all((0..3).map(|n| call(&client, n)));
    let ends = async {
        log.second(10).await;
        for end in ["end", "end too"] {
            client.call(command("A", end).priority(Priority::Urgent)).await.unwrap();
        }
        // With the streams, what was kept back for them is free.
        log.second(20).await;
        streams.clear();
    };
    tokio::join!(waiting, ends);
    let entries = [(0, "QUIET"), (0, "QUIET"), (0, "0"), (10, "end"), (10, "end too"), (60, "1"), (60, "2")];
    assert_eq!(log.entries(), entries.map(|(at, what)| (at, what.to_owned())));
}

/// A limit of one message is kept back for nothing: otherwise nothing would ever be sent.
#[tokio::test(start_paused = true)]
async fn a_limit_of_one_keeps_nothing_back() {
    let log = Log::new();
    let server = server(&log, "").await;
    let client = limited(&server, by_id(), RateLimit::new(1, MINUTE)).connect().await.unwrap();
    let endable = command("QUIET", "").replies(Replies::UntilLast).priority(Priority::Endable);
    let _stream = client.call_many(&endable, &StreamOptions::default()).await.unwrap();
    call(&client, 0).await;
    assert_eq!(log.entries(), [(0, "QUIET"), (60, "0")].map(|(at, what)| (at, what.to_owned())));
}
