//! A server that answers nothing, or not all: no place in the window is taken for ever, and no silence excused for ever.

use super::world::{FRAME, Kind, MS, REPLY, World};
use super::*;
use std::task::{Context, Poll};

/// How a caller gives up a written command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Expires,
    IsDropped,
    StreamExpires,
    StreamIsDropped,
    StreamOverflows,
    /// No caller ever waited: a cancellation, for example.
    IsUnattended,
}

const WAYS: [Way; 6] =
    [Way::Expires, Way::IsDropped, Way::StreamExpires, Way::StreamIsDropped, Way::StreamOverflows, Way::IsUnattended];
/// The reply timeout that a command asks for.
const OWN: [Option<Duration>; 3] = [None, Some(Duration::from_millis(35)), Some(Duration::MAX)];
/// The time limit of calls; those that expire have less.
const LIMIT: u32 = 30;

/// Writes a command that fills a place, and gives it up.
fn give_up(world: &mut World, (way, own): (Way, Option<Duration>), name: u8) -> (usize, u64) {
    let kind = match way {
        Way::Expires | Way::IsDropped | Way::IsUnattended => Kind::One,
        Way::StreamExpires | Way::StreamIsDropped | Way::StreamOverflows => Kind::UntilLast,
    };
    let mut call = world.call(kind, name);
    call.expect.reply_timeout = own;
    let expires = matches!(way, Way::Expires | Way::StreamExpires);
    let leaves = !expires && way != Way::IsUnattended;
    call.deadline = Some(world.now + if expires { 5 } else { LIMIT } * MS);
    if way == Way::IsUnattended {
        (call.waiter, call.deadline, call.bound) = (Waiter::Gone, None, true);
    }
    let (seq, key) = (call.seq, call.expect.key);
    let Ok(slot) = world.core.submit(call, world.now) else { panic!("it was not let in") };
    assert!(matches!(world.core.slots[slot].stage, Stage::Written { .. }));
    world.core.sleep(Waker::noop(), None);
    match way {
        Way::IsDropped | Way::StreamIsDropped => world.core.release(slot, seq, world.now),
        Way::StreamOverflows => {
            for _ in 0..3 {
                // In order, only the oldest can have replies.
                if world.core.pending.oldest().is_none_or(|oldest| oldest.slot == slot) {
                    world.core.settle(&world.toy, (&key, Part::Next, seq), world.now).unwrap();
                }
            }
            world.core.release(slot, seq, world.now);
        }
        Way::Expires | Way::StreamExpires | Way::IsUnattended => {}
    }
    assert!(world.core.effects.driver.is_some() || !leaves, "the connection's task sleeps too long");
    world.heed();
    world.core.outbox.take(&mut Vec::new());
    (slot, seq)
}

/// Lets time pass from timer to timer until a command is written. Returns the number of lost connections.
fn until_written(world: &mut World, (slot, seq): (usize, u64), mut chatter: impl FnMut(&mut World)) -> usize {
    let mut losses = 0;
    for _ in 0..100 {
        world.core.expire(world.now);
        world.core.outbox.take(&mut Vec::new());
        world.core.admit(world.now);
        world.heed();
        if world.core.is_written(slot, seq) {
            return losses;
        }
        chatter(world);
        if world.core.reply_due().is_some_and(|at| at <= world.now) {
            losses += 1;
            world.core.lose(u64::MAX, &Error::new(Cause::Shutdown, Delivery::MaybeSent), InFlight::Fail, world.now);
            world.core.opening();
            world.core.opened(Opened::Fresh, world.now);
        } else {
            world.now = world.core.next_timer().unwrap().clamp(world.now + MS, world.now + 2 * MS);
        }
    }
    panic!("it is never written");
}

