//! A file at the server: the requests for it, and the frames or the link that answer them.

use super::super::calls::Calls;
use super::super::frame::{Frame, Metadata};
use super::super::packet::{Command, Packet};
use super::super::protocol::BlazeAuth;
use super::super::reply::Reply;
use super::super::{ErrorCode, decode};
use super::registry::{Files, Ticket};
use crate::download::{Body, End, Failure, Piece, Source, StopRequest, Sum};
use crate::error::{Cause, Delivery, Error, Phase, ProtocolViolation, ServerStatus};
use crate::http;
use crate::rpc::ReplyStream;
use ::http::StatusCode;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, FutureExt, Shared, select};
use secrecy::SecretString;
use std::fmt::Display;
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// A file of the application, claimed for one download.
pub(super) struct File {
    calls: Calls,
    files: Arc<Files>,
    name: Arc<str>,
    ticket: Arc<Ticket>,
    link_refused: Arc<AtomicBool>,
}

impl File {
    pub(super) fn new(calls: Calls, files: Arc<Files>, name: &str, ticket: Arc<Ticket>) -> Self {
        Self { calls, files, name: name.into(), ticket, link_refused: Arc::default() }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.ticket.is_ending();
    }
}

impl Source for File {
    type Body = Transfer;

    async fn open(&mut self, offset: u64, size: Option<u64>) -> Result<Transfer, Failure> {
        let replies = self.calls.stream(&Command::transfer(&self.name, offset)).await.map_err(|error| {
            match Failure::from(error) {
                Failure::Lost(error) if self.calls.is_closed() => Failure::Final(error),
                failure => failure,
            }
        })?;
        Ok(Transfer {
            calls: self.calls.clone(),
            files: Arc::clone(&self.files),
            name: Arc::clone(&self.name),
            ticket: Arc::clone(&self.ticket),
            link_refused: Arc::clone(&self.link_refused),
            offset,
            size,
            form: Form::Frames(replies),
            stop: None,
        })
    }

    fn mismatch(&self, reason: &str) -> Error {
        Error::status(ErrorCode::FileChecksumMismatch, ServerStatus::new().with_message(reason))
    }

    fn stopped(&self, delivery: Delivery) -> Error {
        let status = ServerStatus::new().with_message("the download was stopped");
        Error::new(Cause::Status(Box::new(status)), delivery).with_code(ErrorCode::FileTransferStopped)
    }
}

/// A transfer, from packet 7 to its last frame or the end of the link's file. Dropping it earlier ends the stream at
/// the server, in the background.
pub(super) struct Transfer {
    calls: Calls,
    files: Arc<Files>,
    name: Arc<str>,
    ticket: Arc<Ticket>,
    /// The last link was refused. Shared by the transfers of one download.
    link_refused: Arc<AtomicBool>,
    /// Where it begins.
    offset: u64,
    /// Bytes of the whole file, once the server told.
    size: Option<u64>,
    form: Form,
    /// Packet 8, once the user wants to stop: a second one for the same stream would only count for the rate limit.
    stop: Option<Shared<StopRequest>>,
}

/// How the bytes come.
enum Form {
    Frames(ReplyStream<BlazeAuth>),
    Link { link: SecretString, size: u64, sum: Option<Sum> },
    Response { download: Box<http::Download>, sum: Option<Sum> },
    Over,
}

impl Body for Transfer {
    async fn next(&mut self) -> Result<Piece, Failure> {
        if let Form::Link { link, size, sum } = &self.form {
            let (size, sum) = (*size, *sum);
            let download = self.files.http()?.download(link.clone(), self.offset..size).await;
            let download = Box::new(download.map_err(|error| of_link(error, self.offset > 0, &self.link_refused))?);
            self.link_refused.store(false, Ordering::Relaxed);
            self.form = Form::Response { download, sum };
        }
        match &mut self.form {
            Form::Response { download, sum } => {
                let chunk = download.chunk().await.map_err(|error| of_link(error, true, &self.link_refused))?;
                // The sum tells for sure whether the file has changed. The next link may lead to another storage.
                let version = if sum.is_none() { download.version() } else { None };
                Ok(chunk.map_or_else(|| Piece::complete(None, *sum), Piece::bytes).with_version(version))
            }
            _ => {
                let frame = self.frame().await?;
                self.piece(frame)
            }
        }
    }

    fn is_sent(&self) -> bool {
        match &self.form {
            Form::Frames(replies) => replies.is_written(),
            _ => true,
        }
    }

    fn stop(&mut self) -> Option<StopRequest> {
        let Form::Frames(_) = self.form else { return None };
        let (calls, name) = (self.calls.clone(), Arc::clone(&self.name));
        let stop: StopRequest = Box::pin(async move { stop_transfer(&calls, &name).await.map(drop) });
        Some(Box::pin(self.stop.insert(stop.shared()).clone()))
    }

    /// False if the server does not answer to packet 8 either, or the session is over.
    async fn close(mut self) -> bool {
        let answers = match self.end() {
            // It is not aborted, and does not panic.
            Some(ending) => ending.await.unwrap_or(true),
            None => true,
        };
        answers && !self.calls.is_closed()
    }
}

impl Transfer {
    /// Waits for the next frame; an error ends the stream.
    async fn frame(&mut self) -> Result<Frame, Error> {
        let next = match &mut self.form {
            Form::Frames(replies) => replies.next().await,
            _ => None,
        };
        let frame = match next {
            Some(reply) => reply.and_then(|reply| frame(reply, &self.calls)),
            None => Err(violation("the stream of a file ended without a last frame")),
        };
        let goes_on = match &frame {
            Ok(frame) => !frame.metadata.is_last(),
            Err(error) => error.delivery() == Delivery::Answered || is_silence(error),
        };
        if !goes_on {
            self.form = Form::Over;
        }
        frame
    }

