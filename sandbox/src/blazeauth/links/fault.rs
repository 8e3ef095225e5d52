//! Faults of the link server.
use std::time::Duration;

/// What goes wrong when a link is used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkFault {
    /// `Range` is ignored: the whole file comes with status 200.
    IgnoreRange,
    /// The connection ends after `after` bytes of the body; `Content-Length` has promised them all.
    Cut {
        /// Bytes of the body that are sent.
        after: usize,
    },
    /// The answer has no `Content-Length` and ends in order after `after` bytes of the body.
    EndEarly {
        /// Bytes of the body that are sent.
        after: usize,
    },
    /// One byte of the file is another one.
    Corrupt {
        /// Which one, counted from the start of the file.
        at: usize,
    },
    /// Another body in place of the file's bytes, with its own `Content-Length`.
    Body(Vec<u8>),
    /// More bytes behind the file's; `Content-Length` counts them.
    Extra(Vec<u8>),
    /// The body comes in pieces with a pause before each.
    Slow {
        /// Bytes of a piece, at least 1 (0 counts as 1).
        piece: usize,
        /// Time before each piece (tokio's clock).
        pause: Duration,
    },
    /// Another status, as 500 or 503.
    Status {
        /// Any number from 100 to 999.
        status: u16,
        /// Further headers, as `Retry-After`.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
}
