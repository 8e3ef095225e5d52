//! Kind, recovery, delivery and predicates of errors.

use statuswire::codes::{Kind, Recovery};
use statuswire::error::{
    CloseFrame, Context, DecodeFailure, HttpFailure, Overflow, Phase, ProtocolViolation, ServerStatus,
};
use statuswire::{Cause, Delivery, Error};
use std::time::Duration;

fn of(cause: Cause) -> Error {
    Error::new(cause, Delivery::MaybeSent)
}

fn http(status: u16) -> Error {
    of(Cause::Http(Box::new(HttpFailure::new(http::StatusCode::from_u16(status).unwrap(), ""))))
}

fn closed(code: u16) -> Error {
    of(Cause::Closed(CloseFrame::new(code, "")))
}

fn transport() -> Error {
    of(Cause::transport(std::io::Error::other("reset")))
}

#[test]
fn one_word_wide_and_portable() {
    fn portable<T: std::error::Error + Send + Sync + Clone + 'static>() {}
    portable::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Error>>(), size_of::<usize>());
}

#[test]
fn causes_without_a_code_have_a_kind_and_a_recovery() {
    let unreadable = Cause::Decode(Box::new(DecodeFailure::new("", "", "")));
    for (error, kind, recovery) in [
        (of(Cause::Status(Box::new(ServerStatus::new()))), Kind::Unknown, Recovery::AskOperator),
        (transport(), Kind::Unavailable, Recovery::Reconnect),
        (of(Cause::Timeout(Phase::Connect)), Kind::DeadlineExceeded, Recovery::Reconnect),
        (of(Cause::Timeout(Phase::Handshake)), Kind::DeadlineExceeded, Recovery::Reconnect),
        (of(Cause::Timeout(Phase::Queue)), Kind::DeadlineExceeded, Recovery::Wait),
        (of(Cause::Timeout(Phase::Reply)), Kind::DeadlineExceeded, Recovery::Wait),
        (of(Cause::Timeout(Phase::Idle)), Kind::DeadlineExceeded, Recovery::Reconnect),
        (of(Cause::Timeout(Phase::Runtime)), Kind::DeadlineExceeded, Recovery::Correct),
        (of(unreadable), Kind::Internal, Recovery::AskOperator),
        (of(Cause::Protocol(ProtocolViolation::new(""))), Kind::Internal, Recovery::Reconnect),
        (Error::invalid_request("x"), Kind::InvalidArgument, Recovery::Correct),
        (of(Cause::Overflow(Overflow::new(1))), Kind::ResourceExhausted, Recovery::Correct),
        (of(Cause::Shutdown), Kind::Cancelled, Recovery::Nothing),
    ] {
        assert_eq!((error.kind(), error.recovery()), (kind, recovery), "{error:?}");
        assert!(error.code().is_none());
    }
}

#[test]
fn http_statuses_have_the_canonical_kind() {
    use Kind::*;
    for (status, kind, retryable) in [
        (400, InvalidArgument, false),
        (401, Unauthenticated, false),
        (403, PermissionDenied, false),
        (404, NotFound, false),
        (408, DeadlineExceeded, true),
        (409, Aborted, false),
        (412, FailedPrecondition, false),
        (413, InvalidArgument, false),
        (416, OutOfRange, false),
        (429, ResourceExhausted, true),
        (499, Cancelled, false),
        (500, Internal, false),
        (501, Unimplemented, false),
        (502, Unavailable, true),
        (503, Unavailable, true),
        (504, DeadlineExceeded, true),
        (599, Internal, false),
        (302, Unknown, false),
        (200, Unknown, false),
        (999, Unknown, false),
    ] {
        assert_eq!((http(status).kind(), http(status).is_retryable()), (kind, retryable), "{status}");
    }
    assert_eq!(http(401).recovery(), Recovery::LogIn);
}

#[test]
fn close_codes_have_a_kind_and_a_recovery() {
    for (code, kind, recovery) in [
        (1000, Kind::Unavailable, Recovery::Reconnect),
        (1001, Kind::Unavailable, Recovery::Reconnect),
        (1006, Kind::Unavailable, Recovery::Reconnect),
        (1008, Kind::PermissionDenied, Recovery::AskOperator),
        (1009, Kind::InvalidArgument, Recovery::Correct),
        (1011, Kind::Internal, Recovery::Reconnect),
        (1012, Kind::Unavailable, Recovery::Reconnect),
        (1013, Kind::Unavailable, Recovery::Wait),
        (1014, Kind::Unavailable, Recovery::Reconnect),
        (3000, Kind::Unauthenticated, Recovery::LogIn),
        (4000, Kind::Unknown, Recovery::AskOperator),
    ] {
        assert_eq!((closed(code).kind(), closed(code).recovery()), (kind, recovery), "{code}");
    }
}

#[test]
fn every_close_code_answers_everything() {
    for code in 0..=u16::MAX {
        let error = closed(code);
        assert!(error.to_string().contains(&format!("code {code}")));
        assert!((400..600).contains(&error.to_problem().status), "{code}");
    }
}

#[test]
fn predicates() {
    let timeout = |phase| of(Cause::Timeout(phase));
    let classification =
        |e: &Error| [e.is_retryable(), e.is_timeout(), e.is_connection(), e.is_invalid_request(), e.is_shutdown()];
    assert_eq!(classification(&transport()), [true, false, true, false, false]);
    assert_eq!(classification(&closed(1001)), [true, false, true, false, false]);
    assert_eq!(classification(&timeout(Phase::Connect)), [true, true, true, false, false]);
    assert_eq!(classification(&timeout(Phase::Reply)), [true, true, false, false, false]);
    assert_eq!(classification(&http(504)), [true, true, false, false, false]);
    assert_eq!(classification(&Error::invalid_request("x")), [false, false, false, true, false]);
    assert_eq!(classification(&of(Cause::Shutdown)), [false, false, false, false, true]);
}

#[test]
fn the_outcome_is_unknown_without_a_readable_answer() {
    let unreadable = Cause::Decode(Box::new(DecodeFailure::new("", "", "")));
    assert!(transport().is_outcome_unknown());
    assert!(Error::new(unreadable, Delivery::Answered).is_outcome_unknown());
    assert!(!Error::new(Cause::Status(Box::default()), Delivery::Answered).is_outcome_unknown());
    assert!(!Error::new(Cause::Timeout(Phase::Queue), Delivery::NotSent).is_outcome_unknown());
}

#[test]
fn the_context_can_be_filled_in_on_the_way() {
    let mut error = Error::invalid_request("x");
    assert_eq!(error.context(), &Context::default());
    error.context_mut().attempt = 2;
    error.context_mut().elapsed = Duration::from_secs(3);
    let expected = Context::default().with_attempt(2).with_elapsed(Duration::from_secs(3));
    assert_eq!(error.context(), &expected);
    let copy = error.clone();
    error.context_mut().attempt = 3;
    assert_eq!(copy.context().attempt, 2);
}

#[test]
fn debug_is_complete() {
    let context = Context::new("nemesis").with_command("KV_GET").with_correlation(4711).with_attempt(2);
    let error = closed(1013).with_context(context).with_retry_after(Duration::from_secs(37));
    let text = format!("{error:?}");
    for part in ["Closed", "1013", "Unavailable", "Wait", "MaybeSent", "37s", "nemesis", "KV_GET", "4711", "attempt: 2"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
}
