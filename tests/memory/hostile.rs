//! Peers that want our memory or our time get neither.

use crate::alone;
use crate::support::*;
use futures_util::future::join_all;
use statuswire::error::{Cause, Delivery, Phase};
use statuswire::policy::{Limits, Timeouts};
use statuswire::rpc::{CallOptions, Matching, Pushed, Replies, Window};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// The memory of the whole program is looked at.
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

const MIB: usize = 1 << 20;

/// Memory asked for and memory in use, in bytes, where the system tells.
fn memory() -> (usize, usize) {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let mut pages = statm.split(' ').map(|field| field.parse().unwrap_or(0));
    let mut bytes = || pages.next().unwrap_or(0) * 4096;
    (bytes(), bytes())
}

#[tokio::test]
async fn pings_and_events_without_end_are_answered_as_far_as_the_socket_takes_it() {
    let _alone = alone().await;
    let _alone = ONE_AT_A_TIME.lock().await;
    // The server writes and never reads: our pongs pile up in front of a full socket.
    let server = Server::start(|mut socket, number| async move {
        if number > 0 {
            return echo(socket, true).await;
        }
        let pings: Vec<u8> = (0..1000).flat_map(|_| frame(0x89, &[b'p'; 125])).collect();
        let events: Vec<u8> = (0..1000).flat_map(|_| frame(0x81, b"!event")).collect();
        for _ in 0..500 {
            send_raw(&mut socket, &pings).await;
            send_raw(&mut socket, &events).await;
        }
    })
    .await;
    let limits = Limits::default().with_write_buffer(64 << 10).with_events(16);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let mut events = client.events();
    let before = memory().1;
    let mut peak = 0;
    within(async {
        while server.connections() < 2 {
            peak = peak.max(memory().1);
            tokio::time::sleep(MS).await;
        }
    })
    .await;
    // Pongs to all of these pings would be 64 MiB.
    assert!(peak < before + 24 * MIB, "from {before} to {peak} bytes");
    let Some(Pushed::Missed(missed)) = within(events.next()).await else { panic!("nothing was missed") };
    assert!(missed > 0);
    assert_eq!(within(client.call(command("A", "after"))).await.unwrap(), "after");
}

#[tokio::test]
async fn fragments_without_end_and_great_announcements_take_no_memory() {
    let _alone = alone().await;
    let _alone = ONE_AT_A_TIME.lock().await;
    let server = Server::start(|mut socket, number| async move {
        match number {
            // Empty fragments cost nothing, however many; then real ones, beyond the limit.
            0 => {
                send_raw(&mut socket, &frame(0x01, b"")).await;
                let empty = frame(0x00, b"").repeat(10_000);
                for _ in 0..20 {
                    send_raw(&mut socket, &empty).await;
                }
                let full = frame(0x00, &[b'x'; 1000]);
                while socket.get_mut().write_all(&full).await.is_ok() {}
            }
            // A frame of nearly the limit is announced, and little of it sent.
            1 => {
                receive(&mut socket).await;
                send_raw(&mut socket, b"\x81\x7f\x00\x00\x00\x00\x3f\xff\xff\xff").await;
                send_raw(&mut socket, &[b'x'; 1000]).await;
                let _ = socket.get_mut().shutdown().await;
                drain(socket.get_mut()).await;
            }
            _ => echo(socket, true).await,
        }
    })
    .await;
    let before = memory().0;
    let limits = Limits::default().with_message_in(100_000);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let error = within(client.call(command("A", ""))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Protocol(_)), "{error:?}");
    drop(client);
    let limits = Limits::default().with_message_in(1 << 30);
    let client = builder(&server.url, Lines::new(Matching::ById)).limits(limits).connect().await.unwrap();
    let error = within(client.call(command("A", ""))).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Transport(_)), "{error:?}");
    assert!(memory().0 < before + 256 * MIB, "from {before} to {} bytes", memory().0);
    assert_eq!(within(client.call(command("A", "after"))).await.unwrap(), "after");
}

#[tokio::test]
async fn a_peer_that_never_reads_stalls_its_callers_only_until_their_limits() {
    let _alone = alone().await;
    let _alone = ONE_AT_A_TIME.lock().await;
    let server = Server::start(|mut socket, number| async move {
        if number > 0 {
            return echo(socket, false).await;
        }
        let stream = socket.get_mut();
        while !stream.ready(tokio::io::Interest::READABLE).await.unwrap().is_read_closed() {
            tokio::time::sleep(MS).await;
        }
    })
    .await;
    let mut lines = Lines::new(Matching::InOrder);
    lines.window = Window::commands(1000);
    let limits = Limits::default().with_write_buffer(256 << 10);
    let timeouts = Timeouts::default().with_call(1000 * MS).with_reply(4000 * MS);
    let client = builder(&server.url, lines).limits(limits).timeouts(timeouts).connect().await.unwrap();
    let before = memory().1;
    let calls = (0..60).map(|_| client.call(command("A", "x".repeat(256 << 10))));
    let go = command("GO", "").replies(Replies::None);
    let (results, stuck) = within(async { tokio::join!(join_all(calls), client.send_one_way(&go)) }).await;
    let errors: Vec<_> = results.into_iter().map(Result::unwrap_err).collect();
    // Each caller has its own message (15 MiB in all); the connection adds a buffer or two.
    let after = memory().1;
    assert!(after < before + 64 * MIB, "from {before} to {after} bytes");
    let queued = errors.iter().filter(|error| error.delivery() == Delivery::NotSent).count();
    assert!(queued > 0 && queued < 60, "{queued}");
    for error in &errors {
        assert!(matches!(error.cause(), Cause::Timeout(Phase::Queue | Phase::Reply)), "{error:?}");
    }
    // A command that has no reply is not done while it is stuck.
    assert_eq!(stuck.unwrap_err().delivery(), Delivery::NotSent);
    // The head's silence discards the connection, and the next one serves.
    until(|| server.connections() == 2).await;
    let patient = CallOptions::default().with_timeout(Duration::from_secs(20));
    assert_eq!(within(client.call_with(command("A", "after"), &patient, Ok)).await.unwrap(), "after");
}
