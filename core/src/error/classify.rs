//! Kind and recovery of failures that have no code.

use super::{Cause, IoFailure, Phase};
use crate::codes::{Kind, Recovery, websocket_close};
use http::StatusCode;
use std::io::ErrorKind;

pub(super) fn kind(cause: &Cause) -> Kind {
    match cause {
        Cause::Status(_) => Kind::Unknown,
        Cause::Closed(close) => close_classification(close.code).0,
        Cause::Http(failure) => http_classification(failure.status).0,
        Cause::Transport(_) => Kind::Unavailable,
        Cause::Timeout(_) => Kind::DeadlineExceeded,
        Cause::Decode(_) | Cause::Protocol(_) => Kind::Internal,
        Cause::InvalidRequest(_) => Kind::InvalidArgument,
        Cause::Overflow(_) => Kind::ResourceExhausted,
        Cause::Io(IoFailure { kind: ErrorKind::StorageFull | ErrorKind::QuotaExceeded, .. }) => Kind::ResourceExhausted,
        Cause::Io(_) => Kind::FailedPrecondition,
        Cause::Shutdown => Kind::Cancelled,
    }
}

pub(super) fn recovery(cause: &Cause) -> Recovery {
    match cause {
        Cause::Status(_) | Cause::Decode(_) => Recovery::AskOperator,
        Cause::Closed(close) => close_classification(close.code).1,
        Cause::Http(failure) => http_classification(failure.status).1,
        Cause::Timeout(Phase::Queue | Phase::Reply) => Recovery::Wait,
        Cause::Timeout(Phase::Runtime) => Recovery::Correct,
        Cause::Transport(_) | Cause::Timeout(_) | Cause::Protocol(_) => Recovery::Reconnect,
        Cause::InvalidRequest(_) | Cause::Overflow(_) | Cause::Io(_) => Recovery::Correct,
        Cause::Shutdown => Recovery::Nothing,
    }
}

/// Returns the name of a registered close code.
pub(super) fn close_name(code: u16) -> Option<&'static str> {
    websocket_close::ErrorCode::from_value(code).info().map(|info| info.name)
}

/// Classifies a close code by the table of registered codes.
fn close_classification(code: u16) -> (Kind, Recovery) {
    let code = websocket_close::ErrorCode::from_value(code);
    match code.kind() {
        // A normal close still leaves the command without an answer.
        Kind::Ok => (Kind::Unavailable, Recovery::Reconnect),
        kind => (kind, code.recovery()),
    }
}

/// Inverts the HTTP mapping of google.rpc.Code; a status that it lacks is classified like the nearest one.
fn http_classification(status: StatusCode) -> (Kind, Recovery) {
    match status.as_u16() {
        401 => (Kind::Unauthenticated, Recovery::LogIn),
        403 => (Kind::PermissionDenied, Recovery::AskOperator),
        404 | 410 => (Kind::NotFound, Recovery::Correct),
        407 => (Kind::Unauthenticated, Recovery::Correct),
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
        // A redirect, or an unexpected success.
        _ => (Kind::Unknown, Recovery::AskOperator),
    }
}
