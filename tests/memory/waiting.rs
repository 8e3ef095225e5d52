//! Replies and events that wait keep as many bytes alive as the limits say, and the messages around them none.

use crate::alone;
use crate::services::blazeauth;
use crate::support::setup::Setup;
use crate::support::*;
use crate::usage::{KIB, MIB, Usage};
use futures_util::StreamExt;
use statuswire::policy::Limits;
use statuswire::reexport::bytes::Bytes;
use statuswire::rpc::{
    Backlog, Events, Expect, Matching, Message, Outgoing, Part, Protocol, Pushed, Replies, ReplyStream, Routes,
    StreamOptions, Unroutable, Window,
};
use statuswire::{Error, ws};
use std::sync::Arc;

/// Commands are their id, one byte. The first byte of a message is `!` for an event, `-` for the last reply to command 1,
/// the id of the command for a reply that is followed by others. Replies and events are slices of the message.
struct Slices;

impl Protocol for Slices {
    type Command = u8;
    type Reply = Bytes;
    type Event = Bytes;
    type Key = u8;

    fn service(&self) -> &'static str {
        "slices"
    }

    fn matching(&self) -> Matching {
        Matching::ById
    }

    fn window(&self) -> Window {
        Window::commands(2)
    }

    fn command_name(&self, _: &u8) -> std::borrow::Cow<'static, str> {
        "COMMAND".into()
    }

    fn encode(&self, command: &u8, _: u64, out: &mut Outgoing) -> Result<Expect<u8>, Error> {
        out.payload.push(*command);
        out.binary = true;
        Ok(Expect::one(*command).replies(Replies::UntilLast))
    }

    fn route(&self, message: Message, routes: &mut Routes<Self>) -> Result<(), Unroutable> {
        let bytes = message.bytes();
        let rest = bytes.slice(1..);
        match bytes[0] {
            b'!' => routes.event(rest),
            b'-' => routes.part(1, Part::Last, rest),
            id => routes.part(id, Part::Next, rest),
        }
        Ok(())
    }

    fn reply_bytes(&self, reply: &Bytes) -> usize {
        reply.len()
    }

    fn event_bytes(&self, event: &Bytes) -> usize {
        event.len()
    }
}

impl ws::Upgrade for Slices {}

/// A server that sends frames once it has received two commands.
async fn sends(frames: Vec<Vec<u8>>) -> Server {
    let frames = Arc::new(frames);
    Server::start(move |mut socket, _| {
        let frames = Arc::clone(&frames);
        async move {
            socket.next().await;
            socket.next().await;
            for frame in frames.iter() {
                send_raw(&mut socket, frame).await;
            }
            while socket.next().await.is_some_and(|message| message.is_ok()) {}
        }
    })
    .await
}

/// A message with a first byte and this many further ones.
fn message(first: u8, bytes: usize) -> Vec<u8> {
    let mut payload = vec![b'x'; bytes + 1];
    payload[0] = first;
    frame(0x82, &payload)
}

/// The same in pieces, of which the last ones are empty.
fn in_fragments(first: u8, bytes: usize) -> Vec<u8> {
    let mut frames = frame(0x02, &[first]);
    for piece in vec![b'x'; bytes].chunks(bytes.div_ceil(3).max(1)) {
        frames.extend(frame(0x00, piece));
    }
    frames.extend(frame(0x80, b""));
    frames
}

/// What is held after a server has sent these frames, to a stream and a subscriber that take nothing.
struct Stalled {
    usage: Usage,
    events: Events<Bytes>,
    stream: ReplyStream<Slices>,
    _server: Server,
}

async fn stalled(backlog: Backlog, limits: Limits, mut frames: Vec<Vec<u8>>) -> Stalled {
    frames.push(message(b'-', 0));
    let server = sends(frames).await;
    let client = Setup::new(&server.url, Slices).limits(limits).connect().await.unwrap();
    let usage = Usage::start();
    let events = client.events();
    let stream = client.call_many(&2, &StreamOptions::default().with_backlog(backlog)).await.unwrap();
    let mut last = client.call_many(&1, &StreamOptions::default()).await.unwrap();
    within(last.next()).await.unwrap().unwrap();
    Stalled { usage, events, stream, _server: server }
}

