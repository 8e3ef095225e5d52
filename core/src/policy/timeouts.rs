//! Time limits.

use super::setters;
use std::time::Duration;

/// Time limits of a connection and its calls. [`Duration::MAX`] means no limit.
///
/// All limits are measured with tokio's clock. A test that pauses it (`tokio::time::pause`, `start_paused`) can let them
/// pass at will. But a paused clock jumps to the next limit whenever the runtime is idle, also while it waits for a socket:
/// connecting to a server outside the runtime then fails at once with `Timeout(Connect)`. Connect while the clock runs, and
/// pause it afterwards:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # tokio::time::pause();
/// tokio::time::resume(); // only if the clock is paused already
/// // let client = builder.connect().await?;
/// tokio::time::pause();
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// From the call to its result, including queueing and retries. Default: 30 s.
    pub call: Duration,
    /// For connecting: name lookup, TCP, TLS, upgrade and handshake together. Default: 10 s.
    pub connect: Duration,
    /// If replies have no ids: the reply timeout of the oldest call, after which the connection is replaced. If replies
    /// have ids: the time after which a written command frees its place in the window when its caller has given up; a
    /// later reply to it is ignored. If replies have names, the connection is replaced then. A command can ask for more
    /// with `Expect::reply_timeout`. Over HTTP: from the end of the request to the head of the answer. Default: 20 s.
    pub reply: Duration,
    /// The time without data from the server after which a ping is sent. Default: 30 s.
    pub ping: Duration,
    /// The time without data after that ping until the connection is considered dead. Over HTTP: the time without data in
    /// a body. Default: 15 s.
    pub idle: Duration,
    /// For the closing handshake. Default: 2 s.
    pub close: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(30),
            connect: Duration::from_secs(10),
            reply: Duration::from_secs(20),
            ping: Duration::from_secs(30),
            idle: Duration::from_secs(15),
            close: Duration::from_secs(2),
        }
    }
}

setters!(Timeouts {
    call = with_call: Duration,
    connect = with_connect: Duration,
    reply = with_reply: Duration,
    ping = with_ping: Duration,
    idle = with_idle: Duration,
    close = with_close: Duration,
});
