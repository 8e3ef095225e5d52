//! Close frames of every kind: code and reason reach the callers, the protocol decides what follows.

use crate::support::*;
use futures_util::{StreamExt, stream};
use statuswire::error::{Cause, Delivery};
use statuswire::rpc::{Matching, Reconnect, State};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use tokio::io::AsyncReadExt;

/// A server that answers each command with the close frame that it asks for, in hex, and records the client's echo.
async fn closing(echoed: Arc<AtomicU32>) -> Server {
    Server::start(move |mut socket, _| {
        let echoed = Arc::clone(&echoed);
        async move {
            let Some(command) = receive(&mut socket).await else { return };
            let payload: Vec<u8> = command.argument.split_whitespace().map(|b| b.parse().unwrap()).collect();
            send_raw(&mut socket, &frame(0x88, &payload)).await;
            // The echo: a masked close frame; its code comes after header and mask.
            let mut head = [0; 2];
            if socket.get_mut().read_exact(&mut head).await.is_ok() && head == [0x88, 0x82] {
                let mut rest = [0; 6];
                socket.get_mut().read_exact(&mut rest).await.unwrap();
                let code = u16::from_be_bytes([rest[4] ^ rest[0], rest[5] ^ rest[1]]);
                echoed.store(u32::from(code), SeqCst);
            } else {
                echoed.store(u32::from(head[1]), SeqCst);
            }
            drain(socket.get_mut()).await;
        }
    })
    .await
}

fn asking_for(payload: &[u8]) -> Command {
    command("CLOSE", payload.iter().map(|byte| format!("{byte} ")).collect::<String>())
}

#[tokio::test]
async fn every_code_reaches_the_caller_and_the_client_connects_again() {
    // A few clients share the work; each of them lives through all of its codes.
    let lanes = stream::iter(0..8_u16).map(|lane| async move {
        let echoed = Arc::new(AtomicU32::new(0));
        let server = closing(Arc::clone(&echoed)).await;
        let client = builder(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
        for code in (1000 + lane..5000).step_by(8).chain([0, 999, 5000, 65535]) {
            let payload = [&code.to_be_bytes()[..], b"because"].concat();
            let error = within(client.call(asking_for(&payload))).await.unwrap_err();
            let Cause::Closed(close) = error.cause() else { panic!("{code}: {error:?}") };
            assert_eq!((close.code, &*close.reason), (code, "because"));
            assert_eq!(error.delivery(), Delivery::MaybeSent);
            assert!(error.to_string().contains(&code.to_string()), "{error}");
            // A code that may not be sent is a protocol violation.
            let sendable = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
            let expected = if sendable { u32::from(code) } else { 1002 };
            until(|| echoed.load(SeqCst) != 0).await;
            assert_eq!(echoed.swap(0, SeqCst), expected, "the echo of {code}");
        }
    });
    lanes.buffer_unordered(8).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn odd_close_frames_are_read_as_far_as_they_go() {
    let echoed = Arc::new(AtomicU32::new(0));
    let server = closing(Arc::clone(&echoed)).await;
    let client = builder(&server.url, Lines::new(Matching::ById)).connect().await.unwrap();
    let longest = [&1013_u16.to_be_bytes()[..], &[b'x'; 123]].concat();
    let broken = [&1013_u16.to_be_bytes()[..], b"no \xff text"].concat();
    for (payload, code, reason) in [
        (vec![], 1005, String::new()),
        (1013_u16.to_be_bytes().to_vec(), 1013, String::new()),
        (longest, 1013, "x".repeat(123)),
        (broken, 1013, "no \u{fffd} text".to_owned()),
    ] {
        let error = within(client.call(asking_for(&payload))).await.unwrap_err();
        let Cause::Closed(close) = error.cause() else { panic!("{error:?}") };
        assert_eq!((close.code, &*close.reason), (code, &*reason));
        until(|| echoed.load(SeqCst) != 0).await;
        // Without a code the echo has none: the length byte of an empty masked frame.
        assert_eq!(echoed.swap(0, SeqCst), if code == 1005 { 0x80 } else { 1013 });
    }
}

#[tokio::test]
async fn the_protocol_says_whether_and_when_to_come_back() {
    let echoed = Arc::new(AtomicU32::new(0));
    let server = closing(echoed).await;
    let lines = || {
        let mut lines = Lines::new(Matching::InOrder);
        lines.on_close = |code| match code {
            4000 => Reconnect::Now,
            4001 => Reconnect::After(7_000_000 * MS),
            4002 => Reconnect::Never,
            _ => Reconnect::Backoff,
        };
        lines
    };
    let client = builder(&server.url, lines()).connect().await.unwrap();
    within(client.call(asking_for(&4000_u16.to_be_bytes()))).await.unwrap_err();
    let mut state = client.state();
    within(state.wait_for(State::is_ready)).await.unwrap();

    within(client.call(asking_for(&4001_u16.to_be_bytes()))).await.unwrap_err();
    let waiting = within(state.wait_for(|state| matches!(state, State::Waiting { .. }))).await.unwrap().clone();
    let State::Waiting { delay, cause, .. } = waiting else { unreachable!() };
    // The server's wish is limited by the policy, and stays in the error.
    assert_eq!((delay, cause.retry_after()), (300_000 * MS, Some(7_000_000 * MS)));
    // A shutdown does not wait for that.
    within(client.shutdown(7_000_000 * MS)).await;

    let client = builder(&server.url, lines()).connect().await.unwrap();
    let (mut events, connections) = (client.events(), server.connections());
    let error = within(client.call(asking_for(&4002_u16.to_be_bytes()))).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::MaybeSent);
    let end = within(client.state().wait_for(State::is_closed)).await.unwrap().clone();
    assert!(matches!(end, State::Closed { cause: Some(cause), .. } if matches!(cause.cause(), Cause::Closed(_))));
    let late = within(client.call(command("A", ""))).await.unwrap_err();
    assert!(matches!(late.cause(), Cause::Closed(close) if close.code == 4002), "{late:?}");
    assert_eq!(late.delivery(), Delivery::NotSent);
    assert!(within(events.next()).await.is_none(), "subscribers come to an end");
    assert!(within(client.events().next()).await.is_none());
    assert_eq!(server.connections(), connections);
}
