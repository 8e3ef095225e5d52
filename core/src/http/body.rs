//! The body of a request.

use crate::error::{Delivery, Error};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::{TryStreamExt, stream};
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes that are read at once from a reader, or given to the connection at once.
pub(super) const PIECE: usize = 64 << 10;

/// Bytes on their way to the server.
pub(super) type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;
type Opening = Pin<Box<dyn Future<Output = io::Result<Pieces>> + Send>>;
pub(super) type Report = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// The body of a request: bytes, or a stream of known length.
///
/// A stream is sent as it is read: no more than a piece of it is in memory. If it ends early or goes on beyond its length,
/// the request fails with [`Cause::Io`](crate::Cause::Io). One that can be read only once ([`reader`](Self::reader),
/// [`stream`](Self::stream)) is not sent again once reading has begun; give a function that makes another one
/// ([`repeatable`](Self::repeatable)) for retries and renewed sessions.
///
/// Clones share a stream.
#[derive(Clone)]
pub struct Body {
    pub(super) content: Content,
    report: Option<Report>,
}

#[derive(Clone)]
pub(super) enum Content {
    Bytes(Bytes),
    Once { length: u64, pieces: Arc<Mutex<Option<Pieces>>> },
    Repeatable { length: u64, open: Arc<dyn Fn() -> Opening + Send + Sync> },
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.length())
    }
}

impl Body {
    fn new(content: Content) -> Self {
        Self { content, report: None }
    }

    /// Makes a body of `length` bytes from a reader, which is read once.
    pub fn reader(length: u64, reader: impl AsyncRead + Send + 'static) -> Self {
        Self::once(length, pieces(reader))
    }

    /// Makes a body of `length` bytes from a stream, which is read once.
    pub fn stream(length: u64, stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self::once(length, Box::pin(stream))
    }

    /// Makes a body of `length` bytes from a function that opens a reader, anew for each attempt.
    ///
    /// ```no_run
    /// use statuswire::http::Body;
    /// use tokio::fs::File;
    ///
    /// # async fn doc() -> std::io::Result<()> {
    /// let length = tokio::fs::metadata("deck.png").await?.len();
    /// let body = Body::repeatable(length, || File::open("deck.png"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn repeatable<F, R>(length: u64, open: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<R>> + Send + 'static,
        R: AsyncRead + Send + 'static,
    {
        let open = move || -> Opening {
            let opening = open();
            Box::pin(async { opening.await.map(pieces) })
        };
        Self::new(Content::Repeatable { length, open: Arc::new(open) })
    }

    /// Calls a function with the bytes given to the connection so far, and the length, after each piece. It is called anew
    /// for each attempt, and must not block.
    #[must_use]
    pub fn on_progress(mut self, report: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.report = Some(Arc::new(report));
        self
    }

    fn once(length: u64, pieces: Pieces) -> Self {
        Self::new(Content::Once { length, pieces: Arc::new(Mutex::new(Some(pieces))) })
    }

    /// Returns the length in bytes.
    pub fn length(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Once { length, .. } | Content::Repeatable { length, .. } => *length,
        }
    }

    /// Returns whether the body can be sent (again).
    pub(super) fn is_whole(&self) -> bool {
        match &self.content {
            Content::Once { pieces, .. } => pieces.lock().unwrap_or_else(PoisonError::into_inner).is_some(),
            Content::Bytes(_) | Content::Repeatable { .. } => true,
        }
    }

    /// Opens the body for one attempt. `unsent` is the delivery of a request that does not leave.
    pub(super) async fn open(&self, unsent: Delivery) -> Result<Opened, Error> {
        let fail = |error| Error::io("opening the request body", error, unsent);
        let mut source = match &self.content {
            Content::Bytes(bytes) => Source::Bytes(bytes.clone()),
            Content::Once { pieces, .. } => Source::Shared(Arc::clone(pieces)),
            Content::Repeatable { open, .. } => Source::Pieces(open().await.map_err(fail)?),
        };
        let length = self.length();
        // The connection does not ask for pieces of a body without bytes.
        if length == 0
            && let Some(pieces) = source.pieces().map_err(fail)?
            && pieces.try_next().await.map_err(fail)?.is_some()
        {
            return Err(fail(too_long(length)));
        }
        Ok(Opened { source, length, report: self.report.clone() })
    }
}

/// A body on its way to the server, for one attempt.
pub(super) struct Opened {
    pub(super) source: Source,
    pub(super) length: u64,
    pub(super) report: Option<Report>,
}

impl Opened {
    /// Returns the body of a request that has none.
    pub(super) fn empty() -> Self {
        Self { source: Source::Bytes(Bytes::new()), length: 0, report: None }
    }
}

pub(super) enum Source {
    Bytes(Bytes),
    /// It is taken when it is needed: a request that finds no connection leaves it.
    Shared(Arc<Mutex<Option<Pieces>>>),
    Pieces(Pieces),
}

impl Source {
    /// Returns the stream; `None` for bytes.
    pub(super) fn pieces(&mut self) -> io::Result<Option<&mut Pieces>> {
        if let Self::Shared(shared) = self {
            let taken = shared.lock().unwrap_or_else(PoisonError::into_inner).take();
            *self = Self::Pieces(taken.ok_or_else(|| io::Error::other("the request body was read before"))?);
        }
        Ok(match self {
            Self::Pieces(pieces) => Some(pieces),
            Self::Bytes(_) | Self::Shared(_) => None,
        })
    }
}

/// Makes the error for a stream with more bytes than were announced.
pub(super) fn too_long(length: u64) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("it has more than the {length} bytes that were announced"))
}

/// Returns what a reader contains.
fn pieces(reader: impl AsyncRead + Send + 'static) -> Pieces {
    Box::pin(stream::try_unfold(Box::pin(reader), |mut reader| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = reader.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| (piece.freeze(), reader)))
    }))
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::new(Content::Bytes(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}
