//! Questions with a yes or a no, each with what to do about the answer.

use super::{Cause, Delivery, Error, Phase};
use crate::codes::Recovery;

impl Error {
    /// May the same command, unchanged, succeed later?
    ///
    /// If so, wait for [`retry_after`](Self::retry_after) or a backoff and send it again; but if
    /// [`delivery`](Self::delivery) is [`MaybeSent`](Delivery::MaybeSent), only if running twice does no harm.
    /// [`Retry`](crate::policy::Retry) observes both. If not, repeating it is of no use:
    /// [`recovery`](Self::recovery) says what is.
    pub fn is_retryable(&self) -> bool {
        matches!(self.recovery(), Recovery::Wait | Recovery::Reconnect)
    }

    /// Did time run out, on this side or the server's?
    ///
    /// If it happens under load, allow more time or send less at once. [`cause`](Self::cause) says what was waited
    /// for: a connection ([`Phase::Connect`]) points to the network or a wrong address, the queue ([`Phase::Queue`]) to
    /// a server that is away or slower than its callers, a reply ([`Phase::Reply`]) to a command that takes long.
    pub fn is_timeout(&self) -> bool {
        matches!(self.cause(), Cause::Timeout(_)) || self.kind() == crate::codes::Kind::DeadlineExceeded
    }

    /// Did the connection fail, rather than the command?
    ///
    /// A client reconnects by itself, so there is nothing to do but to decide about this command: send it again if
    /// nothing was sent, or if running twice does no harm. Should it go on, look at the address, the network and the
    /// server.
    pub fn is_connection(&self) -> bool {
        matches!(
            self.cause(),
            Cause::Closed(_)
                | Cause::Transport(_)
                | Cause::Protocol(_)
                | Cause::Timeout(Phase::Connect | Phase::Handshake | Phase::Idle)
        )
    }

    /// Was the call refused on this side, before anything was sent?
    ///
    /// The arguments are wrong and will be wrong the next time: correct them as the message says. The server knows
    /// nothing of this call.
    pub fn is_invalid_request(&self) -> bool {
        matches!(self.cause(), Cause::InvalidRequest(_))
    }

    /// Was the client shut down?
    ///
    /// It is no fault: the program asked for it, or dropped the last handle of the client. Stop, or make a new client.
    pub fn is_shutdown(&self) -> bool {
        matches!(self.cause(), Cause::Shutdown)
    }

    /// Is it unknown whether the command was carried out?
    ///
    /// If so, ask the server (read back what the command should have changed) before telling anybody that it failed, or
    /// repeat it if running twice does no harm. A reply that came and could not be read leaves it unknown too.
    pub fn is_outcome_unknown(&self) -> bool {
        match self.delivery() {
            Delivery::NotSent => false,
            Delivery::MaybeSent => true,
            Delivery::Answered => matches!(self.cause(), Cause::Decode(_)),
        }
    }
}
