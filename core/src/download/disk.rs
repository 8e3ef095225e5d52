//! Writing to a partial file without blocking the runtime's threads.

use super::account::Account;
use super::backlog::Backlog;
use super::digest::Sum;
use super::partial::Partial;
use super::sink::Sink;
use super::source::Guard;
use crate::error::{Delivery, Error};
use std::future::{Future, poll_fn};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

/// Bytes that are collected for one write.
const BLOCK: usize = 1 << 20;
/// Bytes after which the sidecar is updated.
const CHECKPOINT: u64 = 8 << 20;

type Job = JoinHandle<(Partial, Result<(), Error>)>;

/// A partial file that is moved to blocking tasks for I/O.
pub(super) struct Disk {
    partial: Option<Partial>,
    job: Option<Job>,
    /// Each task holds a clone, so that it outlives a dropped download.
    guard: Guard,
}

impl Disk {
    /// Opens the target `name` in `dir`. Also returns the account of the bytes at hand.
    pub(super) async fn open(dir: &Path, name: &str, guard: Guard) -> Result<(Self, Account), Error> {
        let (dir, name) = (dir.to_owned(), name.to_owned());
        let held = guard.clone();
        let opened = spawn_blocking(move || {
            let _held = held;
            Partial::open(&dir, &name)
        });
        let (partial, prefix) = opened.await.map_err(abandoned)??;
        let account = match prefix {
            Some(prefix) => {
                Account::after(prefix.length, Some(prefix.hash), Some(prefix.file_size)).with_version(prefix.version)
            }
            None => Account::new(),
        };
        Ok((Self { partial: Some(partial), job: None, guard }, account))
    }

    fn begin(&mut self, partial: Partial, work: impl FnOnce(&mut Partial) -> Result<(), Error> + Send + 'static) {
        let (mut partial, held) = (partial, self.guard.clone());
        self.job = Some(spawn_blocking(move || {
            let _held = held;
            let result = work(&mut partial);
            (partial, result)
        }));
    }

    /// Waits for the running task.
    fn poll_job(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Some(job) = &mut self.job else { return Poll::Ready(Ok(())) };
        let joined = ready!(Pin::new(job).poll(cx));
        self.job = None;
        let (partial, result) = joined.map_err(abandoned)?;
        self.partial = Some(partial);
        Poll::Ready(result)
    }

    /// Waits until no task uses the file, and returns it.
    async fn rest(&mut self) -> Result<Partial, Error> {
        poll_fn(|cx| self.poll_job(cx)).await?;
        self.partial.take().ok_or_else(gone)
    }

    async fn work(
        &mut self,
        work: impl FnOnce(&mut Partial) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        let partial = self.rest().await?;
        self.begin(partial, work);
        poll_fn(|cx| self.poll_job(cx)).await
    }

    /// Runs a last operation. Returns the file too, which stays closed to other transfers.
    async fn end<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Partial) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (mut partial, held) = (self.rest().await?, self.guard.clone());
        let done = spawn_blocking(move || {
            let _held = held;
            let result = work(&mut partial);
            (partial, result)
        });
        let (partial, result) = done.await.map_err(abandoned)?;
        self.partial = Some(partial);
        Ok(result)
    }
}

impl Sink for Disk {
    const MAY_STALL: bool = false;

    fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        backlog: &mut Backlog,
        account: &Account,
        all: bool,
    ) -> Poll<Result<(), Error>> {
        loop {
            ready!(self.poll_job(cx))?;
            if backlog.is_empty() || (backlog.len() < BLOCK && !all) {
                return Poll::Ready(Ok(()));
            }
            let partial = self.partial.take().ok_or_else(gone)?;
            let mut mark: Option<(u64, Sum)> = None;
            if account.held().saturating_sub(partial.noted()) >= CHECKPOINT {
                mark = account.mark();
            }
            let (chunks, version) = (backlog.take(), account.version().cloned());
            self.begin(partial, move |partial| {
                partial.append(chunks)?;
                partial.set_version(version);
                mark.map_or(Ok(()), |(size, sum)| partial.note(size, sum))
            });
        }
    }

    async fn restart(&mut self) -> Result<bool, Error> {
        self.work(Partial::restart).await.map(|()| true)
    }

    async fn finish(&mut self) -> Result<Option<PathBuf>, Error> {
        self.end(Partial::complete).await?.map(Some)
    }

    async fn keep(&mut self, account: &Account, written: u64) -> u64 {
        // A failed operation leaves the file behind, unless its task panicked.
        let _ = poll_fn(|cx| self.poll_job(cx)).await;
        let version = account.version().cloned();
        let (size, mark) = (account.size(), account.mark().filter(|_| written == account.held()));
        let kept = self.end(move |partial| {
            partial.set_version(version);
            // Less is written than was received if the disk is full. Then the sidecar stays as it is, if it cannot be
            // written either.
            let noted = match (mark, size) {
                _ if partial.length() == 0 => partial.discard(),
                (Some((size, sum)), _) if partial.length() == written => partial.note(size, sum),
                (_, Some(size)) => partial.note_what_is_there(size),
                (_, None) => Ok(()),
            };
            if let Err(error) = noted {
                tracing::warn!(%error, at = partial.noted(), "the state of an interrupted download is out of date");
            }
            partial.noted()
        });
        kept.await.unwrap_or(0)
    }

    async fn discard(&mut self, _: u64) -> u64 {
        if let Err(error) = self.end(Partial::discard).await.and_then(|discarded| discarded) {
            tracing::warn!(%error, "the wrong bytes of a download stay");
        }
        0
    }
}

/// Makes the error for a task that panicked or that the runtime cancelled.
fn abandoned(error: JoinError) -> Error {
    Error::io("writing to a file in the background", io::Error::other(error), Delivery::MaybeSent)
}

/// Makes the error for a file that an earlier task did not return.
fn gone() -> Error {
    let error = io::Error::new(io::ErrorKind::BrokenPipe, "an earlier task of this download panicked or was cancelled");
    Error::io("writing to a file in the background", error, Delivery::MaybeSent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use tempfile::TempDir;

    fn received(account: &mut Account, backlog: &mut Backlog, length: usize) {
        let mut chunk = Bytes::from(vec![7; length]);
        account.take(&mut chunk).unwrap();
        backlog.push(chunk);
    }

    #[tokio::test]
    async fn after_a_failed_write_the_sidecar_tells_what_is_in_the_file() {
        let dir = TempDir::new().unwrap();
        let (mut disk, mut account) = Disk::open(dir.path(), "file", None).await.unwrap();
        let mut backlog = Backlog::default();
        account.begin();
        account.told(Some(10 << 20)).unwrap();
        received(&mut account, &mut backlog, 3 << 20);
        poll_fn(|cx| disk.poll_drain(cx, &mut backlog, &account, true)).await.unwrap();
        disk.partial.as_mut().unwrap().fail_writes();
        received(&mut account, &mut backlog, 2 << 20);
        let error = poll_fn(|cx| disk.poll_drain(cx, &mut backlog, &account, true)).await.unwrap_err();
        assert!(matches!(error.cause(), crate::Cause::Io(_)), "{error:?}");
        assert_eq!(disk.keep(&account, account.held()).await, 3 << 20);
        drop(disk);
        let (_, account) = Disk::open(dir.path(), "file", None).await.unwrap();
        assert_eq!((account.held(), account.size()), (3 << 20, Some(10 << 20)));
    }
}
