//! One file on its way through a connection: the frames that answer packet 7, without any I/O.
use serde::Serialize;

use super::content::Content;
use super::transfer_options::{Interruption, TransferOptions};
use crate::message::Message;
use statuswire::codes::blazeauth::ErrorCode;

/// What comes next in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A frame.
    Send(Message),
    /// The connection ends without a close frame.
    Drop,
    /// The connection is closed.
    Close { code: u16, reason: String },
}

/// The metadata of a frame, in the order in which they are written.
#[derive(Default, Serialize)]
struct Metadata {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_checksum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range_checksum: Option<String>,
}

/// Gives the frames of a transfer one by one.
#[derive(Debug)]
pub(super) struct FileStream {
    id: u64,
    content: Content,
    start: usize,
    position: usize,
    options: TransferOptions,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    /// Packet 8 came.
    Stopped,
    /// Sends nothing until packet 8 comes.
    Silent,
    /// The last frame was given; whether with status 1.
    Ended {
        complete: bool,
    },
}

impl FileStream {
    /// A stream of the bytes from `start` on, which lies in the file or at its end.
    pub(super) fn new(id: u64, content: Content, start: usize, options: TransferOptions) -> Self {
        Self { id, content, start, position: start, options, state: State::Running }
    }

    /// Whether the last frame was given.
    pub(super) fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended { .. })
    }

    /// Whether the last frame was given, with status 1.
    pub(super) fn is_complete(&self) -> bool {
        self.state == State::Ended { complete: true }
    }

    /// What packet 8 does: the next frame is the last one. `false` if that was given or ordered already.
    pub(super) fn stop(&mut self) -> bool {
        let running = matches!(self.state, State::Running | State::Silent);
        if running {
            self.state = State::Stopped;
        }
        running
    }

    /// Ends it without another frame.
    pub(super) fn abandon(&mut self) {
        self.state = State::Ended { complete: false };
    }

    /// What comes next; nothing if the stream has ended or waits to be stopped.
    pub(super) fn next(&mut self) -> Option<Step> {
        match self.state {
            State::Ended { .. } | State::Silent => None,
            State::Stopped => Some(self.break_off(ErrorCode::FileTransferStopped.value().into())),
            State::Running if self.interrupted_at() == Some(self.position) => self.interrupt(),
            State::Running => Some(self.chunk()),
        }
    }

    /// Where this stream will be interrupted.
    fn interrupted_at(&self) -> Option<usize> {
        let (at, _) = self.options.interruption.as_ref()?;
        Some(*at).filter(|&at| at > self.start && at <= self.content.bytes().len())
    }

    fn interrupt(&mut self) -> Option<Step> {
        let (_, how) = self.options.interruption.clone()?;
        let step = match how {
            Interruption::Silence => {
                self.state = State::Silent;
                return None;
            }
            Interruption::Status(status) => return Some(self.break_off(status)),
            Interruption::Drop => Step::Drop,
            Interruption::Close { code, reason } => Step::Close { code, reason },
        };
        self.state = State::Ended { complete: false };
        Some(step)
    }

    fn break_off(&mut self, status: u32) -> Step {
        self.state = State::Ended { complete: false };
        let metadata = Metadata { id: self.id, status: Some(status), ..Metadata::default() };
        Step::Send(to_json(&metadata).into())
    }

    /// The next frame: a binary one with the metadata and, behind its closing brace, the bytes; a text frame for an empty
    /// file.
    fn chunk(&mut self) -> Step {
        let bytes = self.content.bytes().clone();
        let (start, barrier) = (self.position, self.interrupted_at());
        let end = start + self.options.chunk.min(barrier.unwrap_or(bytes.len()) - start);
        let last = end == bytes.len() && barrier.is_none();

        let mut metadata = Metadata { id: self.id, ..Metadata::default() };
        metadata.file_size = (start == self.start).then_some(bytes.len() as u64);
        if last {
            metadata.status = Some(ErrorCode::Ok.value().into());
            metadata.file_checksum = Some(self.options.file_checksum(&self.content));
            metadata.range_checksum = Some(self.content.checksum_from(self.start));
            self.state = State::Ended { complete: true };
        }
        self.position = end;
        let json = to_json(&metadata);
        Step::Send(if bytes.is_empty() { json.into() } else { [json.as_bytes(), &bytes[start..end]].concat().into() })
    }
}

#[allow(clippy::expect_used, reason = "nothing in metadata can fail to be JSON")]
fn to_json(metadata: &Metadata) -> String {
    serde_json::to_string(metadata).expect("numbers and texts under text names")
}

#[cfg(test)]
mod tests;
