//! Yes-or-no questions, each with what to do about the answer.

use super::{Cause, Delivery, Error, Phase};
use crate::codes::Recovery;

impl Error {
    /// Returns whether the same command, unchanged, may succeed later.
    ///
    /// If so, wait for [`retry_after`](Self::retry_after) or a backoff and send it again; but if
    /// [`delivery`](Self::delivery) is [`MaybeSent`](Delivery::MaybeSent), only if running twice does no harm.
    /// [`Retry`](crate::policy::Retry) follows both rules. If not, repeating is useless:
    /// [`recovery`](Self::recovery) says what helps.
    pub fn is_retryable(&self) -> bool {
        matches!(self.recovery(), Recovery::Wait | Recovery::Reconnect)
    }

    /// Returns whether a time limit passed, here or on the server.
    ///
    /// If it happens under load, allow more time or send less at once. [`cause`](Self::cause) says what the call waited
    /// for: a connection ([`Phase::Connect`]) points to the network or a wrong address, the queue ([`Phase::Queue`]) to
    /// a server that is unreachable or slower than its callers, a reply ([`Phase::Reply`]) to a command that takes
    /// long, the runtime ([`Phase::Runtime`]) to a program that blocks or abandons the runtime in which it connected.
    pub fn is_timeout(&self) -> bool {
        matches!(self.cause(), Cause::Timeout(_)) || self.kind() == crate::codes::Kind::DeadlineExceeded
    }

    /// Returns whether the connection failed, not the command.
    ///
    /// A client reconnects by itself. Decide only about this command: send it again if it was not sent, or if running
    /// twice does no harm. If the failure persists, check the address, the network and the server.
    pub fn is_connection(&self) -> bool {
        matches!(
            self.cause(),
            Cause::Closed(_)
                | Cause::Transport(_)
                | Cause::Protocol(_)
                | Cause::Timeout(Phase::Connect | Phase::Handshake | Phase::Idle)
        )
    }

    /// Returns whether the call was invalid and therefore not sent.
    ///
    /// The same arguments will fail again: correct them as the message says.
    pub fn is_invalid_request(&self) -> bool {
        matches!(self.cause(), Cause::InvalidRequest(_))
    }

    /// Returns whether the client was shut down.
    ///
    /// The program asked for it, or dropped the last handle of the client. Stop, or make a new client.
    pub fn is_shutdown(&self) -> bool {
        matches!(self.cause(), Cause::Shutdown)
    }

    /// Returns whether it is unknown if the command ran.
    ///
    /// If so, do not report a failure before you have read back what the command should have changed, or repeat it if
    /// running twice does no harm. A reply that cannot be decoded leaves the outcome unknown too.
    pub fn is_outcome_unknown(&self) -> bool {
        match self.delivery() {
            Delivery::NotSent => false,
            Delivery::MaybeSent => true,
            Delivery::Answered => matches!(self.cause(), Cause::Decode(_)),
        }
    }
}
