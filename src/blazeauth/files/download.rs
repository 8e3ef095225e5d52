//! A download, prepared.

use super::course::Course;
use super::disk::Disk;
use super::name;
use super::progress::{Progress, Transferred};
use super::registry::Ticket;
use super::sink::{Sink, Writer};
use super::slow::SlowWriter;
use super::stopper::Stopper;
use super::transfer::Transfer;
use crate::blazeauth::Client;
use crate::error::{Delivery, Error};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

/// Bytes of a prefix that are read at once.
const READ: usize = 64 << 10;

/// A file about to be downloaded, from [`Client::download`]: over the WebSocket or by a link, as the server offers.
///
/// Bytes are hashed and written as they come. The download is over when the server's SHA-256 sums have been compared:
/// that of the part that was sent, and that of the whole file, if its beginning is known. A difference is an error with
/// status 302 ([`FileChecksumMismatch`](crate::blazeauth::ErrorCode::FileChecksumMismatch)) that says which sum it is.
///
/// # Lost connections
///
/// When the connection is lost, or a link breaks off, the file is asked for again from the bytes at hand on, once the
/// client is connected. After three attempts in a row without a byte the last one's error is returned; sooner, if the
/// server does not answer at all for the time limit of a call, and not to packet 8 either. A file that was changed
/// meanwhile is begun anew, once, if it is saved to a path; for a writer it is status 302.
///
/// # Errors
///
/// Whatever the server refuses or ends the transfer with: 3, 6, 300, 301, 303, 304, 306. Beside those, 302,
/// [`Cause::Io`](crate::Cause::Io) if the writer or a file fails, [`Cause::Protocol`](crate::Cause::Protocol)
/// if more or less comes than the file has, and the causes of a lost connection. [`Interrupted::of`](super::Interrupted::of) tells how far the
/// download came. A second download of a file while one is running through the same session is refused.
///
/// # Cancellation
///
/// Dropping the future ends the stream at the server in the background, as far as that can be reached, and what still
/// comes is thrown away. A path then has the partial file as of its last checkpoint, at most 16 MiB ago. To end a
/// download in an orderly way use its [`stopper`](Self::stopper).
#[must_use = "nothing happens before `write_to`, `save_in` or `save_as`"]
pub struct Download {
    client: Client,
    name: Arc<str>,
    resume: Option<(u64, Option<Sha256>)>,
    progress: Option<Box<dyn FnMut(Progress) + Send>>,
    stopper: Stopper,
    slow: SlowWriter,
}

impl Download {
    pub(in crate::blazeauth) fn new(client: Client, name: &str) -> Self {
        Self {
            client,
            name: name.into(),
            resume: None,
            progress: None,
            stopper: Stopper::new(),
            slow: SlowWriter::default(),
        }
    }

    /// Begins at this offset, for a writer that has the bytes before it. They are not known to the client, so that only
    /// what follows is verified, and by link not even that: see [`Transferred::verified`]. Default: 0.
    pub fn resume_at(mut self, offset: u64) -> Self {
        self.resume = Some((offset, None));
        self
    }

    /// Begins behind what `prefix` has, for a writer that has the same: reads it to its end, so that the whole file can
    /// be verified.
    ///
    /// # Errors
    ///
    /// [`Cause::Io`](crate::Cause::Io) if it cannot be read.
    pub async fn resume_behind(mut self, prefix: &mut (impl AsyncRead + Unpin + Send + ?Sized)) -> Result<Self, Error> {
        let (mut hash, mut length) = (Sha256::new(), 0);
        let mut buffer = vec![0; READ];
        loop {
            let failed = |error| Error::io("reading what is there of the file", error, Delivery::NotSent);
            match prefix.read(&mut buffer).await.map_err(failed)? {
                0 => break,
                read => {
                    hash.update(&buffer[..read]);
                    length += read as u64;
                }
            }
        }
        self.resume = Some((length, Some(hash)));
        Ok(self)
    }

