//! Callers beyond the limit get their slots in the order of their arrival, whoever comes, leaves or is slow to enter.

use super::world::{Bell, Kind, World};
use super::*;
use std::task::{Context, Waker};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A call comes, and waits if there is no slot for it.
    Arrive,
    /// A call in a slot ends.
    End(usize),
    /// A waiting caller is cancelled or its time is over, whether or not a slot is promised to it.
    Leave(usize),
    /// A caller that was woken enters.
    Enter(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => Just(Step::Arrive),
        3 => any::<usize>().prop_map(Step::End),
        1 => any::<usize>().prop_map(Step::Leave),
        3 => any::<usize>().prop_map(Step::Enter),
    ]
}

struct WaitingCaller {
    place: u64,
    bell: Arc<Bell>,
    promised: bool,
}

struct Callers {
    world: World,
    limit: usize,
    inside: Vec<(usize, u64)>,
    /// In the order of their arrival.
    outside: Vec<WaitingCaller>,
}

impl Callers {
    fn new(limit: usize) -> Self {
        let mut world = World::new(Matching::ById);
        world.core.limits.calls = limit;
        Self { world, limit, inside: Vec::new(), outside: Vec::new() }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Arrive => {
                let call = self.world.call(Kind::One, 0);
                let seq = call.seq;
                match self.world.core.submit(call, self.world.now) {
                    Ok(slot) => {
                        assert!(
                            self.outside.iter().all(|it| it.promised),
                            "a newcomer was served before a waiting caller"
                        );
                        self.inside.push((slot, seq));
                    }
                    Err(Rejected::Full(_)) => {
                        let place = self.world.core.take_place();
                        self.outside.push(WaitingCaller { place, bell: Arc::default(), promised: false });
                        self.poll(self.outside.len() - 1);
                    }
                    Err(Rejected::Closed(error)) => panic!("{error}"),
                }
            }
            Step::End(which) if !self.inside.is_empty() => {
                let (slot, seq) = self.inside.remove(which % self.inside.len());
                self.world.core.release(slot, seq, self.world.now);
            }
            Step::Leave(which) if !self.outside.is_empty() => {
                let left = self.outside.remove(which % self.outside.len());
                self.world.core.leave_place(left.place);
            }
            Step::Enter(which) => {
                let woken: Vec<_> = (0..self.outside.len()).filter(|&at| self.outside[at].promised).collect();
                if !woken.is_empty() {
                    let entering = self.outside.remove(woken[which % woken.len()]);
                    self.enter(&entering);
                }
            }
            Step::End(_) | Step::Leave(_) => {}
        }
        self.check();
    }

    fn enter(&mut self, caller: &WaitingCaller) {
        let call = self.world.call(Kind::One, 0);
        let seq = call.seq;
        let entered = self.world.core.enter_from(caller.place, call, self.world.now);
        self.inside.push((entered.unwrap(), seq));
    }

    fn poll(&mut self, at: usize) {
        let caller = &mut self.outside[at];
        let waker = Waker::from(Arc::clone(&caller.bell));
        caller.promised = self.world.core.poll_place(caller.place, &Context::from_waker(&waker)).is_ready();
    }

    fn check(&mut self) {
        self.world.heed();
        for at in 0..self.outside.len() {
            if self.outside[at].bell.take() {
                self.poll(at);
                assert!(self.outside[at].promised, "a caller was woken for nothing");
            }
        }
        let promised = self.outside.iter().filter(|it| it.promised).count();
        assert!(self.outside[..promised].iter().all(|it| it.promised), "a later caller was served first");
        let taken = self.inside.len() + promised;
        assert!(taken <= self.limit);
        assert!(taken == self.limit || promised == self.outside.len(), "a slot is free and a caller waits");
        assert_eq!(self.world.core.room.callers(), self.outside.len());
    }
}

proptest! {
    #[test]
    fn who_waits_is_served_in_order(limit in 1..4_usize, steps in vec(step(), 1..200)) {
        let mut callers = Callers::new(limit);
        for step in steps {
            callers.take(step);
        }
        // A shutdown tells all of them.
        callers.world.core.close_by(callers.world.now);
        callers.world.heed();
        for at in 0..callers.outside.len() {
            callers.poll(at);
            prop_assert!(callers.outside[at].promised);
        }
        for left in callers.outside.drain(..) {
            callers.world.core.leave_place(left.place);
        }
        prop_assert_eq!(callers.world.core.room.callers(), 0);
    }
}

#[test]
fn callers_that_always_come_back_take_turns() {
    let mut callers = Callers::new(3);
    for _ in 0..64 {
        callers.take(Step::Arrive);
    }
    let mut first_places: Vec<u64> = callers.outside.iter().map(|it| it.place).collect();
    // Each that ends comes back before the one that was woken enters.
    for _ in 0..61 {
        callers.take(Step::End(0));
        callers.take(Step::Arrive);
        let place = callers.outside[0].place;
        callers.take(Step::Enter(0));
        first_places.retain(|it| *it != place);
    }
    assert!(first_places.is_empty(), "{} of 61 were never served", first_places.len());
}
