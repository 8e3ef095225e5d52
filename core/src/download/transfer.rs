//! A transfer from the first request to the verified file, over several attempts.

use super::account::Account;
use super::backlog::Backlog;
use super::digest::Fault;
use super::interrupted::Interrupted;
use super::progress::{Progress, Transferred, Verified};
use super::sink::Sink;
use super::source::{Failure, Source};
use crate::error::{Cause, Delivery, Error, ProtocolViolation};
use crate::policy::Backoff;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::{Instant, sleep};

/// Maximum consecutive attempts without a byte.
const FRUITLESS: u32 = 3;

type Report = Box<dyn FnMut(Progress) + Send>;

/// The state of a transfer, without its source.
pub(super) struct Transfer<'a, K> {
    pub(super) name: Arc<str>,
    sink: &'a mut K,
    pub(super) account: Account,
    pub(super) backlog: Backlog,
    report: Option<Report>,
    /// Ready when the user wants to stop; `None` after that.
    stop: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    pub(super) stopping: bool,
    started: Instant,
    /// Bytes at hand when the transfer began.
    begun: u64,
    attempts: u32,
    /// Whether a request may have been sent.
    pub(super) sent: bool,
    restarted: bool,
    /// The sink has failed.
    broken: bool,
}

/// Why an attempt did not complete the file.
pub(super) enum Halt {
    /// The source failed, or the sink.
    Failed(Failure),
    /// The user stopped it. `confirmed`: the server confirmed it. `why`: the error of asking the server.
    Stopped { confirmed: bool, why: Option<Error> },
    /// The file at the server has changed since the bytes at hand were received.
    Changed(String),
    /// The received bytes are wrong.
    Corrupt(String),
    /// The server violated the protocol after a request for the rest of the file: bytes received since may be wrong.
    Doubtful(Error),
}

impl Halt {
    pub(super) const STOPPED: Self = Self::Stopped { confirmed: false, why: None };
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Violation(reason) => {
                let cause = Cause::Protocol(ProtocolViolation::new(reason));
                Self::Failed(Failure::Final(Error::new(cause, Delivery::Answered)))
            }
            Fault::Changed(reason) => Self::Changed(reason),
            Fault::Corrupt(reason) => Self::Corrupt(reason),
        }
    }
}

impl<'a, K: Sink> Transfer<'a, K> {
    pub(super) fn new(
        name: Arc<str>,
        report: Option<Report>,
        stop: impl Future<Output = ()> + Send + 'static,
        sink: &'a mut K,
        account: Account,
    ) -> Self {
        Self {
            name,
            sink,
            begun: account.held(),
            account,
            backlog: Backlog::default(),
            report,
            stop: Some(Box::pin(stop)),
            stopping: false,
            started: Instant::now(),
            attempts: 0,
            sent: false,
            restarted: false,
            broken: false,
        }
    }

    /// Runs the transfer to its end.
    pub(super) async fn run(mut self, mut source: impl Source) -> Result<Transferred, Error> {
        let halt = match self.attempts(&mut source).await {
            Ok(verified) => match self.sink.finish().await {
                Ok(path) => {
                    return Ok(Transferred {
                        size: self.account.held(),
                        received: self.received(),
                        resumed_from: self.begun,
                        attempts: self.attempts,
                        verified,
                        path,
                    });
                }
                Err(error) => Failure::Final(error).into(),
            },
            Err(halt) => halt,
        };
        let error = match halt {
            Halt::Corrupt(reason) | Halt::Changed(reason) => return Err(self.wrong(source.mismatch(&reason)).await),
            Halt::Doubtful(error) => return Err(self.wrong(error).await),
            Halt::Failed(Failure::Lost(error) | Failure::Changed(error) | Failure::Final(error)) => error,
            Halt::Stopped { confirmed: true, .. } => source.stopped(Delivery::Answered),
            Halt::Stopped { why, .. } => {
                let error = source.stopped(if self.sent { Delivery::MaybeSent } else { Delivery::NotSent });
                match why {
                    Some(why) => error.with_source(Arc::new(why)),
                    None => error,
                }
            }
        };
        // The error that ended the transfer is more important than one of keeping the bytes.
        self.drain_at_last().await;
        let at_hand = self.sink.keep(&self.account, self.written()).await;
        Err(self.explain(error, at_hand))
    }

    /// Discards what was written, which is wrong.
    async fn wrong(self, error: Error) -> Error {
        let at_hand = self.sink.discard(self.written()).await;
        self.explain(error, at_hand)
    }

