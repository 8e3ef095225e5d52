//! Backoff stays within its bounds whatever it is given, and resets only after proven health.

use proptest::prelude::*;
use statuswire::policy::{Attempts, Backoff, Reconnecting};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        Just(Duration::MAX),
        (0_u64..100, 0_u32..1_000_000_000).prop_map(|(secs, nanos)| Duration::new(secs, nanos)),
        (any::<u64>(), 0_u32..1_000_000_000).prop_map(|(secs, nanos)| Duration::new(secs, nanos)),
    ]
}

fn any_attempt() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..70, any::<u32>(), Just(u32::MAX - 1)]
}

/// Also not-a-number, infinities, zero and negative factors.
fn any_backoff() -> impl Strategy<Value = Backoff> {
    let factor = prop_oneof![1.0..10.0_f64, proptest::num::f64::ANY, Just(f64::NAN), Just(f64::INFINITY)];
    (any_duration(), factor, any_duration())
        .prop_map(|(base, factor, cap)| Backoff::default().with_base(base).with_factor(factor).with_cap(cap))
}

proptest! {
    #[test]
    fn jitter_stays_between_zero_and_the_longest(backoff in any_backoff(), attempt in any_attempt(), random: u64) {
        let longest = backoff.longest(attempt);
        prop_assert!(longest <= backoff.cap);
        prop_assert!(backoff.delay(attempt, random) <= longest);
        prop_assert_eq!(backoff.delay(attempt, 0), Duration::ZERO);
        prop_assert_eq!(backoff.delay(attempt, u64::MAX), longest);
    }

    #[test]
    fn the_longest_wait_never_shrinks(backoff in any_backoff(), attempt in any_attempt()) {
        prop_assert!(backoff.longest(attempt) <= backoff.longest(attempt.saturating_add(1)));
    }

    #[test]
    fn larger_random_numbers_wait_longer(backoff in any_backoff(), attempt in any_attempt(), a: u64, b: u64) {
        prop_assert!(backoff.delay(attempt, a.min(b)) <= backoff.delay(attempt, a.max(b)));
    }

    #[test]
    fn a_hint_is_never_undercut_but_limited(
        backoff in any_backoff(),
        hint_cap in any_duration(),
        attempt in any_attempt(),
        hint in any_duration(),
        random: u64,
    ) {
        let backoff = backoff.with_hint_cap(hint_cap);
        let without = backoff.delay(attempt, random);
        let delay = backoff.delay_after(Some(hint), attempt, random);
        prop_assert!(delay >= hint.min(hint_cap));
        prop_assert!(delay >= without, "a hint replaced the backoff");
        prop_assert!(delay <= hint.min(hint_cap).saturating_add(backoff.longest(0)).max(without));
        prop_assert_eq!(backoff.delay_after(None, attempt, random), without);
        prop_assert_eq!(backoff.delay_after(Some(Duration::ZERO), attempt, random), without);
    }

    /// Against a model: the count is the number of failures since the last connection that lived long enough.
    #[test]
    fn only_proven_health_resets_the_count(events in prop::collection::vec((0_u8..3, 0_u32..20), 0..60)) {
        let backoff = Backoff::default();
        let mut reconnecting = Attempts::new(Reconnecting::default());
        let (mut now, mut since, mut failures) = (Instant::now(), None, 0_u32);
        for (event, seconds) in events {
            now += SECOND * seconds;
            match event {
                0 => {
                    reconnecting.on_connected(now);
                    since = Some(now);
                }
                1 => {
                    reconnecting.on_lost(now);
                    if since.take().is_some_and(|since| now - since >= Reconnecting::default().healthy_after) {
                        failures = 0;
                    }
                }
                _ => {
                    prop_assert_eq!(reconnecting.on_failure(None, u64::MAX), backoff.longest(failures));
                    failures += 1;
                }
            }
            prop_assert_eq!(reconnecting.failures(), failures);
        }
    }
}

#[test]
fn doubles_up_to_the_cap() {
    let backoff = Backoff::default();
    let longest: Vec<_> = (0..11).map(|attempt| backoff.longest(attempt).as_millis()).collect();
    assert_eq!(longest, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
    assert_eq!(backoff.longest(u32::MAX), backoff.cap);
}

#[test]
fn a_factor_below_one_or_not_a_number_keeps_the_base() {
    for factor in [f64::NAN, f64::NEG_INFINITY, -2.0, 0.0, 0.5, 1.0] {
        assert_eq!(Backoff::default().with_factor(factor).longest(u32::MAX), Duration::from_millis(100), "{factor}");
    }
}

#[test]
fn nothing_grows_from_zero() {
    assert_eq!(Backoff::default().with_base(Duration::ZERO).longest(u32::MAX), Duration::ZERO);
}

#[test]
fn a_flapping_server_is_left_alone_for_longer_and_longer() {
    let mut now = Instant::now();
    let mut reconnecting = Attempts::new(Reconnecting::default());
    let mut waits = Vec::new();
    for life in [1, 9, 1, 10, 1] {
        reconnecting.on_connected(now);
        now += SECOND * life;
        reconnecting.on_lost(now);
        waits.push(reconnecting.on_failure(None, u64::MAX).as_millis());
    }
    // The fourth connection lived for ten seconds, which proves health.
    assert_eq!(waits, [100, 200, 400, 100, 200]);
}

#[test]
fn a_clock_that_goes_back_proves_no_health() {
    let now = Instant::now() + SECOND * 100;
    let mut reconnecting = Attempts::new(Reconnecting::default());
    reconnecting.on_failure(None, 0);
    reconnecting.on_connected(now);
    reconnecting.on_lost(now - SECOND * 50);
    assert_eq!(reconnecting.failures(), 1);
}

#[test]
fn a_wait_of_a_day_is_one_of_five_minutes() {
    let day = Some(SECOND * 86_400);
    let mut reconnecting = Attempts::new(Reconnecting::default());
    assert_eq!(reconnecting.on_failure(day, 0), SECOND * 300);
    let patient = Backoff::default().with_hint_cap(Duration::MAX);
    let mut reconnecting = Attempts::new(Reconnecting::default().with_backoff(patient));
    assert_eq!(reconnecting.on_failure(day, 0), SECOND * 86_400);
}

#[test]
fn a_wait_that_the_protocol_decides_on_is_kept_within_the_policy() {
    let mut reconnecting = Attempts::new(Reconnecting::default());
    let waits = [0, 0, 86_400, 7].map(|wait| reconnecting.on_failure_after(SECOND * wait, u64::MAX).as_millis());
    assert_eq!(waits, [100, 200, 300_000, 7000]);
    assert_eq!(reconnecting.failures(), 4);
}

#[test]
fn a_wait_of_zero_does_not_stop_the_backoff() {
    let mut reconnecting = Attempts::new(Reconnecting::default());
    let waits = [(); 4].map(|()| reconnecting.on_failure(Some(Duration::ZERO), u64::MAX).as_millis());
    assert_eq!(waits, [100, 200, 400, 800]);
}

#[test]
fn the_hint_counts_as_a_failure_too() {
    let mut reconnecting = Attempts::new(Reconnecting::default());
    assert_eq!(reconnecting.on_failure(Some(SECOND * 37), 0), SECOND * 37);
    assert_eq!(reconnecting.on_failure(None, u64::MAX), Duration::from_millis(200));
}
