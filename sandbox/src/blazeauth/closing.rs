//! Why the server ends a session: codes and reasons.

/// The end of a session, by a close frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    Kicked,
    Paused,
    Deleted,
    NotInitialized,
    LimitHit,
    Limited { seconds: u64 },
    TooLate { seconds: u64 },
    Blacklisted,
    ClientBanned,
    NoApplication,
    Envelope,
    UnknownType,
    Body,
    UnsupportedData,
    ResumeFailed,
    ResumeUnknown,
    Other { code: u16, reason: String },
}

impl Closing {
    /// Code and reason as the documentation has them.
    pub(super) fn code_and_reason(&self) -> (u16, String) {
        let (code, reason) = match self {
            Self::Kicked => (4100, "disconnected from panel"),
            Self::Paused => (4101, "application paused"),
            Self::Deleted => (4102, "application deleted"),
            Self::NotInitialized => (4200, "connection is not initialized"),
            Self::LimitHit => (4201, "rate limit hit"),
            Self::Limited { seconds } => return (4201, format!("rate limited, {seconds} seconds left")),
            Self::TooLate { seconds } => {
                return (4202, format!("session wasn't initialized in {seconds} seconds after connection"));
            }
            Self::Blacklisted => (4203, "session was blacklisted"),
            Self::ClientBanned => (4204, "external ID is blacklisted"),
            Self::NoApplication => (4205, "failed to initialize session"),
            Self::Envelope => (4300, "packet does not contain mandatory 'type' and/or 'id' fields"),
            Self::UnknownType => (4301, "invalid handler type specified"),
            Self::Body => (4302, "invalid request body"),
            Self::UnsupportedData => (4304, "received unsupported data"),
            Self::ResumeFailed => (4400, "failed to resume session"),
            Self::ResumeUnknown => (4401, "resume ID was not found or it is expired"),
            Self::Other { code, reason } => return (*code, reason.clone()),
        };
        (code, reason.to_owned())
    }
}
