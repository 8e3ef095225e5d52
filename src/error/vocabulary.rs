//! The shared vocabulary in other notations.

use crate::codes::{Kind, Value};
use std::time::Duration;

/// The kind as google.rpc.Code spells it.
pub(super) const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Ok => "OK",
        Kind::Cancelled => "CANCELLED",
        Kind::Unknown => "UNKNOWN",
        Kind::InvalidArgument => "INVALID_ARGUMENT",
        Kind::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Kind::NotFound => "NOT_FOUND",
        Kind::AlreadyExists => "ALREADY_EXISTS",
        Kind::PermissionDenied => "PERMISSION_DENIED",
        Kind::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Kind::FailedPrecondition => "FAILED_PRECONDITION",
        Kind::Aborted => "ABORTED",
        Kind::OutOfRange => "OUT_OF_RANGE",
        Kind::Unimplemented => "UNIMPLEMENTED",
        Kind::Internal => "INTERNAL",
        Kind::Unavailable => "UNAVAILABLE",
        Kind::DataLoss => "DATA_LOSS",
        Kind::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// The HTTP status that google.rpc.Code gives the kind.
pub(super) const fn http_status(kind: Kind) -> u16 {
    match kind {
        Kind::Ok => 200,
        Kind::InvalidArgument | Kind::FailedPrecondition | Kind::OutOfRange => 400,
        Kind::Unauthenticated => 401,
        Kind::PermissionDenied => 403,
        Kind::NotFound => 404,
        Kind::Aborted | Kind::AlreadyExists => 409,
        Kind::ResourceExhausted => 429,
        Kind::Cancelled => 499,
        Kind::Unknown | Kind::Internal | Kind::DataLoss => 500,
        Kind::Unimplemented => 501,
        Kind::Unavailable => 503,
        Kind::DeadlineExceeded => 504,
    }
}

/// The value of a code as text.
pub(super) fn value_text(value: Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
    }
}

/// The value of a code as JSON.
pub(super) fn json_value(value: Value) -> serde_json::Value {
    match value {
        Value::Number(number) => number.into(),
    }
}

/// A wait in whole seconds, never shorter than it is.
pub(super) fn seconds_up(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}
