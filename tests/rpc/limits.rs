//! Each limit in size and time is crossed once.

use crate::support::*;
use futures_util::{StreamExt, future::join_all};
use statuswire::error::{Cause, Delivery, Phase};
use statuswire::policy::{Limits, Timeouts};
use statuswire::rpc::{CallOptions, Matching, Pushed, Replies, StreamOptions, Window};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// Reads and never answers; WebSocket pings are answered.
async fn mute() -> Server {
    Server::start(|mut socket, _| async move { while receive(&mut socket).await.is_some() {} }).await
}

#[tokio::test]
async fn a_message_out_beyond_its_limit_is_refused_unsent() {
    let server = Server::start(|socket, _| echo(socket, true)).await;
    let limits = Limits::default().with_message_out(20);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    // "1 A " and the argument.
    assert_eq!(client.call(command("A", "x".repeat(16))).await.unwrap().len(), 16);
    let error = client.call(command("A", "x".repeat(17))).await.unwrap_err();
    assert!(error.is_invalid_request() && error.to_string().contains("message_out"), "{error}");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(client.call(command("A", "x")).await.is_ok());
}

#[tokio::test]
async fn a_message_in_beyond_its_limit_discards_the_connection() {
    let server = Server::start(|mut socket, number| async move {
        let command = receive(&mut socket).await.unwrap();
        if number == 0 {
            send(&mut socket, format!("{}.{}", command.seq, "x".repeat(98))).await;
            let next = receive(&mut socket).await.unwrap();
            // The same in fragments, none of which is too long by itself.
            let mut bytes = frame(0x01, format!("{}.", next.seq).as_bytes());
            for _ in 0..50 {
                bytes.extend(frame(0x00, b"xxx"));
            }
            send_raw(&mut socket, &bytes).await;
            drain(socket.get_mut()).await;
        } else {
            send(&mut socket, format!("{}.{}", command.seq, "x".repeat(200))).await;
            drain(socket.get_mut()).await;
        }
    })
    .await;
    let limits = Limits::default().with_message_in(100);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    assert_eq!(within(client.call(command("A", ""))).await.unwrap().len(), 98);
    for _ in 0..2 {
        let error = within(client.call(command("A", ""))).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
        assert!(error.to_string().contains("message_in"), "{error}");
    }
}

#[tokio::test]
async fn callers_beyond_the_limit_wait_for_room_and_their_time_is_time_in_the_queue() {
    let server = Server::start(|socket, _| echo(socket, true)).await;
    let limits = Limits::default().with_calls(3);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits.clone()).connect().await.unwrap();
    let results = within(join_all((0..500).map(|n| client.call(command("A", n.to_string()))))).await;
    for (n, result) in results.into_iter().enumerate() {
        assert_eq!(result.unwrap(), n.to_string());
    }
    let server = mute().await;
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let call = |limit| {
        let (client, options) = (client.clone(), CallOptions::default().with_timeout(limit));
        async move { client.call_with(command("A", ""), &options, Ok).await.unwrap_err() }
    };
    let (inside, outside) = within(async {
        tokio::join!(join_all((0..3).map(|_| call(300 * MS))), join_all((0..5).map(|_| call(20 * MS))))
    })
    .await;
    for (errors, phase, delivery) in
        [(inside, Phase::Reply, Delivery::MaybeSent), (outside, Phase::Queue, Delivery::NotSent)]
    {
        for error in errors {
            assert!(matches!(error.cause(), Cause::Timeout(at) if *at == phase), "{error:?}");
            assert_eq!(error.delivery(), delivery);
        }
    }
}

#[tokio::test]
async fn the_window_of_reply_bytes_holds_back_what_would_exceed_it() {
    let most = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&most);
    let server = Server::start(move |mut socket, _| {
        let counter = Arc::clone(&counter);
        async move {
            let mut held = Vec::new();
            loop {
                match tokio::time::timeout(20 * MS, receive(&mut socket)).await {
                    Ok(Some(command)) => held.push(command),
                    Ok(None) => return,
                    Err(_) => {
                        counter.fetch_max(held.len(), SeqCst);
                        for command in held.drain(..) {
                            send(&mut socket, format!("{}.", command.seq)).await;
                        }
                    }
                }
            }
        }
    })
    .await;
    let mut lines = Lines::new(Matching::ById);
    lines.window = Window::commands(100).with_reply_bytes(1000);
    let client = builder(&server.url, lines).connect().await.unwrap();
    let sized = |bytes: usize| client.call(command("A", "").reply_bytes(bytes));
    for result in within(join_all((0..12).map(|_| sized(300)))).await {
        result.unwrap();
    }
    assert_eq!(most.swap(0, SeqCst), 3);
    // What is larger than the window goes alone.
    for result in within(join_all([10, 5000, 10].map(sized))).await {
        result.unwrap();
    }
    assert_eq!(most.load(SeqCst), 1);
}

