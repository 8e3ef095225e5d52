//! A transfer, from the first request to the verified file, over as many attempts as it takes.

use super::backlog::Backlog;
use super::course::Course;
use super::digest::Proven;
use super::failure::{Failure, mismatch, stopped};
use super::interrupted::Interrupted;
use super::live::Live;
use super::progress::{Progress, Transferred, Verified};
use super::registry::Ticket;
use super::sink::Sink;
use super::slow::SlowWriter;
use super::source::Source;
use crate::blazeauth::Client;
use crate::blazeauth::ErrorCode;
use crate::codes::Outcome;
use crate::error::{Cause, Delivery, Error};
use crate::policy::Backoff;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// Attempts in a row that may bring nothing.
const FRUITLESS: u32 = 3;
/// Streams are not ended more often than this for a slow writer.
const PAUSE: Duration = Duration::from_secs(10);

type Report = Box<dyn FnMut(Progress) + Send>;

/// A transfer and what it works with.
pub(super) struct Transfer<'a, S> {
    pub(super) client: &'a Client,
    pub(super) name: Arc<str>,
    pub(super) slow: SlowWriter,
    pub(super) sink: &'a mut S,
    pub(super) course: Course,
    pub(super) backlog: Backlog,
    report: Option<Report>,
    /// When the user wants to stop; gone once that was seen.
    stop: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    pub(super) stopping: bool,
    ticket: Arc<Ticket>,
    started: Instant,
    /// Bytes that were there at the beginning.
    begun: u64,
    attempts: u32,
    /// Whether the server may know of it.
    pub(super) sent: bool,
    /// When a stream was last ended for a slow writer.
    pub(super) paused: Option<Instant>,
    restarted: bool,
    /// The sink cannot go on.
    broken: bool,
}

impl<S> Drop for Transfer<'_, S> {
    fn drop(&mut self) {
        self.ticket.is_ending();
    }
}