const COUNT: usize = 60;
const LARGE: usize = MIB;

/// Small replies and small events, each behind a large message that no caller wants.
fn small_behind_large(small: impl Fn(u8, usize) -> Vec<u8>) -> Vec<Vec<u8>> {
    (0..COUNT).flat_map(|_| [message(b'?', LARGE), small(2, 10), message(b'?', LARGE), small(b'!', 10)]).collect()
}

#[tokio::test]
async fn small_replies_and_events_do_not_keep_large_messages_alive() {
    let _alone = alone().await;
    for backlog in [Backlog::Fail, Backlog::HoldReader] {
        for small in [message, in_fragments] {
            let mut stalled = stalled(backlog, Limits::default(), small_behind_large(small)).await;
            // 120 times 10 bytes, their queues, and the read buffer, which is small again.
            stalled.usage.assert_live(256 * KIB);
            for _ in 0..COUNT {
                assert_eq!(within(stalled.stream.next()).await.unwrap().unwrap().len(), 10);
                assert!(matches!(within(stalled.events.next()).await, Some(Pushed::Event(event)) if event.len() == 10));
            }
        }
    }
}

#[tokio::test]
async fn replies_of_any_size_keep_at_most_twice_their_limit_alive() {
    let _alone = alone().await;
    let limits = || Limits::default().with_reply_bytes(8 * MIB).with_event_bytes(8 * MIB);
    for size in [3 * KIB, 50 * KIB, MIB] {
        // More than the limit, each behind a larger message.
        let count = 12 * MIB / size;
        for first in [2, b'!'] {
            let behind = message(b'?', (4 * size).min(LARGE));
            let frames = (0..count).flat_map(|_| [behind.clone(), message(first, size)]).collect();
            let limits = limits().with_replies(usize::MAX).with_events(usize::MAX);
            let stalled = stalled(Backlog::Fail, limits, frames).await;
            stalled.usage.assert_live(2 * 8 * MIB + 2 * MIB);
            assert!(stalled.usage.live() > 6 * MIB, "too little waits for this to prove anything");
        }
    }
}

#[tokio::test]
async fn large_events_that_wait_are_limited_by_their_bytes() {
    let _alone = alone().await;
    let frames = (0..8).map(|_| message(b'!', 15 * MIB)).collect();
    let mut stalled = stalled(Backlog::Fail, Limits::default(), frames).await;
    // One alone is over the limit of 8 MiB, and kept.
    stalled.usage.assert_live(16 * MIB);
    assert_eq!(within(stalled.events.next()).await, Some(Pushed::Missed(7)));
    assert!(matches!(within(stalled.events.next()).await, Some(Pushed::Event(event)) if event.len() == 15 * MIB));
}

#[tokio::test]
async fn large_events_of_blazeauth_are_limited_by_their_bytes() {
    let _alone = alone().await;
    // Objects within objects: as values they take a hundred times this, 3 MiB.
    let content = format!("[{}0]", r#"{"a":{"a":{}}},"#.repeat(MIB / 5));
    let event = format!(r#"{{"id":18446744073709551615,"event_type":207,"content":{content}}}"#);
    let mut frames = vec![frame(0x81, event.as_bytes()); 8];
    frames.push(frame(0x81, br#"{"id":2,"status":1,"content":"after"}"#));
    let limits = Limits::default().with_event_bytes(4 * MIB);
    let (_server, client) = blazeauth(frames, limits).await;
    let usage = Usage::start();
    let mut events = client.events();
    assert_eq!(within(client.variable("motd")).await.unwrap(), "after");
    usage.assert_live(4 * MIB);
    assert_eq!(within(events.next()).await, Some(Pushed::Missed(7)));
    let Some(Pushed::Event(event)) = within(events.next()).await else { panic!("it is gone") };
    assert_eq!(event.content.as_deref(), Some(&*content));
}

#[tokio::test]
async fn the_read_buffer_does_not_stay_large() {
    let _alone = alone().await;
    let frames = vec![message(b'?', 15 * MIB), message(b'?', 3 * MIB)];
    let stalled = stalled(Backlog::Fail, Limits::default(), frames).await;
    stalled.usage.assert_live(256 * KIB);
}
