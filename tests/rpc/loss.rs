//! A connection is lost: who hears what, what is sent once more, and what the server saw of it.

use crate::support::*;
use futures_util::{StreamExt, future::join_all};
use statuswire::error::{Cause, Delivery, Error, Phase};
use statuswire::policy::{Backoff, Retry};
use statuswire::rpc::{CallOptions, InFlight, Matching, Replies, State, StreamOptions, Window};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server received, by connection.
#[derive(Clone, Default)]
struct Record(Arc<Mutex<Vec<Vec<Received>>>>);

impl Record {
    fn add(&self, number: usize, command: &Received) {
        let mut connections = self.0.lock().unwrap();
        while connections.len() <= number {
            connections.push(Vec::new());
        }
        connections[number].push(command.clone());
    }
    fn of(&self, number: usize) -> Vec<Received> {
        self.0.lock().unwrap().get(number).cloned().unwrap_or_default()
    }
    fn arguments(&self, number: usize) -> Vec<String> {
        self.of(number).into_iter().map(|it| it.argument).collect()
    }
    /// Arguments of all connections, and how often each came.
    fn counts(&self) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for command in self.0.lock().unwrap().iter().flatten().filter(|it| it.name != "HELLO") {
            *counts.entry(command.argument.clone()).or_default() += 1;
        }
        counts
    }
}