    /// Reads what a frame says.
    fn piece(&mut self, Frame { metadata, chunk }: Frame) -> Result<Piece, Failure> {
        let Metadata { status, file_size, file_checksum, range_checksum, presigned_url, .. } = metadata;
        let code = ErrorCode::from_value(status.unwrap_or(0));
        let end = match code {
            ErrorCode::None => None,
            ErrorCode::Ok => Some(End::Complete { range: range_checksum, file: file_checksum }),
            ErrorCode::FileTransferStopped if self.stop.is_some() => Some(End::Stopped),
            code => {
                let error = Error::status(code, ServerStatus::new());
                let changed = code == ErrorCode::FileInvalidResumeOffset && self.offset > 0;
                return Err(if changed { Failure::Changed(error) } else { Failure::Final(error) });
            }
        };
        self.size = file_size.or(self.size);
        if self.size.is_none() && end.is_none() && chunk.is_empty() && presigned_url.is_none() {
            // A sign of life: the first frame with content is yet to come.
            return Ok(Piece::default());
        }
        let Some(size) = self.size else {
            return Err(violation("the first frame of a transfer does not tell `file_size`").into());
        };
        if let Some(link) = presigned_url {
            self.form = Form::Link { link, size, sum: file_checksum };
            return Ok(Piece::default().with_size(file_size));
        }
        if let Some(End::Complete { range: None, file: None }) = end {
            return Err(violation("the server told no sum of the file or of the part that it sent").into());
        }
        Ok(Piece::bytes(chunk).with_size(file_size).with_end(end))
    }

    /// Ends the stream at the server, if it may still be there; its further bytes are dropped. The task goes on if it
    /// is not waited for. Its result is false if the server does not answer in time.
    fn end(&mut self) -> Option<JoinHandle<bool>> {
        let Form::Frames(replies) = std::mem::replace(&mut self.form, Form::Over) else { return None };
        // A stream does not outlive its connection.
        if !replies.is_written() || !self.calls.state().borrow().is_ready() {
            return None;
        }
        let (calls, name, ticket) = (self.calls.clone(), Arc::clone(&self.name), Arc::clone(&self.ticket));
        let stop = self.stop.take();
        Some(Handle::try_current().ok()?.spawn(async move {
            let mut silent = false;
            let rest = replies.for_each(|reply| {
                silent = reply.is_err_and(|error| is_silence(&error));
                ready(())
            });
            if let Some(stop) = stop {
                // It may still wait to be sent.
                if let Either::Left((_, rest)) = select(stop, rest).await {
                    rest.await;
                }
                drop(ticket);
                return !silent;
            }
            let stopped = match select(pin!(stop_transfer(&calls, &name)), rest).await {
                Either::Left((stopped, rest)) => {
                    if let Ok(true) = stopped {
                        // Only the last frame tells that the name is free again.
                        rest.await;
                    }
                    stopped
                }
                Either::Right(((), stop)) => stop.await,
            };
            drop(ticket);
            !stopped.is_err_and(|error| is_silence(&error))
        }))
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.end();
    }
}

/// Asks the server to stop the transfer of a file. Returns `false` if no transfer is running.
async fn stop_transfer(calls: &Calls, name: &str) -> Result<bool, Error> {
    match calls.run(Command::file(Packet::StopFileTransfer, name)).await {
        Err(error) if error.code_as() == Some(ErrorCode::FileNotBeingTransferred) => Ok(false),
        stopped => stopped.map(|()| true),
    }
}

fn is_silence(error: &Error) -> bool {
    matches!(error.cause(), Cause::Timeout(Phase::Reply))
}

fn frame(reply: Reply, calls: &Calls) -> Result<Frame, Error> {
    match reply {
        Reply::Text { text, .. } => match serde_json::from_str(&text) {
            Ok(metadata) => Ok(Frame { metadata, chunk: Bytes::new() }),
            Err(error) => Err(calls.session().undecodable("$", &decode::reason(&error), &text)),
        },
        Reply::Frame(frame) => match frame.metadata.chunk_size {
            Some(told) if told != frame.chunk.len() as u64 => {
                let length = frame.chunk.len();
                Err(violation(format_args!("a chunk of {length} bytes, whose `chunk_size` tells {told}")))
            }
            _ => Ok(*frame),
        },
        Reply::Undecodable(what) => Err(violation(format_args!("{}: {}", what.path, what.reason))),
    }
}

/// Sorts an error of a download by link: another link may help, but not if two in a row are refused (403, 404, ...).
/// `resumed`: it does not begin with the file.
fn of_link(error: Error, resumed: bool, refused: &AtomicBool) -> Failure {
    match error.cause() {
        Cause::Http(failure) if failure.status == StatusCode::RANGE_NOT_SATISFIABLE => {
            let error = error.with_code(ErrorCode::FileInvalidResumeOffset);
            if resumed { Failure::Changed(error) } else { Failure::Final(error) }
        }
        Cause::Http(failure) if is_refusal(failure.status) && refused.swap(true, Ordering::Relaxed) => {
            Failure::Final(error)
        }
        Cause::Http(_) => Failure::Lost(error),
        // The server made the link, not the caller.
        Cause::InvalidRequest(refusal) => violation(&refusal.0).into(),
        _ => error.into(),
    }
}

/// Returns whether the same request will be refused again. Not if it came too late or too early, or if there are too
/// many.
fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error() && ![408, 425, 429].contains(&status.as_u16())
}

fn violation(reason: impl Display) -> Error {
    Error::new(Cause::Protocol(ProtocolViolation::new(reason)), Delivery::Answered)
}
