//! Every reply reaches the caller whose it is, whatever the order, the number and the caller's patience.

use crate::support::*;
use futures_util::{StreamExt, future::join_all};
use statuswire::error::{Cause, Delivery, Phase};
use statuswire::policy::{Limits, Timeouts};
use statuswire::rpc::{CallOptions, Matching, Pushed, Replies, StreamOptions, Window};
use std::time::Duration;

#[tokio::test]
async fn by_id_replies_come_in_any_order() {
    let server = Server::start(|mut socket, _| async move {
        let mut held = Vec::new();
        while let Some(command) = receive(&mut socket).await {
            held.push(command);
            if held.len() == 50 {
                for command in held.drain(..).rev() {
                    send(&mut socket, format!("{}.{}", command.seq, command.argument)).await;
                }
            }
        }
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
    let calls = (0..50).map(|n| client.call(command("ECHO", n.to_string())));
    for (n, reply) in join_all(calls).await.into_iter().enumerate() {
        assert_eq!(reply.unwrap(), n.to_string());
    }
}

#[tokio::test]
async fn in_order_thousands_wait_and_a_window_is_on_the_wire() {
    let server = Server::start(|mut socket, _| async move {
        // Nothing is answered until the window is full; more than the window must never come.
        let mut held = Vec::new();
        let mut answered = 0;
        while answered < 2000 {
            let patience = if held.len() < 16.min(2000 - answered) { 20_000 } else { 20 };
            match tokio::time::timeout(patience * MS, receive(&mut socket)).await {
                Ok(Some(command)) => held.push(command),
                Ok(None) => return,
                Err(_) => {
                    assert!(held.len() <= 16, "{} commands on the wire", held.len());
                    answered += held.len();
                    for command in held.drain(..) {
                        send(&mut socket, format!("{}.{}", command.name, command.argument)).await;
                    }
                }
            }
        }
    })
    .await;
    let mut lines = Lines::new(Matching::InOrder);
    lines.window = Window::commands(16);
    let client = builder(&server.url, lines).connect().await.unwrap();
    let calls = (0..2000).map(|n| client.call(command("ECHO", n.to_string())));
    for (n, reply) in join_all(calls).await.into_iter().enumerate() {
        assert_eq!(reply.unwrap(), n.to_string());
    }
}

#[tokio::test]
async fn by_name_replies_overtake_each_other() {
    let server = Server::start(|mut socket, _| async move {
        receive(&mut socket).await.unwrap();
        receive(&mut socket).await.unwrap();
        send(&mut socket, "FAST.second").await;
        send(&mut socket, "SLOW.first").await;
        echo(socket, false).await;
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::ByName)).connect().await.unwrap();
    let (slow, fast) = tokio::join!(client.call(command("SLOW", "")), client.call(command("FAST", "")));
    assert_eq!((slow.unwrap().as_str(), fast.unwrap().as_str()), ("first", "second"));
}

#[tokio::test]
async fn by_name_a_reply_that_names_none_answers_the_only_command_and_none_of_several() {
    let server = Server::start(|mut socket, number| async move {
        receive(&mut socket).await.unwrap();
        if number == 0 {
            send(&mut socket, "?.mine").await;
            receive(&mut socket).await.unwrap();
            receive(&mut socket).await.unwrap();
            send(&mut socket, "?.whose").await;
            receive(&mut socket).await;
        } else {
            // No command waits for it.
            send(&mut socket, "A.first").await;
            send(&mut socket, "?.late").await;
            receive(&mut socket).await;
        }
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::ByName)).connect().await.unwrap();
    assert_eq!(client.call(command("A", "")).await.unwrap(), "mine");
    let (a, b) = tokio::join!(client.call(command("A", "")), client.call(command("B", "")));
    for error in [a.unwrap_err(), b.unwrap_err()] {
        assert!(matches!(error.cause(), Cause::Protocol(_)), "{error}");
        assert!(error.to_string().contains("which of 2 waiting commands"), "{error}");
        assert_eq!(error.delivery(), Delivery::MaybeSent);
    }
    assert_eq!(client.call(command("A", "")).await.unwrap(), "first");
    until(|| server.connections() == 3).await;
}

#[tokio::test]
async fn a_reply_out_of_order_discards_the_connection_and_nobody_gets_anothers_answer() {
    let server = Server::start(|mut socket, number| async move {
        if number == 0 {
            for _ in 0..3 {
                receive(&mut socket).await.unwrap();
            }
            // The reply to A is lost.
            send(&mut socket, "B.b").await;
            send(&mut socket, "C.c").await;
            receive(&mut socket).await;
        } else {
            echo(socket, false).await;
        }
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::InOrder)).connect().await.unwrap();
    let calls = ["A", "B", "C"].map(|name| client.call(command(name, "")));
    for result in join_all(calls).await {
        let error = result.unwrap_err();
        assert!(matches!(error.cause(), Cause::Protocol(_)), "{error}");
        assert_eq!(error.delivery(), Delivery::MaybeSent);
    }
    assert_eq!(client.call(command("A", "again")).await.unwrap(), "again");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn an_unasked_reply_in_order_discards_the_connection() {
    let server = Server::start(|mut socket, number| async move {
        receive(&mut socket).await;
        if number == 0 {
            send(&mut socket, "A.once").await;
            send(&mut socket, "A.twice").await;
            receive(&mut socket).await;
        } else {
            send(&mut socket, "A.other").await;
            receive(&mut socket).await;
        }
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::InOrder)).connect().await.unwrap();
    assert_eq!(client.call(command("A", "")).await.unwrap(), "once");
    until(|| server.connections() == 2).await;
    assert_eq!(client.call(command("A", "")).await.unwrap(), "other");
}

#[tokio::test]
async fn a_cancelled_and_a_late_call_leave_a_tombstone_that_eats_their_reply() {
    for matching in [Matching::InOrder, Matching::ById, Matching::ByName] {
        let by_id = matching == Matching::ById;
        let server = Server::start(move |mut socket, _| async move {
            let mut held = Vec::new();
            for _ in 0..3 {
                held.push(receive(&mut socket).await.unwrap());
            }
            for command in held {
                let key = if by_id { command.seq } else { command.name };
                send(&mut socket, format!("{key}.{}", command.argument)).await;
            }
            echo(socket, by_id).await;
        })
        .await;
        let client = builder(&server.url, Lines::new(matching)).connect().await.unwrap();
        {
            let cancelled = client.call(command("A", "cancelled"));
            assert!(tokio::time::timeout(20 * MS, cancelled).await.is_err());
        }
        let short = CallOptions::default().with_timeout(20 * MS);
        let error = client.call_with(command("A", "late"), &short, Ok).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error}");
        assert_eq!(error.delivery(), Delivery::MaybeSent);
        assert_eq!(client.call(command("A", "mine")).await.unwrap(), "mine", "{matching:?}");
        assert_eq!(client.call(command("A", "next")).await.unwrap(), "next", "{matching:?}");
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn time_in_the_queue_is_not_sent_and_a_cancelled_call_never_is() {
    let server = Server::start(|mut socket, _| async move {
        let first = receive(&mut socket).await.unwrap();
        assert_eq!(first.name, "BLOCK");
        tokio::time::sleep(100 * MS).await;
        send(&mut socket, "BLOCK.done").await;
        while let Some(command) = receive(&mut socket).await {
            assert_eq!(command.argument, "sent", "a command that was taken back came");
            send(&mut socket, format!("{}.ok", command.name)).await;
        }
    })
    .await;
    let mut lines = Lines::new(Matching::InOrder);
    lines.window = Window::commands(1);
    let client = builder(&server.url, lines).connect().await.unwrap();
    let blocked = client.call(command("BLOCK", ""));
    let short = CallOptions::default().with_timeout(20 * MS);
    let late = client.call_with(command("A", "late"), &short, Ok);
    let cancelled = tokio::time::timeout(20 * MS, client.call(command("A", "cancelled")));
    let sent = client.call(command("A", "sent"));
    let (blocked, late, cancelled, sent) = tokio::join!(blocked, late, cancelled, sent);
    assert_eq!(blocked.unwrap(), "done");
    let late = late.unwrap_err();
    assert!(matches!(late.cause(), Cause::Timeout(Phase::Queue)), "{late}");
    assert_eq!(late.delivery(), Delivery::NotSent);
    assert!(cancelled.is_err());
    assert_eq!(sent.unwrap(), "ok");
}

#[tokio::test]
async fn several_replies_are_a_stream() {
    let server = Server::start(|mut socket, _| async move {
        while let Some(command) = receive(&mut socket).await {
            let seq = command.seq;
            match command.name.as_str() {
                "THREE" => send(&mut socket, format!("{seq}+1\n{seq}+2\n{seq}+3")).await,
                "EARLY" => send(&mut socket, format!("{seq}+1\n{seq}.failed")).await,
                "UNTIL" => {
                    for n in 0..10 {
                        send(&mut socket, format!("{seq}+{n}")).await;
                    }
                    send(&mut socket, format!("{seq}.end")).await;
                }
                _ => send(&mut socket, format!("{seq}.{}", command.argument)).await,
            }
        }
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
    for (name, replies, expected) in [
        ("THREE", Replies::Exactly(3), vec!["1", "2", "3"]),
        ("EARLY", Replies::Exactly(5), vec!["1", "failed"]),
        ("UNTIL", Replies::UntilLast, vec!["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "end"]),
    ] {
        let options = StreamOptions::default();
        let stream = client.call_many(&command(name, "").replies(replies), &options).await.unwrap();
        let got: Vec<_> = stream.map(Result::unwrap).collect().await;
        assert_eq!(got, expected);
    }
    // A stream that is dropped in the middle does not affect other calls.
    let mut stream =
        client.call_many(&command("UNTIL", "").replies(Replies::UntilLast), &StreamOptions::default()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), "0");
    drop(stream);
    assert_eq!(client.call(command("ECHO", "after")).await.unwrap(), "after");
}

/// A subscription to a server that has nothing to say for hours.
#[tokio::test(start_paused = true)]
async fn a_stream_has_a_limit_of_its_own_for_replies() {
    const HOUR: Duration = Duration::from_secs(3600);
    let server = Server::start(|mut socket, _| async move {
        while let Some(command) = receive(&mut socket).await {
            let seq = command.seq;
            for n in 0..3 {
                tokio::time::sleep(HOUR).await;
                send(&mut socket, format!("{seq}+{n}")).await;
            }
        }
    })
    .await;
    let timeouts = Timeouts::default().with_call(Duration::from_secs(30)).with_idle(100 * HOUR);
    for (limit, replies) in [(None, 0), (Some(HOUR / 2), 0), (Some(2 * HOUR), 3), (Some(Duration::MAX), 3)] {
        let options =
            limit.map_or_else(StreamOptions::default, |limit| StreamOptions::default().with_reply_timeout(limit));
        let subscribe = command("SUBSCRIBE", "").replies(Replies::UntilLast);
        let client = builder(&server.url, Lines::new(Matching::ById)).timeouts(timeouts.clone());
        let client = client.connect().await.unwrap();
        let started = tokio::time::Instant::now();
        let stream = client.call_many(&subscribe, &options).await.unwrap();
        let got: Vec<_> = stream.take(3).collect().await;
        let failed = got.last().unwrap().as_ref().err();
        assert_eq!(got.iter().filter(|reply| reply.is_ok()).count(), replies, "{limit:?}: {failed:?}");
        assert_eq!(failed.is_some_and(|error| matches!(error.cause(), Cause::Timeout(Phase::Reply))), replies == 0);
        if let Some(limit) = limit.filter(|_| replies == 0) {
            assert!(started.elapsed() >= limit, "{:?}", started.elapsed());
        }
    }
}

#[tokio::test]
async fn a_stream_that_nobody_reads_overflows_and_slows_nobody() {
    let server = Server::start(|mut socket, _| async move {
        while let Some(command) = receive(&mut socket).await {
            let seq = command.seq;
            if command.name == "FLOOD" {
                for n in 0..100 {
                    send(&mut socket, format!("{seq}+{n}")).await;
                }
            }
            send(&mut socket, format!("{seq}.{}", command.argument)).await;
        }
    })
    .await;
    let limits = Limits::default().with_replies(10);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let flood = command("FLOOD", "").replies(Replies::UntilLast);
    let stream = client.call_many(&flood, &StreamOptions::default()).await.unwrap();
    assert_eq!(client.call(command("ECHO", "behind")).await.unwrap(), "behind");
    let got: Vec<_> = stream.collect().await;
    assert_eq!(got.len(), 11);
    let error = got.last().unwrap().as_ref().unwrap_err();
    assert!(matches!(error.cause(), Cause::Overflow(_)), "{error}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
}

#[tokio::test]
async fn quiet_commands_are_proven_by_a_fence_and_tell_of_failures() {
    let server = Server::start(|mut socket, _| async move {
        while let Some(command) = receive(&mut socket).await {
            match (command.name.as_str(), command.argument.as_str()) {
                ("QUIET", "bad") => send(&mut socket, "QUIET.no").await,
                ("QUIET", _) => {}
                (name, argument) => send(&mut socket, format!("{name}.{argument}")).await,
            }
        }
    })
    .await;
    let limits = Limits::default().with_one_way(8);
    let client = builder(&server.url, Lines::new(Matching::InOrder)).limits(limits).connect().await.unwrap();
    let mut failures = client.one_way_failures();
    let mut bad = 0;
    for n in 0..100 {
        let argument = if n == 57 { "bad" } else { "good" };
        let seq = client.send_one_way(&command("QUIET", argument).replies(Replies::OnlyOnFailure)).await.unwrap();
        if n == 57 {
            bad = seq;
        }
    }
    client.fence().await.unwrap();
    let Some(Pushed::Event(failure)) = failures.next().await else { panic!("no failure was told") };
    assert_eq!((failure.key.as_str(), failure.result.as_deref().unwrap()), ("QUIET", "no"));
    // Without ids the failure is the oldest unproven command's of that name.
    assert!(failure.seq <= bad);
    assert_eq!(client.call(command("ECHO", "x")).await.unwrap(), "x");
}

#[tokio::test]
async fn events_reach_all_subscribers_and_tell_what_was_missed() {
    let server = Server::start(|mut socket, _| async move {
        let command = receive(&mut socket).await.unwrap();
        for n in 0..100 {
            send(&mut socket, format!("!{n}")).await;
        }
        send(&mut socket, format!("{}.done", command.seq)).await;
        receive(&mut socket).await;
    })
    .await;
    let limits = Limits::default().with_events(16);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let mut slow = client.events();
    client.call(command("GO", "")).await.unwrap();
    assert_eq!(slow.next().await, Some(Pushed::Missed(84)));
    assert_eq!(slow.next().await, Some(Pushed::Event("84".to_owned())));
    client.shutdown(MS).await;
    drop(client);
    let rest: Vec<_> = slow.into_stream().collect().await;
    assert_eq!(rest.len(), 15);
}

#[tokio::test]
async fn a_foreign_key_is_shown_without_secrets() {
    let server = Server::start(|mut socket, _| async move {
        receive(&mut socket).await;
        send(&mut socket, format!("password={}.x", "hunter2-S3CR3T".repeat(100))).await;
        receive(&mut socket).await;
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::InOrder)).connect().await.unwrap();
    let error = within(client.call(command("A", ""))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(shown.contains("password=") && !shown.contains("hunter2"), "{shown}");
    }
}
