//! The destination of a download.

use super::account::Account;
use super::backlog::Backlog;
use crate::error::{Delivery, Error};
use std::future::{Future, poll_fn};
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;

/// Takes a file's bytes in order.
pub(super) trait Sink: Send {
    /// Whether a write may block forever, so that unwritten bytes are dropped when the user stops.
    const MAY_STALL: bool;

    /// Writes from the backlog; ready when more bytes are needed. `account` includes the bytes in the backlog. `all`:
    /// writes everything, because no more bytes arrive for now.
    fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        backlog: &mut Backlog,
        account: &Account,
        all: bool,
    ) -> Poll<Result<(), Error>>;

    /// Discards what was written; returns `false` if that is impossible.
    fn restart(&mut self) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Ends with a complete and verified file. Returns its path, if it has one.
    fn finish(&mut self) -> impl Future<Output = Result<Option<PathBuf>, Error>> + Send;

    /// Ends a failed transfer whose written bytes are valid. Returns from which offset a later one can continue.
    /// `written`: how many bytes of `account` left the backlog.
    fn keep(&mut self, account: &Account, written: u64) -> impl Future<Output = u64> + Send;

    /// Ends a failed transfer whose `written` bytes are wrong. Returns how many of them stay.
    fn discard(&mut self, written: u64) -> impl Future<Output = u64> + Send;
}

/// A caller's writer.
pub(super) struct Writer<'a, W: ?Sized>(pub(super) &'a mut W);

impl<W: AsyncWrite + Unpin + Send + ?Sized> Writer<'_, W> {
    async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| Pin::new(&mut *self.0).poll_flush(cx)).await.map_err(failed)
    }
}

impl<W: AsyncWrite + Unpin + Send + ?Sized> Sink for Writer<'_, W> {
    const MAY_STALL: bool = true;

    fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
        backlog: &mut Backlog,
        _: &Account,
        _: bool,
    ) -> Poll<Result<(), Error>> {
        while let Some(front) = backlog.front() {
            match ready!(Pin::new(&mut *self.0).poll_write(cx, front)).map_err(failed)? {
                0 => return Poll::Ready(Err(failed(io::Error::from(io::ErrorKind::WriteZero)))),
                written => backlog.advance(written),
            }
        }
        Poll::Ready(Ok(()))
    }

    async fn restart(&mut self) -> Result<bool, Error> {
        Ok(false)
    }

    async fn finish(&mut self) -> Result<Option<PathBuf>, Error> {
        self.flush().await.map(|()| None)
    }

    async fn keep(&mut self, account: &Account, written: u64) -> u64 {
        if written == account.held() {
            // The error that ended the transfer is more important.
            let _ = self.flush().await;
        }
        written
    }

    async fn discard(&mut self, written: u64) -> u64 {
        written
    }
}

fn failed(error: io::Error) -> Error {
    Error::io("writing to the caller's writer", error, Delivery::MaybeSent)
}
