//! What happens where the writer is slower than the server.

/// Bytes that may wait for a writer.
const BACKLOG: usize = 8 << 20;
/// The same where the reader is held: more of them wait in the connection ([`Limits::reply_bytes`]).
///
/// [`Limits::reply_bytes`]: crate::policy::Limits::reply_bytes
const HELD: usize = 1 << 20;

/// What a download over the WebSocket does when its writer is slower than the server. Beside the write that is running,
/// about 8 MiB wait in memory in either case; a download by link is slowed down and needs neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlowWriter {
    /// The stream is ended (packet 8), what waits is written, and the stream goes on from there (packet 7): at most once
    /// in 10 seconds, so that a fast server and a slow writer move little more than 8 MiB in that time. Each round
    /// counts as two packets for the rate limit. Other calls are answered meanwhile, as long as the download's future is
    /// polled: one that is held without being polled, or hashes more slowly than the network is, holds the reader.
    #[default]
    Stop,
    /// Nothing more is read from the connection until there is room. The server is slowed down, nothing is sent twice,
    /// and **every other call of this client waits meanwhile**, events and pings too: a writer that takes nothing for
    /// long costs the connection.
    HoldReader,
}

impl SlowWriter {
    /// Bytes that may wait for the writer itself.
    pub(super) const fn room(self) -> usize {
        match self {
            Self::Stop => BACKLOG,
            Self::HoldReader => HELD,
        }
    }
}
