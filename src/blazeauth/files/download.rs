//! A download, prepared.

use super::super::calls::Calls;
use super::registry::Files;
use super::stream::File;
use crate::download::{self, Progress, Stopper, Transferred};
use crate::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// A file about to be downloaded, from [`Client::download`](super::super::Client::download): over the WebSocket or by a
/// link, as the server offers.
///
/// Bytes are hashed and written as they come. The download is over when the server's SHA-256 sums have been compared:
/// that of the part that was sent, and that of the whole file, if its beginning is known. A difference is an error with
/// status 302 ([`FileChecksumMismatch`](super::super::ErrorCode::FileChecksumMismatch)) that says which sum it is.
///
/// # Lost connections
///
/// When the connection is lost, or a link breaks off, the file is asked for again from the bytes at hand on, once the
/// client is connected. After three attempts in a row without a byte the last one's error is returned; sooner, if the
/// server does not answer at all for the time limit of a call, and not to packet 8 either, or if it refuses a second
/// link in a row (403, 404, ...). A file that was changed meanwhile is begun anew, once, if it is saved to a path; for
/// a writer it is status 302. A path is begun anew too if something else comes than the rest of the file.
///
/// # Slow writers
///
/// A stream shares the connection with all other calls. While 1 MiB waits for the writer, nothing more is read from the
/// connection: the server is slowed down, nothing is lost or sent twice, and **every other call of this client, its
/// events and its pings wait meanwhile**. Use a second client for calls that must not wait for a slow disk or network; a
/// writer that takes nothing for long costs the connection. A download by link has a connection of its own.
///
/// # Errors
///
/// Whatever the server refuses or ends the transfer with: 3, 6, 300, 301, 303, 304, 306. In addition 302,
/// [`Cause::Io`](crate::Cause::Io) if the writer or a file fails, [`Cause::Protocol`](crate::Cause::Protocol)
/// if more or less comes than the file has, and the causes of a lost connection.
/// [`Interrupted::of`](download::Interrupted::of) tells how far the download came. A second download of a file while
/// one is running through the same session is refused.
///
/// # Cancellation
///
/// Dropping the future ends the stream at the server in the background, as far as that can be reached, and what still
/// comes is thrown away. A path then has the partial file as of its last checkpoint, at most 16 MiB ago. To end a
/// download in an orderly way use its [`stopper`](Self::stopper).
#[must_use = "nothing happens before `write_to`, `save_in` or `save_as`"]
pub struct Download {
    calls: Calls,
    files: Arc<Files>,
    download: download::Download,
}

impl Download {
    pub(in super::super) fn new(calls: Calls, files: Arc<Files>, name: &str) -> Self {
        Self { calls, files, download: download::Download::new(name) }
    }

    /// Begins at this offset, for a writer that has the bytes before it. They are not known to the client, so that only
    /// what follows is verified, and by link not even that: see [`Transferred::verified`]. Default: 0.
    pub fn resume_at(mut self, offset: u64) -> Self {
        self.download = self.download.resume_at(offset);
        self
    }

    /// Begins after the bytes of `prefix`, for a writer that has the same: reads it to its end, so that the whole file
    /// can be verified.
    ///
    /// # Errors
    ///
    /// [`Cause::Io`](crate::Cause::Io) if it cannot be read.
    pub async fn resume_behind(mut self, prefix: &mut (impl AsyncRead + Unpin + Send + ?Sized)) -> Result<Self, Error> {
        self.download = self.download.resume_behind(prefix).await?;
        Ok(self)
    }

    /// Calls `report` after each chunk that came. It runs in the download's own task: it should be quick.
    pub fn progress(mut self, report: impl FnMut(Progress) + Send + 'static) -> Self {
        self.download = self.download.progress(report);
        self
    }

    /// Returns a handle that stops this download, which then fails with status 306
    /// ([`FileTransferStopped`](super::super::ErrorCode::FileTransferStopped)).
    pub fn stopper(&self) -> Stopper {
        self.download.stopper()
    }

    /// Downloads to a writer, which is flushed at the end and not shut down.
    ///
    /// # Errors
    ///
    /// See [`Download`]. The writer then has [`Interrupted::at_hand`](download::Interrupted::at_hand) bytes of the file
    /// (with those before [`resume_at`](Self::resume_at)), all of them good unless the status is 302.
    pub async fn write_to(self, writer: &mut (impl AsyncWrite + Unpin + Send + ?Sized)) -> Result<Transferred, Error> {
        let calls = self.calls.clone();
        let done = async {
            let (download, file) = self.begin().await?;
            download.write_to(file, writer).await
        };
        done.await.map_err(|error| calls.in_context(error))
    }

    /// Downloads to a file of the same name in the directory `dir`, see [`save_as`](Self::save_as).
    ///
    /// # Errors
    ///
    /// As [`save_as`](Self::save_as).
    pub async fn save_in(self, dir: impl AsRef<Path> + Send) -> Result<Transferred, Error> {
        let name = self.download.name().to_owned();
        self.save_as(dir, &name).await
    }

    /// Downloads to the file `name` in the directory `dir`, which must exist, as
    /// [`download::Download::save_as`] describes: whole or not at all, and from where an earlier download ended.
    ///
    /// # Errors
    ///
    /// See [`Download`]. The partial file stays unless the sums differ. Refused if `name` is not one plain file name on
    /// every system (separators, `..`, a drive; on Windows a device), or if the target is neither a file nor a link.
    pub async fn save_as(self, dir: impl AsRef<Path> + Send, name: &str) -> Result<Transferred, Error> {
        let calls = self.calls.clone();
        let done = async {
            let (download, file) = self.begin().await?;
            download.save_as(file, dir, name).await
        };
        done.await.map_err(|error| calls.in_context(error))
    }

    /// Claims the file's name. It stays claimed while a write runs in the background.
    async fn begin(self) -> Result<(download::Download, File), Error> {
        let Self { calls, files, download } = self;
        let ticket = Arc::new(files.begin(download.name()).await?);
        let file = File::new(calls, files, download.name(), Arc::clone(&ticket));
        Ok((download.keep(ticket), file))
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("download", &self.download).finish_non_exhaustive()
    }
}
