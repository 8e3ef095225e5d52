//! One file on its way through a connection: the frames that answer packet 7, without any I/O.
use serde::Serialize;
use serde_json::{Map, Value};

use super::content::Content;
use super::transfer_options::{ChunkSize, FrameLayout, Interruption, LastFrame, TransferOptions};
use statuswire::codes::blazeauth::ErrorCode;

/// What comes next in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The text frame with this content.
    Text(String),
    /// The binary frame with this content.
    Binary(Vec<u8>),
    /// The connection ends without a word.
    Drop,
    /// The connection is closed.
    Close { code: u16, reason: String },
}

/// The metadata of a frame, in the order in which they are written.
#[derive(Serialize)]
struct Metadata<'a> {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_checksum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range_checksum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chunk_size: Option<i64>,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

/// Gives the frames of a transfer one by one.
#[derive(Debug)]
pub(super) struct FileStream {
    id: u64,
    content: Content,
    start: usize,
    position: usize,
    options: TransferOptions,
    /// Frames given so far.
    given: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    /// Packet 8 came.
    Stopped,
    /// Says nothing until packet 8 comes.
    Silent,
    /// The last frame was given; whether with status 1.
    Ended {
        complete: bool,
    },
}

impl FileStream {
    /// A stream of the bytes from `start` on, which lies in the file or at its end.
    pub(super) fn new(id: u64, content: Content, start: usize, options: TransferOptions) -> Self {
        Self { id, content, start, position: start, options, given: 0, state: State::Running }
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
            Interruption::Text(text) => Step::Text(text),
            Interruption::Binary(bytes) => Step::Binary(bytes),
            Interruption::Drop => Step::Drop,
            Interruption::Close { code, reason } => Step::Close { code, reason },
        };
        self.state = State::Ended { complete: false };
        Some(step)
    }

    fn break_off(&mut self, status: u32) -> Step {
        self.state = State::Ended { complete: false };
        Step::Text(to_json(&Metadata { status: Some(status), ..self.metadata() }))
    }

    fn chunk(&mut self) -> Step {
        let bytes = self.content.bytes().clone();
        let options = &self.options;
        let size = options.chunks.get(self.given).copied().unwrap_or(options.chunk);
        let (start, barrier) = (self.position, self.interrupted_at());
        let end = start + size.min(barrier.unwrap_or(bytes.len()) - start);
        let nothing_left = start == bytes.len();
        let last = end == bytes.len() && barrier.is_none() && (nothing_left || options.last_frame != LastFrame::Text);
        let text = last && nothing_left && options.last_frame != LastFrame::Binary;

        let mut metadata = self.metadata();
        metadata.file_size = (self.given == 0).then(|| options.file_size.unwrap_or(bytes.len() as u64));
        metadata.status = options.status_in_every_frame.then_some(ErrorCode::None.value().into());
        if last {
            metadata.status = Some(ErrorCode::Ok.value().into());
            metadata.file_checksum = options.file_checksum.of(self.content.checksum());
            metadata.range_checksum = options.range_checksum.of(&self.content.checksum_from(self.start));
        }
        metadata.chunk_size = match options.chunk_size {
            ChunkSize::Right if !text => Some((end - start) as i64),
            ChunkSize::OffBy(by) if !text => Some(by.saturating_add((end - start) as i64)),
            _ => None,
        };
        let json = to_json(&metadata);
        let step = if text { Step::Text(json) } else { Step::Binary(frame(options.layout, &json, &bytes[start..end])) };
        self.position = end;
        self.given += 1;
        if last {
            self.state = State::Ended { complete: true };
        }
        step
    }

    fn metadata(&self) -> Metadata<'_> {
        Metadata {
            id: self.id,
            file_size: None,
            status: None,
            file_checksum: None,
            range_checksum: None,
            chunk_size: None,
            members: &self.options.members,
        }
    }
}

#[allow(clippy::expect_used, reason = "nothing in metadata can fail to be JSON")]
fn to_json(metadata: &Metadata<'_>) -> String {
    serde_json::to_string(metadata).expect("numbers, texts and JSON values under text names")
}

/// Metadata and bytes in one frame.
fn frame(layout: FrameLayout, json: &str, chunk: &[u8]) -> Vec<u8> {
    // No object that options can describe comes near four GiB.
    let length = json.len() as u32;
    match layout {
        FrameLayout::Adjacent => [json.as_bytes(), chunk].concat(),
        FrameLayout::LengthBigEndian => [&length.to_be_bytes(), json.as_bytes(), chunk].concat(),
        FrameLayout::LengthLittleEndian => [&length.to_le_bytes(), json.as_bytes(), chunk].concat(),
        FrameLayout::Delimiter(byte) => [json.as_bytes(), &[byte], chunk].concat(),
    }
}

#[cfg(test)]
mod tests;
