//! Plain values and pure logic.
use std::time::Duration;
/// May a command be carried out twice without harm?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Repeat {
    Safe,
    Unsafe,
}

/// Time limits of a connection and its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Timeouts {
    /// From the call to its result, queueing and retries inside. Default: 30 s.
    pub call: Duration,
    /// TCP, TLS, upgrade and handshake together. Default: 10 s.
    pub connect: Duration,
    /// How long the head of the line may wait for its reply (in-order and by-name matching). Default: 20 s.
    pub head: Duration,
    /// Quiet on the wire after which a ping is sent. Default: 30 s.
    pub ping: Duration,
    /// Quiet after that ping which means that the peer is dead. Default: 15 s.
    pub silence: Duration,
    /// Closing handshake. Default 2 s.
    pub close: Duration,
}
/// Size limits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one message to the server. Default: 16 MiB.
    pub message_out: usize,
    /// Bytes of one message from the server. Default: 16 MiB.
    pub message_in: usize,
    /// Calls admitted at once, waiting or on the wire; further callers wait. Default: 16,384.
    pub calls: usize,
    /// Bytes handed to the connection and not yet taken by the socket; over it, calls stay queued. Default: 1 MiB.
    pub write_buffer: usize,
    /// Replies of one streaming call that wait for their consumer. Default: 1,024.
    pub replies: usize,
    /// Events that wait for a subscriber; older ones are dropped and counted. Default: 1,024.
    pub events: usize,
    /// Quiet commands written and not proven; a further one sends a fence first. Default: 1,024.
    pub quiet: usize,
    /// Failures of quiet commands that wait for their reader. Default: 1,024.
    pub quiet_failures: usize,
    /// Characters of an excerpt in an error. Default: 120.
    pub excerpt: usize,
}
/// Exponential backoff with full jitter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Backoff {
    pub base: Duration,
    pub factor: f64,
    pub cap: Duration,
    /** Health this long resets the attempts. */
    pub healthy_after: Duration,
}
/// When the layer above the engine sends a command again.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Retry {
    pub attempts: u32,
    pub backoff: Backoff,
}

impl Default for Timeouts {
    fn default() -> Self {
        let s = Duration::from_secs;
        Self { call: s(30), connect: s(10), head: s(20), ping: s(30), silence: s(15), close: s(2) }
    }
}
impl Default for Limits {
    fn default() -> Self {
        Self {
            message_out: 16 << 20,
            message_in: 16 << 20,
            calls: 16_384,
            write_buffer: 1 << 20,
            replies: 1_024,
            events: 1_024,
            quiet: 1_024,
            quiet_failures: 1_024,
            excerpt: 120,
        }
    }
}
impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(100),
            factor: 2.0,
            cap: Duration::from_secs(30),
            healthy_after: Duration::from_secs(10),
        }
    }
}
impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 3, backoff: Backoff::default() }
    }
}
#[allow(missing_docs)]
impl Backoff {
    pub fn delay(&self, attempt: u32, random: f64) -> Duration {
        self.base.mul_f64(self.factor.powi(attempt.min(30) as i32)).min(self.cap).mul_f64(random)
    }
}
#[allow(missing_docs)]
impl Retry {
    pub fn decide(
        &self,
        error: &crate::Error,
        repeat: Repeat,
        attempt: u32,
        left: Duration,
        random: f64,
    ) -> Option<Duration> {
        let _ = (error, repeat, attempt, left, random);
        None
    }
}
