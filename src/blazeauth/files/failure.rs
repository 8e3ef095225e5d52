//! Why an attempt ended.

use super::course::Fault;
use super::digest::Difference;
use super::live::violation;
use super::source::End;
use crate::blazeauth::ErrorCode;
use crate::error::{Cause, Delivery, Error, ServerStatus};
use http::StatusCode;

/// How an attempt ended that did not complete the file.
pub(super) enum Failure {
    /// Another one may go on: the connection was lost, or time ran out.
    Lost(Error),
    /// The server has another file by now.
    Changed(Error),
    /// The writer is slow, so that the stream was ended.
    Paused,
    /// What arrived is wrong.
    Spoilt(Error),
    /// Nothing helps.
    Final(Error),
}

impl Failure {
    /// Sorts an error of the engine.
    pub(super) fn of(error: Error) -> Self {
        match error.cause() {
            Cause::Protocol(_) | Cause::Decode(_) if error.delivery() == Delivery::Answered => Self::Final(error),
            Cause::Transport(_) | Cause::Closed(_) | Cause::Timeout(_) | Cause::Protocol(_) => Self::Lost(error),
            _ => Self::Final(error),
        }
    }

    /// A server that does not even answer to the end of a stream is not asked for the next one.
    pub(super) fn if_answered(self, answers: bool) -> Self {
        match self {
            Self::Lost(error) if !answers => Self::Final(error),
            failure => failure,
        }
    }

    /// Sorts an error of a download by link: another link may help.
    pub(super) fn of_link(error: Error, resumed: bool) -> Self {
        match error.cause() {
            Cause::Http(failure) if failure.status == StatusCode::RANGE_NOT_SATISFIABLE => {
                let error = error.with_code(ErrorCode::FileInvalidResumeOffset);
                if resumed { Self::Changed(error) } else { Self::Final(error) }
            }
            Cause::Http(_) => Self::Lost(error),
            // What is wrong with the link is the server's doing, not the caller's.
            Cause::InvalidRequest(refusal) => Self::Final(violation(refusal.0.clone())),
            _ => Self::of(error),
        }
    }

    /// The server ended or refused the transfer; `resumed`: it was asked to go on from bytes that were there before.
    pub(super) fn status(status: u16, resumed: bool) -> Self {
        let code = ErrorCode::from_value(status);
        let error = Error::status(code, ServerStatus::new());
        match code {
            ErrorCode::FileInvalidResumeOffset if resumed => Self::Changed(error),
            _ => Self::Final(error),
        }
    }

    /// Something was wrong with what came.
    pub(super) fn fault(fault: &Fault) -> Self {
        match fault {
            Fault::ProtocolViolation(_) | Fault::Differs(Difference::NothingToCompare) => {
                Self::Final(violation(fault.to_string()))
            }
            Fault::Changed(reason) => Self::Changed(mismatch(reason)),
            Fault::Differs(_) => Self::Spoilt(mismatch(&fault.to_string())),
        }
    }
}

impl End {
    /// Whether the stream ended because somebody stopped it.
    pub(super) fn is_stopped(self) -> bool {
        matches!(self, Self::Status(status) if ErrorCode::from_value(status) == ErrorCode::FileTransferStopped)
    }
}

/// The file is not what the server says it is: a status of the client's own.
pub(super) fn mismatch(reason: &str) -> Error {
    Error::status(ErrorCode::FileChecksumMismatch, ServerStatus::new().with_message(reason))
}

/// The user stopped the transfer on this side.
pub(super) fn stopped(delivery: Delivery) -> Error {
    let status = ServerStatus::new().with_message("the download was stopped");
    Error::new(Cause::Status(Box::new(status)), delivery).with_code(ErrorCode::FileTransferStopped)
}
