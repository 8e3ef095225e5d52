//! A download, prepared.

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

/// Bytes of a prefix that are read at once.
const READ: usize = 64 << 10;

/// A file about to be downloaded. It runs once, with [`write_to`](Self::write_to), [`save_in`](Self::save_in) or
/// [`save_as`](Self::save_as).
///
/// # Errors
///
/// What the source fails with, its [`mismatch`](Source::mismatch) and [`stopped`](Source::stopped),
/// [`Cause::Io`](crate::Cause::Io) if the writer or a file fails, and [`Cause::Protocol`](crate::Cause::Protocol) if
/// more or less comes than the file has. [`Error::context`] tells the attempts and the time;
/// [`Interrupted::of`](super::Interrupted::of) tells how far the download came.
///
/// # Cancellation
///
/// Dropping the future drops the source. A path then has the partial file as of its last checkpoint, at most 16 MiB ago.
/// A write that runs in the background ends first: until then another download to the same path is refused.
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

    /// Begins at this offset, for a writer that has the bytes before it. Their sum is not known, so that only what
    /// follows can be verified ([`Transferred::verified`]). Default: 0.
    pub fn resume_at(mut self, offset: u64) -> Self {
        self.resume = Some((offset, None));
        self
    }

    /// Begins after the bytes of `prefix`, for a writer that has the same: reads it to its end, so that the whole file
    /// can be verified.
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

    /// Calls `report` after each chunk that came. It runs in the download's own task: it should be quick.
    pub fn progress(mut self, report: impl FnMut(Progress) + Send + 'static) -> Self {
        self.progress = Some(Box::new(report));
        self
    }

    /// Returns a handle that stops this download.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Keeps a value until the last write to a path is done, also if the download is dropped before: a lock, for
    /// example.
    pub fn keep(mut self, guard: Arc<dyn Any + Send + Sync>) -> Self {
        self.guard = Some(guard);
        self
    }

    /// Downloads to a writer, which is flushed at the end and not shut down.
    ///
    /// # Errors
    ///
    /// See [`Download`]. The writer then has [`Interrupted::at_hand`](super::Interrupted::at_hand) bytes of the file
    /// (with those before [`resume_at`](Self::resume_at)), all of them good unless it is a mismatch.
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
    /// The bytes go to a hidden file in the same directory, `.NAME.part`, which takes the target's name and place when
    /// everything is verified and written to disk: readers see the whole new file or the old one. A small
    /// file, `.NAME.part.json`, has the sum of the bytes at hand. A later download goes on from there if the sum is
    /// right, and starts over if anything is odd. Nothing is written outside of `dir`, and not through symbolic links.
    /// Another download to the same target, of another process too, is refused meanwhile.
    ///
    /// # Errors
    ///
    /// See [`Download`]. The partial file stays unless it is a mismatch. Refused if `name` is not one plain file name on
    /// every system (separators, `..`, a drive, a device of Windows), or if the target is neither a file nor a link.
    pub async fn save_as(
        self,
        source: impl Source,
        dir: impl AsRef<Path> + Send,
        name: &str,
    ) -> Result<Transferred, Error> {
        name::check(name)?;
        if self.resume.is_some() {
            return Err(Error::invalid_request(
                "a download to a path finds out by itself where to go on; leave `resume_at` out",
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
