//! Size limits.

use super::setters;

/// Size limits of a connection. They bound its memory, whatever the peer and the callers do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one message to the server, or of one HTTP request body that is not streamed; a larger one is refused before
    /// sending. Default: 16 MiB.
    pub message_out: usize,
    /// Bytes of one message from the server, or of one HTTP body after decompression that is not read in chunks; a larger
    /// one ends the connection. Default: 16 MiB.
    pub message_in: usize,
    /// Calls in progress, queued or on the wire; further callers wait for their turn, in order. A caller whose turn has
    /// come keeps it until its future is polled or dropped. Default: 16,384.
    pub calls: usize,
    /// Bytes written by callers and not yet taken by the socket; above it, calls stay queued. Default: 1 MiB.
    pub write_buffer: usize,
    /// Replies of one streaming call that wait for their consumer. Default: 1,024.
    pub replies: usize,
    /// Bytes of one streaming call's replies that wait for their consumer, if the protocol tells their size. A single
    /// larger reply is kept alone. Default: 8 MiB.
    pub reply_bytes: usize,
    /// Events that wait for a subscriber; older ones are dropped and counted. Default: 1,024.
    pub events: usize,
    /// Bytes of the events that wait for a subscriber, if the protocol tells their size, and likewise of the replies that
    /// say why one-way commands failed. Older ones are dropped and counted; a single larger one is kept alone.
    /// Default: 8 MiB.
    pub event_bytes: usize,
    /// One-way commands written and not confirmed; at the limit, a fence is sent before the next one. Default: 1,024.
    pub one_way: usize,
    /// Failures of one-way commands that wait for a subscriber; older ones are dropped and counted.
    /// Default: 1,024.
    pub one_way_failures: usize,
    /// Maximum characters of an excerpt in an error. Default: 120.
    pub excerpt: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_out: 16 * 1024 * 1024,
            message_in: 16 * 1024 * 1024,
            calls: 16_384,
            write_buffer: 1024 * 1024,
            replies: 1024,
            reply_bytes: 8 * 1024 * 1024,
            events: 1024,
            event_bytes: 8 * 1024 * 1024,
            one_way: 1024,
            one_way_failures: 1024,
            excerpt: 120,
        }
    }
}

setters!(Limits {
    message_out = with_message_out: usize,
    message_in = with_message_in: usize,
    calls = with_calls: usize,
    write_buffer = with_write_buffer: usize,
    replies = with_replies: usize,
    reply_bytes = with_reply_bytes: usize,
    events = with_events: usize,
    event_bytes = with_event_bytes: usize,
    one_way = with_one_way: usize,
    one_way_failures = with_one_way_failures: usize,
    excerpt = with_excerpt: usize,
});
