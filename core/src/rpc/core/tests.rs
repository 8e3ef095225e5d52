//! The core between made-up callers and a made-up server, in any order of events.

mod room;
mod silence;
mod world;

use super::*;
use crate::rpc::{Backlog, InFlight, Matching, Opened, Part};
use proptest::collection::vec;
use proptest::prelude::*;
use world::{Kind, MS, Step, World};

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        6 => Just(Kind::One),
        2 => (2..4_usize).prop_map(Kind::Several),
        1 => Just(Kind::UntilLast),
        2 => Just(Kind::OneWay),
        2 => Just(Kind::NoReply),
    ];
    let after = prop_oneof![Just(InFlight::Fail), Just(InFlight::Hold(30 * MS)), Just(InFlight::Hold(Duration::MAX))];
    prop_oneof![
        12 => (kind, proptest::option::of(1..60_u32), 0..3_u8, 0..60_usize)
            .prop_map(|(kind, limit, name, reply_bytes)| Step::Submit { kind, limit, name, reply_bytes }),
        3 => any::<usize>().prop_map(Step::Cancel),
        8 => (1..60_usize).prop_map(Step::Write),
        10 => (any::<usize>(), any::<bool>(), any::<bool>())
            .prop_map(|(which, last, fails)| Step::Reply { which, last, fails }),
        2 => Just(Step::Nonsense),
        2 => after.prop_map(Step::Lose),
        6 => any::<bool>().prop_map(|handshake| Step::Opening { handshake }),
        6 => prop_oneof![Just(Opened::Fresh), Just(Opened::Resumed)].prop_map(Step::Opened),
        3 => (1..25_u32).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Every caller gets exactly one outcome, which agrees with what the server saw; limits hold; nothing is left over.
    #[test]
    fn whatever_happens_every_call_ends_once_and_truly(
        matching in prop_oneof![Just(Matching::ById), Just(Matching::InOrder), Just(Matching::ByName)],
        rate in proptest::option::of((1..4_u32, 1..30_u32).prop_map(|(n, ms)| RateLimit::new(n, ms * MS))),
        steps in vec(step(), 1..150),
    ) {
        let mut world = World::with_rate(matching, rate);
        for step in steps {
            world.take(step);
            world.settle_down();
        }
        world.end();
    }
}

fn opened(matching: Matching) -> World {
    let mut world = World::new(matching);
    world.take(Step::Opening { handshake: false });
    world.take(Step::Opened(Opened::Fresh));
    world
}

fn submit(kind: Kind, reply_bytes: usize) -> Step {
    Step::Submit { kind, limit: None, name: 0, reply_bytes }
}

#[test]
fn a_place_at_the_head_of_the_queue_that_is_given_up_goes_to_the_next() {
    let mut world = opened(Matching::InOrder);
    world.take(submit(Kind::One, 50));
    // Too large next to the first; the third would fit and waits behind it.
    world.take(submit(Kind::One, 90));
    world.take(submit(Kind::One, 10));
    world.settle_down();
    world.write(usize::MAX);
    assert_eq!(world.core.pending.commands(), 1);
    world.cancel(1);
    assert!(world.core.has_work(0, false), "the connection's task would sleep");
    world.settle_down();
    assert_eq!(world.core.pending.commands(), 2);
    world.end();
}

#[test]
fn the_last_reply_of_a_shutdown_is_work_at_once() {
    let mut world = opened(Matching::InOrder);
    world.take(submit(Kind::One, 0));
    world.settle_down();
    world.write(usize::MAX);
    world.core.closing = Some(world.now + 1000 * MS);
    assert!(!world.core.has_work(world.taken(), false));
    world.take(Step::Reply { which: 0, last: true, fails: false });
    assert!(world.core.has_work(world.taken(), false), "the connection's task would sleep until the limit");
    world.end();
}

#[test]
fn a_command_without_a_reply_is_done_with_its_last_byte() {
    let mut world = opened(Matching::ById);
    world.take(submit(Kind::NoReply, 0));
    world.settle_down();
    world.write(world::FRAME - 1);
    assert!(!world.core.has_work(world.taken(), true));
    assert_eq!(world.outcomes(), 0);
    world.write(1);
    assert!(world.core.has_work(world.taken(), true), "the caller would never be woken");
    world.settle_down();
    assert_eq!(world.outcomes(), 1);
    world.end();
}