    /// Makes attempts until one completes the file.
    async fn attempts(&mut self, source: &mut impl Source) -> Result<Verified, Halt> {
        let mut fruitless = 0;
        loop {
            if poll_fn(|cx| Poll::Ready(self.poll_stop(cx))).await {
                return Err(Halt::STOPPED);
            }
            let before = self.account.held();
            self.attempts += 1;
            match self.attempt(source).await {
                Ok(verified) => return Ok(verified),
                Err(Halt::Failed(Failure::Lost(error))) => {
                    fruitless = if self.account.held() > before { 0 } else { fruitless + 1 };
                    if fruitless >= FRUITLESS {
                        return Err(Failure::Final(error).into());
                    }
                    tracing::debug!(file = &*self.name, at = self.account.held(), %error, "the transfer is resumed");
                    let wait = Backoff::default().delay_after(error.retry_after(), fruitless, rand::random());
                    self.meanwhile(sleep(wait)).await?;
                }
                Err(halt @ (Halt::Changed(_) | Halt::Failed(Failure::Changed(_)))) => self.start_over(halt).await?,
                // The server may ignore the offset. From the first byte on, it may do well.
                Err(Halt::Failed(Failure::Final(error))) if before > 0 && is_violation(&error) => {
                    if !self.restart().await? {
                        return Err(Halt::Doubtful(error));
                    }
                }
                Err(halt) => return Err(halt),
            }
        }
    }

    /// Starts over after the file at the server has changed, if the bytes at hand can be discarded.
    async fn start_over(&mut self, halt: Halt) -> Result<(), Halt> {
        if self.restart().await? {
            return Ok(());
        }
        Err(match halt {
            Halt::Changed(reason) => Halt::Corrupt(reason),
            // The offset came from the caller.
            Halt::Failed(Failure::Changed(error)) if self.received() == 0 => Failure::Final(error).into(),
            _ => Halt::Corrupt("the file at the server changed during the transfer".to_owned()),
        })
    }

    /// Discards the bytes at hand; returns `false` if that is impossible or was done before.
    async fn restart(&mut self) -> Result<bool, Halt> {
        self.drained().await?;
        let first = !std::mem::replace(&mut self.restarted, true);
        if first && self.sink.restart().await.map_err(Failure::Final)? {
            self.account.restart();
            self.begun = 0;
            return Ok(true);
        }
        Ok(false)
    }

    /// Makes one request and receives its body.
    async fn attempt(&mut self, source: &mut impl Source) -> Result<Verified, Halt> {
        self.account.told(source.size())?;
        let begin = self.account.resume_at();
        let body = self.meanwhile(source.open(begin, self.account.size())).await??;
        self.account.begin();
        let verified = self.receive(body, begin).await?;
        self.drained().await?;
        Ok(verified)
    }

    /// Waits for `work` and writes meanwhile. Ends early if the user wants to stop.
    pub(super) async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Halt> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(Err(failure)) = self.poll_drain(cx, false) {
                return Poll::Ready(Err(failure));
            }
            match work.as_mut().poll(cx) {
                Poll::Pending if self.poll_stop(cx) => Poll::Ready(Err(Halt::STOPPED)),
                done => done.map(Ok),
            }
        })
        .await
    }

    /// Waits until everything is written, or until a writer blocks after the user has stopped.
    async fn drained(&mut self) -> Result<(), Halt> {
        poll_fn(|cx| match self.poll_drain(cx, true) {
            Poll::Pending if self.poll_stop(cx) && K::MAY_STALL => Poll::Ready(Err(Halt::STOPPED)),
            drained => drained,
        })
        .await
    }

    /// Writes the rest of a failed transfer. After the user has stopped, it does not wait for a writer that blocks.
    async fn drain_at_last(&mut self) {
        if !self.broken {
            poll_fn(|cx| match self.poll_drain(cx, true) {
                Poll::Pending if self.poll_stop(cx) && K::MAY_STALL => Poll::Ready(()),
                drained => drained.map(|_| ()),
            })
            .await;
        }
    }

    /// Writes from the backlog.
    pub(super) fn poll_drain(&mut self, cx: &mut Context<'_>, all: bool) -> Poll<Result<(), Halt>> {
        self.sink.poll_drain(cx, &mut self.backlog, &self.account, all).map_err(|error| {
            self.broken = true;
            Failure::Final(error).into()
        })
    }

    /// Returns whether the user wants to stop.
    pub(super) fn poll_stop(&mut self, cx: &mut Context<'_>) -> bool {
        if self.stop.as_mut().is_some_and(|stop| stop.as_mut().poll(cx).is_ready()) {
            self.stop = None;
            self.stopping = true;
        }
        self.stopping
    }

    /// Reports the progress to the user.
    pub(super) fn report(&mut self) {
        let (received, size) = (self.received(), self.account.size().unwrap_or_default());
        if let Some(report) = &mut self.report {
            report(Progress { received, size, resumed_from: self.begun });
        }
    }

    fn received(&self) -> u64 {
        self.account.held() - self.begun
    }

    /// Returns how many bytes of the file were given to the sink.
    fn written(&self) -> u64 {
        self.account.held() - self.backlog.len() as u64
    }

    /// Adds the progress to an error.
    fn explain(&self, error: Error, at_hand: u64) -> Error {
        let mut error = match error.cause() {
            Cause::Io(_) if self.sent => error.clone_with_delivery(Delivery::MaybeSent),
            _ => error,
        };
        let context = error.context_mut();
        context.attempt = self.attempts;
        context.elapsed = self.started.elapsed();
        Interrupted::explain(error, &self.name, at_hand, self.received(), self.account.size())
    }
}

fn is_violation(error: &Error) -> bool {
    matches!(error.cause(), Cause::Protocol(_)) && error.delivery() == Delivery::Answered
}