#[tokio::test]
async fn a_small_write_buffer_slows_and_loses_nothing() {
    let server = Server::start(|socket, _| echo(socket, true)).await;
    for bytes in [0, 1, 100] {
        let limits = Limits::default().with_write_buffer(bytes);
        let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
        let results = within(join_all((0..200).map(|n| client.call(command("A", format!("{n:0100}")))))).await;
        assert!(results.into_iter().enumerate().all(|(n, result)| result.unwrap() == format!("{n:0100}")));
    }
}

#[tokio::test]
async fn excerpts_are_as_long_as_they_may_be() {
    let server = Server::start(|mut socket, _| async move {
        receive(&mut socket).await;
        send(&mut socket, "y".repeat(500)).await;
        receive(&mut socket).await;
    })
    .await;
    let limits = Limits::default().with_excerpt(10);
    let client = builder(&server.url, Lines::new(Matching::InOrder)).limits(limits).connect().await.unwrap();
    let error = within(client.call(command("A", ""))).await.unwrap_err();
    let Cause::Decode(what) = error.cause() else { panic!("{error:?}") };
    assert_eq!(what.excerpt, "yyyyyyyyyy… (500 bytes in all)");
}

#[tokio::test]
async fn failures_of_quiet_commands_that_nobody_reads_are_dropped_and_counted() {
    let server = Server::start(|mut socket, _| async move {
        while let Some(command) = receive(&mut socket).await {
            send(&mut socket, format!("{}.no", command.name)).await;
        }
    })
    .await;
    let limits = Limits::default().with_one_way_failures(4);
    let client = builder(&server.url, Lines::new(Matching::InOrder)).limits(limits).connect().await.unwrap();
    let mut failures = client.one_way_failures();
    for _ in 0..10 {
        client.send_one_way(&command("QUIET", "").replies(Replies::OnlyOnFailure)).await.unwrap();
    }
    within(client.fence()).await.unwrap();
    assert!(matches!(within(failures.next()).await, Some(Pushed::Missed(6))));
    assert!(matches!(within(failures.next()).await, Some(Pushed::Event(_))));
}

#[tokio::test]
async fn commands_without_replies_are_done_when_they_are_written() {
    for replies in [Replies::None, Replies::Exactly(0)] {
        let server = mute().await;
        let client = builder(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
        for _ in 0..50 {
            within(client.send_one_way(&command("GO", "x".repeat(10_000)).replies(replies))).await.unwrap();
        }
        within(client.shutdown(Duration::MAX)).await;
    }
}

#[tokio::test]
async fn the_head_of_the_line_has_a_limit_of_its_own_and_a_command_may_change_it() {
    let server = Server::start(|mut socket, number| async move {
        while let Some(command) = receive(&mut socket).await {
            match (number, command.name.as_str()) {
                (_, "SAVE") => {
                    tokio::time::sleep(400 * MS).await;
                    send(&mut socket, "SAVE.done").await;
                }
                (0 | 1, "A") => {}
                (_, name) => send(&mut socket, format!("{name}.{}", command.argument)).await,
            }
        }
    })
    .await;
    let timeouts = Timeouts::default().with_reply(200 * MS);
    let client = builder(&server.url, Lines::new(Matching::InOrder)).timeouts(timeouts).connect().await.unwrap();
    for silence in [None, Some(20 * MS)] {
        let mut silent = command("A", "");
        silent.reply_timeout = silence;
        let error = within(client.call(silent)).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Timeout(Phase::Idle)), "{error:?}");
        assert_eq!(error.delivery(), Delivery::MaybeSent);
    }
    // A command that is known to block the server: commands behind it do not time out either.
    let save = client.call(command("SAVE", "").reply_timeout(Duration::MAX));
    let (saved, behind) = within(async { tokio::join!(save, client.call(command("A", "behind"))) }).await;
    assert_eq!((saved.unwrap().as_str(), behind.unwrap().as_str()), ("done", "behind"));
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_silent_server_is_pinged_and_given_up_and_one_that_answers_pings_is_kept() {
    let timeouts = || Timeouts::default().with_ping(20 * MS).with_idle(2000 * MS);
    // It answers pings and nothing else.
    let server = mute().await;
    let client = builder(&server.url, Lines::new(Matching::ById)).timeouts(timeouts()).connect().await.unwrap();
    let patient = CallOptions::default().with_timeout(300 * MS);
    let error = within(client.call_with(command("A", ""), &patient, Ok)).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
    assert_eq!(server.connections(), 1);

    // It reads and says nothing; what it read is one ping, once.
    let (sender, mut frames) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::start(move |mut socket, number| {
        let sender = sender.clone();
        async move {
            let mut bytes = [0; 64];
            while let Ok(n) = tokio::io::AsyncReadExt::read(socket.get_mut(), &mut bytes).await
                && n > 0
            {
                sender.send((number, bytes[..n].to_vec())).unwrap();
            }
        }
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::ById))
        .timeouts(timeouts().with_idle(40 * MS))
        .connect()
        .await
        .unwrap();
    until(|| server.connections() == 2).await;
    let (number, ping) = within(frames.recv()).await.unwrap();
    assert_eq!((number, &ping[..2]), (0, &[0x89, 0x80][..]));
    let (number, _) = within(frames.recv()).await.unwrap();
    assert_eq!(number, 1, "the first connection was pinged again");
    drop(client);
}

