//! What a code means to a caller.

use super::kind::Kind;
use super::words::vocabulary;

vocabulary! {
    /// What a status says about its command. Many statuses are no errors.
    Outcome, "outcome" {
        /// The command was carried out.
        Success = "success",
        /// The command runs; another status follows.
        Progress = "progress",
        /// The command was carried out, or needed no carrying out, and there is something that the caller should know.
        Warning = "warning",
        /// The command was not carried out.
        Error = "error",
    }
}

vocabulary! {
    /// What helps. How long to wait is no fact of a code but of one answer.
    Recovery, "recovery" {
        /// Nothing does; after a success, nothing needs to.
        Nothing = "nothing",
        /// Another request: this one will fail again.
        Correct = "correct",
        /// The same request, later.
        Wait = "wait",
        /// The same request on a new connection.
        Reconnect = "reconnect",
        /// New credentials or a new session, then the same request.
        LogIn = "log-in",
        /// The people who run the service.
        AskOperator = "ask-operator",
    }
}

vocabulary! {
    /// Who raises a code.
    Origin, "origin" {
        /// The service.
        Server = "server",
        /// The client's own library: no service sends it.
        Client = "client",
        /// Nobody: the service defines it and never sends it.
        Reserved = "reserved",
    }
}

/// What one needs to know to act on a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Facts {
    /// What happened, for every service alike.
    pub kind: Kind,
    /// What it says about its command.
    pub outcome: Outcome,
    /// What helps.
    pub recovery: Recovery,
    /// Who raises it.
    pub origin: Origin,
    /// The HTTP status that says the same; `None` for an unlisted value.
    pub http_status: Option<u16>,
}

impl Facts {
    /// The facts of a value that its table does not list: a service newer than the table sent it.
    pub const UNLISTED: Self = Self {
        kind: Kind::Unknown,
        outcome: Outcome::Error,
        recovery: Recovery::AskOperator,
        origin: Origin::Server,
        http_status: None,
    };
}