    /// Is told how far it is, after each chunk that came. It runs in the download's own task: it should be quick.
    pub fn progress(mut self, report: impl FnMut(Progress) + Send + 'static) -> Self {
        self.progress = Some(Box::new(report));
        self
    }

    /// A handle that stops this download.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// What happens if the writer is slower than the server. Default: [`SlowWriter::Stop`].
    pub fn slow_writer(mut self, slow: SlowWriter) -> Self {
        self.slow = slow;
        self
    }

    /// Downloads to a writer, which is flushed at the end and not shut down.
    ///
    /// # Errors
    ///
    /// See [`Download`]. The writer then has [`Interrupted::at_hand`](super::Interrupted::at_hand) bytes of the file (with what came before
    /// [`resume_at`](Self::resume_at)), all of them good unless the status is 302.
    pub async fn write_to(self, writer: &mut (impl AsyncWrite + Unpin + Send + ?Sized)) -> Result<Transferred, Error> {
        let ticket =
            Arc::new(self.client.files().registry.begin(&self.name).await.map_err(|error| self.refused(error))?);
        let course = match &self.resume {
            Some((offset, hash)) => Course::behind(*offset, hash.clone(), None),
            None => Course::new(),
        };
        self.run(ticket, &mut Writer(writer), course).await
    }

    /// Downloads to a file of the same name in the directory `dir`, see [`save_as`](Self::save_as).
    ///
    /// # Errors
    ///
    /// As [`save_as`](Self::save_as).
    pub async fn save_in(self, dir: impl AsRef<Path> + Send) -> Result<Transferred, Error> {
        let name = Arc::clone(&self.name);
        self.save_as(dir, &name).await
    }

    /// Downloads to the file `name` in the directory `dir`, which must exist.
    ///
    /// The bytes go to a hidden file beside it, `.NAME.part`, which takes the target's name and place when everything is
    /// verified and written to disk: whoever looks sees the whole file or what was there before. A small file,
    /// `.NAME.part.json`, has the sum of what is there. A later download goes on from there if the sum is right, and
    /// starts over if anything is odd. Nothing is written outside of `dir`, and not through symbolic links. Another
    /// download to the same target, of another process too, is refused meanwhile.
    ///
    /// # Errors
    ///
    /// See [`Download`]. The partial file stays unless the sums differ. Refused if `name` is not one plain file name on
    /// every system (separators, `..`, a drive, a device of Windows), or if a directory, a device or the like has it.
    pub async fn save_as(self, dir: impl AsRef<Path> + Send, name: &str) -> Result<Transferred, Error> {
        let prepared = async {
            name::check(name)?;
            if self.resume.is_some() {
                return Err(Error::invalid_request(
                    "a download to a path finds out by itself where to go on; leave `resume_at` out",
                ));
            }
            let ticket = Arc::new(self.client.files().registry.begin(&self.name).await?);
            let (disk, course) = Disk::open(dir.as_ref(), name, Arc::clone(&ticket)).await?;
            Ok((ticket, disk, course))
        };
        let (ticket, mut disk, course) = prepared.await.map_err(|error| self.refused(error))?;
        self.run(ticket, &mut disk, course).await
    }

    async fn run(self, ticket: Arc<Ticket>, sink: &mut impl Sink, course: Course) -> Result<Transferred, Error> {
        let Self { client, name, progress, stopper, slow, .. } = self;
        Transfer::new((&client, &name, ticket), slow, progress, stopper.stopped(), (sink, course)).run().await
    }

    fn refused(&self, error: Error) -> Error {
        self.client.in_context(error, 0, Duration::ZERO)
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("name", &self.name)
            .field("resume_at", &self.resume.as_ref().map(|(offset, _)| offset))
            .field("slow_writer", &self.slow)
            .finish_non_exhaustive()
    }
}