#[test]
fn a_window_of_commands_that_were_given_up_becomes_free() {
    let ways: Vec<_> = WAYS.iter().flat_map(|&way| OWN.map(|own| (way, own))).collect();
    assert_eq!(ways.len(), 18);
    for matching in [Matching::ById, Matching::InOrder, Matching::ByName] {
        for index in 0..ways.len().pow(3) {
            let mixture = [1, 18, 18 * 18].map(|place| ways[index / place % 18]);
            let mut world = opened(matching);
            let begun = world.now;
            let mut calls: Vec<_> = (0..).zip(mixture).map(|(name, way)| give_up(&mut world, way, name)).collect();
            assert_eq!(world.core.pending.commands(), 3);
            let mut call = world.call(Kind::One, 9);
            let seq = call.seq;
            call.deadline = Some(begun + 1000 * MS);
            let Ok(slot) = world.core.submit(call, world.now) else { panic!("it was not let in") };
            assert!(!world.core.is_written(slot, seq), "the window is full");
            let losses = until_written(&mut world, (slot, seq), |_| {});
            calls.push((slot, seq));
            let took = world.now - begun;
            assert!(took <= LIMIT * MS + 35 * MS + 2 * MS, "{matching:?} {mixture:?}: {took:?}");
            assert_eq!(losses, usize::from(matching != Matching::ById), "{matching:?} {mixture:?}");
            calls.into_iter().for_each(|(slot, seq)| world.core.release(slot, seq, world.now));
            world.end();
        }
    }
}

/// A server that speaks all the time hides neither what it leaves unanswered nor the stream that no caller reads.
#[test]
fn replies_to_others_do_not_keep_a_place() {
    for matching in [Matching::ById, Matching::InOrder, Matching::ByName] {
        let mut world = opened(matching);
        let begun = world.now;
        let mut stream = world.call(Kind::UntilLast, 8);
        stream.expect.reply_timeout = Some(Duration::MAX);
        let (talking, key) = (stream.seq, stream.expect.key);
        let Ok(talker) = world.core.submit(stream, world.now) else { panic!("it was not let in") };
        if matching == Matching::InOrder {
            world.core.release(talker, talking, world.now);
        }
        for name in 0..2 {
            give_up(&mut world, (Way::IsDropped, None), name);
        }
        let call = world.call(Kind::One, 9);
        let seq = call.seq;
        let Ok(slot) = world.core.submit(call, world.now) else { panic!("it was not let in") };
        let losses = until_written(&mut world, (slot, seq), |world| {
            world.core.settle(&world.toy, (&key, Part::Next, talking), world.now).unwrap();
            if matching != Matching::InOrder {
                let cx = Context::from_waker(Waker::noop());
                assert!(matches!(world.core.poll_next(talker, &cx), Poll::Ready(Some(Ok(_)))));
            }
        });
        assert!(world.now - begun <= REPLY + 2 * MS, "{matching:?}");
        assert_eq!(losses, usize::from(matching != Matching::ById));
        for (slot, seq) in [(talker, talking), (slot, seq)] {
            world.core.release(slot, seq, world.now);
        }
        world.end();
    }
}

#[test]
fn a_late_reply_to_a_freed_id_is_ignored_and_the_id_can_be_used_again() {
    let cx = Context::from_waker(Waker::noop());
    let mut world = opened(Matching::ById);
    let call = world.call(Kind::One, 0);
    let (seq, key) = (call.seq, call.expect.key);
    let Ok(slot) = world.core.submit(call, world.now) else { panic!("it was not let in") };
    world.core.release(slot, seq, world.now);
    for is_free in [false, true] {
        if is_free {
            world.now += REPLY;
            world.core.expire(world.now);
            assert_eq!((world.core.pending.commands(), world.core.slots.len()), (0, 0));
            assert!(world.core.settle(&world.toy, (&key, Part::Last, seq), world.now).is_ok());
        }
        let mut again = world.call(Kind::One, 0);
        let seq = again.seq;
        again.expect.key = key;
        let Ok(slot) = world.core.submit(again, world.now) else { panic!("it was not let in") };
        match world.core.poll_reply(slot, &cx) {
            Poll::Ready(Err(error)) => assert!(!is_free && error.is_invalid_request(), "{error}"),
            Poll::Ready(Ok(_)) => panic!("another's answer"),
            Poll::Pending => {
                assert!(is_free);
                world.core.release(slot, seq, world.now);
            }
        }
    }
    world.end();
}

