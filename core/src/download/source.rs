//! The source of a download.

use super::Sum;
use crate::error::{Cause, Delivery, Error, ProtocolViolation};
use bytes::Bytes;
use http::StatusCode;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

/// A file on a server.
pub trait Source: Send {
    /// The response to one request.
    type Body: Body;

    /// Requests the file from byte `offset` on. `size` is the size of the whole file, if this download or an earlier
    /// one to the same path knows it.
    ///
    /// If all bytes are at hand but not verified, the last byte is requested again: `offset` is below `size`, unless
    /// the file is empty.
    fn open(&mut self, offset: u64, size: Option<u64>) -> impl Future<Output = Result<Self::Body, Failure>> + Send;

    /// Returns the size of the whole file, if it is known without a request. Default: `None`; then the first [`Piece`]
    /// must contain it.
    fn size(&self) -> Option<u64> {
        None
    }

    /// Makes the error for a file that does not match the server's sums or size; `reason` says why. Default:
    /// [`Cause::Protocol`].
    fn mismatch(&self, reason: &str) -> Error {
        Error::new(Cause::Protocol(ProtocolViolation::new(reason)), Delivery::Answered)
    }

    /// Makes the error for a download that its [`Stopper`](super::Stopper) stopped. Default: [`Cause::Io`]
    /// with [`io::ErrorKind::Interrupted`].
    fn stopped(&self, delivery: Delivery) -> Error {
        Error::io("downloading", io::Error::new(io::ErrorKind::Interrupted, "the download was stopped"), delivery)
    }
}

/// The response to one request for a file. Dropping it cancels the rest.
pub trait Body: Send {
    /// Waits for the next piece. It is not called again after [`Piece::end`] or an error.
    ///
    /// It must be cancel safe: a dropped future loses no bytes. While 1 MiB waits for a slow writer, it is not called: a
    /// body that shares its connection must then hold back the connection, or keep what arrives.
    fn next(&mut self) -> impl Future<Output = Result<Piece, Failure>> + Send;

    /// Returns whether the request may have been sent. Default: yes.
    fn is_sent(&self) -> bool {
        true
    }

    /// Asks the server to stop the body. The download keeps reading pieces until [`End::Stopped`] or another end.
    /// Default: `None`; the body is dropped.
    fn stop(&mut self) -> Option<StopRequest> {
        None
    }

    /// Closes the body after a failure, before the next request. Returns whether another request after
    /// [`Failure::Lost`] makes sense. Default: yes, at once.
    fn close(self) -> impl Future<Output = bool> + Send
    where
        Self: Sized,
    {
        async { true }
    }
}

/// A request to stop a body.
pub type StopRequest = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// A piece of a body. All fields are optional.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Piece {
    /// The next bytes of the file.
    pub chunk: Bytes,
    /// The size of the whole file. The first piece must contain it, unless [`Source::size`] or an earlier attempt told
    /// it. A different size means that the file at the server has changed.
    pub size: Option<u64>,
    /// The version of the file, such as an `ETag`, if the server tells it. A different version means that the file at
    /// the server has changed.
    pub version: Option<Arc<str>>,
    /// The end of the body, if this is the last piece.
    pub end: Option<End>,
}

/// How a body ends without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// The body reached the end of the file.
    Complete {
        /// The sum of the bytes of this body.
        range: Option<Sum>,
        /// The sum of the whole file.
        file: Option<Sum>,
    },
    /// The server stopped it, as [`Body::stop`] asked.
    Stopped,
}

impl Piece {
    /// Makes a piece with bytes of the file.
    pub fn bytes(chunk: Bytes) -> Self {
        Self { chunk, ..Self::default() }
    }

    /// Makes a piece that ends the file, with the sum of the bytes of this body and that of the whole file. Without
    /// sums the download ends as [`Verified::Nothing`](super::Verified::Nothing).
    pub fn complete(range: Option<Sum>, file: Option<Sum>) -> Self {
        Self { end: Some(End::Complete { range, file }), ..Self::default() }
    }

    /// Sets the size of the whole file.
    #[must_use]
    pub fn with_size(mut self, size: Option<u64>) -> Self {
        self.size = size;
        self
    }

    /// Sets the version of the file.
    #[must_use]
    pub fn with_version(mut self, version: Option<&str>) -> Self {
        self.version = version.map(Into::into);
        self
    }

    /// Sets the end of the body.
    #[must_use]
    pub fn with_end(mut self, end: Option<End>) -> Self {
        self.end = end;
        self
    }
}

/// Why an attempt failed, and what happens next.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The connection was lost or timed out. The download resumes from the bytes at hand.
    Lost(Error),
    /// The file at the server has changed and has no such offset. A download to a path starts over, once.
    Changed(Error),
    /// The download fails.
    Final(Error),
}

/// Chooses by the cause: lost connections, closes, timeouts and protocol violations without an answer become
/// [`Failure::Lost`], HTTP 416 (no such range) becomes [`Failure::Changed`], all others [`Failure::Final`].
///
/// A protocol violation that ends the download of the rest of a file is not final for a download to a path: it starts
/// over, once.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.cause() {
            Cause::Http(failure) if failure.status == StatusCode::RANGE_NOT_SATISFIABLE => Self::Changed(error),
            Cause::Protocol(_) if error.delivery() == Delivery::Answered => Self::Final(error),
            Cause::Transport(_) | Cause::Closed(_) | Cause::Timeout(_) | Cause::Protocol(_) => Self::Lost(error),
            _ => Self::Final(error),
        }
    }
}

/// A value that is kept until the last write is done, even if the download is dropped before.
pub(super) type Guard = Option<Arc<dyn std::any::Any + Send + Sync>>;
