//! Where the bytes of a file come from.

use super::Sum;
use crate::error::{Cause, Delivery, Error, ProtocolViolation};
use bytes::Bytes;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

/// A file at a server.
pub trait Source: Send {
    /// The answer to one request.
    type Body: Body;

    /// Asks for the file from byte `offset` on. `size` is the size of the whole file, if it is known: the server told
    /// it before, to this download or to an earlier one to the same path.
    ///
    /// When all bytes are there and not verified, the last byte is asked for again: `offset` is below `size`, unless the
    /// file is empty.
    fn open(&mut self, offset: u64, size: Option<u64>) -> impl Future<Output = Result<Self::Body, Failure>> + Send;

    /// Returns the size of the whole file if it is known without asking the server. Default: `None`, so that the first
    /// [`Piece`] must tell it.
    fn size(&self) -> Option<u64> {
        None
    }

    /// Makes the error about a file that is not what the server says it is; `reason` says why. Default:
    /// [`Cause::Protocol`].
    fn mismatch(&self, reason: &str) -> Error {
        Error::new(Cause::Protocol(ProtocolViolation(reason.to_owned())), Delivery::Answered)
    }

    /// Makes the error about a download that was stopped by its [`Stopper`](super::Stopper). Default: [`Cause::Io`]
    /// with [`io::ErrorKind::Interrupted`].
    fn stopped(&self, delivery: Delivery) -> Error {
        Error::io("downloading", io::Error::new(io::ErrorKind::Interrupted, "the download was stopped"), delivery)
    }
}

/// The answer to one request for a file. Dropping it gives the rest up.
pub trait Body: Send {
    /// Waits for what comes next; after [`Piece::end`] or an error it is not called again.
    ///
    /// Must be cancel safe: a dropped future loses no bytes.
    fn next(&mut self) -> impl Future<Output = Result<Piece, Failure>> + Send;

    /// Returns whether the server may know of the request. Default: yes.
    fn is_sent(&self) -> bool {
        true
    }

    /// Returns whether the body is ended by [`stop`](Self::stop) when the writer is slow, and the rest asked for later,
    /// at most once in 10 seconds; up to 8 MiB wait for the writer. Otherwise [`next`](Self::next) is not called while
    /// 1 MiB waits. Default: no.
    ///
    /// For a body that shares its connection with other calls, which would wait too.
    fn stops_when_full(&self) -> bool {
        false
    }

    /// Asks the server to end the body. The download goes on taking pieces until [`End::Stopped`] or another end.
    /// Default: `None`, dropping the body is enough.
    fn stop(&mut self) -> Option<StopRequest> {
        None
    }

    /// Ends the body after a failure, before the file is asked for again. Returns whether asking again after
    /// [`Failure::Lost`] makes sense. Default: yes, at once.
    fn close(self) -> impl Future<Output = bool> + Send
    where
        Self: Sized,
    {
        async { true }
    }
}

/// A request to end a body.
pub type StopRequest = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// What comes at once. Each member may be left out.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Piece {
    /// The next bytes of the file.
    pub chunk: Bytes,
    /// The size of the whole file. The first piece must tell it if neither [`Source::size`] nor an earlier attempt did.
    /// Another size than before means that the server has another file by now.
    pub size: Option<u64>,
    /// Why nothing follows.
    pub end: Option<End>,
}

/// How a body ends without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All bytes to the end of the file were sent.
    Complete {
        /// The sum of what this body sent.
        range: Option<Sum>,
        /// The sum of the whole file.
        file: Option<Sum>,
    },
    /// The server ended it, as it was asked to by [`Body::stop`].
    Stopped,
}

impl Piece {
    /// Bytes of the file.
    pub fn bytes(chunk: Bytes) -> Self {
        Self { chunk, ..Self::default() }
    }

    /// The end of the file, with the sum of what this body sent and that of the whole file. Without any sum the
    /// download ends as [`Verified::Nothing`](super::Verified::Nothing).
    pub fn complete(range: Option<Sum>, file: Option<Sum>) -> Self {
        Self { end: Some(End::Complete { range, file }), ..Self::default() }
    }

    /// Adds the size of the whole file.
    #[must_use]
    pub fn with_size(mut self, size: Option<u64>) -> Self {
        self.size = size;
        self
    }

    /// Adds why nothing follows.
    #[must_use]
    pub fn with_end(mut self, end: Option<End>) -> Self {
        self.end = end;
        self
    }
}

/// Why an attempt failed, and what helps.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The file is asked for again from the bytes at hand on: the connection was lost, or time ran out.
    Lost(Error),
    /// The server has another file by now, which has no such offset. What is at a path is begun again, once.
    Changed(Error),
    /// Nothing helps.
    Final(Error),
}

/// Sorts by the cause: broken connections, closes, timeouts and protocol violations without an answer are
/// [`Failure::Lost`].
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.cause() {
            Cause::Protocol(_) if error.delivery() == Delivery::Answered => Self::Final(error),
            Cause::Transport(_) | Cause::Closed(_) | Cause::Timeout(_) | Cause::Protocol(_) => Self::Lost(error),
            _ => Self::Final(error),
        }
    }
}

/// Keeps a value until the last write is done, also when the download is dropped before.
pub(super) type Guard = Option<Arc<dyn std::any::Any + Send + Sync>>;