/// Reads `silent` commands on the first connection and drops it; answers on the later ones, the handshake with `hello`.
async fn dropping(record: &Record, matching: Matching, silent: usize, hello: &'static [&'static str]) -> Server {
    let record = record.clone();
    Server::start(move |mut socket, number| {
        let record = record.clone();
        async move {
            let mut left = if number == 0 { silent } else { usize::MAX };
            while left > 0
                && let Some(command) = receive(&mut socket).await
            {
                record.add(number, &command);
                let key = if matching == Matching::ById { &command.seq } else { &command.name };
                if command.name == "HELLO" {
                    send(&mut socket, format!("{key}.{}", hello[number.min(hello.len() - 1)])).await;
                } else if number > 0 {
                    send(&mut socket, format!("{key}.{}", command.argument)).await;
                } else {
                    left -= 1;
                }
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_thousand_callers_each_hear_once_and_truly() {
    for (matching, commands) in [(Matching::InOrder, 64), (Matching::ById, 64), (Matching::ById, 1000)] {
        let record = Record::default();
        // The server reads a part of the window only: the rest was given to the socket and not seen.
        let server = dropping(&record, matching, 40, &["fresh"]).await;
        let mut lines = Lines::new(matching);
        lines.window = Window::commands(commands);
        let client = builder(&server.url, lines).connect().await.unwrap();
        let calls = (0..1000).map(|n| client.call(command("A", n.to_string())));
        let results = within(join_all(calls)).await;
        let (first, counts) = (record.arguments(0).into_iter().collect::<HashSet<_>>(), record.counts());
        assert_eq!(first.len(), 40);
        let (mut lost, mut done) = (0, 0);
        for (n, result) in results.into_iter().enumerate() {
            let argument = n.to_string();
            match result {
                Ok(reply) => {
                    assert_eq!(reply, argument);
                    assert_eq!(counts[&argument], 1, "{n} was carried out more than once");
                    assert!(!first.contains(&argument));
                    done += 1;
                }
                Err(error) => {
                    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
                    assert_eq!(error.delivery(), Delivery::MaybeSent, "{n} was given to the socket");
                    assert!(counts.get(&argument).is_none_or(|&count| count == 1 && first.contains(&argument)));
                    lost += 1;
                }
            }
        }
        assert_eq!((lost, done), (commands, 1000 - commands), "{matching:?}");
        // Afterwards all is as before.
        assert_eq!(within(client.call(command("A", "later"))).await.unwrap(), "later");
    }
    within(until_tasks_are(0)).await;
}

fn held(limit: Duration) -> Lines {
    let mut lines = Lines::new(Matching::ById);
    lines.window = Window::commands(4);
    lines.hello = "HELLO";
    lines.in_flight = InFlight::Hold(limit);
    lines
}

#[tokio::test]
async fn a_resumed_session_gets_what_was_written_once_more_verbatim_and_in_order() {
    let record = Record::default();
    let server = dropping(&record, Matching::ById, 4, &["fresh", "resumed"]).await;
    let client = builder(&server.url, held(Duration::MAX)).connect().await.unwrap();
    let given_up = CallOptions::default().with_timeout(Duration::from_secs(20));
    let calls = (0..8).map(|n| {
        let (client, given_up, record) = (client.clone(), &given_up, record.clone());
        async move {
            let call = client.call_with(command("A", n.to_string()), given_up, Ok);
            if n != 2 {
                return Some(call.await);
            }
            // This caller goes when its command is on the wire.
            tokio::select! {
                result = call => Some(result),
                () = until(move || record.arguments(0).contains(&"2".to_owned())) => None,
            }
        }
    });
    for (n, result) in within(join_all(calls)).await.into_iter().enumerate() {
        if n != 2 {
            assert_eq!(result.unwrap().unwrap(), n.to_string());
        }
    }
    let (first, second) = (record.of(0), record.of(1));
    let names = |commands: &[Received]| commands.iter().map(|it| it.argument.clone()).collect::<Vec<_>>();
    assert_eq!(names(&first)[1..], ["0", "1", "2", "3"]);
    let again = names(&second);
    // Unless the caller went too late for that, its command is not among them.
    let kept: Vec<_> = again[1..].iter().filter(|it| *it != "2").cloned().collect();
    assert_eq!(kept, ["0", "1", "3", "4", "5", "6", "7"]);
    for command in &second[1..4] {
        assert!(first.contains(command), "{command:?} is not what was sent before");
    }
}

#[tokio::test]
async fn a_command_that_is_not_to_be_held_fails_at_the_loss_and_is_not_sent_again() {
    let record = Record::default();
    let server = dropping(&record, Matching::ById, 4, &["fresh", "resumed"]).await;
    let client = builder(&server.url, held(Duration::MAX)).connect().await.unwrap();
    let calls = (0..6).map(|n| client.call(command("A", n.to_string()).hold(n % 2 == 0)));
    let state = client.state();
    let results = within(join_all(calls.enumerate().map(|(n, call)| {
        let state = state.clone();
        async move {
            let result = call.await;
            // It does not wait for the next connection; what was never sent does.
            assert!(n % 2 == 0 || n > 3 || !state.borrow().is_ready(), "call {n}");
            result
        }
    })))
    .await;
    for (n, result) in results.into_iter().enumerate() {
        match n {
            1 | 3 => {
                let error = result.unwrap_err();
                assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
                assert_eq!(error.delivery(), Delivery::MaybeSent);
            }
            _ => assert_eq!(result.unwrap(), n.to_string()),
        }
    }
    assert_eq!(record.arguments(1)[1..], ["0", "2", "4", "5"]);
}

#[tokio::test]
async fn a_fresh_session_and_the_end_of_the_limit_fail_what_was_held() {
    // Fresh: what the server may have seen fails, the rest is sent.
    let record = Record::default();
    let server = dropping(&record, Matching::ById, 4, &["fresh", "fresh"]).await;
    let client = builder(&server.url, held(Duration::MAX)).connect().await.unwrap();
    let calls = (0..6).map(|n| client.call(command("A", n.to_string())));
    for (n, result) in within(join_all(calls)).await.into_iter().enumerate() {
        if n < 4 {
            let error = result.unwrap_err();
            assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
            assert_eq!(error.delivery(), Delivery::MaybeSent);
        } else {
            assert_eq!(result.unwrap(), n.to_string());
        }
    }
    assert!(record.counts().values().all(|&count| count == 1), "{:?}", record.counts());

    // The server does not return within the limit.
    let server = Server::start(|mut socket, number| async move {
        let hello = receive(&mut socket).await.unwrap();
        if number == 0 {
            send(&mut socket, format!("{}.fresh", hello.seq)).await;
            receive(&mut socket).await;
        } else {
            receive(&mut socket).await;
        }
    })
    .await;
    let client = builder(&server.url, held(50 * MS)).connect().await.unwrap();
    let error = within(client.call(command("A", ""))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
}

#[tokio::test]
async fn the_retry_layer_repeats_what_is_safe_under_a_new_number() {
    let record = Record::default();
    let server = dropping(&record, Matching::ById, 1, &["fresh"]).await;
    let retry = Retry::default().with_backoff(Backoff::default().with_base(MS));
    let build = || builder(&server.url, Lines::new(Matching::ById)).retry(retry.clone());
    let client = build().connect().await.unwrap();
    assert_eq!(within(client.call(command("GET", "a").safe())).await.unwrap(), "a");
    let (first, second) = (record.of(0), record.of(1));
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first[0].seq, second[0].seq);

    for (safe, retry) in [(false, None), (true, Some(Retry::never()))] {
        let record = Record::default();
        let server = dropping(&record, Matching::ById, 1, &["fresh"]).await;
        let client = builder(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
        let mut options = CallOptions::default();
        options.retry = retry;
        let append = if safe { command("GET", "a").safe() } else { command("APPEND", "a") };
        let error = within(client.call_with(append, &options, Ok)).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::MaybeSent);
        assert_eq!(record.counts()["a"], 1);
    }
}

#[tokio::test]
async fn the_last_error_tells_which_call_it_was_and_how_often_it_was_tried() {
    let server = Server::start(|mut socket, _| async move {
        receive(&mut socket).await;
    })
    .await;
    let url = format!("{}?token=5ecr3t", server.url);
    let retry = Retry::default().with_attempts(3).with_backoff(Backoff::default().with_base(MS));
    let client = builder(&url, Lines::new(Matching::ById)).retry(retry).connect().await.unwrap();
    let error = within(client.call(command("GET", "a").safe())).await.unwrap_err();
    let context = error.context();
    assert_eq!((context.service, &*context.command, context.attempt), ("lines", "GET", 3));
    assert!(context.correlation.is_some() && context.elapsed > Duration::ZERO, "{context:?}");
    assert!(context.endpoint.starts_with(&server.url) && !context.endpoint.contains("5ecr3t"), "{context:?}");

    // Nothing was sent of a refused call: it has no number, and is not tried again.
    for error in [
        within(client.call(command("REFUSED", ""))).await.unwrap_err(),
        within(client.call(command("A", "").replies(Replies::UntilLast))).await.unwrap_err(),
        within(client.call_many(&command("A", "").replies(Replies::None), &StreamOptions::default()))
            .await
            .err()
            .unwrap(),
        within(client.send_one_way(&command("A", ""))).await.unwrap_err(),
    ] {
        assert!(error.is_invalid_request(), "{error:?}");
        assert_eq!((error.delivery(), error.context().attempt), (Delivery::NotSent, 1));
        assert_eq!(error.context().service, "lines");
        assert!(!error.context().command.is_empty(), "{error:?}");
    }
}

#[tokio::test]
async fn an_error_of_the_decoder_takes_part_in_retries() {
    let server = Server::start(|socket, _| echo(socket, true)).await;
    let retry = Retry::default().with_backoff(Backoff::default().with_base(MS));
    let client = builder(&server.url, Lines::new(Matching::ById)).retry(retry).connect().await.unwrap();
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let decode = |reply: String| {
        if tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 {
            let busy = Error::new(Cause::Status(Box::default()), Delivery::Answered);
            return Err(busy.with_retry_after(MS));
        }
        Ok(reply)
    };
    let reply = within(client.call_with(command("GET", "x").safe(), &CallOptions::default(), decode)).await;
    assert_eq!(reply.unwrap(), "x");
    assert_eq!(tries.into_inner(), 3);
}

#[tokio::test]
async fn a_stream_that_had_replies_ends_with_the_loss() {
    let server = Server::start(|mut socket, number| async move {
        let command = receive(&mut socket).await.unwrap();
        if number == 0 {
            send(&mut socket, format!("{}+one", command.seq)).await;
        } else {
            echo(socket, true).await;
        }
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
    let many = command("MANY", "").replies(Replies::UntilLast);
    let stream = client.call_many(&many, &StreamOptions::default()).await.unwrap();
    let items: Vec<_> = within(stream.collect()).await;
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].as_deref().unwrap(), "one");
    let error = items[1].as_ref().unwrap_err();
    assert_eq!((error.delivery(), &*error.context().command), (Delivery::MaybeSent, "MANY"));
}

#[tokio::test]
async fn a_call_that_waited_in_vain_for_a_connection_says_why_there_is_none() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = builder(&format!("ws://127.0.0.1:{port}/"), Lines::new(Matching::ById)).connect_lazy().unwrap();
    let mut state = client.state();
    state.wait_for(|state| matches!(state, State::Waiting { .. })).await.unwrap();
    let short = CallOptions::default().with_timeout(20 * MS);
    let error = client.call_with(command("A", ""), &short, Ok).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Queue)), "{error}");
    let why = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<statuswire::Error>()).unwrap();
    assert!(matches!(why.cause(), Cause::Transport(_)), "{why}");
}

