//! The classification of codes: outcome, recovery, origin.

use super::kind::Kind;
use super::words::vocabulary;

vocabulary! {
    /// What a status says about its command. Many statuses are not errors.
    Outcome, "outcome" {
        /// The command was carried out.
        Success = "success",
        /// The command runs; another status follows.
        Progress = "progress",
        /// The command was carried out, or was not necessary, and the caller should know something about it.
        Warning = "warning",
        /// The command was not carried out.
        Error = "error",
    }
}

vocabulary! {
    /// What helps. How long to wait depends on the answer, not on the code.
    Recovery, "recovery" {
        /// Nothing helps; after a success, nothing is needed.
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
        /// The service defines it and never sends it.
        Reserved = "reserved",
    }
}

/// What a code means to a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Classification {
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

impl Classification {
    /// The classification of a value that its table does not list: the service may be newer than the table.
    pub const UNLISTED: Self = Self {
        kind: Kind::Unknown,
        outcome: Outcome::Error,
        recovery: Recovery::AskOperator,
        origin: Origin::Server,
        http_status: None,
    };

    /// Does a row state it? Every row has an HTTP status, an unlisted value has none.
    const fn is_stated(&self) -> bool {
        self.http_status.is_some()
    }

    /// Returns the classification of a composed code: that of the first part that is not a success and has a known kind.
    ///
    /// An unlisted part before that one makes the whole unlisted. If no part decides, the whole has the classification of
    /// the first part of unknown kind, else it is a success. The origin is `Reserved` if any part's is, else `Client` if
    /// any part's is.
    pub(super) const fn of_parts(parts: &[Self]) -> Self {
        let mut decided = None;
        let mut undecided = None;
        let mut origin = Origin::Server;
        let mut at = 0;
        while at < parts.len() {
            let part = parts[at];
            match (part.kind, decided.is_none(), undecided.is_none()) {
                (Kind::Ok, ..) | (_, false, _) => {}
                (Kind::Unknown, ..) if !part.is_stated() => decided = Some(part),
                (Kind::Unknown, _, true) => undecided = Some(part),
                (Kind::Unknown, ..) => {}
                _ => decided = Some(part),
            }
            origin = match (origin, part.origin) {
                (Origin::Reserved, _) | (_, Origin::Reserved) => Origin::Reserved,
                (Origin::Client, _) | (_, Origin::Client) => Origin::Client,
                (Origin::Server, Origin::Server) => Origin::Server,
            };
            at += 1;
        }
        let classification = match (decided, undecided) {
            (Some(classification), _) | (None, Some(classification)) => classification,
            (None, None) if parts.is_empty() => Self::UNLISTED,
            (None, None) => parts[0],
        };
        Self { origin, ..classification }
    }
}
