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
    /// Bytes that the sidecar covers.
    noted: u64,
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
        let noted = partial.length();
        let account = match prefix {
            Some(prefix) => Account::after(prefix.length, Some(prefix.hash), Some(prefix.file_size)),
            None => Account::new(),
        };
        Ok((Self { partial: Some(partial), job: None, noted, guard }, account))
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

    /// Runs the last operation.
    async fn end<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(Partial) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let partial = self.rest().await?;
        let held = self.guard.clone();
        let done = spawn_blocking(move || {
            let _held = held;
            work(partial)
        });
        done.await.map_err(abandoned)?
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
            if account.held() - self.noted >= CHECKPOINT {
                self.noted = account.held();
                mark = account.mark();
            }
            let chunks = backlog.take();
            self.begin(partial, move |partial| {
                partial.append(chunks)?;
                mark.map_or(Ok(()), |(size, sum)| partial.note(size, sum))
            });
        }
    }

    fn at_hand(&self, counted: u64) -> u64 {
        // A failed write may have been partial.
        self.partial.as_ref().map_or(counted, |partial| partial.length().min(counted))
    }

    async fn restart(&mut self) -> Result<bool, Error> {
        self.noted = 0;
        self.work(Partial::restart).await.map(|()| true)
    }

    async fn finish(&mut self) -> Result<Option<PathBuf>, Error> {
        self.end(Partial::complete).await.map(Some)
    }

    async fn keep(&mut self, account: &Account, drained: bool) -> Result<(), Error> {
        let mark = if drained { account.mark() } else { None };
        let note = move |partial: Partial| match (partial.length(), mark) {
            (0, _) => partial.discard(),
            (_, Some((size, sum))) => partial.note(size, sum),
            (_, None) => Ok(()),
        };
        self.end(note).await
    }

    async fn discard(&mut self) -> Result<(), Error> {
        self.end(Partial::discard).await
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
