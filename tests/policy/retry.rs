//! Which failed commands are sent again.

use proptest::prelude::*;
use statuswire::error::{CloseFrame, DecodeFailure, HttpFailure, Overflow, Phase, ProtocolViolation, ServerStatus};
use statuswire::policy::{Backoff, Repeat, Retry};
use statuswire::{Cause, Delivery, Error};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const DELIVERIES: [Delivery; 3] = [Delivery::NotSent, Delivery::MaybeSent, Delivery::Answered];

fn io() -> Cause {
    Cause::transport(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
}

fn http(status: u16) -> Cause {
    Cause::Http(Box::new(HttpFailure::new(http::StatusCode::from_u16(status).unwrap(), "")))
}

fn again(error: &Error, repeat: Repeat) -> bool {
    Retry::default().decide(error, repeat, 1, MINUTE, 0).is_some()
}

#[test]
fn a_lost_connection_is_retried_as_delivery_and_command_allow() {
    let causes = || [io(), Cause::Closed(CloseFrame::new(1001, "")), Cause::Protocol(ProtocolViolation("x".into()))];
    for cause in causes().into_iter().chain([Cause::Timeout(Phase::Connect), Cause::Timeout(Phase::Idle)]) {
        for (delivery, repeat, expected) in [
            (Delivery::NotSent, Repeat::Safe, true),
            (Delivery::NotSent, Repeat::Unsafe, true),
            (Delivery::MaybeSent, Repeat::Safe, true),
            (Delivery::MaybeSent, Repeat::Unsafe, false),
        ] {
            let error = Error::new(cause.clone(), delivery);
            assert_eq!(again(&error, repeat), expected, "{error:?} {repeat:?}");
        }
    }
}

#[test]
fn refusals_and_shutdown_are_final() {
    for delivery in DELIVERIES {
        let refused =
            Error::new(Error::invalid_request("no").cause().clone(), delivery).with_retry_after(Duration::ZERO);
        assert!(!again(&refused, Repeat::Safe));
        assert!(!again(&Error::new(Cause::Shutdown, delivery).with_retry_after(Duration::ZERO), Repeat::Safe));
    }
}

#[test]
fn an_answer_is_retried_only_if_the_server_asks_to_wait() {
    let answered = |cause| Error::new(cause, Delivery::Answered);
    let status = || Cause::Status(Box::new(ServerStatus::new()));
    assert!(!again(&answered(status()), Repeat::Safe));
    assert!(again(&answered(status()).with_retry_after(Duration::from_secs(1)), Repeat::Safe));
    assert!(!again(&answered(status()).with_retry_after(Duration::from_secs(1)), Repeat::Unsafe));
    assert!(again(&answered(http(503)), Repeat::Safe));
    assert!(!again(&answered(http(503)), Repeat::Unsafe));
    assert!(!again(&answered(http(404)), Repeat::Safe));
    assert!(!again(&answered(Cause::Decode(Box::new(DecodeFailure::new("", "", "")))), Repeat::Safe));
}

#[test]
fn a_refused_upgrade_is_retried_if_waiting_helps() {
    assert!(again(&Error::new(http(429), Delivery::NotSent), Repeat::Unsafe));
    assert!(!again(&Error::new(http(403), Delivery::NotSent), Repeat::Unsafe));
    assert!(!again(&Error::new(Cause::Overflow(Overflow::new(1)), Delivery::MaybeSent), Repeat::Safe));
}

#[test]
fn attempts_are_counted() {
    let error = Error::new(io(), Delivery::NotSent);
    let sent_again = |attempts| {
        let retry = Retry::default().with_attempts(attempts);
        (1..10).filter(|&attempt| retry.decide(&error, Repeat::Safe, attempt, MINUTE, 0).is_some()).count()
    };
    assert_eq!([0, 1, 2, 3, 8].map(sent_again), [0, 0, 1, 2, 7]);
    assert!(Retry::never().decide(&error, Repeat::Safe, 1, MINUTE, 0).is_none());
}

#[test]
fn waits_as_the_backoff_says_and_as_the_server_asks() {
    let retry = Retry::default().with_attempts(9);
    let error = Error::new(io(), Delivery::NotSent);
    let wait = |attempt| retry.decide(&error, Repeat::Safe, attempt, MINUTE, u64::MAX).map(|wait| wait.as_millis());
    assert_eq!([1, 2, 3].map(wait), [Some(100), Some(200), Some(400)]);

    let asked = error.clone().with_retry_after(Duration::from_secs(5));
    assert_eq!(retry.decide(&asked, Repeat::Safe, 3, MINUTE, 0), Some(Duration::from_secs(5)));
    // Zero, or a date in the past, asks for no wait: the backoff stays.
    let asked = error.clone().with_retry_after(Duration::ZERO);
    let delay = retry.decide(&asked, Repeat::Safe, 3, MINUTE, u64::MAX);
    assert_eq!(delay, Some(Duration::from_millis(400)));
    // A day is more than the policy allows.
    let asked = error.with_retry_after(MINUTE * 1440);
    assert_eq!(retry.decide(&asked, Repeat::Safe, 3, Duration::MAX, 0), Some(MINUTE * 5));
}

#[test]
fn a_wait_beyond_the_limit_of_the_call_is_not_begun() {
    let error = Error::new(io(), Delivery::NotSent).with_retry_after(Duration::from_secs(60));
    assert_eq!(Retry::default().decide(&error, Repeat::Safe, 1, MINUTE, 0), None);
    assert!(Retry::default().decide(&error, Repeat::Safe, 1, MINUTE + Duration::from_nanos(1), 0).is_some());
    let at_once = Retry::default().with_backoff(Backoff::default().with_base(Duration::ZERO));
    let error = Error::new(Cause::Timeout(Phase::Queue), Delivery::NotSent);
    assert_eq!(at_once.decide(&error, Repeat::Safe, 1, Duration::ZERO, 0), None);
}

proptest! {
    #[test]
    fn never_beyond_its_bounds(
        delivery in prop::sample::select(DELIVERIES.to_vec()),
        safe: bool,
        attempts: u32,
        attempt: u32,
        left in prop::option::of(0_u64..100),
        hint in prop::option::of(any::<u64>()),
        random: u64,
    ) {
        let retry = Retry::default().with_attempts(attempts);
        let left = left.map_or(Duration::MAX, Duration::from_secs);
        let mut error = Error::new(io(), delivery);
        if let Some(hint) = hint {
            error = error.with_retry_after(Duration::from_secs(hint));
        }
        let repeat = if safe { Repeat::Safe } else { Repeat::Unsafe };
        if let Some(wait) = retry.decide(&error, repeat, attempt, left, random) {
            prop_assert!(wait < left && attempt < attempts);
            prop_assert!(safe || delivery == Delivery::NotSent);
            prop_assert!(wait >= error.retry_after().unwrap_or_default().min(retry.backoff.hint_cap));
            prop_assert!(wait <= retry.backoff.hint_cap + retry.backoff.base);
        }
    }
}