#[test]
fn held_calls_without_a_turn_are_not_sent_in_a_fresh_session() {
    let mut world = opened(Matching::InOrder);
    for _ in 0..2 {
        world.take(submit(Kind::One, 50));
    }
    world.settle_down();
    world.write(usize::MAX);
    world.take(Step::Lose(InFlight::Hold(Duration::MAX)));
    // A handshake call that is still on the wire fills the window: none of the two is written again.
    world.core.window.reply_bytes = 0;
    world.take(Step::Opening { handshake: true });
    world.take(Step::Opened(Opened::Resumed));
    world.settle_down();
    world.take(Step::Lose(InFlight::Hold(Duration::MAX)));
    assert_eq!(world.outcomes(), 1, "only the handshake's call has ended");
    world.take(Step::Opening { handshake: false });
    world.take(Step::Opened(Opened::Fresh));
    world.poll();
    assert_eq!(world.outcomes(), 3, "a fresh session ends those that were held");
    world.end();
}

#[test]
fn an_id_that_is_on_the_wire_is_refused_unsent() {
    let mut world = opened(Matching::ById);
    world.take(submit(Kind::One, 0));
    world.settle_down();
    let mut call = world.call(Kind::One, 0);
    call.expect.key = world.key_of(0);
    let Ok(slot) = world.core.submit(call, world.now) else { panic!("it was not let in") };
    let before = world.core.outbox.end();
    let result = world.core.poll_reply(slot, &std::task::Context::from_waker(std::task::Waker::noop()));
    let std::task::Poll::Ready(Err(error)) = result else { panic!("it is still waiting") };
    assert!(error.is_invalid_request(), "{error}");
    assert_eq!((error.delivery(), world.core.outbox.end()), (Delivery::NotSent, before));
    world.end();
}

#[test]
fn a_stream_that_is_behind_holds_the_reader_until_it_is_drained_or_gone() {
    let cx = std::task::Context::from_waker(std::task::Waker::noop());
    for leaves in [false, true] {
        let mut world = opened(Matching::InOrder);
        let mut call = world.call(Kind::UntilLast, 0);
        call.waiter = Waiter::stream(Backlog::HoldReader, 10 * MS, false);
        call.deadline = Some(world.now + 10 * MS);
        let (seq, key) = (call.seq, call.expect.key);
        let Ok(slot) = world.core.submit(call, world.now) else { panic!("it was not let in") };
        for replies in 1..=4 {
            let settled = world.core.settle(&world.toy, (&key, Part::Next, seq), world.now);
            // What was read together with the last that had room is taken in.
            assert!(settled.is_ok());
            assert_eq!(world.core.holds_reader(), replies >= 2);
        }
        assert_eq!(world.core.reply_due(), None, "nothing is read, and the server is blamed");
        assert!(!world.core.may_go_on());
        // Its time does not run either.
        world.now += 1000 * MS;
        world.core.expire(world.now);
        world.core.outbox.take(&mut Vec::new());
        assert!(!world.core.has_work(u64::MAX, false) && world.core.next_timer().is_some_and(|at| at > world.now));

        world.core.sleep(std::task::Waker::noop(), None);
        world.heed();
        if leaves {
            world.core.release(slot, seq, world.now);
        } else {
            for left in [3, 2, 1] {
                assert!(world.core.effects.driver.is_none() && world.core.holds_reader(), "{left} are left");
                assert!(world.core.poll_next(slot, &cx).is_ready());
            }
        }
        assert!(world.core.effects.driver.is_some(), "the connection's task is not woken");
        assert!(world.core.has_work(u64::MAX, true), "the connection's task would sleep");
        world.core.expire(world.now);
        assert!(!world.core.holds_reader());
        assert!(world.core.reply_due().is_some_and(|at| at > world.now), "the timeout counts from here");
        world.core.release(slot, seq, world.now);
        world.end();
    }
}

#[test]
fn a_loss_ends_the_wait_for_a_consumer() {
    let mut world = opened(Matching::ById);
    let mut call = world.call(Kind::UntilLast, 0);
    call.waiter = Waiter::stream(Backlog::HoldReader, Duration::MAX, false);
    let (seq, key) = (call.seq, call.expect.key);
    let Ok(slot) = world.core.submit(call, world.now) else { panic!("it was not let in") };
    for _ in 0..2 {
        assert!(world.core.settle(&world.toy, (&key, Part::Next, seq), world.now).is_ok());
    }
    assert!(world.core.holds_reader());
    world.take(Step::Lose(InFlight::Fail));
    assert!(!world.core.holds_reader());
    world.core.release(slot, seq, world.now);
    world.end();
}