#[test]
fn a_resent_call_whose_id_is_taken_was_maybe_sent() {
    let cx = Context::from_waker(Waker::noop());
    let mut world = opened(Matching::ById);
    let call = world.call(Kind::One, 0);
    let key = call.expect.key;
    let Ok(slot) = world.core.submit(call, world.now) else { panic!("it was not let in") };
    let lost = Error::new(Cause::Shutdown, Delivery::MaybeSent);
    world.core.lose(u64::MAX, &lost, InFlight::Hold(Duration::MAX), world.now);
    world.core.opening();
    let mut handshake = world.call(Kind::Handshake, 0);
    handshake.expect.key = key;
    assert!(world.core.submit(handshake, world.now).is_ok());
    world.core.opened(Opened::Resumed, world.now);
    let Poll::Ready(Err(error)) = world.core.poll_reply(slot, &cx) else { panic!("it was sent") };
    assert!(error.is_invalid_request() && error.delivery() == Delivery::MaybeSent, "{error:?}");
}

proptest! {
    /// The silence of the server during one long command is excused as long as that command may take.
    #[test]
    fn a_long_command_excuses_silence_until_its_own_time_limit(
        own in prop_oneof![Just(Duration::MAX), (1..100_u32).prop_map(|ms| ms * MS)],
        limit in proptest::option::of(1..100_u32),
        drops in any::<bool>(),
    ) {
        let mut world = opened(Matching::InOrder);
        let begun = world.now;
        let mut save = world.call(Kind::One, 0);
        save.expect.reply_timeout = Some(own);
        save.deadline = limit.map(|ms| begun + ms * MS);
        let seq = save.seq;
        let Ok(slot) = world.core.submit(save, begun) else { panic!("it was not let in") };
        world.core.outbox.take(&mut Vec::new());
        let mut excused = begun + own.min(100_000 * MS);
        if let Some(ms) = limit {
            excused = excused.min(begun + REPLY.max(ms * MS));
        } else if drops {
            // No caller waits any more, and no caller said how long it may take.
            excused = excused.min(begun + REPLY);
        }
        if drops {
            world.core.release(slot, seq, begun);
        }
        let mut lost = begun;
        for _ in 0..2000 {
            world.now = lost;
            world.core.expire(lost);
            if world.core.reply_due().is_none_or(|at| at <= lost) {
                break;
            }
            lost += MS;
        }
        if excused <= begun + 1000 * MS {
            prop_assert_eq!(lost, excused);
            let ping = world.core.excused_until();
            prop_assert!(ping.is_none_or(|at| at <= lost), "a ping is excused for longer");
        } else {
            prop_assert_eq!(lost, begun + 2000 * MS);
        }
    }
}

#[test]
fn every_wait_of_a_handshake_is_woken() {
    let mut world = World::new(Matching::ById);
    world.core.opening();
    let bells: [Arc<super::world::Bell>; 3] = Default::default();
    for bell in &bells {
        let waker = Waker::from(Arc::clone(bell));
        // Polling twice needs one waker only.
        for _ in 0..2 {
            assert!(world.core.poll_greeting(&Context::from_waker(&waker)).is_pending());
        }
    }
    assert_eq!(world.core.greeted.len(), 3);
    world.core.greet(1, 1).unwrap();
    world.heed();
    assert!(bells.iter().all(|bell| bell.take()));
    world.core.lose(0, &Error::new(Cause::Shutdown, Delivery::NotSent), InFlight::Fail, world.now);
}

#[test]
fn a_command_has_left_when_the_socket_takes_its_first_byte() {
    let mut world = opened(Matching::ById);
    let mut sent = [Kind::NoReply, Kind::UntilLast].map(|kind| {
        let mut call = world.call(kind, 0);
        (call.waiter, call.bound) = (Waiter::Gone, true);
        let seq = call.seq;
        (world.core.enter(call, world.now).unwrap(), seq)
    });
    for (taken, left) in [(0, [false, false]), (FRAME, [true, false]), (FRAME + 1, [true, true])] {
        world.core.taken(taken as u64);
        assert_eq!(sent.map(|(slot, seq)| world.core.has_left(slot, seq)), left);
    }
    sent.reverse();
    world.now += REPLY;
    world.core.expire(world.now);
    assert!(sent.iter().all(|&(slot, seq)| world.core.has_left(slot, seq)));
    assert_eq!(world.core.slots.len(), 0);
}
