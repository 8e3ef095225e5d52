//! Many commands at once.

use super::client::Client;
use crate::error::Error;
use futures_core::Stream;
use futures_util::stream::{FuturesOrdered, StreamExt};
use std::fmt;
use std::future::Future;
use std::iter::Fuse;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Calls in progress at a time: enough to keep the window of 64 filled while the caller works between two results.
const IN_FLIGHT: usize = 256;

/// The results of many calls, in the order of the calls, as a stream. Made by [`Client::batch`].
// The futures have a parameter of their own. If a field had the type `I::Item`, the compiler could not prove that a task
// is `Send` if it holds a batch over a closure that takes references.
#[must_use = "nothing is called before the results are fetched"]
pub struct Batch<I, F: Future> {
    calls: Fuse<I>,
    running: FuturesOrdered<F>,
}

impl<I: Iterator<Item = F>, F: Future> Batch<I, F> {
    pub(super) fn new(calls: impl IntoIterator<IntoIter = I, Item = F>) -> Self {
        Self { calls: calls.into_iter().fuse(), running: FuturesOrdered::new() }
    }
}

impl<T, F: Future<Output = Result<T, Error>>, I: Iterator<Item = F>> Stream for Batch<I, F> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { calls, running } = &mut *self;
        while running.len() < IN_FLIGHT
            && let Some(call) = calls.next()
        {
            running.push_back(call);
        }
        running.poll_next_unpin(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.calls.size_hint();
        let running = self.running.len();
        (least.saturating_add(running), most.and_then(|most| most.checked_add(running)))
    }
}

// Each call is pinned in a box of its own.
impl<I, F: Future> Unpin for Batch<I, F> {}

impl<I, F: Future> fmt::Debug for Batch<I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").finish_non_exhaustive()
    }
}

impl Client {
    /// Carries out many calls at once and returns their results in the order of the calls: the fast way to do bulk work
    /// on one connection, without a task per call.
    ///
    /// `calls` are futures of any method of this crate. They are made one by one as needed, and 256 are in progress at
    /// a time: an iterator over millions of commands takes no more memory than that, and no call starts while results
    /// are not fetched. A call that fails yields its error in its place and does not end the stream. The commands
    /// are sent in the order of the calls, with two exceptions: one that is sent again after a lost connection comes
    /// late, and a call that looks before it acts sends its second command when it has looked.
    ///
    /// **Do not batch calls that look before they act ([which](super#what-brings-the-server-down)) together with others
    /// that change the same array or list**: all of them look first, at the same state, and may then bring the server
    /// down. One such call per array or list is fine; await several one after the other.
    ///
    /// Dropping the stream cancels the calls in progress, each as if its future were dropped (see [`Client`]). Only
    /// fetched results tell which ones were done.
    ///
    /// ```no_run
    /// # async fn doc(db: statuswire::nemesis::Client) -> Result<(), statuswire::Error> {
    /// use futures_util::TryStreamExt;
    ///
    /// let (kv, scores) = (db.kv(), db.sorted_ints("scores"));
    /// let rows: Vec<(String, i64)> = (0..100_000).map(|n| (format!("user:{n}"), n * n)).collect();
    /// let mut stored = db.batch(rows.iter().map(|(key, value)| kv.set(key, value)));
    /// while let Some(()) = stored.try_next().await? {}
    ///
    /// let added: Vec<()> = db.batch(rows.iter().map(|(_, score)| scores.add(score))).try_collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn batch<T, F, C>(&self, calls: C) -> Batch<C::IntoIter, F>
    where
        F: Future<Output = Result<T, Error>>,
        C: IntoIterator<Item = F>,
    {
        Batch::new(calls)
    }
}