/// What is decided by the replies of one connection is not written on another, wherever it waits when that is lost.
#[tokio::test]
async fn a_command_for_one_connection_is_not_written_on_the_next() {
    for in_flight in [InFlight::Fail, InFlight::Hold(Duration::from_secs(60))] {
        let record = Record::default();
        let server = dropping(&record, Matching::ById, 1, &["fresh", "resumed"]).await;
        let mut lines = Lines::new(Matching::ById);
        (lines.window, lines.hello, lines.in_flight) = (Window::commands(1), "HELLO", in_flight);
        let limits = statuswire::policy::Limits::default().with_calls(3);
        let client = builder(&server.url, lines).limits(limits).connect().await.unwrap();
        let only = |argument: &str| client.call(command("A", argument).this_connection());
        // On the wire, in the queue, in the queue, without a slot.
        let (sent, queued, other, waiting) = within(async {
            tokio::join!(only("sent"), only("queued"), client.call(command("A", "other")), only("waiting"))
        })
        .await;
        assert_eq!(sent.unwrap_err().delivery(), Delivery::MaybeSent);
        assert_eq!(other.unwrap(), "other");
        for error in [queued.unwrap_err(), waiting.unwrap_err()] {
            assert_eq!(error.delivery(), Delivery::NotSent, "{error:?}");
            assert!(error.is_connection() && error.is_retryable(), "{error:?}");
        }
        assert_eq!(record.arguments(0), ["", "sent"]);
        assert_eq!(record.arguments(1), ["", "other"]);
        // The next connection is as good as the first.
        assert_eq!(within(only("later")).await.unwrap(), "later");
    }
}
