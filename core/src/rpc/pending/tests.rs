//! The table against a list that is searched from the front.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// An answer with an even key proves one-way commands done.
fn proves(_: &u8, answered: &u8) -> bool {
    answered.is_multiple_of(2)
}

#[derive(Clone, Debug)]
enum Step {
    Insert { key: u8, left: Left, reply_bytes: usize },
    Settle { key: u8, part: Part },
    Drain,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let left = prop_oneof![
        3 => (1..4_u32).prop_map(Left::Count),
        1 => Just(Left::UntilLast),
        2 => Just(Left::OnFailure),
    ];
    let part = prop_oneof![Just(Part::Next), Just(Part::Last)];
    let step = prop_oneof![
        10 => (0..5_u8, left, 0..100_usize)
            .prop_map(|(key, left, reply_bytes)| Step::Insert { key, left, reply_bytes }),
        10 => (0..6_u8, part).prop_map(|(key, part)| Step::Settle { key, part }),
        1 => Just(Step::Drain),
    ];
    vec(step, 1..120)
}

/// What the table must do, said as simply as possible.
struct Model {
    matching: Matching,
    line: Vec<Entry<u8>>,
}

impl Model {
    fn settle(&mut self, got: u8, part: Part, proven: &mut Vec<usize>) -> Match {
        let one_way = |e: &Entry<u8>| e.left == Left::OnFailure;
        let first = |e: &Entry<u8>| match self.matching {
            Matching::InOrder => e.key == got || !one_way(e),
            _ => e.key == got,
        };
        // With ids a waiting command goes before a one-way one.
        let by_id = (self.matching == Matching::ById)
            .then(|| self.line.iter().position(|e| e.key == got && !one_way(e)))
            .flatten();
        let Some(at) = by_id.or_else(|| self.line.iter().position(first)) else { return Match::NoCommand };
        if self.line[at].key != got {
            return Match::OutOfOrder { slot: self.line[at].slot };
        }
        if one_way(&self.line[at]) {
            return Match::OneWayFailure { slot: self.line.remove(at).slot };
        }
        let entry = &mut self.line[at];
        let (slot, start) = (entry.slot, entry.start);
        let done = match &mut entry.left {
            Left::Count(n) => {
                *n -= 1;
                *n == 0 || part == Part::Last
            }
            _ => part == Part::Last,
        };
        if done {
            self.line.remove(at);
            if got.is_multiple_of(2) {
                proven.extend(self.line.iter().filter(|e| one_way(e) && e.start < start).map(|e| e.slot));
                self.line.retain(|e| !(one_way(e) && e.start < start));
            }
        }
        Match::Reply { slot, done }
    }
}

proptest! {
    #[test]
    fn it_does_what_a_plain_list_does(
        matching in prop_oneof![Just(Matching::ById), Just(Matching::InOrder), Just(Matching::ByName)],
        steps in steps(),
    ) {
        let mut table = Pending::new(matching);
        let mut model = Model { matching, line: Vec::new() };
        for (seq, step) in (0_u64..).zip(steps) {
            match step {
                Step::Insert { key, left, reply_bytes } => {
                    // Numbers that rise are not what the order depends on.
                    let entry = || Entry { seq: 1000 - seq, start: seq, slot: seq as usize + 7, key, left, reply_bytes, estimated: false };
                    let taken = matching == Matching::ById
                        && left != Left::OnFailure
                        && model.line.iter().any(|e| e.key == key && e.left != Left::OnFailure);
                    prop_assert_eq!(table.insert(entry()).is_err(), taken);
                    if !taken {
                        model.line.push(entry());
                    }
                }
                Step::Settle { key, part } => {
                    let (mut proven, mut expected) = (Vec::new(), Vec::new());
                    let found = table.settle(&key, part, u8::eq, proves, &mut proven);
                    prop_assert_eq!(found, model.settle(key, part, &mut expected));
                    prop_assert_eq!(proven, expected);
                }
                Step::Drain => {
                    let drained: Vec<_> = table.drain().into_iter().map(|e| e.seq).collect();
                    let expected: Vec<_> = model.line.drain(..).map(|e| e.seq).collect();
                    prop_assert_eq!(drained, expected);
                }
            }
            let (one_way, waiting): (Vec<_>, Vec<_>) = model.line.iter().partition(|e| e.left == Left::OnFailure);
            prop_assert_eq!(table.one_way_count(), one_way.len());
            prop_assert_eq!(table.commands(), waiting.len());
            prop_assert_eq!(table.reply_bytes(), waiting.iter().map(|e| e.reply_bytes).sum::<usize>());
            prop_assert_eq!(table.oldest_one_way(u64::MAX).map(|e| e.seq), one_way.first().map(|e| e.seq));
            let head = waiting.first().filter(|_| matching != Matching::ById);
            prop_assert_eq!(table.oldest().map(|e| e.seq), head.map(|e| e.seq));
        }
    }

    /// Sums beyond what a number can hold neither wrap nor stay when the table is empty.
    #[test]
    fn unbounded_replies_do_not_spoil_the_sum(order in Just((0..8_u8).collect::<Vec<_>>()).prop_shuffle()) {
        let mut table = Pending::new(Matching::ById);
        for key in 0..8 {
            let reply_bytes = if key % 2 == 0 { usize::MAX } else { 10 };
            let entry = Entry { seq: 0, start: u64::from(key), slot: 0, key, left: Left::Count(1), reply_bytes, estimated: false };
            table.insert(entry).unwrap();
            prop_assert_eq!(table.reply_bytes(), usize::MAX);
        }
        for key in order {
            table.settle(&key, Part::Last, u8::eq, proves, &mut Vec::new());
        }
        prop_assert_eq!((table.commands(), table.reply_bytes()), (0, 0));
    }
}
