//! The builder of a download.

use super::account::Account;
use super::disk::Disk;
use super::name;
use super::progress::{Progress, Transferred};
use super::sink::{Sink, Writer};
use super::source::{Guard, Source};
use super::stopper::Stopper;
use super::transfer::Transfer;
use crate::error::{Delivery, Error};
use sha2::{Digest, Sha256};
use std::any::Any;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

/// Bytes per read of a prefix.
const READ: usize = 64 << 10;

/// A prepared download. It runs once, with [`write_to`](Self::write_to), [`save_in`](Self::save_in) or
/// [`save_as`](Self::save_as).
///
/// # Errors
///
/// The errors of the source, including its [`mismatch`](Source::mismatch) and [`stopped`](Source::stopped);
/// [`Cause::Io`](crate::Cause::Io) if the writer or a file fails; [`Cause::Protocol`](crate::Cause::Protocol) if the
/// source sends more or less than the file has. [`Error::context`] contains the attempts and the time;
/// [`Interrupted::of`](super::Interrupted::of) returns the progress.
///
/// # Cancellation
///
/// Dropping the future drops the source. At a path, the partial file is usable up to its last checkpoint, at most 16
/// MiB back. A write in the background finishes first: until then another download to the same path is refused.
#[must_use = "nothing happens before `write_to`, `save_in` or `save_as`"]
pub struct Download {
    name: Arc<str>,
    resume: Option<(u64, Option<Sha256>)>,
    progress: Option<Box<dyn FnMut(Progress) + Send>>,
    stopper: Stopper,
    guard: Guard,
}

impl Download {
    /// Prepares the download of the file with this name.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), resume: None, progress: None, stopper: Stopper::new(), guard: None }
    }

    /// Returns the file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Begins at this offset, for a writer that already has the bytes before it. Their sum is unknown, so only the rest
    /// can be verified ([`Transferred::verified`]). Default: 0.
    pub fn resume_at(mut self, offset: u64) -> Self {
        self.resume = Some((offset, None));
        self
    }

    /// Begins after the bytes of `prefix`, for a writer that already has the same bytes. Reads `prefix` to its end, so
    /// that the whole file can be verified.
    ///
    /// # Errors
    ///
    /// [`Cause::Io`](crate::Cause::Io) if it cannot be read.
    pub async fn resume_behind(mut self, prefix: &mut (impl AsyncRead + Unpin + Send + ?Sized)) -> Result<Self, Error> {
        let (mut hash, mut length) = (Sha256::new(), 0);
        let mut buffer = vec![0; READ];
        loop {
            let failed = |error| Error::io("reading the bytes at hand of the file", error, Delivery::NotSent);
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

    /// Calls `report` after each received chunk. It runs in the download's task and should be quick.
    pub fn progress(mut self, report: impl FnMut(Progress) + Send + 'static) -> Self {
        self.progress = Some(Box::new(report));
        self
    }

    /// Returns a handle that stops this download.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Keeps a value, such as a lock, until the last write to a path is done, even if the download is dropped before.
    pub fn keep(mut self, guard: Arc<dyn Any + Send + Sync>) -> Self {
        self.guard = Some(guard);
        self
    }

    /// Downloads to a writer. Flushes it at the end, but does not shut it down.
    ///
    /// # Errors
    ///
    /// See [`Download`]. The writer then has [`Interrupted::at_hand`](super::Interrupted::at_hand) bytes of the file
    /// (including those before [`resume_at`](Self::resume_at)). They are valid unless the error is a mismatch, or
    /// [`Cause::Protocol`](crate::Cause::Protocol) after a request for the rest of the file.
    pub async fn write_to(
        self,
        source: impl Source,
        writer: &mut (impl AsyncWrite + Unpin + Send + ?Sized),
    ) -> Result<Transferred, Error> {
        let account = match &self.resume {
            Some((offset, hash)) => Account::after(*offset, hash.clone(), None),
            None => Account::new(),
        };
        self.run(source, &mut Writer(writer), account).await
    }

    /// Downloads to a file of the same name in the directory `dir`, see [`save_as`](Self::save_as).
    ///
    /// # Errors
    ///
    /// As [`save_as`](Self::save_as).
    pub async fn save_in(self, source: impl Source, dir: impl AsRef<Path> + Send) -> Result<Transferred, Error> {
        let name = Arc::clone(&self.name);
        self.save_as(source, dir, &name).await
    }

    /// Downloads to the file `name` in the directory `dir`, which must exist.
    ///
    /// The bytes go to a hidden file in the same directory, `.NAME.part`, which replaces the target once it is verified
    /// and written to disk: readers see either the whole new file or the old one. A small file, `.NAME.part.json`,
    /// stores the sum of the bytes at hand. A later download continues from there if the sum matches, and starts over
    /// otherwise. In their names, a `NAME` of more than 240 bytes is shortened and ends with a sum of it. Nothing is
    /// written outside `dir` or through symbolic or hard links. Meanwhile, another download to the same target is
    /// refused, also in another process.
    ///
    /// A file system without file locks (`flock`) refuses no second download, and one without `fsync` may lose the file
    /// if the machine fails soon after. Both are logged as warnings, and the download goes on.
    ///
    /// If the server sends something else than the rest of the file, the download starts over, once.
    ///
    /// # Errors
    ///
    /// See [`Download`]. The partial file stays unless the error is a mismatch or no byte is at hand. It is an invalid
    /// request if `name` is not a plain file name on every system (separators, `..`, a drive, more than 255 bytes; on
    /// Windows a device), or if the target is neither a file nor a link.
    pub async fn save_as(
        self,
        source: impl Source,
        dir: impl AsRef<Path> + Send,
        name: &str,
    ) -> Result<Transferred, Error> {
        name::check(name)?;
        if self.resume.is_some() {
            return Err(Error::invalid_request(
                "a download to a path determines by itself where to continue; remove `resume_at`",
            ));
        }
        let (mut disk, account) = Disk::open(dir.as_ref(), name, self.guard.clone()).await?;
        self.run(source, &mut disk, account).await
    }

    async fn run(self, source: impl Source, sink: &mut impl Sink, account: Account) -> Result<Transferred, Error> {
        Transfer::new(self.name, self.progress, self.stopper.stopped(), sink, account).run(source).await
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("name", &self.name)
            .field("resume_at", &self.resume.as_ref().map(|(offset, _)| offset))
            .finish_non_exhaustive()
    }
}