impl<'a, S: Sink> Transfer<'a, S> {
    pub(super) fn new(
        (client, name, ticket): (&'a Client, &Arc<str>, Arc<Ticket>),
        slow: SlowWriter,
        report: Option<Report>,
        stop: impl Future<Output = ()> + Send + 'static,
        (sink, course): (&'a mut S, Course),
    ) -> Self {
        Self {
            client,
            name: Arc::clone(name),
            slow,
            sink,
            begun: course.held(),
            course,
            backlog: Backlog::default(),
            report,
            stop: Some(Box::pin(stop)),
            stopping: false,
            ticket,
            started: Instant::now(),
            attempts: 0,
            sent: false,
            paused: None,
            restarted: false,
            broken: false,
        }
    }

    /// Runs to the end.
    pub(super) async fn run(mut self) -> Result<Transferred, Error> {
        match self.attempts().await {
            Ok(verified) => {
                let path = self.sink.finish().await.map_err(|error| self.explain(error))?;
                Ok(Transferred {
                    size: self.course.held(),
                    received: self.received(),
                    resumed_from: self.begun,
                    attempts: self.attempts,
                    verified,
                    path,
                })
            }
            Err(Failure::Spoilt(error)) => {
                let error = self.explain(error);
                let _ = self.sink.discard().await;
                Err(error)
            }
            Err(Failure::Final(error) | Failure::Lost(error) | Failure::Changed(error)) => {
                // What keeps the bytes from being kept is less than what ended the transfer.
                let drained = self.drain_at_last().await;
                let error = self.explain(error);
                let _ = self.sink.keep(&self.course, drained).await;
                Err(error)
            }
            // Each pause is followed by an attempt.
            Err(Failure::Paused) => Err(self.explain(stopped(Delivery::Answered))),
        }
    }

    /// Attempts until one completes the file.
    async fn attempts(&mut self) -> Result<Verified, Failure> {
        let mut fruitless = 0;
        loop {
            if poll_fn(|cx| Poll::Ready(self.poll_stop(cx))).await {
                return Err(Failure::Final(self.stopped()));
            }
            let before = self.course.held();
            self.attempts += 1;
            let failure = match self.attempt().await {
                Ok(proven) => return Ok(proven),
                Err(failure) => failure,
            };
            let progress = self.course.held() > before;
            match failure {
                Failure::Lost(error) => {
                    fruitless = if progress { 0 } else { fruitless + 1 };
                    if fruitless >= FRUITLESS || self.client.state().borrow().is_closed() {
                        return Err(Failure::Final(error));
                    }
                    tracing::debug!(file = &*self.name, at = self.course.held(), %error, "the transfer goes on");
                    let wait = Backoff::default().delay_after(error.retry_after(), fruitless, rand::random());
                    self.meanwhile(sleep(wait)).await?;
                }
                Failure::Paused => {
                    self.drained().await?;
                    let until = self.paused.map_or_else(Instant::now, |at| at + PAUSE);
                    self.meanwhile(sleep_until(until)).await?;
                }
                Failure::Changed(error) => self.start_over(error).await?,
                failure => return Err(failure),
            }
        }
    }

    /// The file is another one by now: it is begun once more, if what is there can be thrown away.
    async fn start_over(&mut self, error: Error) -> Result<(), Failure> {
        self.drained().await?;
        if std::mem::replace(&mut self.restarted, true) || !self.sink.restart().await.map_err(Failure::Final)? {
            // A refused offset is the caller's own only if the caller chose it.
            let own = error.code_as() == Some(ErrorCode::FileInvalidResumeOffset) && self.received() == 0;
            return Err(match own {
                true => Failure::Final(error),
                false if error.code_as() == Some(ErrorCode::FileChecksumMismatch) => Failure::Spoilt(error),
                false => Failure::Spoilt(mismatch("the file was changed at the server while it was transferred")),
            });
        }
        self.course.restart();
        self.begun = 0;
        Ok(())
    }

    /// One request and what comes of it.
    async fn attempt(&mut self) -> Result<Verified, Failure> {
        let (client, name) = (self.client, Arc::clone(&self.name));
        let begin = self.course.resume_at();
        let replies = self.meanwhile(client.transfer(&name, begin)).await?.map_err(Failure::of)?;
        let mut live = Live::new(client, &name, replies, &self.ticket);
        let answer = self.meanwhile(live.next()).await;
        self.sent |= live.is_sent();
        let first = match answer {
            Ok(Ok(frame)) => frame,
            Ok(Err(error)) => {
                let answers = self.meanwhile(live.end()).await?;
                return Err(Failure::of(error).if_answered(answers));
            }
            // Stopped: whether the server knows of it was not known then.
            Err(_) if self.stopping => return Err(Failure::Final(self.stopped())),
            Err(failure) => return Err(failure),
        };
        let status = first.metadata.status.unwrap_or(0);
        if ErrorCode::from_value(status).outcome() == Outcome::Error {
            return Err(Failure::status(status, begin > 0));
        }
        if let Err(fault) = self.course.begin(first.metadata.file_size) {
            self.meanwhile(live.end()).await?;
            return Err(Failure::fault(&fault));
        }
        let proven = if let Some(link) = first.metadata.presigned_url {
            let size = self.course.size().unwrap_or_default();
            let http = client.files().http().map_err(Failure::Final)?;
            let download = self
                .meanwhile(http.download(link, begin..size))
                .await?
                .map_err(|error| Failure::of_link(error, begin > 0))?;
            self.receive(Source::link(download, first.metadata.file_checksum), None).await?
        } else {
            self.receive(Source::Stream(Box::new(live)), Some(first.into())).await?
        };
        self.drained().await?;
        Ok(match proven {
            Some(Proven::File) => Verified::File,
            Some(Proven::Range) => Verified::From(begin),
            None => Verified::Nothing,
        })
    }

    /// Waits for `work`, writes meanwhile, and gives up if the user wants to stop.
    pub(super) async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(Err(failure)) = self.poll_drain(cx, false) {
                return Poll::Ready(Err(failure));
            }
            match work.as_mut().poll(cx) {
                Poll::Pending if self.poll_stop(cx) => Poll::Ready(Err(Failure::Final(self.stopped()))),
                done => done.map(Ok),
            }
        })
        .await
    }

    /// Waits until everything is written, or a writer takes no more when the user wants to stop.
    async fn drained(&mut self) -> Result<(), Failure> {
        poll_fn(|cx| match self.poll_drain(cx, true) {
            Poll::Pending if self.poll_stop(cx) && S::MAY_STALL => Poll::Ready(Err(Failure::Final(self.stopped()))),
            drained => drained,
        })
        .await
    }

    /// Writes what is left when a transfer has failed. A writer need not be waited for when the user has stopped: then
    /// only what it takes at once is written. Returns whether nothing is left.
    async fn drain_at_last(&mut self) -> bool {
        if self.broken {
            return false;
        }
        poll_fn(|cx| match self.poll_drain(cx, true) {
            Poll::Pending if self.poll_stop(cx) && S::MAY_STALL => Poll::Ready(false),
            drained => drained.map(|result| result.is_ok()),
        })
        .await
    }

    /// Writes what is in the backlog.
    pub(super) fn poll_drain(&mut self, cx: &mut Context<'_>, all: bool) -> Poll<Result<(), Failure>> {
        self.sink.poll_drain(cx, &mut self.backlog, &self.course, all).map_err(|error| {
            self.broken = true;
            Failure::Final(error)
        })
    }

    /// Whether the user wants to stop.
    pub(super) fn poll_stop(&mut self, cx: &mut Context<'_>) -> bool {
        if self.stop.as_mut().is_some_and(|stop| stop.as_mut().poll(cx).is_ready()) {
            self.stop = None;
            self.stopping = true;
        }
        self.stopping
    }

    pub(super) fn stopped(&self) -> Error {
        stopped(if self.sent { Delivery::MaybeSent } else { Delivery::NotSent })
    }

    /// Tells the user how far it is.
    pub(super) fn report(&mut self) {
        let (received, size) = (self.received(), self.course.size().unwrap_or_default());
        if let Some(report) = &mut self.report {
            report(Progress { received, size, resumed_from: self.begun });
        }
    }

    fn received(&self) -> u64 {
        self.course.held() - self.begun
    }

    /// Adds to an error what it is about.
    fn explain(&self, error: Error) -> Error {
        let at_hand = self.sink.at_hand(self.course.held() - self.backlog.len() as u64);
        let error = match error.cause() {
            Cause::Io(_) if self.sent => error.clone_with_delivery(Delivery::MaybeSent),
            _ => error,
        };
        let error = self.client.in_context(error, self.attempts, self.started.elapsed());
        Interrupted::explain(error, &self.name, at_hand, self.received(), self.course.size())
    }
}
