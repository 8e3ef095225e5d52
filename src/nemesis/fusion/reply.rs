//! What replies of fusion say.

use crate::codes::Outcome;
use crate::codes::nemesis_fusion::ErrorCode;
use crate::error::Error;
use crate::nemesis::reply::{Body as AnyBody, Reply};

/// The content of a reply.
pub(super) type Body<'a> = AnyBody<'a, ErrorCode>;

/// Finds the members of a reply, and its status.
pub(super) fn read(reply: &Reply, excerpt: usize) -> Result<Body<'_>, Error> {
    let body = reply.read(excerpt)?;
    let status = ErrorCode::from_value(body.field("st")?);
    Ok(body.with_status(status))
}

/// Returns the error that the status is, unless it is a success.
pub(super) fn checked(body: Body<'_>) -> Result<Body<'_>, Error> {
    match body.status.outcome() {
        Outcome::Error => Err(body.failed(body.status)),
        _ => Ok(body),
    }
}

/// Returns the error for a status that the command does not have.
pub(super) fn foreign_status(body: &Body<'_>) -> Error {
    let at = body.path() + ".st";
    body.unreadable(at, format_args!("the status {} does not belong to this command", body.status.value()))
}

/// Reads the number in the reply.
pub(super) fn counted(body: Body<'_>) -> Result<u64, Error> {
    body.field("cnt")
}