#[tokio::test]
async fn the_limit_of_a_stream_counts_anew_with_each_reply() {
    let server = Server::start(|mut socket, _| async move {
        let command = receive(&mut socket).await.unwrap();
        for _ in 0..8 {
            tokio::time::sleep(50 * MS).await;
            send(&mut socket, format!("{}+part", command.seq)).await;
        }
        receive(&mut socket).await;
    })
    .await;
    let client = builder(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
    let options = StreamOptions::default().with_timeout(300 * MS);
    let stream = client.call_many(&command("MANY", "").replies(Replies::UntilLast), &options).await.unwrap();
    let items: Vec<_> = within(stream.collect()).await;
    assert_eq!(items.len(), 9, "all of them together took longer than the limit");
    let error = items[8].as_ref().unwrap_err();
    assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
    assert_eq!(error.delivery(), Delivery::MaybeSent);
}

#[tokio::test]
async fn callers_that_always_come_back_leave_room_for_those_that_wait() {
    let server = Server::start(|socket, _| echo(socket, true)).await;
    let limits = Limits::default().with_calls(4);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let served: Arc<Vec<AtomicUsize>> = Arc::new((0..64).map(|_| AtomicUsize::new(0)).collect());
    let callers: Vec<_> = (0..64)
        .map(|caller| {
            let (client, served) = (client.clone(), Arc::clone(&served));
            tokio::spawn(async move {
                while served.iter().any(|calls| calls.load(SeqCst) < 3) {
                    client.call(command("A", "")).await.unwrap();
                    served[caller].fetch_add(1, SeqCst);
                }
            })
        })
        .collect();
    for caller in callers {
        within(caller).await.unwrap();
    }
    // Callers take turns: none is far ahead of the last one.
    let most = served.iter().map(|calls| calls.load(SeqCst)).max();
    assert!(most <= Some(5), "{most:?} calls of one caller before the third of another");
}

#[tokio::test]
async fn commands_that_are_never_answered_free_their_places_in_the_window() {
    for matching in [Matching::ById, Matching::ByName, Matching::InOrder] {
        let server = Server::start(move |mut socket, _| async move {
            while let Some(command) = receive(&mut socket).await {
                if command.name == "A" {
                    let key = if matching == Matching::ById { command.seq } else { command.name };
                    send(&mut socket, format!("{key}.answer")).await;
                }
            }
        })
        .await;
        let timeouts = Timeouts::default().with_reply(500 * MS);
        let mut lines = Lines::new(matching);
        lines.window = Window::commands(3);
        let client = builder(&server.url, lines).timeouts(timeouts).connect().await.unwrap();
        let patience = CallOptions::default().with_timeout(200 * MS);
        let unanswered = ["X", "Y", "Z"].map(|name| client.call_with(command(name, ""), &patience, Ok));
        for result in within(join_all(unanswered)).await {
            assert_eq!(result.unwrap_err().delivery(), Delivery::MaybeSent);
        }
        assert_eq!(within(client.call(command("A", ""))).await.unwrap(), "answer");
        assert_eq!(server.connections(), if matching == Matching::ById { 1 } else { 2 });
    }
}

#[tokio::test]
async fn silence_is_not_excused_longer_than_the_command_that_asked_for_it() {
    // It goes quiet with the save, and its socket stays open.
    let quiet = || {
        Server::start(|mut socket, number| async move {
            if number == 0 {
                let _ = receive(&mut socket).await;
                std::future::pending::<()>().await;
            }
            echo(socket, false).await;
        })
    };
    let reply = Timeouts::default().with_reply(50 * MS);
    let idle = Timeouts::default().with_reply(Duration::MAX).with_ping(20 * MS).with_idle(20 * MS);
    for timeouts in [reply, idle] {
        for matching in [Matching::InOrder, Matching::ByName] {
            let server = quiet().await;
            let client = builder(&server.url, Lines::new(matching)).timeouts(timeouts.clone()).connect().await.unwrap();
            let save = command("SAVE", "").reply_timeout(Duration::MAX);
            let patience = CallOptions::default().with_timeout(300 * MS);
            let error = within(client.call_with(save, &patience, Ok)).await.unwrap_err();
            assert!(matches!(error.cause(), Cause::Timeout(Phase::Reply)), "{error:?}");
            assert_eq!(server.connections(), 1, "the silence was excused");
            until(|| server.connections() == 2).await;
            assert_eq!(within(client.call(command("A", "later"))).await.unwrap(), "later");
        }
    }
}
