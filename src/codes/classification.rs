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
    /// The classification of a value that its table does not list: a service newer than the table sent it.
    pub const UNLISTED: Self = Self {
        kind: Kind::Unknown,
        outcome: Outcome::Error,
        recovery: Recovery::AskOperator,
        origin: Origin::Server,
        http_status: None,
    };
}

impl Classification {
    /// Is it known what the code means? Every row states an HTTP status, an unlisted value has none.
    const fn are_stated(&self) -> bool {
        self.http_status.is_some()
    }

    /// The classification of a code that is made of parts: those of the first part that is no success and whose kind is known.
    ///
    /// An unlisted part before that one leaves nothing known of the whole. Where no part decides, the first one of
    /// unknown kind speaks for the whole; if there is none, all are successes. The whole is reserved if any part is, else
    /// the client's if any part is.
    pub(super) const fn of_parts(parts: &[Self]) -> Self {
        let mut decided = None;
        let mut undecided = None;
        let mut origin = Origin::Server;
        let mut at = 0;
        while at < parts.len() {
            let part = parts[at];
            match (part.kind, decided.is_none(), undecided.is_none()) {
                (Kind::Ok, ..) | (_, false, _) => {}
                (Kind::Unknown, ..) if !part.are_stated() => decided = Some(part),
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
