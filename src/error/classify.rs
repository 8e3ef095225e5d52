//! Kind and recovery of failures that have no code.

use super::{Cause, Phase};
use crate::codes::{Kind, Recovery};
use http::StatusCode;

pub(super) fn kind(cause: &Cause) -> Kind {
    match cause {
        Cause::Status(_) => Kind::Unknown,
        Cause::Closed(close) => close_facts(close.code).0,
        Cause::Http(failure) => http_facts(failure.status).0,
        Cause::Transport(_) => Kind::Unavailable,
        Cause::Timeout(_) => Kind::DeadlineExceeded,
        Cause::Unreadable(_) | Cause::Violation(_) => Kind::Internal,
        Cause::Refused(_) => Kind::InvalidArgument,
        Cause::Overflow(_) => Kind::ResourceExhausted,
        Cause::Shutdown => Kind::Cancelled,
    }
}

pub(super) fn recovery(cause: &Cause) -> Recovery {
    match cause {
        Cause::Status(_) | Cause::Unreadable(_) => Recovery::AskOperator,
        Cause::Closed(close) => close_facts(close.code).1,
        Cause::Http(failure) => http_facts(failure.status).1,
        Cause::Timeout(Phase::Queue | Phase::Reply) => Recovery::Wait,
        Cause::Transport(_) | Cause::Timeout(_) | Cause::Violation(_) => Recovery::Reconnect,
        Cause::Refused(_) | Cause::Overflow(_) => Recovery::Correct,
        Cause::Shutdown => Recovery::Nothing,
    }
}

/// What a close code means, if it is a registered one: RFC 6455, 7.4.1, and the IANA registry "WebSocket Close Code
/// Number".
pub(super) fn close_meaning(code: u16) -> Option<&'static str> {
    registered(code).map(|(meaning, ..)| meaning)
}

fn close_facts(code: u16) -> (Kind, Recovery) {
    registered(code).map_or((Kind::Unknown, Recovery::AskOperator), |(_, kind, recovery)| (kind, recovery))
}

fn registered(code: u16) -> Option<(&'static str, Kind, Recovery)> {
    Some(match code {
        1000 => ("normal closure", Kind::Unavailable, Recovery::Reconnect),
        1001 => ("going away", Kind::Unavailable, Recovery::Reconnect),
        1002 => ("protocol error", Kind::Internal, Recovery::AskOperator),
        1003 => ("unsupported data", Kind::InvalidArgument, Recovery::Correct),
        1005 => ("no code given", Kind::Unavailable, Recovery::Reconnect),
        1006 => ("connection lost", Kind::Unavailable, Recovery::Reconnect),
        1007 => ("invalid payload data", Kind::InvalidArgument, Recovery::Correct),
        1008 => ("policy violation", Kind::PermissionDenied, Recovery::AskOperator),
        1009 => ("message too big", Kind::InvalidArgument, Recovery::Correct),
        1010 => ("extension missing", Kind::Unimplemented, Recovery::AskOperator),
        1011 => ("internal error", Kind::Internal, Recovery::Reconnect),
        1012 => ("service restart", Kind::Unavailable, Recovery::Reconnect),
        1013 => ("try again later", Kind::Unavailable, Recovery::Wait),
        1014 => ("bad gateway", Kind::Unavailable, Recovery::Reconnect),
        1015 => ("TLS failure", Kind::Unavailable, Recovery::AskOperator),
        3000 => ("unauthorized", Kind::Unauthenticated, Recovery::LogIn),
        3003 => ("forbidden", Kind::PermissionDenied, Recovery::AskOperator),
        3008 => ("timeout", Kind::DeadlineExceeded, Recovery::Reconnect),
        _ => return None,
    })
}

/// The HTTP mapping of google.rpc.Code read backwards; statuses that it does not have go to their neighbours.
fn http_facts(status: StatusCode) -> (Kind, Recovery) {
    match status.as_u16() {
        401 => (Kind::Unauthenticated, Recovery::LogIn),
        403 => (Kind::PermissionDenied, Recovery::AskOperator),
        404 | 410 => (Kind::NotFound, Recovery::Correct),
        408 => (Kind::DeadlineExceeded, Recovery::Wait),
        409 => (Kind::Aborted, Recovery::Correct),
        412 | 428 => (Kind::FailedPrecondition, Recovery::Correct),
        416 => (Kind::OutOfRange, Recovery::Correct),
        425 => (Kind::Unavailable, Recovery::Wait),
        429 => (Kind::ResourceExhausted, Recovery::Wait),
        499 => (Kind::Cancelled, Recovery::Nothing),
        400..=499 => (Kind::InvalidArgument, Recovery::Correct),
        501 | 505 => (Kind::Unimplemented, Recovery::AskOperator),
        502 | 503 => (Kind::Unavailable, Recovery::Wait),
        504 => (Kind::DeadlineExceeded, Recovery::Wait),
        500..=599 => (Kind::Internal, Recovery::AskOperator),
        // A redirect, or a success where something else was expected.
        _ => (Kind::Unknown, Recovery::AskOperator),
    }
}
