//! No span of a rate limit's length ever holds more actions than it allows, and no action waits longer than needed.

use proptest::collection::vec;
use proptest::prelude::*;
use statuswire::policy::{RateLimit, TokenBucket};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
const MS: Duration = Duration::from_millis(1);

#[derive(Clone, Copy, Debug)]
enum Step {
    Pass(u32),
    Take,
    TakeAnyway,
    Reserve,
    /// Waits for the next token and takes it.
    Wait,
}

fn steps(anyway: u32) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..40_u32).prop_map(Step::Pass),
        1 => (0..400_u32).prop_map(Step::Pass),
        12 => Just(Step::Take),
        anyway => Just(Step::TakeAnyway),
        1 => Just(Step::Reserve),
        2 => Just(Step::Wait),
    ];
    vec(step, 1..300)
}

/// Most actions in a span of this length, its end excluded; they are given in order.
fn most_within(span: Duration, actions: &[Instant]) -> usize {
    let mut first = 0;
    let within = actions.iter().enumerate().map(|(at, action)| {
        while actions[first] + span <= *action {
            first += 1;
        }
        at + 1 - first
    });
    within.max().unwrap_or(0)
}

proptest! {
    #[test]
    fn no_span_holds_more_than_allowed(actions in 1..6_u32, per in 1..200_u32, steps in steps(0)) {
        let per = per * MS;
        let mut bucket = TokenBucket::new(RateLimit::new(actions, per));
        let mut now = Instant::now();
        let mut done = Vec::new();
        for step in steps {
            match step {
                Step::Pass(ms) => now += ms * MS,
                Step::TakeAnyway => {}
                Step::Reserve => done.push(bucket.reserve(now)),
                Step::Take => {
                    // `take` succeeds while there are tokens, and an empty bucket has a reason.
                    let left = bucket.left(now);
                    match bucket.take(now) {
                        Ok(()) => {
                            prop_assert!(left > 0);
                            done.push(now);
                        }
                        Err(next) => {
                            prop_assert!(left == 0 && next > now);
                            let mut more = done.clone();
                            more.push(next - Duration::from_nanos(1));
                            more.sort_unstable();
                            prop_assert!(most_within(per, &more) > actions as usize, "it could have gone earlier");
                        }
                    }
                }
                Step::Wait => {
                    now = bucket.next(now);
                    prop_assert_eq!(bucket.take(now), Ok(()));
                    done.push(now);
                }
            }
        }
        done.sort_unstable();
        prop_assert!(most_within(per, &done) <= actions as usize);
    }

    /// Who does not ask makes the others wait: `take` succeeds only where the limit is kept with all that was done.
    #[test]
    fn debts_are_paid_by_those_who_ask(actions in 1..6_u32, per in 1..200_u32, steps in steps(4)) {
        let per = per * MS;
        let mut bucket = TokenBucket::new(RateLimit::new(actions, per));
        let mut now = Instant::now();
        let mut done: Vec<Instant> = Vec::new();
        for step in steps {
            let asked = match step {
                Step::Pass(ms) => {
                    now += ms * MS;
                    continue;
                }
                Step::TakeAnyway => {
                    bucket.take_anyway(now);
                    false
                }
                Step::Take => match bucket.take(now) {
                    Ok(()) => true,
                    Err(_) => continue,
                },
                Step::Wait | Step::Reserve => {
                    now = bucket.reserve(now);
                    true
                }
            };
            done.push(now);
            let recent = done.iter().filter(|it| **it + per > now).count();
            prop_assert!(!asked || recent <= actions as usize);
        }
    }

    /// Tokens of large buckets come back in groups, never too early.
    #[test]
    fn large_buckets_keep_the_limit_too(pauses in vec(0..3000_u64, 1..9000)) {
        let (actions, per) = (1500, SECOND);
        let mut bucket = TokenBucket::new(RateLimit::new(actions, per));
        let mut now = Instant::now();
        let mut done = Vec::new();
        for micros in pauses {
            now += Duration::from_micros(micros / 10);
            if bucket.take(now).is_ok() {
                done.push(now);
            }
        }
        prop_assert!(most_within(per, &done) <= actions as usize);
    }
}

#[test]
fn a_large_bucket_gives_nearly_all_that_is_allowed() {
    let mut bucket = TokenBucket::new(RateLimit::new(100_000, SECOND));
    let start = Instant::now();
    let mut now = start;
    let mut taken = 0_u32;
    while now < start + 10 * SECOND {
        taken += u32::from(bucket.take(now).is_ok());
        now += Duration::from_micros(4);
    }
    assert!((990_000..=1_000_000).contains(&taken), "{taken}");
    assert_eq!(bucket.left(now + SECOND), 100_000);
}

#[test]
fn limits_at_the_edge_are_limits_still() {
    let now = Instant::now();
    // Nothing at all cannot be meant.
    let mut none = TokenBucket::new(RateLimit::new(0, SECOND));
    assert_eq!((none.left(now), none.take(now), none.take(now)), (1, Ok(()), Err(now + SECOND)));

    let mut forever = TokenBucket::new(RateLimit::new(1, Duration::MAX));
    assert_eq!(forever.take(now), Ok(()));
    assert!(forever.take(now).is_err_and(|next| next > now + 1_000_000 * SECOND));

    let mut no_time = TokenBucket::new(RateLimit::new(1, Duration::ZERO));
    assert!((0..1000).all(|_| no_time.take(now).is_ok()));

    let mut all = TokenBucket::new(RateLimit::new(u32::MAX, SECOND));
    assert_eq!((all.left(now), all.take(now), all.left(now)), (u32::MAX, Ok(()), u32::MAX - 1));
}

#[test]
fn a_clock_that_runs_backwards_gives_nothing_away() {
    let now = Instant::now() + 10 * SECOND;
    let mut bucket = TokenBucket::new(RateLimit::new(2, SECOND));
    assert_eq!(bucket.take(now), Ok(()));
    assert_eq!(bucket.take(now - SECOND), Ok(()));
    assert_eq!(bucket.take(now), Err(now + SECOND));
}

#[test]
fn a_limit_reads_as_people_say_it() {
    assert_eq!(RateLimit::new(60, 60 * SECOND).to_string(), "60 actions in 60s");
    assert_eq!(RateLimit::new(1, 500 * MS).to_string(), "1 action in 500ms");
    let limit = RateLimit::new(1, SECOND).with_actions(7).with_per(9 * SECOND);
    assert_eq!((limit.actions, limit.per), (7, 9 * SECOND));
}
